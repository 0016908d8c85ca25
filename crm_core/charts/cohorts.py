"""Who of each period's new clients buys again in later periods, as a heatmap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.template import SEQUENTIAL, new_figure
from crm_core.metrics.cohorts import BLANK, Cohorts
from crm_core.small_groups import hidden_parts

MOST_ROWS, MOST_COLUMNS = 60, 36
"""Cells drawn: the newest cohorts, and the first periods after."""

MOST_TEXTS = 150
"""Cells up to which each one shows its share."""


def cohort_heatmap(cohorts: Cohorts, *, least: int = 1) -> Figure:
    """Draw the share of each cohort that buys in every later period.

    Parameters
    ----------
    cohorts : Cohorts
        Counts by period of first purchase; cells of -1 stay blank.
    least : int, default 1
        Rows of fewer clients are left out, with the next smallest where theirs would follow;
        cells of fewer but some, or of all but fewer, are blank.

    Returns
    -------
    Figure
        One row a cohort with clients, oldest on top. Over every known cell lies an unseen
        mark that can be clicked; its ``customdata`` is the position of the cohort's period,
        its x the periods later.
    """
    kept = np.flatnonzero((cohorts.size > 0) & ~hidden_parts(cohorts.size, least=least))
    kept = kept[-MOST_ROWS:]
    width = min(int((cohorts.retained >= 0).sum(axis=1).max(initial=1)), MOST_COLUMNS + 1)
    counts = cohorts.retained[kept, 1:width].astype(np.float64)
    size = cohorts.size[kept]
    rest = size[:, None] - counts
    few = ((counts > 0) & (counts < least)) | ((rest > 0) & (rest < least))
    counts[(counts == BLANK) | few] = np.nan
    share = counts / size[:, None]
    unit = cohorts.calendar.unit
    names = cohorts.calendar.labels
    labels = [f"{names[row]} · {cohorts.size[row]}" for row in kept]
    figure = new_figure(height=int(min(140 + 26 * max(len(kept), 3), 760)))
    figure.add_heatmap(
        z=share,
        x=np.arange(1, width),
        y=labels,
        text=_texts(share) if share.size <= MOST_TEXTS else None,
        texttemplate="%{text}" if share.size <= MOST_TEXTS else None,
        zmin=0,
        zmax=float(np.nanmax(share)) if np.isfinite(share).any() else 1.0,
        colorscale=[[step / 9, colour] for step, colour in enumerate(SEQUENTIAL)],
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        showscale=False,
    )
    _add_targets(figure, counts, size, kept, labels=labels, unit=unit)
    figure.update_xaxes(
        title={"text": f"{unit.capitalize()}s later"},
        dtick=1 if width <= 14 else 3,
        showgrid=False,
        zeroline=False,
        range=[0.5, max(width, 2) - 0.5],
    )
    figure.update_yaxes(range=[max(len(kept), 1) - 0.5, -0.5], type="category", showgrid=False)
    return figure


def _texts(share: np.ndarray) -> list[list[str]]:
    return [["" if np.isnan(one) else f"{100 * one:.0f} %" for one in row] for row in share]


def _add_targets(
    figure: Figure,
    counts: np.ndarray,
    size: np.ndarray,
    kept: np.ndarray,
    *,
    labels: Sequence[str],
    unit: str,
) -> None:
    """Add an unseen mark in the middle of every known cell: heatmaps take no clicks."""
    rows, columns = np.nonzero(~np.isnan(counts))
    known, n = counts[rows, columns].astype(np.int64), size[rows]
    facts = zip(known.tolist(), n.tolist(), strict=True)
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=columns + 1,
        y=[labels[row] for row in rows.tolist()],
        mode="markers",
        marker={"size": 26, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        # One number a mark: nested ones do not come back from the browser as lists.
        customdata=kept[rows],
        text=[
            f"<b>{bought} of {all_} bought</b> ({100 * bought / all_:.0f} %)"
            for bought, all_ in facts
        ],
        hovertemplate=f"%{{y}}<br>%{{x}} {unit}(s) later: %{{text}}<extra></extra>",
        showlegend=False,
    )
    # The nearest mark answers wherever in its cell the pointer is.
    figure.update_layout(hoverdistance=-1)
