"""Stored rows in any order become a ledger: sorted, orders found, purchases made.

An order's non-negative rows begin one purchase, on the first of their days.
Linked refunds that reach a purchase's gross void it from that day on
(see ``docs/methods.md``, refunds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.sorting import first_of_each, likely_among, sort_by_client_and_day
from crm_core.tables import (
    NEVER,
    BoolArray,
    ByClient,
    Care,
    Clients,
    Contacts,
    Contracts,
    DayArray,
    Endings,
    IntArray,
    Overrides,
    Purchases,
    Sales,
    offsets_of,
)


@dataclass(frozen=True)
class SaleRows:
    """Sale rows in any order, refunds included.

    Attributes
    ----------
    client : ndarray of int32
        Position in the client table handed to :func:`assemble`, -1 without a client.
    day : ndarray of int32
        Day of the row.
    amount : ndarray of int64
        Ten-thousandths; negative rows are refunds.
    order : ndarray of int64
        Key of the row's order (source, reference and client); unique for a row
        without reference.
    refund_of : ndarray of int64
        Key of the order a refund names, 0 where it names none. A negative row
        inside an order that has other rows names that order.
    product, channel, manager : ndarray of int
        Codes, -1 where missing.
    undated : ndarray of bool or None
        Rows of a file without days: they carry money but begin no order; None: all have days.

    Notes
    -----
    An order belongs to one client: rows of different clients never share a key.
    """

    client: NDArray[np.int32]
    day: DayArray
    amount: IntArray
    order: IntArray
    refund_of: IntArray
    product: NDArray[np.int32]
    channel: NDArray[np.int16]
    manager: NDArray[np.int16]
    undated: BoolArray | None = None

    def take(self, rows: NDArray[Any] | slice) -> SaleRows:
        """Return the chosen rows, in the order given; a slice copies nothing."""
        chosen: dict[str, Any] = {n: None if c is None else c[rows] for n, c in vars(self).items()}
        return SaleRows(**chosen)


@dataclass(frozen=True)
class EventRows:
    """Rows of a small table by client, in any order: ``client``, ``day`` and the other columns."""

    client: NDArray[np.int32]
    columns: Mapping[str, NDArray[Any]]


def sort_by_client(
    client: NDArray[Any], day: NDArray[Any], n_clients: int
) -> tuple[IntArray, IntArray]:
    """Return the row order by client then day (stable) and the offsets of each client."""
    order = np.lexsort((day, client))
    return order, offsets_of(client[order], n_clients)


def events(kind: type[ByClient], rows: EventRows | None, n_clients: int) -> Any:
    """Sort rows into a table by client; None makes an empty table.

    Parameters
    ----------
    kind : type
        One of ``Contacts, Endings, Contracts, Overrides, Care``.
    rows : EventRows or None
        The rows, with every column of ``kind``.
    n_clients : int
        Number of clients.
    """
    if rows is None:
        dtypes: dict[str, Any] = dict.fromkeys(("inbound", "trial", "by_file"), np.bool_)
        dtypes |= dict.fromkeys(("day", "end", "notice", "expires_on", "manager"), np.int32)
        names = [name for name in kind.__dataclass_fields__ if name != "offsets"]
        empty = {n: np.empty(0, dtypes.get(n, np.int8)) for n in names}
        return kind(offsets=np.zeros(n_clients + 1, dtype=np.int64), **empty)
    order, offsets = sort_by_client(rows.client, rows.columns["day"], n_clients)
    return kind(offsets=offsets, **{n: c[order] for n, c in rows.columns.items()})


def assemble(
    clients: Clients,
    rows: SaleRows,
    *,
    contacts: EventRows | None = None,
    endings: EventRows | None = None,
    contracts: EventRows | None = None,
    overrides: EventRows | None = None,
    care: EventRows | None = None,
    **labels: Any,
) -> Ledger:
    """Build the ledger.

    Parameters
    ----------
    clients : Clients
        One row a client, sorted by id; ``known_on`` as recorded (NEVER where unknown).
    rows : SaleRows
        All live sale rows in the reporting currency.
    contacts, endings, contracts, overrides, care : EventRows or None
        Hand-made records by client.
    **labels
        ``products, categories, channels, managers, currency`` of :class:`Ledger`.

    Returns
    -------
    Ledger
        Sorted and immutable. Empty input gives a ledger without rows.
    """
    n_clients = len(clients)
    if not is_sorted(rows):
        rows = rows.take(sort_by_client_and_day(rows.client.copy(), rows.day.copy()))
    n_nameless = int(np.searchsorted(rows.client, 0))
    nameless, own = rows.take(slice(0, n_nameless)), rows.take(slice(n_nameless, None))
    offsets = offsets_of(own.client, n_clients)
    starts, purchases = find_purchases(own, offsets)
    tables = {
        "contacts": events(Contacts, contacts, n_clients),
        "endings": events(Endings, endings, n_clients),
        "contracts": events(Contracts, contracts, n_clients),
        "overrides": events(Overrides, overrides, n_clients),
        "care": events(Care, care, n_clients),
    }
    sales = Sales(offsets, own.day, own.amount, starts, own.product, own.channel, own.manager)
    first_seen = [clients.known_on] + [
        first_day(table) for table in (sales, tables["contacts"], tables["contracts"])
    ]
    return Ledger(
        clients=replace(clients, known_on=np.minimum.reduce(first_seen).astype(np.int32)),
        sales=sales,
        purchases=purchases,
        unnamed_day=nameless.day,
        unnamed_amount=nameless.amount,
        **tables,
        **labels,
    )


def first_day(table: Any) -> DayArray:
    """Return each client's first day in a table, NEVER without rows, shape (n_clients,)."""
    days = np.full(len(table.offsets) - 1, NEVER, dtype=np.int32)
    filled = table.offsets[1:] > table.offsets[:-1]
    days[filled] = table.day[table.offsets[:-1][filled]]
    return days


def is_sorted(rows: SaleRows) -> bool:
    """Return whether rows stand by client and day already, those of nobody first."""
    client, day = rows.client, rows.day
    later_day = (client[1:] == client[:-1]) & (day[1:] >= day[:-1])
    return bool(((client[1:] > client[:-1]) | later_day).all())


def find_order_starts(rows: SaleRows) -> BoolArray:
    """Mark the first row of every order that is not negative.

    Parameters
    ----------
    rows : SaleRows
        Sorted by client and day.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
        One True an order; an order of negative or undated rows only has none.
    """
    starts = np.zeros(len(rows.day), dtype=np.bool_)
    selling = rows.amount >= 0
    if rows.undated is not None:
        selling &= ~rows.undated
    sold = np.flatnonzero(selling)
    # Rows are sorted by day: the first of a key is the first of its days.
    starts[sold[first_of_each(rows.order[sold])]] = True
    return starts


BLOCK = 1 << 18
"""Rows looked at together: what an order or a purchase is depends on one client's rows alone,
so blocks of whole clients bound the memory."""


def find_purchases(rows: SaleRows, offsets: IntArray) -> tuple[BoolArray, Purchases]:
    """Mark the order starts and join those of one client and day into purchases.

    Parameters
    ----------
    rows : SaleRows
        Sorted by client and day, all with a client.
    offsets : ndarray of int64, shape (n_clients + 1,)
        Rows of each client.

    Returns
    -------
    starts : ndarray of bool, shape (n_rows,)
        See :func:`find_order_starts`.
    purchases : Purchases
        With ``void_on`` where linked refunds have reached the gross.
    """
    starts = np.zeros(len(rows.day), dtype=np.bool_)
    goals = np.arange(BLOCK, len(rows.day), BLOCK)
    cuts = np.unique(np.concatenate(([0], offsets[np.searchsorted(offsets, goals)], offsets[-1:])))
    counts = np.zeros(len(offsets) - 1, dtype=np.int64)
    days, voids = [np.empty(0, np.int32)], [np.empty(0, np.int32)]
    for low, high in pairwise(cuts.tolist()):
        block = rows.take(slice(low, high))
        starts[low:high] = find_order_starts(block)
        client, day, void_on = _join_days(block, starts[low:high])
        first, own = int(block.client[0]), np.bincount(client - block.client[0])
        counts[first : first + len(own)] = own
        days.append(day)
        voids.append(void_on)
    until = np.concatenate(([0], np.cumsum(counts)))
    return starts, Purchases(until, _join(days), _join(voids))


def _join(parts: list[DayArray]) -> DayArray:
    """Return the parts as one, and keep them no longer."""
    whole = np.concatenate(parts)
    parts.clear()
    return whole


def _join_days(rows: SaleRows, starts: BoolArray) -> tuple[NDArray[Any], DayArray, DayArray]:
    """Return client, day and void day of every purchase."""
    at = np.flatnonzero(starts)
    client, day = rows.client[at], rows.day[at]
    fresh = np.ones(len(at), dtype=np.bool_)
    fresh[1:] = (client[1:] != client[:-1]) | (day[1:] != day[:-1])
    void_on = np.full(int(fresh.sum()), NEVER, dtype=np.int32)
    _mark_void(rows, rows.order[at], np.cumsum(fresh) - 1, day[fresh], void_on)
    return client[fresh], day[fresh], void_on


def _mark_void(
    rows: SaleRows,
    order_keys: IntArray,
    purchase_of_order: IntArray,
    purchase_day: DayArray,
    void_on: DayArray,
) -> None:
    """Set the day from which linked refunds have reached a purchase's gross."""
    refunds = np.flatnonzero(rows.amount < 0)
    if not len(refunds) or not len(order_keys):
        return
    named = np.where(rows.refund_of[refunds] != 0, rows.refund_of[refunds], rows.order[refunds])
    # Few orders are refunded: only they, and what was bought with them, are looked at again.
    hit = likely_among(order_keys, named)
    touched = np.zeros(len(void_on), dtype=np.bool_)
    touched[purchase_of_order[hit[np.isin(order_keys[hit], named)]]] = True
    near = np.flatnonzero(touched[purchase_of_order])
    if not len(near):
        return
    by_key = near[np.argsort(order_keys[near])]
    keys, purchases = order_keys[by_key], purchase_of_order[by_key]

    def purchase_of(key: IntArray) -> IntArray:
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        return np.where(keys[at] == key, purchases[at], -1)

    refunded = purchase_of(named)
    refunds, refunded = refunds[refunded >= 0], refunded[refunded >= 0]
    sold = likely_among(rows.order, keys)
    sold = sold[(rows.amount[sold] >= 0) & np.isin(rows.order[sold], keys)]
    purchase = np.concatenate((purchase_of(rows.order[sold]), refunded))
    at = np.concatenate((sold, refunds))
    day = np.maximum(rows.day[at], purchase_day[purchase])
    is_refund = rows.amount[at] < 0
    order = np.lexsort((is_refund, day, purchase))
    purchase, day, amount = purchase[order], day[order], rows.amount[at][order]
    balance = np.cumsum(amount)
    begins = np.flatnonzero(np.diff(purchase, prepend=-1))
    before = np.repeat(balance[begins] - amount[begins], np.diff(np.append(begins, len(purchase))))
    # Gross above zero comes first within a purchase, so a balance back at zero or
    # below on a refund means its refunds have reached it.
    gone = (amount < 0) & (balance - before <= 0) & (gross_so_far(amount, begins) > 0)
    where, first = np.unique(purchase[gone], return_index=True)
    void_on[where] = day[gone][first]


def gross_so_far(amount: IntArray, begins: IntArray) -> IntArray:
    """Return the running sum of the positive amounts within each segment."""
    gross = np.cumsum(np.maximum(amount, 0))
    counts = np.diff(np.append(begins, len(amount)))
    running: IntArray = gross - np.repeat(gross[begins] - np.maximum(amount[begins], 0), counts)
    return running
