"""Month ends as a row of days, and ranges of days counted on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.months import Calendar, same_day_years_before
from crm_core.tables import DayArray, IntArray

MonthArray = NDArray[np.int32]


class MonthEnds:
    """The last day of every month, the as-of day standing for the end of the last one.

    Parameters
    ----------
    months : Calendar
        Months up to the as-of day.

    Attributes
    ----------
    days : ndarray of int32, shape (n_months,)
        The month ends.
    as_of : int
        Last day counted.
    """

    def __init__(self, months: Calendar) -> None:
        self.days: DayArray = np.minimum(months.last, np.int32(months.as_of))
        self.as_of = months.as_of
        self._first = int(months.first[0]) if len(months) else 0
        # The month every day belongs to, and one more entry for all days after the last.
        lengths = np.diff(np.append(self._first - 1, self.days))
        self._month = np.append(np.repeat(np.arange(len(self)), lengths), len(self))
        self._month = self._month.astype(np.int32)

    def __len__(self) -> int:
        return len(self.days)

    def reach(self, days: NDArray[Any]) -> MonthArray:
        """Return the first month whose end is on or after each day, ``len(self)`` where none."""
        at = np.clip(days, self._first, self._first + len(self._month) - 1) - self._first
        months: MonthArray = self._month[at]
        return months

    def reach_a_year_later(self, days: NDArray[Any]) -> MonthArray:
        """Return the first month whose trailing twelve months no longer hold each day."""
        starts = same_day_years_before(self.days)
        return np.searchsorted(starts, days, "left").astype(np.int32)

    def count(self, start: MonthArray, stop: MonthArray) -> IntArray:
        """Count the ranges ``start <= month < stop`` that hold each month, shape (n_months,)."""
        size = len(self) + 1
        steps = np.bincount(start, minlength=size) - np.bincount(stop, minlength=size)
        held: IntArray = np.cumsum(steps)[:-1]
        return held
