"""Why sales differ from last year: one bar a cause between the two years."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.template import BAD, BLUE, FAINT, GOOD, LIGHT_BLUE, new_figure
from crm_core.formatting import format_money
from crm_core.metrics.bridge import CAUSES, SalesBridge
from crm_core.money import UNIT
from crm_core.sentences.answers import TOGETHER, bridge_bars, cause_words
from crm_core.small_groups import hidden_parts, is_few
from crm_core.tables import IntArray


def few_causes(bridge: SalesBridge, *, least: int) -> tuple[str, ...]:
    """Return the causes of fewer clients, with those that would tell of them.

    Parameters
    ----------
    bridge : SalesBridge
        Of any status.
    least : int
        The fewest clients that may be shown.
    """
    causes = CAUSES[1:]
    hidden = hidden_parts([len(bridge.clients(cause)) for cause in causes], least=least)
    return tuple(cause for cause, few in zip(causes, hidden, strict=True) if few)


def is_of_few(bridge: SalesBridge, recent: IntArray, *, least: int) -> bool:
    """Return whether fewer clients alone made the change, or one of the two years.

    Parameters
    ----------
    bridge : SalesBridge
        Of any status.
    recent : ndarray of int64, shape (n_clients,)
        Sales of the last twelve months, ten-thousandths.
    least : int
        The fewest clients that may be shown.
    """
    amounts = (bridge.change, recent - bridge.change, recent)
    return is_few(*(int(np.count_nonzero(amount)) for amount in amounts), least=least)


def bridge_chart(
    bridge: SalesBridge,
    currency: str | None = None,
    *,
    doubt: bool = False,
    together: Sequence[str] = (),
) -> Figure:
    """Return the bridge from the twelve months before to the last twelve.

    Parameters
    ----------
    bridge : SalesBridge
        With two windows to compare.
    currency : str, optional
        For the hover texts.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    together : sequence of str
        Causes drawn as one bar, last: few clients belong to one of them.

    Returns
    -------
    Figure
        One bar a cause that changed something; ``customdata`` holds the cause,
        and is empty for the two totals.
    """
    words = {**cause_words(doubt=doubt), "": TOGETHER}
    changes = bridge_bars(bridge, together)
    starts, level = [], bridge.before
    for amount in changes.values():
        starts.append(level)
        level += amount
    names = ["12 months before", *(words[cause] for cause in changes), "Last 12 months"]
    lengths = [bridge.before, *changes.values(), bridge.recent]
    texts = [
        format_money(bridge.before),
        *(format_money(amount, signed=True) for amount in changes.values()),
        format_money(bridge.recent),
    ]
    colours = [GOOD if amount > 0 else BAD for amount in changes.values()]
    figure = new_figure(height=70 + 42 * len(names))
    figure.add_bar(
        orientation="h",
        y=names,
        base=[0, *(start / UNIT for start in starts), 0],
        x=[length / UNIT for length in lengths],
        customdata=["", *changes, ""],
        text=texts,
        textposition="outside",
        cliponaxis=False,
        marker={"color": [LIGHT_BLUE, *colours, BLUE], "cornerradius": 3},
        hovertemplate=f"%{{y}}: %{{text}} {currency or ''}<extra></extra>",
    )
    _draw_levels(
        figure,
        names,
        [bridge.before, *(s + a for s, a in zip(starts, changes.values(), strict=True))],
    )
    low, high = _axis_range(bridge, starts)
    figure.update_xaxes(range=[low, high], visible=False)
    figure.update_yaxes(autorange="reversed", tickformat=None, showgrid=False)
    return figure


def _draw_levels(figure: Figure, names: list[str], levels: list[int]) -> None:
    """Join each bar's end to the next bar's start."""
    for here, there, level in zip(names, names[1:], levels, strict=False):
        figure.add_scatter(
            x=[level / UNIT] * 2,
            y=[here, there],
            mode="lines",
            line={"color": FAINT, "width": 1, "dash": "dot"},
            hoverinfo="skip",
            showlegend=False,
        )


def _axis_range(bridge: SalesBridge, starts: list[int]) -> tuple[float, float]:
    """Return an axis that shows the changes, not two long bars: cut where they are small."""
    levels = [bridge.before, bridge.recent, *starts]
    low, high = min(levels) / UNIT, max(levels) / UNIT
    spread = max(high - low, abs(high) * 0.02, 1.0)
    left = low - 0.9 * spread if low > spread else min(low, 0.0) - 0.35 * spread
    return left, high + 0.6 * spread
