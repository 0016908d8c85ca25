"""What is stored, as the doctor looks at it: the same columns a staged file has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.intake.doctor import SalesRows
from crm_core.records.bulk import fetch_columns
from crm_core.records.reading import INT, TEXT, read_client_rows, stream_columns
from crm_core.tables import Coded, IntArray

_SALES = text(
    """
    SELECT sales.day, sales.amount, coalesce(sales.client_id, -1), batches.source_id
    FROM sales JOIN batches ON batches.id = sales.batch_id
    WHERE sales.live AND sales.currency_id IS NULL AND NOT batches.days_missing
    """
)


@dataclass(frozen=True)
class StoredSales:
    """Live sales in the reporting currency, and whose they are.

    Attributes
    ----------
    rows : SalesRows
        Clients merged into others count as those; tills and own branches as nobody.
    record_id : ndarray of int64, shape (n_clients,)
        The id in the records of each client of ``rows``.
    n_sales : ndarray of int64, shape (n_clients,)
        Rows of each client.
    """

    rows: SalesRows
    record_id: IntArray
    n_sales: IntArray


def read_stored(connection: Connection) -> StoredSales:
    """Return what is live, ready for :func:`crm_core.intake.doctor.examine`.

    Examples
    --------
    >>> from crm_core.records.engine import open_database, reading
    >>> with reading(open_database("sqlite://")) as connection:
    ...     len(read_stored(connection).rows.day)
    0
    """
    stored = read_client_rows(connection)
    chosen = np.flatnonzero(stored.known & stored.is_client & (stored.into == stored.id))
    day, amount, owner, source = fetch_columns(
        connection, _SALES, [np.int32, np.int64, np.int64, np.int64]
    )
    client = _places(owner, stored.id, stored.into, stored.id[chosen])
    sources, names = stream_columns(connection, "SELECT id, name FROM sources ORDER BY name",
                                    [INT, TEXT])  # fmt: skip
    code_of = np.zeros(int(sources.max(initial=0)) + 1, dtype=np.int32)
    code_of[sources] = np.arange(len(sources))
    ids, external = stored.external_id.to_pylist(), stored.name.to_pylist()
    email, phone = _reach(connection)
    rows = SalesRows(
        day=day,
        amount=amount,
        client=client,
        source=Coded(code_of[source], tuple(names.to_pylist())),
        names=tuple(external[place] or ids[place] for place in chosen.tolist()),
        emails=tuple(email[place] for place in chosen.tolist()),
        phones=tuple(phone[place] for place in chosen.tolist()),
    )
    n_sales = np.bincount(client[client >= 0], minlength=len(chosen)).astype(np.int64)
    return StoredSales(rows, stored.id[chosen], n_sales)


def _places(owner: IntArray, ids: IntArray, into: IntArray, wanted: IntArray) -> NDArray[np.int32]:
    """Return the place of each row's client among those wanted, -1 for others; ids rise."""
    place = np.full(len(owner), -1, dtype=np.int32)
    named = np.flatnonzero(owner >= 0)
    if not len(named) or not len(wanted):
        return place
    final = into[np.searchsorted(ids, owner[named])]
    at = np.minimum(np.searchsorted(wanted, final), len(wanted) - 1)
    place[named] = np.where(wanted[at] == final, at, -1)
    return place


def _reach(connection: Connection) -> tuple[list[str | None], list[str | None]]:
    email, phone = stream_columns(
        connection, "SELECT email, phone FROM clients ORDER BY id", [TEXT, TEXT]
    )
    return email.to_pylist(), phone.to_pylist()
