"""Key accounts: shares of the largest with the marks of dependency, and concentration by month."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.running import as_dates
from crm_core.charts.template import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    LIGHT_BLUE,
    ORANGE,
    PINK,
    VIOLET,
    new_figure,
    percent_axis,
)
from crm_core.formatting import format_money, format_share, plotly_escape
from crm_core.metrics.concentration_months import ConcentrationMonths
from crm_core.metrics.dependency import MARKS
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.pareto import ParetoResult
from crm_core.small_groups import is_few

NAMED = 10
"""Clients drawn by name: no more can be key by sales."""

MARK_WORDS = {10: "key", 20: "watch", 30: "act", 40: "urgent", 50: "critical"}
KINDS = {
    "critical": ("Critical or urgent, from 40 %", PINK),
    "act": ("Watch or act, from 20 %", ORANGE),
    "key": ("Key by sales, from 10 %", BLUE),
    "hand": ("Key by hand", GREEN),
    "none": ("Not key", GREY),
}
"""Kinds of bars, with their words and colours."""

LARGEST = (1, 3, 5)
"""How many of the largest clients each line is of."""

LINES = (("The largest client", BLUE), ("The three largest", ORANGE), ("The five largest", VIOLET))


def share_chart(
    result: ParetoResult,
    names: Sequence[str],
    *,
    by_hand: Collection[int] = (),
    currency: str | None = None,
) -> Figure:
    """Return the shares of the largest clients as bars, with the marks of dependency.

    Parameters
    ----------
    result : ParetoResult
        With at least one client.
    names : sequence of str
        Names of the first ``NAMED`` clients of ``result.order``, as they were typed.
    by_hand : collection of int
        Positions of the clients named key by hand.
    currency : str, optional
        For the hover texts.

    Returns
    -------
    Figure
        ``customdata`` of a bar begins with the client's position in the ledger.
    """
    count = min(NAMED, result.n, len(names))
    shares = [int(net) / result.total for net in result.net[:count]]
    labels = [f"{rank}. {plotly_escape(name, 22)}" for rank, name in enumerate(names[:count], 1)]
    kinds = [
        _kind(int(net), result.total, int(at) in by_hand)
        for at, net in zip(result.order[:count], result.net[:count], strict=True)
    ]
    figure = new_figure(height=110 + 30 * count, legend=True)
    for kind, (word, colour) in KINDS.items():
        rows = [row for row in range(count) if kinds[row] == kind]
        if rows:
            figure.add_bar(
                orientation="h",
                name=word,
                y=[labels[row] for row in rows],
                x=[100 * shares[row] for row in rows],
                customdata=[
                    [int(result.order[row]), format_money(int(result.net[row]), currency)]
                    for row in rows
                ],
                text=[format_share(shares[row]) for row in rows],
                textposition="outside",
                cliponaxis=False,
                marker={
                    "color": colour,
                    "opacity": 0.5 if kind == "none" else 1,
                    "cornerradius": 3,
                },
                hovertemplate="%{y}: %{customdata[1]}, %{text} of named sales<extra></extra>",
            )
    _draw_marks(figure, shares[0])
    figure.update_layout(barmode="overlay", margin={"t": 44, "b": 40})
    figure.update_yaxes(
        autorange="reversed", tickformat=None, showgrid=False,
        categoryorder="array", categoryarray=labels,
    )  # fmt: skip
    return figure


def _kind(net: int, total: int, by_hand: bool) -> str:
    if net * 100 >= total * 40:
        return "critical"
    if net * 100 >= total * 20:
        return "act"
    if net * 100 >= total * MARKS[0]:
        return "key"
    return "hand" if by_hand else "none"


def _draw_marks(figure: Figure, largest: float) -> None:
    """Draw the marks up to the first one above the largest share."""
    above = next((mark for mark in MARKS if mark > 100 * largest), MARKS[-1])
    for mark in MARKS:
        if mark <= above:
            figure.add_vline(x=mark, line={"color": FAINT, "dash": "dot", "width": 1})
            figure.add_annotation(
                x=mark, y=1, yref="paper", text=f"{mark} %<br>{MARK_WORDS[mark]}",
                showarrow=False, yanchor="bottom", font={"size": 11, "color": INK},
            )  # fmt: skip
    right = max(1.12 * above, 118 * largest)
    figure.update_xaxes(range=[0, right], showgrid=False, showticklabels=False)
    # The marks stand above the bars, so the legend goes below them.
    figure.update_layout(legend={"y": -0.04, "yanchor": "top"})


def months_chart(months: ConcentrationMonths, *, least: int = 1) -> Figure:
    """Return the shares of the largest at every month end, and the concentration index.

    Parameters
    ----------
    months : ConcentrationMonths
        Only month ends with a whole year behind them are drawn; there must be one.
    least : int, default 1
        Lines of fewer largest clients are left out.
    """
    shown = np.flatnonzero(months.whole & (months.total > 0))
    days = as_dates(MonthEnds(months.calendar).days[shown])
    figure = new_figure(height=340, legend=True, hover="x unified")
    for column in reversed([at for at, n in enumerate(LARGEST) if n >= least]):
        word, colour = LINES[column]
        _add_line(figure, days, months.top[shown, column], word, colour)
    _add_line(figure, days, months.hhi[shown], "Concentration index", LIGHT_BLUE, dash="dot")
    high = float(np.nanmax(months.top[shown]))
    percent_axis(figure, 0.0, min(1.02, 1.15 * high + 0.01))
    figure.update_xaxes(hoverformat="%-d %b %Y")
    return figure


def _add_line(
    figure: Figure,
    days: np.ndarray,
    shares: np.ndarray,
    word: str,
    colour: str,
    *,
    dash: str = "solid",
) -> None:
    figure.add_scatter(
        x=days,
        y=shares,
        name=word,
        mode="lines+markers" if len(days) < 3 else "lines",
        line={"color": colour, "width": 2, "dash": dash},
        customdata=[format_share(float(share)) for share in shares],
        hovertemplate="%{customdata}",
    )


def describe_shares(result: ParetoResult, n_keys: int, *, least: int = 1) -> str:
    """Return what the picture of shares shows, for those who cannot see it."""
    share = format_share(result.share_of_first(1))
    if is_few(n_keys, least=least):
        return f"Shares of sales of the largest clients; the largest brings {share}"
    return (
        f"Shares of sales of the largest clients with marks at 10 to 50 %; the largest brings "
        f"{share}, {n_keys} reach 10 %"
    )
