"""The clients behind a bar of a month or a cell of a cohort: what a click opens."""

from __future__ import annotations

from typing import Literal

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cohorts import Cohorts
from crm_core.metrics.months import Calendar
from crm_core.metrics.purchases import live_days
from crm_core.tables import BoolArray, DayArray, IntArray, sum_segments

Who = Literal["all", "new", "existing"]


def month_buyers(ledger: Ledger, calendar: Calendar, period: int, *, who: Who = "all") -> IntArray:
    """Return the clients with a live purchase in a period.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    calendar : Calendar
        The periods; purchases are those live on its as-of day.
    period : int
        Position in it.
    who : {"all", "new", "existing"}, default "all"
        Everybody, those whose first purchase falls in the period, or those before.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in the client table, rising.
    """
    first, last = int(calendar.first[period]), min(int(calendar.last[period]), calendar.as_of)
    bought, begun = _bought_between(ledger, calendar.as_of, first, last)
    fresh = (begun >= first) & (begun <= last)
    chosen = {"all": bought, "new": bought & fresh, "existing": bought & ~fresh}[who]
    return np.flatnonzero(chosen)


def cohort_members(
    ledger: Ledger, cohorts: Cohorts, cohort: int, *, later: int | None = None
) -> IntArray:
    """Return the clients of a cohort, or those of them who bought ``later`` periods on.

    Parameters
    ----------
    ledger : Ledger
        The ledger ``cohorts`` was computed from.
    cohorts : Cohorts
        The table clicked.
    cohort : int
        Position of the period of the first purchase.
    later : int, optional
        Periods after; without it the whole cohort.

    Returns
    -------
    ndarray of int64, shape (n,)
        Positions in the client table, rising: as many as the cell counts.
    """
    calendar = cohorts.calendar
    members = month_buyers(ledger, calendar, cohort, who="new")
    if later is None:
        return members
    buyers = month_buyers(ledger, calendar, cohort + later)
    return np.intersect1d(members, buyers, assume_unique=True)


def _bought_between(
    ledger: Ledger, as_of: int, first: int, last: int
) -> tuple[BoolArray, DayArray]:
    """Return who has a live purchase between two days, and everybody's first one."""
    days = live_days(ledger, as_of)
    inside = (days.day >= first) & (days.day <= last)
    return sum_segments(inside, days.offsets) > 0, days.first_day()
