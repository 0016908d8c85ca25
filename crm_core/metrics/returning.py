"""Who comes back: buyers, new and returning clients and their sales, month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cohorts import Cohorts, count_cohorts
from crm_core.metrics.cohorts import conclude as conclude_cohorts
from crm_core.metrics.gaps import Gaps, histogram_gaps
from crm_core.metrics.gaps import conclude as conclude_gaps
from crm_core.metrics.months import Calendar, calendar
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import Days, first_sale_day, live_days
from crm_core.metrics.rates import Rate
from crm_core.metrics.second_purchase import FirstBuyers, SecondPurchase, measure_days
from crm_core.metrics.second_purchase import conclude as conclude_second
from crm_core.tables import NEVER, IntArray

_LOW_BITS = 26
_EXACT_FLOAT = 2**53


@dataclass(frozen=True)
class MonthCounts:
    """Additive tables of a part: one value a month.

    Attributes
    ----------
    buyers, new, returning : ndarray of int64, shape (n_months,)
        As in :class:`Months`.
    net, net_new, net_existing : ndarray of int64, shape (n_months,)
        As in :class:`Months`.
    """

    buyers: IntArray
    new: IntArray
    returning: IntArray
    net: IntArray
    net_new: IntArray
    net_existing: IntArray


@dataclass(frozen=True)
class Months:
    """Buyers and net sales by calendar month, empty months included.

    Attributes
    ----------
    calendar : Calendar
        The months, from the first stored row's to the as-of day's.
    buyers : ndarray of int64, shape (n,)
        Clients with a live purchase in the month.
    new : ndarray of int64, shape (n,)
        Those whose first purchase falls in it.
    returning : ndarray of int64, shape (n,)
        Buyers with at least two purchases ever by the month's end.
    net : ndarray of int64, shape (n,)
        Net sales of clients, refunds in their own month, ten-thousandths.
    net_new, net_existing : ndarray of int64, shape (n,)
        Net sales of clients whose first purchase falls in the month, or before it.
        Rows before a client's first live purchase are in neither.
    """

    calendar: Calendar
    buyers: IntArray
    new: IntArray
    returning: IntArray
    net: IntArray
    net_new: IntArray
    net_existing: IntArray

    @property
    def existing(self) -> IntArray:
        """Buyers whose first purchase precedes the month, shape (n,)."""
        return self.buyers - self.new

    @property
    def net_other(self) -> IntArray:
        """Net sales of clients before their first live purchase, shape (n,)."""
        return self.net - self.net_new - self.net_existing

    def returning_rate(self, month: int) -> Rate:
        """Return returning buyers among the buyers of a month."""
        return Rate(int(self.returning[month]), int(self.buyers[month]))

    def existing_share(self, month: int) -> Rate:
        """Return existing clients among the buyers of a month."""
        return Rate(int(self.existing[month]), int(self.buyers[month]))


@dataclass(frozen=True)
class Returning:
    """Everything about coming back, as of a day.

    Attributes
    ----------
    as_of : int
        Last day counted.
    repeat : Rate
        Clients with at least two purchases among those with at least one, all time.
    gaps : Gaps
        Closed gaps of all clients, pooled.
    second : SecondPurchase
        Time from first to second purchase.
    months : Months
        Buyers and sales by month.
    cohorts : Cohorts
        Clients by month of first purchase and the months in which they buy.
    """

    as_of: int
    repeat: Rate
    gaps: Gaps
    second: SecondPurchase
    months: Months
    cohorts: Cohorts


@dataclass(frozen=True)
class Measures:
    """What a part of the ledger adds to :class:`Returning`."""

    months: MonthCounts
    cohorts: IntArray
    gaps: IntArray
    second: FirstBuyers


def sum_by_period(amounts: IntArray, periods: NDArray[np.int32], n_periods: int) -> IntArray:
    """Sum amounts by period, exactly.

    Parameters
    ----------
    amounts : ndarray of int64, shape (n_rows,)
        Ten-thousandths, at most 10**15 each.
    periods : ndarray of int32, shape (n_rows,)
        Period of each row.
    n_periods : int
        Number of periods.

    Notes
    -----
    ``bincount`` adds in float64, which is exact up to 2**53 only: larger sums are
    made of high and low bits apart, which holds for a hundred million rows.

    Examples
    --------
    >>> sum_by_period(np.array([10**15, 1, -7]), np.array([0, 0, 1], np.int32), 2).tolist()
    [1000000000000001, -7]
    """

    def add(values: IntArray) -> IntArray:
        weights = values.astype(np.float64)
        return np.bincount(periods, weights=weights, minlength=n_periods).astype(np.int64)

    largest = max(int(amounts.max()), -int(amounts.min())) if len(amounts) else 0
    if largest * len(amounts) < _EXACT_FLOAT:
        return add(amounts)
    high, low = amounts >> _LOW_BITS, amounts & ((1 << _LOW_BITS) - 1)
    return (add(high) << _LOW_BITS) + add(low)


def count_months(days: Days, periods: NDArray[np.int32], n_periods: int) -> tuple[IntArray, ...]:
    """Count buyers, new and returning buyers by period.

    Parameters
    ----------
    days : Days
        Live purchases of some clients.
    periods : ndarray of int32, shape (n_purchases,)
        Period of each purchase.
    n_periods : int
        Number of periods.

    Returns
    -------
    buyers, new, returning : ndarray of int64, shape (n_periods,)
        Additive over clients.
    """
    firsts = days.firsts()
    fresh = np.ones(len(periods), dtype=np.bool_)
    np.not_equal(periods[1:], periods[:-1], out=fresh[1:])
    fresh[firsts] = True
    buyers = np.bincount(periods.compress(fresh), minlength=n_periods)
    new = np.bincount(periods[firsts], minlength=n_periods)
    # Existing buyers have two purchases by then; new ones if they bought twice at once.
    seconds = firsts[days.counts[days.counts > 0] > 1] + 1
    twice = periods[seconds[periods[seconds] == periods[seconds - 1]]]
    return buyers, new, buyers - new + np.bincount(twice, minlength=n_periods)


def sum_months(part: Ledger, days: Days, months: Calendar) -> tuple[IntArray, ...]:
    """Sum net sales of all, of new and of existing clients by month."""
    sales, n = part.sales, len(months)
    first = days.first_day()
    bought = first < NEVER
    begun = np.full(len(first), n, dtype=np.int32)
    begun[bought] = months.index_of(first[bought])
    begun_of_row = np.repeat(begun, np.diff(sales.offsets))
    day, amount = sales.day, sales.amount
    inside = day <= months.as_of
    if not inside.all():
        day, amount, begun_of_row = (c.compress(inside) for c in (day, amount, begun_of_row))
    month = months.index_of(day)
    # Three sums in one pass: before the first purchase's month, in it, after it.
    kind = np.sign(month - begun_of_row) + np.int32(1)
    other, new, existing = sum_by_period(amount, month + kind * np.int32(n), 3 * n).reshape(3, n)
    return other + new + existing, new, existing


def measure_months(part: Ledger, as_of: int, months: Calendar) -> MonthCounts:
    """Measure :func:`monthly` on a part of the ledger."""
    days = live_days(part, as_of)
    counts = count_months(days, months.index_of(days.day), len(months))
    return MonthCounts(*counts, *sum_months(part, days, months))


def conclude_months(parts: list[MonthCounts], months: Calendar) -> Months:
    """Add the tables of all parts."""
    names = vars(parts[0])
    return Months(months, **{n: np.sum([getattr(p, n) for p in parts], axis=0) for n in names})


def calendar_of(ledger: Ledger, as_of: int) -> Calendar:
    """Return the months from the first stored row's to the as-of day's."""
    return calendar(first_sale_day(ledger, as_of), as_of)


def monthly(ledger: Ledger, as_of: int) -> Months:
    """Return buyers, new and returning clients and net sales of every month.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; the last month is cut there.

    Returns
    -------
    Months
        Without sales no months.
    """
    months = calendar_of(ledger, as_of)
    return conclude_months(measure_parts(ledger, measure_months, as_of, months), months)


def measure(part: Ledger, as_of: int, months: Calendar) -> Measures:
    """Measure :func:`returning` on a part of the ledger, its purchases found once."""
    days = live_days(part, as_of)
    periods = months.index_of(days.day)
    counts = count_months(days, periods, len(months))
    return Measures(
        months=MonthCounts(*counts, *sum_months(part, days, months)),
        cohorts=count_cohorts(days, periods, len(months)),
        gaps=histogram_gaps(days),
        second=measure_days(days, as_of),
    )


def conclude(parts: list[Measures], months: Calendar) -> Returning:
    """Join the measures of all parts."""
    second = conclude_second([part.second for part in parts])
    return Returning(
        as_of=months.as_of,
        repeat=Rate(second.returned, second.buyers),
        gaps=conclude_gaps([part.gaps for part in parts]),
        second=second,
        months=conclude_months([part.months for part in parts], months),
        cohorts=conclude_cohorts([part.cohorts for part in parts], months),
    )


def returning(ledger: Ledger, as_of: int) -> Returning:
    """Return everything about coming back, as of a day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; purchases are those live on it.

    Returns
    -------
    Returning
        Without sales: no months, every rate withheld.
    """
    months = calendar_of(ledger, as_of)
    return conclude(measure_parts(ledger, measure, as_of, months), months)
