"""Sums of what is stored, plain and straight from the tables: what everything is checked against.

Nothing here is used to compute a figure anybody sees; it is a second way to the
same sums, so that the first can be held against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, text

from crm_core.records.bulk import fetch_columns
from crm_core.records.models import Batch, Source
from crm_core.tables import IntArray


@dataclass(frozen=True)
class StoredBatch:
    """One import as its row says, nothing of it trusted yet.

    Attributes
    ----------
    id, n_rows : int
        Its number, and the data rows of its file.
    source_id : int
        Where its file came from.
    file_name, source : str
        For people.
    live : bool
        It is in force.
    first_sale_id, last_sale_id : int or None
        The range of its sales.
    digest : int or None
        Of its rows as they were written, None where nobody took it.
    report : dict
        The stored report, as JSON gave it.
    """

    id: int
    n_rows: int
    source_id: int
    file_name: str
    source: str
    live: bool
    first_sale_id: int | None
    last_sale_id: int | None
    digest: int | None
    report: Any


@dataclass(frozen=True)
class StoredRows:
    """Sales of one import that are alike, counted.

    Attributes
    ----------
    batch_id : int
        The import.
    currency : str or None
        None for the reporting currency.
    named, live : bool
        They name a client; they count.
    rows, amount : int
        How many, and their sum in ten-thousandths.
    first_id, last_id : int
        Smallest and largest id.
    """

    batch_id: int
    currency: str | None
    named: bool
    live: bool
    rows: int
    amount: int
    first_id: int
    last_id: int


@dataclass(frozen=True)
class StoredUnused:
    """Rows of one import that became no sale, of one end, reason and currency, counted."""

    batch_id: int
    end: str
    reason: str
    currency: str | None
    rows: int
    amount: int


def stored_batches(connection: Connection) -> list[StoredBatch]:
    """Return all imports, oldest first."""
    names = [name for name in StoredBatch.__dataclass_fields__ if name != "source"]
    query = (
        select(*(Batch.__table__.c[name] for name in names), Source.name.label("source"))
        .outerjoin(Source.__table__, Source.id == Batch.source_id)
        .order_by(Batch.id)
    )
    return [StoredBatch(**row._mapping) for row in connection.execute(query)]


_SALES = """
    SELECT sales.batch_id, currencies.name, named, live, held, amount, first_id, last_id FROM (
        SELECT batch_id, currency_id, CASE WHEN client_id IS NULL THEN 0 ELSE 1 END AS named,
               live, count(*) AS held, sum(amount) AS amount, min(id) AS first_id,
               max(id) AS last_id
        FROM sales GROUP BY 1, 2, 3, 4
    ) AS sales LEFT JOIN currencies ON currencies.id = sales.currency_id
"""


def stored_sales(connection: Connection) -> list[StoredRows]:
    """Return the stored sales, counted and summed by import, currency, client or none, live."""
    found = [
        StoredRows(int(b), currency, bool(named), bool(live), *map(int, sums))
        for b, currency, named, live, *sums in connection.execute(text(_SALES))
    ]
    # Databases differ in where a missing value stands and how letters follow each other.
    return sorted(found, key=lambda one: (one.batch_id, one.currency or "", one.named, one.live))


def stored_unused(connection: Connection) -> list[StoredUnused]:
    """Return the rows that became no sale, counted and summed by import, end and reason."""
    found = connection.execute(
        text(
            "SELECT batch_id, outcome, reason, currency, count(*), sum(coalesce(amount, 0)) "
            "FROM unused_rows GROUP BY 1, 2, 3, 4"
        )
    )
    unused = [
        StoredUnused(int(b), end, reason, currency, int(rows), int(amount))
        for b, end, reason, currency, rows, amount in found
    ]
    return sorted(unused, key=lambda one: (one.batch_id, one.end, one.reason, one.currency or ""))


@dataclass(frozen=True)
class ClientSums:
    """Live sales in the reporting currency, summed by stored client; id 0 is nobody.

    Attributes
    ----------
    client : ndarray of int64, shape (n,)
        Stored ids, rising.
    rows, net, gross : ndarray of int64
        Rows, their sum, and the sum of those above zero, ten-thousandths.
    days : ndarray of int64
        Sum of their days: moves when any row changes its day.
    orders : ndarray of int64
        Keys with a row that is not negative; rows of files without days begin no order.
    """

    client: IntArray
    rows: IntArray
    net: IntArray
    gross: IntArray
    days: IntArray
    orders: IntArray


_BY_CLIENT = text(
    """
    SELECT coalesce(client_id, 0), count(*), CAST(sum(amount) AS BIGINT),
           CAST(sum(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS BIGINT),
           CAST(sum(day) AS BIGINT),
           count(DISTINCT CASE WHEN amount >= 0 AND batch_id NOT IN
                 (SELECT id FROM batches WHERE days_missing) THEN key END)
    FROM sales WHERE live AND currency_id IS NULL AND day <= :as_of
    GROUP BY 1 ORDER BY 1
    """
)


def sum_by_client(connection: Connection, as_of: int) -> ClientSums:
    """Return the sums of live sales up to a day by stored client, foreign currencies left out."""
    return ClientSums(
        *fetch_columns(connection, _BY_CLIENT.bindparams(as_of=as_of), [np.int64] * 6)
    )


@dataclass(frozen=True)
class ForeignSale:
    """A live sale in another currency; client 0 is nobody, ``amount`` in its own currency."""

    client: int
    currency: str
    day: int
    amount: int
    key: int
    undated: bool


_FOREIGN = text(
    """
    SELECT coalesce(client_id, 0), currencies.name, day, amount, key, days_missing
    FROM sales JOIN currencies ON currencies.id = currency_id
    JOIN batches ON batches.id = sales.batch_id
    WHERE sales.live AND day <= :as_of ORDER BY sales.id
    """
)


def foreign_sales(connection: Connection, as_of: int) -> Iterator[ForeignSale]:
    """Yield the live sales in other currencies up to a day."""
    for client, currency, day, amount, key, undated in connection.execute(
        _FOREIGN, {"as_of": as_of}
    ):
        yield ForeignSale(
            int(client), str(currency), int(day), int(amount), int(key), bool(undated)
        )


_MIXED = text(
    """
    SELECT DISTINCT key FROM sales
    WHERE live AND amount >= 0 AND currency_id IS NULL AND day <= :as_of
    AND key IN (SELECT key FROM sales WHERE live AND currency_id IS NOT NULL)
    """
)


def mixed_orders(connection: Connection, as_of: int) -> set[int]:
    """Return the orders that have rows in the reporting currency and in another."""
    return {int(key) for key in connection.execute(_MIXED, {"as_of": as_of}).scalars()}


_COUNTS = {
    "contacts": "SELECT client_id, count(*), sum(day) FROM contacts GROUP BY 1 ORDER BY 1",
    "endings": "SELECT client_id, count(*), sum(day) FROM endings GROUP BY 1 ORDER BY 1",
    "contracts": "SELECT client_id, count(*), sum(start_day) FROM contracts GROUP BY 1 ORDER BY 1",
    "overrides": (
        "SELECT client_id, count(*), sum(set_on) FROM stage_overrides GROUP BY 1 ORDER BY 1"
    ),
}


def counts_by_client(connection: Connection, kind: str) -> tuple[IntArray, IntArray, IntArray]:
    """Return stored clients, how many hand-made records of a kind they have, and their days' sum.

    Parameters
    ----------
    connection : Connection
        Any connection.
    kind : {"contacts", "endings", "contracts", "overrides"}
        As the ledger names them.
    """
    client, rows, days = fetch_columns(connection, text(_COUNTS[kind]), [np.int64] * 3)
    return client, rows, days


def merged_into(connection: Connection) -> dict[int, int]:
    """Return the merges in force: the client merged, and the one it was merged into."""
    rows = connection.execute(
        text("SELECT merged_id, into_id FROM aliases WHERE undone_at IS NULL ORDER BY merged_id")
    )
    return {int(merged): int(into) for merged, into in rows}


def never_clients(connection: Connection) -> IntArray:
    """Return the ids of tills, marketplaces and own branches: their sales have no client."""
    statement = text("SELECT id FROM clients WHERE not_client IS NOT NULL ORDER BY id")
    found: IntArray = fetch_columns(connection, statement, [np.int64])[0]
    return found


_KNOWN = text(
    """
    SELECT id FROM clients WHERE added_by_hand
    UNION SELECT client_id FROM batch_clients JOIN batches ON batches.id = batch_id WHERE live
    UNION SELECT client_id FROM contacts UNION SELECT client_id FROM endings
    UNION SELECT client_id FROM contracts UNION SELECT client_id FROM stage_overrides
    """
)


def known_clients(connection: Connection) -> IntArray:
    """Return the ids of clients that an import in force or a person says something about."""
    found: IntArray = fetch_columns(connection, _KNOWN, [np.int64])[0]
    return np.sort(found)


def count_live_sales(connection: Connection) -> int:
    """Return how many stored sales count, those that wait for a rate included."""
    return int(connection.execute(text("SELECT count(*) FROM sales WHERE live")).scalar_one())
