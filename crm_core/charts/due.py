"""One line a late client: last purchase, late day, gone day, and where the as-of day stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.running import as_dates
from crm_core.charts.template import BLUE, GREY, LIGHT_BLUE, ORANGE, PINK, new_figure
from crm_core.formatting import format_day, format_money, plotly_escape
from crm_core.tables import DayArray, IntArray

MOST_LINES = 25
"""Clients drawn: those with the most money at stake."""

NAME_WIDTH = 24


def due_lines(
    names: Sequence[str],
    last_purchase: DayArray,
    late_on: DayArray,
    gone_on: DayArray,
    at_stake: IntArray,
    *,
    as_of: int,
    currency: str | None = None,
) -> Figure:
    """Draw who is late: in time until the late day, late until the gone day.

    Parameters
    ----------
    names : sequence of str, length n
        Names of the late clients, most money first; shown as text.
    last_purchase, late_on, gone_on : ndarray of int32, shape (n,)
        Days since 1970-01-01.
    at_stake : ndarray of int64, shape (n,)
        Trailing twelve months' net sales, ten-thousandths.
    as_of : int
        Marked by a line across.
    currency : str, optional
        Shown behind the money.

    Returns
    -------
    Figure
        At most 25 clients, the first on top; ``customdata`` of the marker at the end of
        a line is the position of the client in ``names``.
    """
    n = min(len(names), MOST_LINES)
    figure = new_figure(height=110 + 26 * max(n, 3), legend=True)
    rows = np.arange(n)
    late, gone = late_on[:n], gone_on[:n]
    # A contract may be late without a purchase: its line begins on the late day.
    last = np.minimum(last_purchase[:n], late)
    _add_bars(figure, rows, last, late, name="In time", colour=LIGHT_BLUE)
    _add_bars(figure, rows, late, gone, name="Late", colour=ORANGE)
    facts = [
        f"<b>{plotly_escape(names[row])}</b><br>last purchase {format_day(int(last_purchase[row]))}"
        f"<br>late since {format_day(int(late[row]))}"
        f"<br>probably gone from {format_day(int(gone[row]))}"
        f"<br>{format_money(int(at_stake[row]), currency)} in the last 12 months"
        for row in range(n)
    ]
    ends = (("Last purchase", last, "circle", BLUE), ("Probably gone", gone, "diamond", PINK))
    for name, day, symbol, colour in ends:
        _add_ends(figure, rows, day, symbol=symbol, colour=colour, name=name, facts=facts)
    today = str(as_dates(as_of))
    figure.add_vline(x=today, line={"color": GREY, "width": 1.5, "dash": "dot"})
    figure.add_annotation(
        x=today,
        y=0,
        yref="paper",
        yanchor="bottom",
        xanchor="left",
        xshift=4,
        text=format_day(as_of),
        showarrow=False,
    )
    labels = [plotly_escape(name, NAME_WIDTH) for name in names[:n]]
    figure.update_yaxes(
        tickmode="array",
        tickvals=rows.tolist(),
        ticktext=labels,
        range=[n + 0.3, -0.6],  # room for the day below the last line
        showgrid=False,
        zeroline=False,
    )
    figure.update_xaxes(type="date", tickangle=0, tickformat="%b\n%Y", nticks=6)
    return figure


def _add_bars(
    figure: Figure, rows: IntArray, start: DayArray, end: DayArray, *, name: str, colour: str
) -> None:
    """Add a thick line from one day to another in every row."""
    xs: list[Any] = []
    ys: list[Any] = []
    for row, first, last in zip(rows.tolist(), as_dates(start), as_dates(end), strict=True):
        xs += [str(first), str(last), None]
        ys += [row, row, None]
    figure.add_scatter(
        x=xs,
        y=ys,
        mode="lines",
        name=name,
        line={"color": colour, "width": 9},
        hoverinfo="skip",
    )


def _add_ends(
    figure: Figure,
    rows: IntArray,
    day: DayArray,
    *,
    symbol: str,
    colour: str,
    name: str,
    facts: Sequence[str],
) -> None:
    figure.add_scatter(
        x=as_dates(day),
        y=rows,
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 11, "color": colour},
        customdata=rows.tolist(),
        text=list(facts),
        hovertemplate="%{text}<extra></extra>",
    )
