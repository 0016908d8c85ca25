"""The bucket that balances: who came and who went, month by month, and how many that leaves."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.charts.figure import Figure
from crm_core.charts.running import MOST_MONTHS, as_dates, hatch, in_units, note_running_month
from crm_core.charts.template import BLUE, GREEN, PINK, VIOLET, new_figure
from crm_core.metrics.churn_months import ChurnMonths, Term
from crm_core.small_groups import hidden_parts
from crm_core.tables import BoolArray

Unit = Literal["clients", "money"]

FLOWS: tuple[tuple[Term, str, str, int], ...] = (
    ("new", "New", BLUE, 1),
    ("back", "Came back", GREEN, 1),
    ("lost", "Gone", PINK, -1),
)


def hidden_terms(months: ChurnMonths, *, least: int) -> dict[Term, BoolArray]:
    """Return the months in which each term is hidden: of a few, or what would tell of those.

    Parameters
    ----------
    months : ChurnMonths
        The balance.
    least : int
        The fewest clients that may be shown.

    Returns
    -------
    dict of str to ndarray of bool, shape (n_months,)
        Where those who came and went in a month are fewer together, all of them are hidden,
        the terms of nobody too: else the difference of start and end would say which.
    """
    flows = np.array([getattr(months, term) for term, *_ in FLOWS]).T
    hidden = np.zeros(flows.shape, dtype=np.bool_)
    for row, counts in enumerate(flows):
        hidden[row] = hidden_parts(counts, least=least) | (0 < counts.sum() < least)
    found: dict[Term, BoolArray] = {term: hidden[:, at] for at, (term, *_) in enumerate(FLOWS)}
    ends: tuple[Term, ...] = ("start", "end")
    for term in ends:
        n = np.asarray(getattr(months, term))
        found[term] = np.asarray((n > 0) & (n < least))
    return found


def balance_bars(months: ChurnMonths, *, unit: Unit = "clients", least: int = 1) -> Figure:
    """Draw new and came back upwards, gone downwards, and above them who is active.

    Parameters
    ----------
    months : ChurnMonths
        The balance; its running month is hatched.
    unit : {"clients", "money"}, default "clients"
        People, or their sales of twelve months.
    least : int, default 1
        Terms of fewer clients are left blank, and what would tell of them.

    Returns
    -------
    Figure
        ``customdata`` of a bar holds the term and the position of its month.
    """
    figure = new_figure(height=420, legend=True, hover="x unified")
    rows = np.arange(max(0, len(months) - MOST_MONTHS), len(months))
    figure.stack((0.38, 0.62), gap=0.07)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    starts = as_dates(months.calendar.first[rows])
    blank = hidden_terms(months, least=least)
    end = np.where(blank["end"], np.nan, _values(months, "end", unit))
    _add_active(figure, starts, end[rows], unit)
    for term, name, colour, sign in FLOWS:
        figure.add_bar(
            x=starts,
            y=np.where(blank[term], np.nan, sign * _values(months, term, unit))[rows],
            name=name,
            marker={"color": colour, "pattern": hatch(months.calendar.partial[rows])},
            customdata=[[term, int(row)] for row in rows],
            hovertemplate=f"%{{y:{_format(unit)}}}",
            row=2,
        )
    note_running_month(figure, months.calendar, row=2)
    figure.update_layout(barmode="relative")
    figure.update_yaxes(tickformat=_format(unit))
    figure.update_yaxes(row=1, rangemode="tozero", title={"text": "Active"})
    figure.update_yaxes(row=2, title={"text": "Came and went"})
    return figure


def _add_active(
    figure: Figure, starts: NDArray[np.datetime64], end: NDArray[Any], unit: Unit
) -> None:
    """Add the line of active clients at each month's end."""
    figure.add_scatter(
        x=starts,
        y=end,
        mode="lines",
        name="Active at the end",
        line={"color": VIOLET, "width": 2.5},
        hovertemplate=f"%{{y:{_format(unit)}}}",
        row=1,
    )


def _values(months: ChurnMonths, term: Term, unit: Unit) -> NDArray[Any]:
    """Return a term of every month, money in units of currency."""
    if unit == "clients":
        return np.asarray(getattr(months, term))
    return in_units(getattr(months, f"sales_{term}"))


def _format(unit: Unit) -> str:
    return ",.0f" if unit == "money" else ",d"
