"""Calendar months, quarters and years on whole days, vectorised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.tables import DayArray, IntArray

Unit = Literal["month", "quarter", "year"]
"""Length of a calendar period."""

MONTHS_PER: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}


def month_index(days: Any) -> IntArray:
    """Return the months since January 1970 of days since 1970-01-01.

    Parameters
    ----------
    days : int or array of int
        Days since 1970-01-01.

    Examples
    --------
    >>> month_index([0, 30, 31, -1]).tolist()
    [0, 0, 1, -1]
    """
    months = np.asarray(days).astype("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64)


def first_days(months: Any) -> DayArray:
    """Return the first day of each month (months since January 1970).

    Examples
    --------
    >>> first_days([0, 1, 2]).tolist()
    [0, 31, 59]
    """
    starts = np.asarray(months).astype("datetime64[M]").astype("datetime64[D]")
    return starts.astype(np.int64).astype(np.int32)


def last_days(months: Any) -> DayArray:
    """Return the last day of each month (months since January 1970).

    Examples
    --------
    >>> last_days([0, 1]).tolist()
    [30, 58]
    """
    return first_days(np.asarray(months) + 1) - np.int32(1)


def month_labels(months: Any) -> tuple[str, ...]:
    """Return months as ``"1997-02"``.

    Examples
    --------
    >>> month_labels([325])
    ('1997-02',)
    """
    names = np.datetime_as_string(np.asarray(months).astype("datetime64[M]"))
    return tuple(str(name) for name in np.atleast_1d(names))


def months_before(day: int, months: int) -> int:
    """Return the same date so many months before, at most that month's last day.

    Examples
    --------
    >>> from datetime import date
    >>> from crm_core.tables import to_date, to_day
    >>> to_date(months_before(to_day(date(2024, 5, 31)), 3))
    datetime.date(2024, 2, 29)
    """
    month = month_index(day)
    into = day - int(first_days(month))
    return min(int(first_days(month - months)) + into, int(last_days(month - months)))


def same_day_years_before(days: Any, years: int = 1) -> DayArray:
    """Return the same date ``years`` before; 29 February becomes 28 February.

    Parameters
    ----------
    days : int or array of int
        Days since 1970-01-01.
    years : int, default 1
        How far back; negative for years after.

    Returns
    -------
    ndarray of int32
        As many days as given (a scalar gives an array of no dimensions).

    Examples
    --------
    >>> from datetime import date
    >>> from crm_core.tables import to_date, to_day
    >>> to_date(same_day_years_before(to_day(date(2024, 2, 29))))
    datetime.date(2023, 2, 28)
    """
    months = month_index(days)
    into = np.asarray(days) - first_days(months)
    there = months - 12 * years
    return np.asarray(np.minimum(first_days(there) + into, last_days(there)), dtype=np.int32)


@dataclass(frozen=True)
class Calendar:
    """Consecutive calendar periods, the last one holding the as-of day.

    Attributes
    ----------
    unit : {"month", "quarter", "year"}
        Length of a period.
    first : ndarray of int32, shape (n,)
        First day of each period.
    last : ndarray of int32, shape (n,)
        Last day of each period by the calendar; the last one may lie after ``as_of``.
    as_of : int
        Last day counted.
    """

    unit: Unit
    first: DayArray
    last: DayArray
    as_of: int

    def __len__(self) -> int:
        return len(self.first)

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which periods the as-of day cuts, shape (n,): the last one or none."""
        return self.last > self.as_of

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the periods: ``1997-02``, ``1997 Q1`` or ``1997``."""
        months = month_index(self.first)
        if self.unit == "month":
            return month_labels(months) if len(self) else ()
        if self.unit == "quarter":
            return tuple(f"{1970 + m // 12} Q{m % 12 // 3 + 1}" for m in months.tolist())
        return tuple(str(1970 + m // 12) for m in months.tolist())

    def index_of(self, days: NDArray[Any]) -> NDArray[np.int32]:
        """Return the period of each day, shape of ``days``.

        Every day must lie between ``first[0]`` and ``last[-1]``.
        """
        if not len(days):
            return np.empty(0, dtype=np.int32)
        lengths = self.last - self.first + 1
        by_day = np.repeat(np.arange(len(self), dtype=np.int32), lengths)
        # A look-up in a short table is several times faster than calendar arithmetic,
        # and faster still by indices of the machine's own width.
        periods: NDArray[np.int32] = by_day.take((days - self.first[0]).astype(np.intp))
        return periods


def calendar(first_day: int | None, as_of: int, *, unit: Unit = "month") -> Calendar:
    """Return the periods from the first day's to the as-of day's.

    Parameters
    ----------
    first_day : int or None
        Day in the first period; None, or a day after ``as_of``, gives no periods.
    as_of : int
        Day in the last period.
    unit : {"month", "quarter", "year"}, default "month"
        Length of a period.

    Returns
    -------
    Calendar
        Periods without a hole.

    Raises
    ------
    ParameterError
        If ``unit`` is none of the three.

    Examples
    --------
    >>> from datetime import date
    >>> from crm_core.tables import to_day
    >>> year = calendar(to_day(date(1997, 1, 20)), to_day(date(1997, 3, 9)))
    >>> year.labels, year.partial.tolist()
    (('1997-01', '1997-02', '1997-03'), [False, False, True])
    """
    if unit not in MONTHS_PER:
        raise ParameterError(f"Wanted a unit of month, quarter or year, found {unit!r}.")
    if first_day is None or first_day > as_of:
        none = np.empty(0, dtype=np.int32)
        return Calendar(unit, none, none, as_of)
    step = MONTHS_PER[unit]
    start = int(month_index(first_day)) // step * step
    months = np.arange(start, int(month_index(as_of)) + 1, step)
    return Calendar(unit, first_days(months), last_days(months + step - 1), as_of)
