"""Months of new and returning sales, and the rates behind them."""

from __future__ import annotations

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.running import MOST_MONTHS, as_dates, hatch, in_units, note_running_month
from crm_core.charts.template import (
    BLUE,
    GREY,
    ORANGE,
    money_axis,
    new_figure,
    note_at_top,
    percent_axis,
)
from crm_core.metrics.gaps import Gaps
from crm_core.metrics.months import Calendar
from crm_core.metrics.rates import Rate
from crm_core.metrics.returning import Months
from crm_core.small_groups import is_few_of
from crm_core.tables import BoolArray, IntArray

MOST_GAP_DAYS = 366
"""Longest gap that has a bar of its own; longer ones stand in the text beside."""


def new_and_returning_sales(months: Months, *, least: int = 1) -> Figure:
    """Draw net sales by month: clients from before, and clients of that month.

    Parameters
    ----------
    months : Months
        Sales by month; the running month is hatched.
    least : int, default 1
        Months in which fewer clients are new, or from before, are left blank.

    Returns
    -------
    Figure
        ``customdata`` of a bar holds the position of its month and "existing" or "new".
    """
    figure = new_figure(height=320, legend=True, hover="x unified")
    parts = (
        ("existing", "Clients from before", months.net_existing + months.net_other, BLUE),
        ("new", "New clients", months.net_new, ORANGE),
    )
    both = zip(months.new.tolist(), months.buyers.tolist(), strict=True)
    blank = np.array([is_few_of(new, all_, least=least) for new, all_ in both], dtype=np.bool_)
    for who, name, amounts, colour in parts:
        _add_month_bars(figure, months.calendar, amounts, blank, who=who, name=name, colour=colour)
    note_running_month(figure, months.calendar)
    figure.update_layout(barmode="relative")
    money_axis(figure)
    return figure


def returning_rates(months: Months, *, least: int = 1) -> Figure:
    """Draw returning rate and existing share by month; withheld months leave a hole.

    Parameters
    ----------
    months : Months
        Buyers by month.
    least : int, default 1
        Months in which fewer are counted, or left, make a hole too.
    """
    figure = new_figure(height=300, legend=True, hover="x unified")
    rows = range(max(0, len(months.buyers) - MOST_MONTHS), len(months.buyers))
    lines = (
        ("Bought at least twice so far", months.returning_rate, BLUE, "solid"),
        ("Bought before this month", months.existing_share, ORANGE, "dot"),
    )
    for name, rate_of, colour, dash in lines:
        found = [rate_of(row) for row in rows]
        rates = [
            Rate(0, 0) if is_few_of(r.numerator, r.denominator, least=least) else r for r in found
        ]
        figure.add_scatter(
            x=as_dates(months.calendar.first[list(rows)]),
            y=[rate.value for rate in rates],
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 5},
            customdata=[
                [rate.numerator, rate.denominator, *(rate.interval or (0, 0))] for rate in rates
            ],
            hovertemplate=(
                "<b>%{y:.0%}</b> (%{customdata[0]} of %{customdata[1]}; "
                "95 %: %{customdata[2]:.0%}–%{customdata[3]:.0%})"
            ),
        )
    percent_axis(figure, 0.0, 1.02)
    return figure


def gap_histogram(gaps: Gaps) -> Figure:
    """Draw how many days lie between consecutive purchases, pooled over all clients.

    Parameters
    ----------
    gaps : Gaps
        Counts by whole days; those beyond a year are not drawn.
    """
    figure = new_figure(height=280)
    counts = gaps.counts[1 : MOST_GAP_DAYS + 1]
    figure.add_bar(
        x=np.arange(1, len(counts) + 1),
        y=counts,
        marker={"color": BLUE},
        hovertemplate="%{y} gaps of %{x} days<extra></extra>",
    )
    if gaps.median is not None and gaps.median <= MOST_GAP_DAYS:
        figure.add_vline(gaps.median, line={"color": GREY, "dash": "dot"})
        note_at_top(figure, gaps.median, f"median {gaps.median:g} days", xanchor="left")
    figure.update_xaxes(title={"text": "Days between two purchases"})
    figure.update_layout(bargap=0, showlegend=False)
    return figure


def _add_month_bars(
    figure: Figure,
    calendar: Calendar,
    amounts: IntArray,
    blank: BoolArray,
    *,
    who: str,
    name: str,
    colour: str,
) -> None:
    first = max(0, len(calendar) - MOST_MONTHS)
    figure.add_bar(
        x=as_dates(calendar.first[first:]),
        y=np.where(blank[first:], np.nan, in_units(amounts[first:])),
        name=name,
        marker={"color": colour, "pattern": hatch(calendar.partial[first:])},
        customdata=[[month, who] for month in range(first, len(calendar))],
        hovertemplate="<b>%{y:,.0f}</b>",
    )
