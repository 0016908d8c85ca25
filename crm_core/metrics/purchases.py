"""The live purchases of a part of the ledger on a day, and what each client bought in all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.parts import measure_parts
from crm_core.tables import (
    NEVER,
    BoolArray,
    ByClient,
    DayArray,
    IntArray,
    Sales,
    sum_segments,
)


@dataclass(frozen=True)
class Days(ByClient):
    """Live purchase days, strictly rising within a client."""

    day: DayArray

    @property
    def counts(self) -> IntArray:
        """Return the purchases of each client, shape (n_clients,)."""
        return np.diff(self.offsets)

    def firsts(self) -> NDArray[np.intp]:
        """Return the row of the first purchase of every client that has one."""
        return self.offsets.take(np.flatnonzero(self.offsets[1:] > self.offsets[:-1]))

    def first_day(self) -> DayArray:
        """Return each client's first purchase day, NEVER without purchases."""
        return self._pick(self.offsets[:-1])

    def last_day(self) -> DayArray:
        """Return each client's last purchase day, NEVER without purchases."""
        return self._pick(self.offsets[1:] - 1)

    def _pick(self, rows: IntArray) -> DayArray:
        if not len(self.day):
            return np.full(len(rows), NEVER, dtype=np.int32)
        days: DayArray = self.day.take(np.minimum(rows, len(self.day) - 1))
        filled = self.offsets[1:] > self.offsets[:-1]
        return days if filled.all() else np.where(filled, days, np.int32(NEVER))


def live_days(part: Ledger, as_of: int) -> Days:
    """Return the live purchases at ``as_of`` (``day <= as_of < void_on``).

    Parameters
    ----------
    part : Ledger
        A ledger or a part of one.
    as_of : int
        Last day counted.

    Returns
    -------
    Days
        Views of the ledger where every purchase is live, else copies.
    """
    table = part.purchases
    live = part.live_purchases(as_of)
    if live.all():
        return Days(table.offsets, table.day)
    counts = sum_segments(live, table.offsets)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    return Days(offsets, table.day.compress(live))


def first_sale_day(ledger: Ledger, as_of: int) -> int | None:
    """Return the first day of all stored rows up to ``as_of``, None without rows.

    Refunds and sales without a client are rows as well.
    """
    sales = ledger.sales
    filled = sales.offsets[1:] > sales.offsets[:-1]
    # Rows are sorted within a client, so the earliest is some client's first.
    days = [sales.day[sales.offsets[:-1][filled]], ledger.unnamed_day]
    first = min((int(d.min()) for d in days if len(d)), default=NEVER)
    return first if first <= as_of else None


def sum_between(sales: Sales, start: int, end: int) -> tuple[IntArray, BoolArray]:
    """Return each client's net sales from ``start`` to ``end`` and who has any row there.

    Parameters
    ----------
    sales : Sales
        Rows with refunds, each on its own day.
    start, end : int
        First and last day counted.

    Returns
    -------
    net : ndarray of int64, shape (n_clients,)
        Ten-thousandths, exact.
    seen : ndarray of bool, shape (n_clients,)
        Clients with at least one row in the period.
    """
    begins, ends, day = sales.offsets[:-1], sales.offsets[1:], sales.day
    net = np.zeros(len(begins), dtype=np.int64)
    if not len(day):
        return net, np.zeros(len(begins), dtype=np.bool_)
    # A client without rows gets the days of a neighbour, which ``seen`` passes over.
    first = day.take(np.minimum(begins, len(day) - 1))
    last = day.take(np.maximum(ends - 1, 0))
    seen: BoolArray = (ends > begins) & (first <= end) & (last >= start)
    who = np.flatnonzero(seen)
    if not len(who):
        return net, seen
    amounts = sales.amount
    if last.max() > end or first.min() < start:
        # Rows outside weigh nothing, so a segment may run on to the next client that is
        # seen; a product with a mask is several times faster than picking the rows.
        amounts = amounts * _between(day, start, end)
    net[who] = np.add.reduceat(amounts, begins.take(who))
    # Only who has rows on both sides and a net of zero may have none in between.
    doubtful = seen & (net == 0) & (first < start) & (last > end)
    if doubtful.any():
        seen &= ~doubtful | (sum_segments(_between(day, start, end), sales.offsets) > 0)
    return net, seen


def _between(day: DayArray, start: int, end: int) -> BoolArray:
    inside: BoolArray = day <= end
    if start > -NEVER:
        inside &= day >= start
    return inside


@dataclass(frozen=True)
class ClientTotals:
    """What each client bought up to a day, one value a client of the ledger.

    Attributes
    ----------
    first, last : ndarray of int32
        First and last day with a live purchase, :data:`~crm_core.tables.NEVER` without one.
    purchases : ndarray of int64
        Live purchases (days with an order).
    orders : ndarray of int64
        Orders on live purchases.
    net : ndarray of int64
        Gross sales less refunds, ten-thousandths.
    """

    first: DayArray
    last: DayArray
    purchases: IntArray
    orders: IntArray
    net: IntArray


def measure_totals(part: Ledger, as_of: int) -> ClientTotals:
    """Measure :func:`total_by_client` on a part of the ledger."""
    days = live_days(part, as_of)
    return ClientTotals(
        first=days.first_day(),
        last=days.last_day(),
        purchases=days.counts,
        orders=count_orders(part, as_of),
        net=sum_between(part.sales, -NEVER, as_of)[0],
    )


def count_orders(part: Ledger, as_of: int) -> IntArray:
    """Count the orders that began on each client's live purchases, shape (n_clients,).

    An order is one reference and client with at least one row that is not
    negative; a row without reference is its own order.
    """
    sales, purchases = part.sales, part.purchases
    counted = sales.order_start & (sales.day <= as_of)
    void = purchases.void_on <= as_of
    if void.any():
        # Purchases are the distinct days of order starts, so they number alike.
        every = np.flatnonzero(sales.order_start)
        clients = np.searchsorted(sales.offsets, every, side="right")
        days = sales.day[every]
        fresh = np.ones(len(every), dtype=np.bool_)
        fresh[1:] = (days[1:] != days[:-1]) | (clients[1:] != clients[:-1])
        counted[every[void[np.cumsum(fresh) - 1]]] = False
    return sum_segments(counted, sales.offsets)


def total_by_client(ledger: Ledger, as_of: int) -> ClientTotals:
    """Return first and last purchase, purchases, orders and net sales of every client.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted.

    Returns
    -------
    ClientTotals
        Arrays over all clients of the ledger, those without sales included.
    """
    parts = measure_parts(ledger, measure_totals, as_of)
    columns = {n: np.concatenate([getattr(p, n) for p in parts]) for n in vars(parts[0])}
    return ClientTotals(**columns)
