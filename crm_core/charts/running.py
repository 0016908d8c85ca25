"""Months on an axis: money in units, and the running month hatched and labelled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.charts.figure import Figure, nth
from crm_core.metrics.months import Calendar
from crm_core.money import UNIT
from crm_core.tables import DayArray, IntArray

MOST_MONTHS = 120
"""Months drawn, the newest ones."""


def in_units(amounts: IntArray) -> NDArray[np.float64]:
    """Return ten-thousandths in units of currency, for drawing only.

    Examples
    --------
    >>> in_units(np.array([25_500])).tolist()
    [2.55]
    """
    return np.asarray(amounts, dtype=np.float64) / UNIT


def as_dates(days: Any) -> NDArray[np.datetime64]:
    """Return days since 1970-01-01 as dates for an axis.

    Examples
    --------
    >>> as_dates([0, 1]).astype(str).tolist()
    ['1970-01-01', '1970-01-02']
    """
    return np.asarray(days).astype("datetime64[D]")


def hatch(partial: NDArray[np.bool_]) -> dict[str, Any]:
    """Return a bar pattern that hatches the periods the as-of day cuts.

    Examples
    --------
    >>> hatch(np.array([False, True]))["shape"]
    ['', '/']
    """
    return {
        "shape": ["/" if cut else "" for cut in partial],
        "fillmode": "replace",
        "solidity": 0.4,
    }


def running_note(first: DayArray, last: DayArray, as_of: int) -> str:
    """Return how much of the last period has passed.

    Examples
    --------
    >>> running_note(np.array([0, 31]), np.array([30, 58]), 39)
    '9 of 28 days'
    """
    return f"{as_of - int(first[-1]) + 1} of {int(last[-1] - first[-1]) + 1} days"


def note_running_month(figure: Figure, calendar: Calendar, *, row: int = 1) -> None:
    """Say at the top of the running month how many of its days have passed.

    Parameters
    ----------
    figure : Figure
        With months on the x axis.
    calendar : Calendar
        The months; without a running one nothing is written.
    row : int, default 1
        Where the note stands, in a figure of several rows.
    """
    if len(calendar) and calendar.partial[-1]:
        figure.add_annotation(
            x=str(as_dates(calendar.last[-1])),
            xref=nth("x", row),
            yref=f"{nth('y', row)} domain",
            y=1,
            text=running_note(calendar.first, calendar.last, calendar.as_of),
            showarrow=False,
            yanchor="bottom",
            xanchor="right",
            font={"size": 11},
        )
        # The legend stands above the note, also where both share a narrow line.
        figure.update_layout(margin={"t": 56}, legend={"y": 1.09})
