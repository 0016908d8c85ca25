"""What one client bought, day by day, and this year beside the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.months import first_days, last_days, month_index
from crm_core.metrics.purchases import sum_between
from crm_core.metrics.returning import sum_by_period
from crm_core.tables import BoolArray, DayArray, IntArray, sum_segments


def part_of(ledger: Ledger, client: int) -> Ledger:
    """Return the ledger of one client; sales without a client stay out.

    Parameters
    ----------
    ledger : Ledger
        The whole.
    client : int
        Position in the client table.

    Raises
    ------
    ParameterError
        If no client stands at that position.
    """
    if not 0 <= client < ledger.n_clients:
        raise ParameterError(
            f"Wanted a client from 0 to {ledger.n_clients - 1}, found {client}; choose one of them."
        )
    chosen = np.zeros(ledger.n_clients, dtype=np.bool_)
    chosen[client] = True
    return ledger.select(chosen)


@dataclass(frozen=True)
class DailySales:
    """One client's sales by day: every day with a row up to the as-of day.

    Attributes
    ----------
    as_of : int
        Last day counted.
    day : ndarray of int32, shape (n,)
        Days with rows, rising.
    sold, refunded : ndarray of int64, shape (n,)
        Sum of the rows that are not negative, and of the negative ones (zero or
        below), ten-thousandths.
    live : ndarray of bool, shape (n,)
        Days that count as a live purchase; refund days and refunded orders do not.
    """

    as_of: int
    day: DayArray
    sold: IntArray
    refunded: IntArray
    live: BoolArray

    @property
    def net(self) -> int:
        """Net sales up to the as-of day, ten-thousandths."""
        return int(self.sold.sum() + self.refunded.sum())

    @property
    def typical(self) -> int | None:
        """Median of what live purchases sold, half rounded to even; None without purchases."""
        return int(np.rint(np.median(self.sold[self.live]))) if self.live.any() else None


def daily_sales(ledger: Ledger, client: int, as_of: int) -> DailySales:
    """Return what one client bought and gave back, day by day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    client : int
        Position in the client table.
    as_of : int
        Last day counted.

    Returns
    -------
    DailySales
        A client without rows gives no days.
    """
    own = part_of(ledger, client)
    day, amount = (column[own.sales.day <= as_of] for column in (own.sales.day, own.sales.amount))
    days, starts = np.unique(day, return_index=True)
    edges = np.append(starts, len(day)).astype(np.int64)
    bought = own.purchases.day[own.live_purchases(as_of)]
    return DailySales(
        as_of=as_of,
        day=days.astype(np.int32),
        sold=sum_segments(np.maximum(amount, 0), edges),
        refunded=sum_segments(np.minimum(amount, 0), edges),
        live=np.isin(days, bought),
    )


@dataclass(frozen=True)
class YearAgainstLast:
    """Twelve calendar months, the running one last, each beside the same month a year before.

    Attributes
    ----------
    as_of : int
        Last day counted.
    month : ndarray of int64, shape (12,)
        Months since January 1970.
    this, before : ndarray of int64, shape (12,)
        Net sales of the month and of the same month a year earlier, ten-thousandths.
    partial : bool
        The as-of day cuts the running month; ``before`` then holds the whole month.
    """

    as_of: int
    month: IntArray
    this: IntArray
    before: IntArray
    partial: bool


def year_against_last(ledger: Ledger, client: int, as_of: int) -> YearAgainstLast:
    """Return one client's net sales of twelve months beside the twelve before.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    client : int
        Position in the client table.
    as_of : int
        Last day counted; its month is the last one.
    """
    own = part_of(ledger, client)
    now = int(month_index(as_of))
    first = now - 23
    day, amount = own.sales.day, own.sales.amount
    inside = (day <= as_of) & (day >= first_days(first))
    at = (month_index(day[inside]) - first).astype(np.int32)
    sums = sum_by_period(amount[inside], at, 24)
    partial = as_of < int(last_days(now))
    return YearAgainstLast(as_of, np.arange(now - 11, now + 1), sums[12:], sums[:12], partial)


def net_between(ledger: Ledger, client: int, start: int, end: int) -> int:
    """Return one client's net sales from ``start`` to ``end``, ten-thousandths."""
    net, _ = sum_between(part_of(ledger, client).sales, start, end)
    return int(net[0])
