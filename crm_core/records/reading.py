"""Reading clients and what people recorded about them, as arrays for the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection

from crm_core.records.postgres_streams import (
    copy_columns,
    copy_numbers,
    copy_texts,
    speaks_utf8,
)
from crm_core.tables import (
    END_REASONS,
    NEVER,
    STAGES,
    WHO_ENDED,
    BoolArray,
    DayArray,
    IntArray,
)

Names = dict[int, tuple[str, str]]
"""Name and category (empty where a table has none) by id."""

BLOCK = 4_000
"""Rows that are Python objects at one time; clients have many columns."""

CLIENT_TEXTS = (
    "external_id",
    "name",
    "kind",
    "group_name",
    "country",
    "region",
    "city",
    "segment",
    "department",
    "came_from",
)


@dataclass(frozen=True)
class ClientRows:
    """All stored clients, one row each, by id.

    Attributes
    ----------
    id, into : ndarray of int64
        The id, and the id under which the client counts (its own unless merged).
    known : ndarray of bool
        A live import carries the client, or somebody recorded something about it.
    known_on : ndarray of int32
        The recorded day, ``NEVER`` where there is none.
    is_client : ndarray of bool
        False for tills, marketplaces and own branches.
    external_id, name : pyarrow.StringArray
        As in the records, ``name`` null where missing.
    attributes : dict of str to pyarrow.StringArray
        Those of :class:`crm_core.tables.Clients`.
    """

    id: IntArray
    into: IntArray
    known: BoolArray
    known_on: DayArray
    is_client: BoolArray
    external_id: pa.StringArray
    name: pa.StringArray
    attributes: dict[str, pa.StringArray]


_CLIENTS = f"""
    SELECT id, {", ".join(CLIENT_TEXTS)}, coalesce(known_on, {NEVER}),
           CASE WHEN added_by_hand THEN 1 ELSE 0 END, CASE WHEN not_client IS NULL THEN 1 ELSE 0 END
    FROM clients WHERE id BETWEEN {{first}} AND {{last}} ORDER BY id
"""


def read_client_rows(connection: Connection) -> ClientRows:
    """Return all clients, resolved through merges, with what makes them known."""
    number, *texts_read, typed_on, by_hand, is_client = stream_columns(
        connection, _CLIENTS, [INT, *[TEXT] * len(CLIENT_TEXTS), INT, INT, INT], by_id="clients"
    )
    texts = dict(zip(CLIENT_TEXTS, texts_read, strict=True))
    carried_on, first_batch = _carried(connection, number)
    known = (by_hand == 1) | (first_batch >= 0)
    known |= np.isin(number, _recorded_by_hand(connection))
    external_id, name = texts.pop("external_id"), texts.pop("name")
    texts["group"] = texts.pop("group_name")
    texts["source"] = _source_names(connection, first_batch)
    return ClientRows(
        id=number,
        into=_resolve_aliases(connection, number),
        known=known,
        known_on=np.where(typed_on != NEVER, typed_on, carried_on).astype(np.int32),
        is_client=is_client == 1,
        external_id=external_id,
        name=name,
        attributes=texts,
    )


INT, TEXT = pa.int64(), pa.string()


SPAN = 50_000
"""Ids asked for at once on a server: what comes for them is a few megabytes."""


def stream_columns(
    connection: Connection, statement: str, types: Sequence[Any], *, by_id: str | None = None
) -> list[Any]:
    """Run a query block by block and return its columns.

    Parameters
    ----------
    connection : Connection
        Any connection.
    statement : str
        SQL without parameters; whole numbers must not be null.
    types : sequence of pyarrow type
        One a column: :data:`INT` or :data:`TEXT`.
    by_id : str, optional
        The table whose range of ids, ``{first}`` to ``{last}``, the statement asks for in
        their order: a server then sends columns.

    Returns
    -------
    list of (ndarray of int64 or pyarrow.StringArray)
        One a column.
    """
    if connection.dialect.name == "postgresql" and TEXT not in types:
        return [c.astype(np.int64) for c in copy_numbers(connection, statement, len(types))]
    blocks = (
        _blocks(connection, statement, types)
        if by_id is None
        else _blocks_by_id(connection, statement, types, by_id)
    )
    by_block = list(zip(*blocks, strict=True))
    return [
        _join(block, kind) if kind is TEXT else _join(block, kind).to_numpy(zero_copy_only=False)
        for block, kind in zip(by_block or [()] * len(types), types, strict=True)
    ]


def _blocks_by_id(
    connection: Connection, template: str, types: Sequence[Any], table: str
) -> Iterator[list[Any]]:
    last = connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()
    if connection.dialect.name != "postgresql" or not speaks_utf8(connection):
        yield from _blocks(connection, template.format(first=0, last=last), types)
        return
    for start in range(0, last + 1, SPAN):
        statement = template.format(first=start, last=min(last, start + SPAN - 1))
        yield copy_columns(connection, statement, types)


def _blocks(connection: Connection, statement: str, types: Sequence[Any]) -> Iterator[list[Any]]:
    if connection.dialect.name == "postgresql":
        yield from copy_texts(connection, statement, types)
        return
    # Past SQLAlchemy, whose rows cost as much again as those of the driver.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
        while rows := cursor.fetchmany(BLOCK):
            columns = zip(*rows, strict=True)
            yield [pa.array(c, kind) for c, kind in zip(columns, types, strict=True)]
    finally:
        cursor.close()


def _join(blocks: Sequence[Any], kind: Any) -> Any:
    return pa.concat_arrays(blocks) if blocks else pa.array([], kind)


def _carried(connection: Connection, number: IntArray) -> tuple[DayArray, IntArray]:
    """Return the created day and the first live import of each client, NEVER and -1 without."""
    client, day, batch = stream_columns(
        connection,
        f"SELECT client_id, min(coalesce(known_on, {NEVER})), min(batch_id) "
        "FROM batch_clients JOIN batches ON batches.id = batch_id WHERE live GROUP BY client_id",
        [INT] * 3,
    )
    at = np.searchsorted(number, client)
    known_on = np.full(len(number), NEVER, dtype=np.int32)
    first_batch = np.full(len(number), -1, dtype=np.int64)
    known_on[at], first_batch[at] = day, batch
    return known_on, first_batch


def _recorded_by_hand(connection: Connection) -> IntArray:
    tables = ("contacts", "endings", "contracts", "stage_overrides")
    statement = " UNION ".join(f"SELECT client_id FROM {table}" for table in tables)
    clients: IntArray = stream_columns(connection, statement, [INT])[0]
    return clients


def _source_names(connection: Connection, first_batch: IntArray) -> pa.StringArray:
    batch, name = stream_columns(
        connection,
        "SELECT batches.id, name FROM batches JOIN sources ON sources.id = source_id "
        "ORDER BY batches.id",
        [INT, TEXT],
    )
    at = np.searchsorted(batch, first_batch)
    return name.take(pa.array(at, mask=first_batch < 0))


def _resolve_aliases(connection: Connection, number: IntArray) -> IntArray:
    into = number.copy()
    for merged, target in connection.exec_driver_sql(
        "SELECT merged_id, into_id FROM aliases WHERE undone_at IS NULL"
    ):
        into[np.searchsorted(number, merged)] = target
    # Each round doubles the distance followed; writing refuses cycles.
    for _ in range(64):
        further = into[np.searchsorted(number, into)]
        if np.array_equal(further, into):
            break
        into = further
    return into


def read_names(connection: Connection, table: str) -> Names:
    """Return name and category of every product, channel or salesperson by id."""
    category = "category" if table == "products" else "''"
    rows = connection.exec_driver_sql(f"SELECT id, name, {category} FROM {table}")
    return {row[0]: (row[1], row[2]) for row in rows}


_EVENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "contacts": ("day, inbound", {"day": np.int32, "inbound": np.bool_}),
    "endings": ("day, who, reason", {"day": np.int32, "who": WHO_ENDED, "reason": END_REASONS}),
    "contracts": (
        f"start_day, end_day, trial, coalesce(notice_day, {NEVER})",
        {"day": np.int32, "end": np.int32, "trial": np.bool_, "notice": np.int32},
    ),
    "overrides": (
        "set_on, expires_on, stage",
        {"day": np.int32, "expires_on": np.int32, "stage": STAGES},
    ),
}


def read_events(
    connection: Connection, place: NDArray[np.int32]
) -> dict[str, tuple[NDArray[np.int32], dict[str, NDArray[Any]]] | None]:
    """Return the hand-made records by kind: client positions and columns, None without rows.

    Parameters
    ----------
    connection : Connection
        Any connection.
    place : ndarray of int32
        Position of every client id, -1 for those not shown.
    """
    found: dict[str, tuple[NDArray[np.int32], dict[str, NDArray[Any]]] | None] = {}
    for kind, (wanted, dtypes) in _EVENTS.items():
        table = "stage_overrides" if kind == "overrides" else kind
        statement = f"SELECT client_id, {wanted} FROM {table} ORDER BY id"
        rows = connection.exec_driver_sql(statement).all()
        client, *values = zip(*rows, strict=True) if rows else [()] * (1 + len(dtypes))
        position = place[np.array(client, dtype=np.int64)]
        shown = position >= 0
        columns = {
            name: _as_array(column, dtype)[shown]
            for (name, dtype), column in zip(dtypes.items(), values, strict=True)
        }
        found[kind] = (position[shown], columns) if shown.any() else None
    return found


def read_care(
    connection: Connection, place: NDArray[np.int32]
) -> tuple[NDArray[np.int32], DayArray, list[str], BoolArray]:
    """Return who looks after whom from which day, as live records say, by day and record.

    Parameters
    ----------
    connection : Connection
        Any connection.
    place : ndarray of int32
        Position of every client id, -1 for those not shown.

    Returns
    -------
    client, day : ndarray of int32, shape (n,)
        Position of the client, and the first day.
    name : list of str
        Who; empty for nobody.
    by_file : ndarray of bool
        An import said so.
    """
    client, day, name, by_file = stream_columns(
        connection,
        "SELECT client_id, from_day, manager, CASE WHEN batch_id IS NULL THEN 0 ELSE 1 END "
        "FROM client_managers LEFT JOIN batches ON batches.id = batch_id "
        "WHERE batch_id IS NULL OR live ORDER BY from_day, client_managers.id",
        [INT, INT, TEXT, INT],
    )
    at = place[client]
    shown = at >= 0
    names = name.filter(pa.array(shown)).to_pylist()
    return at[shown], day[shown].astype(np.int32), names, by_file[shown] == 1


def _as_array(values: Sequence[Any], dtype: Any) -> NDArray[Any]:
    if isinstance(dtype, tuple):
        return np.array([dtype.index(word) for word in values], dtype=np.int8)
    return np.array(values, dtype=dtype)
