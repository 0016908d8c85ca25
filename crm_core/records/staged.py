"""What intake hands to the records: the content of one import, column by column.

Texts that repeat are coded (:class:`crm_core.tables.Coded`), so a million rows
cost a few arrays. Nothing here has touched the database yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.tables import Coded, DayArray, IntArray

IDENTITY_KINDS = ("id", "email", "name")
"""How a client is recognised, best first; ids and names hold within a source, e-mails anywhere."""

UNUSED_ENDS = ("not_a_sale", "held_back")


@dataclass(frozen=True)
class StagedClients:
    """The distinct clients of one import.

    Attributes
    ----------
    kind : ndarray of int8, shape (n_clients,)
        Index into :data:`IDENTITY_KINDS`.
    value : tuple of str, shape (n_clients,)
        The normalised identity (id trimmed; e-mail lower case; name with spaces and case folded).
    label : tuple of str, shape (n_clients,)
        The same as the file had it, trimmed: what people see and export.
    attributes : mapping of str to Coded
        Columns of the ``clients`` table by field name (``name, email, phone, country, region,
        city, segment, department, manager, kind, group_name, came_from`` ...), -1 where the
        file says nothing; the last non-empty value of a client in the file.
    known_on, birthday : ndarray of int32, shape (n_clients,)
        Days since 1970-01-01, ``NEVER`` where the file says nothing.
    """

    kind: NDArray[np.int8]
    value: tuple[str, ...]
    label: tuple[str, ...]
    attributes: Mapping[str, Coded]
    known_on: DayArray
    birthday: DayArray


@dataclass(frozen=True)
class StagedSales:
    """Sale rows of one import, with and without a client.

    Attributes
    ----------
    line : ndarray of int64
        Record number in the file, 1-based, header and title lines counted.
    client : ndarray of int32
        Position in :class:`StagedClients`, -1 without a client.
    day : ndarray of int32
        Day of the sale; undated refunds have their order's day already.
    amount : ndarray of int64
        Ten-thousandths of the row's own currency; refunds are negative.
    quantity : ndarray of int64
        Ten-thousandths of a piece, ``NO_QUANTITY`` where the file has none.
    order_ref, refund_of : pyarrow.StringArray
        References as in the file, trimmed, null where missing.
    currency, product, category, channel, manager : Coded
        ``currency`` holds ISO codes, -1 for the reporting currency.
    derived : ndarray of bool or None
        Entries made from a further column of a row that is listed already (an undated
        refund): their money counts, the row does not count again. None: none.
    """

    line: IntArray
    client: NDArray[np.int32]
    day: DayArray
    amount: IntArray
    quantity: IntArray
    order_ref: pa.StringArray
    refund_of: pa.StringArray
    currency: Coded
    product: Coded
    category: Coded
    channel: Coded
    manager: Coded
    derived: NDArray[np.bool_] | None = None


NO_QUANTITY = int(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class UnusedRows:
    """Rows of the file that became no sale, each with the reason and its original cells.

    Attributes
    ----------
    line : tuple of int
        Record number in the file.
    end : tuple of str
        One of :data:`UNUSED_ENDS`.
    reason : tuple of str
        A short code a page can group by, e.g. ``fee, payout, pending, voided, subtotal, zero,
        lead`` (not a sale) or ``no day, unreadable day, unreadable amount, mixed dates,
        too many cells`` (held back).
    detail : tuple of str
        One sentence for a person: wanted, found, what to do; may be empty.
    amount : tuple of (int or None)
        Ten-thousandths where the money could be read.
    currency : tuple of (str or None)
        Currency of the amount, None for the reporting currency.
    cells : tuple of tuple of str
        The original cells in the file's own column order.
    derived : tuple of bool
        As in :class:`StagedSales`; empty for none.
    """

    line: tuple[int, ...] = ()
    end: tuple[str, ...] = ()
    reason: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    amount: tuple[int | None, ...] = ()
    currency: tuple[str | None, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    derived: tuple[bool, ...] = ()


@dataclass(frozen=True)
class WithdrawnOrders:
    """Orders of a file that are no sales by their status: cancelled, unpaid, lost.

    Their clients stand here and not among the import's clients: an order that came to
    nothing makes nobody a client.

    Attributes
    ----------
    order_ref : pyarrow.StringArray, shape (n_orders,)
        References as in the file, trimmed, none missing.
    client : ndarray of int32, shape (n_orders,)
        Position in ``kind`` and ``value``, -1 without a client.
    kind : ndarray of int8, shape (n_clients,)
        As in :class:`StagedClients`.
    value : tuple of str, shape (n_clients,)
        As in :class:`StagedClients`.
    """

    order_ref: pa.StringArray = field(default_factory=lambda: pa.array([], type=pa.string()))
    client: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    kind: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))
    value: tuple[str, ...] = ()


@dataclass(frozen=True)
class StagedImport:
    """Everything one import carries, ready to be written in one transaction.

    Attributes
    ----------
    source : str
        The shop, till or list these rows come from ("main" where the owner named none).
    file_name : str
        The file's name, for people.
    fingerprint : str
        SHA-256 of the file's bytes and of the choices that change its meaning (sheet).
    clients, sales, unused
        The content.
    n_rows : int
        Data rows in the file; every one of them is in exactly one end.
    money : mapping of (str or None) to int
        The file's own total by currency (None: the reporting one), each order total counted once.
    columns : tuple of str
        The file's column names.
    mapping : mapping of str to Any
        How the file was read (fields to columns, format, options), kept with the batch and
        remembered for the next file with the same header.
    days_missing : bool
        The file has clients and amounts but no days: Pareto alone.
    covered : tuple of (int, int) or None
        First and last day of the sales.
    withdrawn : WithdrawnOrders
        Orders the file carries as no sale only: older sales of theirs stop counting.
    """

    source: str
    file_name: str
    fingerprint: str
    clients: StagedClients
    sales: StagedSales
    unused: UnusedRows
    n_rows: int
    money: Mapping[str | None, int]
    columns: tuple[str, ...]
    mapping: Mapping[str, Any] = field(default_factory=dict)
    days_missing: bool = False
    covered: tuple[int, int] | None = None
    withdrawn: WithdrawnOrders = field(default_factory=WithdrawnOrders)
