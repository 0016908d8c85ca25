"""What each buyer did up to a day, as the models of lifetime value take it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit
from crm_core.metrics.parts import measure_parts
from crm_core.tables import BoolArray, IntArray, Sales, sum_segments

FloatArray = NDArray[np.float64]

TEN_THOUSANDTHS = 10_000


@dataclass(frozen=True)
class Summaries:
    """Every buyer's repeat purchases, recency, age and mean value on one day.

    Attributes
    ----------
    client : ndarray of int64, shape (n_buyers,)
        Positions in the client table, rising; clients with a live purchase only.
    behaviour : Behaviour
        Of those clients, in days (int32).
    mean_value : ndarray of float64, shape (n_buyers,)
        Mean value of the repeat purchases in units of currency, NaN without one. A
        purchase is worth the net of the client's rows from its day up to their next purchase.
    as_of : int
        The last day counted.
    """

    client: IntArray
    behaviour: Behaviour
    mean_value: FloatArray
    as_of: int

    def __len__(self) -> int:
        return len(self.client)


@dataclass(frozen=True)
class _Measured:
    """Of all clients of a part: live purchases, first and last of them, later ones' value."""

    count: NDArray[np.int32]
    recency: NDArray[np.int32]
    age: NDArray[np.int32]
    repeat_net: IntArray


def measure(part: Ledger, as_of: int) -> _Measured:
    """Measure :func:`summarise` on a part of the ledger."""
    live = part.live_purchases(as_of)
    rows = slice(None) if live.all() else np.flatnonzero(live)
    counts = np.diff(part.purchases.offsets)
    if not isinstance(rows, slice):
        counts = sum_segments(live, part.purchases.offsets)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    day, value = part.purchases.day[rows], purchase_values(part, as_of)[rows]
    buyers = np.flatnonzero(counts)
    firsts = offsets[buyers]
    shape = len(counts)
    recency, age = np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32)
    first_day = day[firsts]
    recency[buyers] = day[offsets[buyers + 1] - 1] - first_day
    age[buyers] = as_of - first_day
    repeat_net = sum_segments(value, offsets)
    repeat_net[buyers] -= value[firsts]
    return _Measured(counts.astype(np.int32), recency, age, repeat_net)


def purchase_values(part: Ledger, as_of: int) -> IntArray:
    """Return what each purchase is worth: the net of the client's rows until their next one.

    Parameters
    ----------
    part : Ledger
        A ledger or a part of one.
    as_of : int
        Last day counted.

    Returns
    -------
    ndarray of int64, shape (n_purchases,)
        Ten-thousandths; 0 for purchases that are not live on ``as_of``.

    Notes
    -----
    A purchase holds the rows of its day and all later ones before the client's next
    purchase, so a refund on another day lowers the purchase it follows. Rows before a
    client's first purchase belong to none. A purchase void by ``as_of`` drops out with
    its refunds: where some of them came after a later purchase, what is left of it goes
    to the purchase that was the last one on the day it became void.
    """
    live = part.live_purchases(as_of)
    values = _net_until_next(part, as_of)
    if live.all():
        return values
    void = np.flatnonzero(~live & (part.purchases.void_on <= as_of) & (values != 0))
    left = values[void]
    values = np.where(live, values, 0)
    if len(void):
        receiver, found = _last_live(part, live, void)
        np.add.at(values, receiver[found], left[found])
    return values


def _net_until_next(part: Ledger, as_of: int) -> IntArray:
    """Return the net of the rows from each purchase's day to the client's next purchase."""
    sales, purchases = part.sales, part.purchases
    if not len(purchases):
        return np.zeros(0, dtype=np.int64)
    starts = _first_rows_of_days(sales)
    if len(starts) == len(purchases):
        whole: IntArray = np.add.reduceat(sales.amount, starts)
        return whole
    # Purchases are the distinct days of order starts: any other day has none.
    bought: BoolArray = np.logical_or.reduceat(sales.order_start, starts)
    opens = np.zeros(len(sales.day), dtype=np.bool_)
    opens[starts[bought]] = True
    known = np.where(sales.day <= as_of, sales.amount, 0)
    # What a client's rows begin with, before his first purchase, is a piece of its own.
    first = sales.offsets[:-1][sales.offsets[1:] > sales.offsets[:-1]]
    loose = first[~opens[first]]
    opens[loose] = True
    pieces = np.flatnonzero(opens)
    values: IntArray = np.add.reduceat(known, pieces)
    return np.delete(values, np.searchsorted(pieces, loose))


def _last_live(
    part: Ledger, live: BoolArray, void: NDArray[np.intp]
) -> tuple[NDArray[np.intp], BoolArray]:
    """Return the last live purchase when each void one became so, and where there is one."""
    table = part.purchases
    owner = np.searchsorted(table.offsets, void, side="right") - 1
    clients, place = np.unique(owner, return_inverse=True)
    sizes = table.offsets[clients + 1] - table.offsets[clients]
    before = np.cumsum(sizes) - sizes
    rows = np.arange(sizes.sum()) + np.repeat(table.offsets[clients] - before, sizes)
    whose = np.repeat(np.arange(len(clients)), sizes)[live[rows]]
    rows = rows[live[rows]]
    if not len(rows):
        return void, np.zeros(len(void), dtype=np.bool_)
    key = (whose.astype(np.int64) << 32) + table.day[rows]
    wanted = (place.astype(np.int64) << 32) + table.void_on[void]
    at = np.searchsorted(key, wanted, side="right") - 1
    found: BoolArray = (at >= 0) & (whose[at] == place)
    return rows[at], found


def _first_rows_of_days(sales: Sales) -> NDArray[np.intp]:
    """Return the first row of each client's each day."""
    fresh = np.empty(len(sales.day), dtype=np.bool_)
    np.not_equal(sales.day[1:], sales.day[:-1], out=fresh[1:])
    filled = sales.offsets[1:] > sales.offsets[:-1]
    fresh[sales.offsets[:-1][filled]] = True
    return np.flatnonzero(fresh)


def summarise(ledger: Ledger, as_of: int) -> Summaries:
    """Return every buyer's repeat purchases, recency, age and mean value on a day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted: rows after it and purchases void by then play no part.

    Returns
    -------
    Summaries
        Without any buyer, empty columns of the same types.

    Notes
    -----
    Where there are no refunds this equals ``summary_data_from_transaction_data`` of the
    package ``lifetimes`` with the observation period ending on ``as_of``.
    """
    parts = measure_parts(ledger, measure, as_of)
    count, recency, age, net = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("count", "recency", "age", "repeat_net")
    )
    client = np.flatnonzero(count).astype(np.int64)
    repeat = count[client] - np.int32(1)
    mean = np.full(len(client), np.nan)
    again = np.flatnonzero(repeat)
    mean[again] = net[client[again]] / (repeat[again] * np.float64(TEN_THOUSANDTHS))
    behaviour = Behaviour(repeat, recency[client], age[client], TimeUnit.DAY)
    return Summaries(client, behaviour, mean, as_of)
