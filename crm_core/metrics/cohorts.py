"""Who of each month's new clients buys again in later months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.months import Calendar, Unit, calendar
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import Days, first_sale_day, live_days
from crm_core.metrics.rates import Rate
from crm_core.tables import IntArray

BLANK = -1
"""Stands in ``Cohorts.retained`` for a cell that cannot be known yet."""

LEAST_ROW = 20
"""Rows of typically fewer clients are joined into quarters, then years."""


@dataclass(frozen=True)
class Cohorts:
    """Counts of clients by the period of their first purchase and the periods after.

    Attributes
    ----------
    calendar : Calendar
        The periods, from the first stored row's to the as-of day's.
    size : ndarray of int64, shape (n,)
        New clients of each period.
    retained : ndarray of int64, shape (n, n)
        ``retained[c, k]`` of them bought in the period ``c + k``; -1 where that
        period ends after the as-of day or lies outside.
    """

    calendar: Calendar
    size: IntArray
    retained: IntArray

    def rate(self, cohort: int, later: int) -> Rate | None:
        """Return one cell as a rate, None where it is blank."""
        count = int(self.retained[cohort, later])
        return None if count == BLANK else Rate(count, int(self.size[cohort]))

    def rows(self) -> list[list[int | None]]:
        """Return ``retained`` as plain lists with None for blank cells."""
        return [[None if v == BLANK else v for v in row] for row in self.retained.tolist()]


def count_cohorts(days: Days, periods: NDArray[Any], n_periods: int) -> IntArray:
    """Count clients by first period and by every period in which they buy.

    Parameters
    ----------
    days : Days
        Live purchases of some clients.
    periods : ndarray of int, shape (n_purchases,)
        Period of each purchase.
    n_periods : int
        Number of periods.

    Returns
    -------
    ndarray of int64, shape (n_periods, n_periods)
        By period of the first purchase and period bought in; adds up over clients.
    """
    firsts = days.firsts()
    counts = days.counts
    begun = np.repeat(periods[firsts] * n_periods, counts[counts > 0])
    key = begun + periods
    # A client that buys twice in a period counts once: later rows of the same key go.
    fresh = np.ones(len(key), dtype=np.bool_)
    np.not_equal(periods[1:], periods[:-1], out=fresh[1:])
    fresh[firsts] = True
    table = np.bincount(key.compress(fresh), minlength=n_periods * n_periods)
    return table.reshape(n_periods, n_periods)


def measure(part: Ledger, as_of: int, periods: Calendar) -> IntArray:
    """Measure the counts on a part of the ledger."""
    days = live_days(part, as_of)
    return count_cohorts(days, periods.index_of(days.day), len(periods))


def conclude(parts: list[IntArray], periods: Calendar) -> Cohorts:
    """Shift the summed counts so that each row begins with its own period."""
    table = np.sum(parts, axis=0)
    n = len(periods)
    if not n:
        return Cohorts(periods, table.diagonal().copy(), table)
    later = np.arange(n)[:, None] + np.arange(n)[None, :]
    known = later < n - bool(periods.partial[-1])
    rows = np.broadcast_to(np.arange(n)[:, None], (n, n))
    retained = np.where(known, table[rows, np.minimum(later, n - 1)], BLANK)
    return Cohorts(periods, table.diagonal().copy(), retained)


def cohorts(ledger: Ledger, as_of: int, *, unit: Unit = "month") -> Cohorts:
    """Return new clients by period and how many of them buy in each later period.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted.
    unit : {"month", "quarter", "year"}, default "month"
        Length of a period.

    Returns
    -------
    Cohorts
        Without sales no periods.
    """
    periods = calendar(first_sale_day(ledger, as_of), as_of, unit=unit)
    return conclude(measure_parts(ledger, measure, as_of, periods), periods)


def choose_unit(size: IntArray, periods: Calendar) -> Unit:
    """Return the finest unit whose rows typically hold 20 clients.

    The median row among those with clients decides; years when none suffices.

    Parameters
    ----------
    size : ndarray of int64, shape (n,)
        New clients of each month.
    periods : Calendar
        The months.

    Notes
    -----
    The rule is this project's own.
    """
    units: tuple[Unit, ...] = ("month", "quarter")
    for unit in units if len(periods) else ():
        wider = calendar(int(periods.first[0]), periods.as_of, unit=unit)
        rows = np.bincount(wider.index_of(periods.first), weights=size)
        if rows.any() and np.median(rows[rows > 0]) >= LEAST_ROW:
            return unit
    return "year"
