"""What is stored, as matching looks at it: everybody who may be merged, and who may not meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from crm_core.intake.merge_rules import Pair
from crm_core.intake.people import People
from crm_core.records.merge_runs import read_apart
from crm_core.records.merges import read_merges
from crm_core.records.people import erased_clients
from crm_core.records.reading import INT, TEXT, read_client_rows, stream_columns
from crm_core.tables import NEVER, IntArray


@dataclass(frozen=True)
class StoredPeople:
    """The clients that may be merged by rule.

    Attributes
    ----------
    people : People
        Known clients, those merged into others as rows of these; tills, own branches,
        shared cards and erased persons left out.
    record_id : ndarray of int64, shape (n_rows,)
        The id in the records of each row.
    n_sales : ndarray of int64, shape (n_rows,)
        Live sales of the client each row counts as.
    apart, taken_back : frozenset of (int, int)
        Places of clients somebody took apart, and of those whose run was taken back.
    """

    people: People
    record_id: IntArray
    n_sales: IntArray
    apart: frozenset[Pair]
    taken_back: frozenset[Pair]


def read_people(connection: Connection) -> StoredPeople:
    """Return who may be merged by rule.

    Examples
    --------
    >>> from crm_core.records.engine import open_database, reading
    >>> with reading(open_database("sqlite://")) as connection:
    ...     len(read_people(connection).people)
    0
    """
    stored = read_client_rows(connection)
    ids = stored.id
    email, phone, birthday, shared = stream_columns(
        connection,
        f"SELECT email, phone, coalesce(birthday, {NEVER}), CASE WHEN shared_card THEN 1 ELSE 0 "
        "END FROM clients ORDER BY id",
        [TEXT, TEXT, INT, INT],
    )
    root = np.searchsorted(ids, stored.into)
    may = stored.is_client & (shared == 0) & ~np.isin(ids, sorted(erased_clients(connection)))
    known = np.zeros(len(ids), dtype=np.bool_)
    known[root[stored.known]] = True
    chosen = np.flatnonzero(may & may[root] & known[root])
    place = np.full(len(ids), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    external, name = stored.external_id.to_pylist(), stored.name.to_pylist()
    texts = {kind: values.to_pylist() for kind, values in stored.attributes.items()}
    rows = chosen.tolist()

    def pick(values: list[str | None]) -> tuple[str | None, ...]:
        return tuple(values[row] for row in rows)

    people = People(
        names=tuple(name[row] or external[row] for row in rows),
        emails=pick(email.to_pylist()),
        phones=pick(phone.to_pylist()),
        countries=pick(texts["country"]),
        regions=pick(texts["region"]),
        cities=pick(texts["city"]),
        birthdays=tuple(int(day) if day != NEVER else None for day in birthday[chosen]),
        kinds=pick(texts["kind"]),
        numbers=tuple(
            external[row] if name[row] and name[row] != external[row] else None for row in rows
        ),
        roots=tuple(place[root[chosen]].tolist()),
    )
    apart, back = read_apart(connection, read_merges(connection))
    sales = _sales_of(connection, ids, root)
    return StoredPeople(
        people, ids[chosen], sales[root[chosen]], _places(apart, ids, place),
        _places(back, ids, place),
    )  # fmt: skip


def _sales_of(connection: Connection, ids: IntArray, root: IntArray) -> IntArray:
    client, count = stream_columns(
        connection,
        "SELECT client_id, count(*) FROM sales WHERE live AND client_id IS NOT NULL "
        "GROUP BY client_id",
        [INT, INT],
    )
    sales = np.zeros(len(ids), dtype=np.int64)
    np.add.at(sales, root[np.searchsorted(ids, client)], count)
    return sales


def _places(pairs: set[Pair], ids: IntArray, place: IntArray) -> frozenset[Pair]:
    found = set()
    for one, other in pairs:
        left, right = (int(place[np.searchsorted(ids, number)]) for number in (one, other))
        if left >= 0 and right >= 0 and left != right:
            found.add((min(left, right), max(left, right)))
    return frozenset(found)
