"""Clients, sales, purchases and signals as one immutable snapshot: what every metric reads.

The columns and their units are described in :mod:`crm_core.tables`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.tables import (
    BoolArray,
    ByClient,
    Care,
    Clients,
    Coded,
    Contacts,
    Contracts,
    DayArray,
    Endings,
    IntArray,
    Overrides,
    Purchases,
    Sales,
)


@dataclass(frozen=True)
class Ledger:
    """Everything the metrics read, as of no day in particular.

    Attributes
    ----------
    clients : Clients
        The client table, ``n_clients`` rows.
    sales, purchases, contacts, endings, contracts, overrides, care
        Tables by client.
    unnamed_day, unnamed_amount : ndarray of int32 and int64
        Sales without a client (tills and own branches included), by day.
    products, categories, channels, managers : tuple of str
        What the codes of sales stand for; ``categories`` runs parallel to ``products``,
        ``managers`` are also those of ``care``.
    currency : str or None
        The reporting currency; None where nobody has named it.

    Notes
    -----
    ``Ledger.parts`` gives ranges of clients as views, so a measure over the
    whole is the sum of measures over the parts.
    """

    clients: Clients
    sales: Sales
    purchases: Purchases
    contacts: Contacts
    endings: Endings
    contracts: Contracts
    overrides: Overrides
    care: Care
    unnamed_day: DayArray
    unnamed_amount: IntArray
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    currency: str | None = None

    @property
    def n_clients(self) -> int:
        """Number of clients, those without sales included."""
        return len(self.clients)

    def tables(self) -> dict[str, ByClient]:
        """Return the tables by client, by name."""
        return {
            f.name: value
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), ByClient)
        }

    def parts(self, count: int) -> Iterator[Ledger]:
        """Yield the ledger in ``count`` ranges of clients, balanced by rows, without copying.

        Sales without a client stand in the first part only, so sums over the
        parts are sums over the whole.

        Raises
        ------
        ParameterError
            If ``count`` is below 1.
        """
        if count < 1:
            raise ParameterError(f"Wanted at least 1 part of the ledger, found {count}.")
        goals = np.linspace(0, self.sales.offsets[-1], count + 1)[1:-1]
        inner = np.searchsorted(self.sales.offsets, goals)
        cuts = np.concatenate(([0], inner, [self.n_clients]))
        for number, (start, stop) in enumerate(pairwise(cuts)):
            yield self._part(int(start), int(stop), unnamed=number == 0)

    def _part(self, start: int, stop: int, *, unnamed: bool) -> Ledger:
        clients = Clients(
            record_id=self.clients.record_id[start:stop],
            external_id=self.clients.external_id[start:stop],
            name=self.clients.name[start:stop],
            known_on=self.clients.known_on[start:stop],
            attributes={
                name: Coded(coded.codes[start:stop], coded.labels)
                for name, coded in self.clients.attributes.items()
            },
        )
        rows = slice(None) if unnamed else slice(0, 0)
        tables: dict[str, Any] = {n: t.part(start, stop) for n, t in self.tables().items()}
        return replace(
            self,
            clients=clients,
            unnamed_day=self.unnamed_day[rows],
            unnamed_amount=self.unnamed_amount[rows],
            **tables,
        )

    def select(self, mask: BoolArray) -> Ledger:
        """Return a ledger of the clients where ``mask`` holds, with all their rows.

        A filter selects clients, never rows; sales without a client belong to
        nobody and stay out.
        """
        if mask.all():
            return self
        chosen = np.flatnonzero(mask)
        tables: dict[str, Any] = {n: t.take(chosen) for n, t in self.tables().items()}
        return replace(
            self,
            clients=self.clients.take(chosen),
            unnamed_day=self.unnamed_day[:0],
            unnamed_amount=self.unnamed_amount[:0],
            **tables,
        )

    def known_at(self, as_of: int) -> BoolArray:
        """Return which clients are known at ``as_of``, shape (n_clients,)."""
        return self.clients.known_on <= as_of

    def live_purchases(self, as_of: int) -> BoolArray:
        """Return which purchases are live at ``as_of``, shape (n_purchases,)."""
        return (self.purchases.day <= as_of) & (as_of < self.purchases.void_on)

    def span(self, as_of: int) -> tuple[int, int] | None:
        """Return the first and last day of all stored rows up to ``as_of``, None without rows."""
        days = [d[d <= as_of] for d in (self.sales.day, self.unnamed_day)]
        days = [d for d in days if len(d)]
        if not days:
            return None
        return min(int(d.min()) for d in days), max(int(d.max()) for d in days)

    def default_as_of(self, today: int) -> int:
        """Return the last day of a stored row that is not after ``today``; today without rows."""
        span = self.span(today)
        return today if span is None else span[1]

    def with_records_until(self, as_of: int, today: int) -> Ledger:
        """Return the ledger with what was recorded after ``as_of``, up to ``today``, on ``as_of``.

        Sales reach to the last import only, but whoever was called or left today
        counts at once: under the default as-of day, hand-made records count up to today.

        Parameters
        ----------
        as_of : int
            The default as-of day.
        today : int
            The day on the wall; later records keep their day.
        """

        def drawn(days: DayArray) -> DayArray:
            return np.where((days > as_of) & (days <= today), np.int32(as_of), days)

        contracts = replace(
            self.contracts, day=drawn(self.contracts.day), notice=drawn(self.contracts.notice)
        )
        return replace(
            self,
            contacts=replace(self.contacts, day=drawn(self.contacts.day)),
            endings=replace(self.endings, day=drawn(self.endings.day)),
            overrides=replace(self.overrides, day=drawn(self.overrides.day)),
            care=replace(self.care, day=drawn(self.care.day)),
            contracts=contracts,
        )

    def latest_code(self, column: str, as_of: int) -> NDArray[np.int32]:
        """Return each client's ``channel`` or ``manager`` by the latest sale that names one.

        Parameters
        ----------
        column : {"channel", "manager"}
            The attribute that lives on sales.
        as_of : int
            Last day looked at.

        Returns
        -------
        ndarray of int32, shape (n_clients,)
            Codes into ``Ledger.channels`` or ``Ledger.managers``, -1 where none.
        """
        codes = getattr(self.sales, column)
        named = np.flatnonzero((codes >= 0) & (self.sales.day <= as_of))
        latest = np.full(self.n_clients, -1, dtype=np.int32)
        # Rows are sorted by client and day: the last write of a client is its latest sale.
        owner = np.searchsorted(self.sales.offsets, named, side="right") - 1
        latest[owner] = codes[named]
        return latest
