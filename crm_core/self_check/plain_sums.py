"""The sums of the records by client of the ledger, added up by the database and in plain Python."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from sqlalchemy import Connection

from crm_core.ledger import Ledger
from crm_core.records.rates import RateTable, read_rates
from crm_core.records.stored_sums import (
    ForeignSale,
    foreign_sales,
    merged_into,
    mixed_orders,
    never_clients,
    sum_by_client,
)
from crm_core.tables import IntArray


@dataclass(frozen=True)
class PlainSums:
    """Sums up to a day; one value a client of the ledger, and one more for nobody at the end.

    Attributes
    ----------
    as_of : int
        Last day added.
    rows, net, gross, days, orders : ndarray of int64, shape (n_clients + 1,)
        Rows, their sum, the sum of those above zero, the sum of their days, and orders.
    """

    as_of: int
    rows: IntArray
    net: IntArray
    gross: IntArray
    days: IntArray
    orders: IntArray


class Places:
    """Where stored clients stand in a ledger: merges followed, tills and branches nobody.

    Parameters
    ----------
    connection : Connection
        Any connection.
    ledger : Ledger
        The ledger.
    """

    def __init__(self, connection: Connection, ledger: Ledger) -> None:
        self.nobody = ledger.n_clients
        self._order = np.argsort(ledger.clients.record_id)
        self._ids = ledger.clients.record_id[self._order]
        self._merged, self._never = merged_into(connection), never_clients(connection)

    def roots(self, clients: IntArray) -> IntArray:
        """Return the stored ids under which stored clients count, merges followed."""
        roots = clients.copy()
        for at in np.flatnonzero(np.isin(clients, list(self._merged))).tolist():
            root, steps = int(clients[at]), 0
            while root in self._merged and steps <= len(self._merged):
                root, steps = self._merged[root], steps + 1
            roots[at] = root
        return roots

    def of(self, clients: IntArray) -> IntArray:
        """Return the positions of stored clients, ``nobody`` for those not in the ledger."""
        roots = self.roots(clients)
        if not len(self._ids):
            return np.full(len(roots), self.nobody, dtype=np.int64)
        at = np.minimum(np.searchsorted(self._ids, roots), len(self._ids) - 1)
        there = (self._ids[at] == roots) & ~np.isin(roots, self._never)
        return np.where(there, self._order[at], self.nobody)

    def shown(self, clients: IntArray) -> IntArray:
        """Return the stored ids that should be in the ledger, given those known, rising."""
        roots = np.unique(self.roots(clients))
        return roots[~np.isin(roots, self._never)]


def add_up(connection: Connection, ledger: Ledger, as_of: int) -> PlainSums:
    """Return the sums of live sales up to a day, independent of how the ledger is made.

    Parameters
    ----------
    connection : Connection
        Reading.
    ledger : Ledger
        Its client table alone is used, to know who is who.
    as_of : int
        Last day added.
    """
    places, size = Places(connection, ledger), ledger.n_clients + 1
    home = sum_by_client(connection, as_of)
    at = places.of(home.client)
    columns = {}
    for name in ("rows", "net", "gross", "days", "orders"):
        columns[name] = np.zeros(size, dtype=np.int64)
        np.add.at(columns[name], at, getattr(home, name))
    columns["orders"][-1] = 0
    sums = PlainSums(as_of=as_of, **columns)
    _add_foreign(connection, places, sums)
    return sums


def _add_foreign(connection: Connection, places: Places, sums: PlainSums) -> None:
    """Add what was sold in other currencies, each row at the rate of its day."""
    rates = read_rates(connection)
    found = [(sale, _convert(rates, sale)) for sale in foreign_sales(connection, sums.as_of)]
    held = [(sale, amount) for sale, amount in found if amount is not None]
    at = places.of(np.array([sale.client for sale, _ in held], dtype=np.int64)).tolist()
    for place, (sale, amount) in zip(at, held, strict=True):
        sums.rows[place] += 1
        sums.net[place] += amount
        sums.gross[place] += max(amount, 0)
        sums.days[place] += sale.day
    seen = mixed_orders(connection, sums.as_of) if held else set()
    _add_orders(sums, seen, zip(at, held, strict=True))


def _add_orders(
    sums: PlainSums, seen: set[int], rows: Iterable[tuple[int, tuple[ForeignSale, int]]]
) -> None:
    for place, (sale, amount) in rows:
        if amount >= 0 and sale.client and not sale.undated and sale.key not in seen:
            seen.add(sale.key)
            sums.orders[place] += 1


def _convert(rates: RateTable, sale: ForeignSale) -> int | None:
    """Return an amount at the rate of its day by decimals, None without a rate."""
    days, values = rates.rates.get(sale.currency, (np.empty(0, np.int64), ()))
    place = bisect_right(days.tolist(), sale.day) - 1
    if place < 0:
        return None
    return int((sale.amount * Decimal(values[place])).to_integral_value(ROUND_HALF_EVEN))
