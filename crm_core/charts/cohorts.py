"""Who of each period's new clients buys again in later periods, as a heatmap."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from crm_core.charts.template import SEQUENTIAL, new_figure
from crm_core.metrics.cohorts import BLANK, Cohorts

MOST_ROWS, MOST_COLUMNS = 60, 36
"""Cells drawn: the newest cohorts, and the first periods after."""

MOST_TEXTS = 150
"""Cells up to which each one shows its share."""


def cohort_heatmap(cohorts: Cohorts) -> go.Figure:
    """Draw the share of each cohort that buys in every later period.

    Parameters
    ----------
    cohorts : Cohorts
        Counts by period of first purchase; cells of -1 stay blank.

    Returns
    -------
    Figure
        One row a cohort with clients, oldest on top; ``customdata`` holds count, size
        and the position of the cohort's period.
    """
    kept = np.flatnonzero(cohorts.size > 0)[-MOST_ROWS:]
    width = min(int((cohorts.retained >= 0).sum(axis=1).max(initial=1)), MOST_COLUMNS + 1)
    counts = cohorts.retained[kept, 1:width].astype(np.float64)
    counts[counts == BLANK] = np.nan
    size = cohorts.size[kept]
    share = counts / size[:, None] if len(kept) else counts
    unit = cohorts.calendar.unit
    labels = [cohorts.calendar.labels[row] for row in kept]
    figure = new_figure(height=int(min(140 + 26 * max(len(kept), 3), 760)))
    figure.add_heatmap(
        z=[[None if np.isnan(v) else v for v in row] for row in share],
        x=list(range(1, width)),
        y=[f"{label} · {n}" for label, n in zip(labels, size.tolist(), strict=True)],
        customdata=_cell_facts(counts, size, kept),
        texttemplate="%{z:.0%}" if share.size <= MOST_TEXTS else None,
        zmin=0,
        zmax=float(np.nanmax(share)) if np.isfinite(share).any() else 1.0,
        colorscale=[[step / 9, colour] for step, colour in enumerate(SEQUENTIAL)],
        xgap=2,
        ygap=2,
        hoverongaps=False,
        showscale=False,
        hovertemplate=_hover(unit, " (%{z:.0%})"),
    )
    _add_targets(figure, counts, size, kept, unit)
    figure.update_xaxes(title_text=f"{unit.capitalize()}s later", dtick=1 if width <= 14 else 3)
    figure.update_xaxes(showgrid=False, zeroline=False)
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    return figure


def _add_targets(
    figure: go.Figure, counts: np.ndarray, size: np.ndarray, kept: np.ndarray, unit: str
) -> None:
    """Add an unseen mark in the middle of every known cell: heatmaps take no clicks."""
    rows, columns = np.nonzero(~np.isnan(counts))
    labels = figure.data[0].y
    unseen = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=(columns + 1).tolist(),
        y=[labels[row] for row in rows],
        mode="markers",
        marker={"size": 26, "symbol": "square", "opacity": 0},
        selected=unseen,
        unselected=unseen,
        customdata=[
            [int(counts[row, column]), int(size[row]), int(kept[row])]
            for row, column in zip(rows, columns, strict=True)
        ],
        hovertemplate=_hover(unit, ""),
        showlegend=False,
    )


def _cell_facts(counts: np.ndarray, size: np.ndarray, kept: np.ndarray) -> list[list[list[object]]]:
    """Return count, size, cohort and label of every cell, None counts where blank."""
    return [
        [[None if np.isnan(v) else int(v), int(n), int(row)] for v in line]
        for line, n, row in zip(counts, size, kept, strict=True)
    ]


def _hover(unit: str, share: str) -> str:
    """Return what the pointer shows over a cell."""
    counts = "<b>%{customdata[0]:.0f} of %{customdata[1]}</b>"
    return f"%{{y}}<br>%{{x}} {unit}(s) later: {counts} bought{share}<extra></extra>"
