"""One client's purchases as stems, with the days it is expected in, contacts and endings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.running import as_dates, hatch, in_units
from crm_core.charts.template import (
    BLUE,
    GREEN,
    GREY,
    LIGHT_BLUE,
    ORANGE,
    PINK,
    VIOLET,
    money_axis,
    new_figure,
    note_at_top,
)
from crm_core.formatting import plotly_escape
from crm_core.metrics.client_sales import DailySales, YearAgainstLast
from crm_core.metrics.months import first_days
from crm_core.tables import NEVER, IntArray, to_date

MOST_STEMS = 1_500
"""Days drawn one by one; a busier client is drawn by week."""


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day: a contact, an ending, a contract.

    Attributes
    ----------
    day : int
        Days since 1970-01-01.
    kind : {"contact", "ending", "contract"}
        What it was; decides the sign.
    text : str
        What the pointer shows; typed by people, shown as text.
    """

    day: int
    kind: str
    text: str


SIGNS = {
    "contact": ("Contacts", "triangle-up", GREEN),
    "ending": ("Endings", "x", VIOLET),
    "contract": ("Contracts", "square", GREY),
}


def purchase_stems(
    sales: DailySales, *, late_on: int = NEVER, gone_on: int = NEVER, marks: Sequence[Mark] = ()
) -> Figure:
    """Draw what a client bought, day by day, and when it is due.

    Parameters
    ----------
    sales : DailySales
        Days with rows; refunds point down.
    late_on, gone_on : int
        Due days after the last purchase, NEVER where there is none.
    marks : sequence of Mark
        Contacts, endings and contracts up to the as-of day.
    """
    figure = new_figure(height=340, legend=True)
    day, sold, refunded = _thinned(sales)
    _add_stems(figure, day, sold, "Purchases", BLUE)
    _add_stems(figure, day, refunded, "Refunds", PINK)
    _add_marks(figure, marks)
    _add_due_days(figure, late_on, gone_on)
    figure.add_vline(x=str(to_date(sales.as_of)), line={"color": GREY, "width": 1})
    figure.update_yaxes(zeroline=True, tickformat=",.0f")
    figure.update_xaxes(range=_span(sales, marks, gone_on), type="date")
    return figure


def year_bars(years: YearAgainstLast) -> Figure:
    """Draw twelve months beside the same months a year before; the running one is hatched.

    Parameters
    ----------
    years : YearAgainstLast
        Net sales by month.
    """
    figure = new_figure(height=280, legend=True, hover="x unified")
    months = first_days(years.month)
    partial = np.zeros(len(months), dtype=np.bool_)
    partial[-1] = years.partial
    for name, amounts, colour, cut in (
        ("A year before", years.before, LIGHT_BLUE, np.zeros_like(partial)),
        ("Last 12 months", years.this, BLUE, partial),
    ):
        figure.add_bar(
            x=as_dates(months),
            y=in_units(amounts),
            name=name,
            marker={"color": colour, "pattern": hatch(cut)},
            hovertemplate="%{y:,.0f}",
        )
    figure.update_layout(barmode="group")
    money_axis(figure)
    figure.update_xaxes(tickformat="%b", dtick="M1", hoverformat="%B")
    return figure


def _thinned(sales: DailySales) -> tuple[np.ndarray, IntArray, IntArray]:
    """Return days with sums sold and refunded; by week where there are too many days."""
    if len(sales.day) <= MOST_STEMS:
        return sales.day, sales.sold, sales.refunded
    step = 7 * int(np.ceil((sales.day[-1] - sales.day[0] + 1) / 7 / MOST_STEMS))
    week, starts = np.unique((sales.day // step) * step, return_index=True)
    return week, np.add.reduceat(sales.sold, starts), np.add.reduceat(sales.refunded, starts)


def _add_stems(figure: Figure, day: np.ndarray, amounts: IntArray, name: str, colour: str) -> None:
    """Add a line from zero to each amount that is not zero, with a dot at its end."""
    kept = amounts != 0
    days, values = as_dates(day[kept]), in_units(amounts[kept])
    if not len(days):
        return
    figure.add_scatter(
        x=np.repeat(days, 3),
        y=[y for value in values.tolist() for y in (0.0, value, None)],
        mode="lines",
        line={"color": colour, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=days,
        y=values,
        mode="markers",
        name=name,
        marker={"color": colour, "size": 6},
        hovertemplate="%{x|%d %b %Y}: <b>%{y:,.2f}</b><extra></extra>",
    )


def _add_marks(figure: Figure, marks: Sequence[Mark]) -> None:
    for kind, (name, symbol, colour) in SIGNS.items():
        own = [mark for mark in marks if mark.kind == kind]
        if own:
            figure.add_scatter(
                x=[to_date(mark.day) for mark in own],
                y=[0.0] * len(own),
                mode="markers",
                name=name,
                marker={"symbol": symbol, "size": 11, "color": colour},
                customdata=[plotly_escape(mark.text, 80) for mark in own],
                hovertemplate="%{x|%d %b %Y}: %{customdata}<extra></extra>",
            )


def _add_due_days(figure: Figure, late_on: int, gone_on: int) -> None:
    """Shade the days between late and probably gone."""
    if NEVER in (late_on, gone_on) or gone_on <= late_on:
        return
    figure.add_vrect(
        str(to_date(late_on)),
        str(to_date(gone_on)),
        fillcolor=ORANGE,
        opacity=0.18,
        line={"width": 0},
        layer="below",
    )
    middle = str(as_dates(late_on) + np.timedelta64(12 * (gone_on - late_on), "h"))
    note_at_top(figure, middle, "late", xanchor="center", font={"size": 11})


def _span(sales: DailySales, marks: Sequence[Mark], gone_on: int) -> list[str]:
    """Return the days shown: everything that happened, and the due days ahead."""
    seen = [*sales.day[:1].tolist(), *sales.day[-1:].tolist(), sales.as_of]
    days = [*seen, *(mark.day for mark in marks), *([gone_on] if gone_on != NEVER else [])]
    margin = max(5, (max(days) - min(days)) // 40)
    return [str(to_date(min(days) - margin)), str(to_date(max(days) + margin))]
