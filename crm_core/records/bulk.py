"""Writing many rows at once, as tuples: what makes an import fast.

SQLite takes an ``executemany``, PostgreSQL a ``COPY``. Columns become tuples in
blocks, so a million rows never stand in memory as Python objects at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from crm_core.records.models import Base

BLOCK = 20_000
"""Rows that are Python objects at one time."""

Progress = Callable[[int], object]
"""Told the number of rows written so far."""


@dataclass(frozen=True)
class Nullable:
    """A column of integers in which one value stands for "missing"."""

    values: NDArray[Any]
    missing: int = -1

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice) -> Sequence[Any]:
        values = self.values[rows]
        gaps = values == self.missing
        if not gaps.any():
            given: list[Any] = values.tolist()
            return given
        if gaps.all():
            return [None] * len(values)
        column = values.astype(object)
        column[gaps] = None
        return list(column)


Column: TypeAlias = NDArray[Any] | Sequence[Any] | Nullable
"""One column of rows to write; object arrays may hold None, and Arrow arrays are welcome."""


def insert_rows(
    connection: Connection,
    model: type[Base],
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
    progress: Progress | None = None,
) -> int:
    """Insert tuples into a table.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    model : type of Base
        The table.
    columns : sequence of str
        What each tuple holds, in order.
    rows : iterable of tuple
        Plain Python values as the database stores them: days as integers, JSON as text.
    progress : callable or None
        Called after each block with the number of rows written so far.

    Returns
    -------
    int
        Number of rows written.
    """
    write = _copy_block if connection.dialect.name == "postgresql" else _insert_block
    remaining, done = iter(rows), 0
    while block := list(islice(remaining, BLOCK)):
        write(connection, model.__tablename__, columns, block)
        done += len(block)
        if progress is not None:
            progress(done)
    return done


def insert_columns(
    connection: Connection,
    model: type[Base],
    columns: dict[str, Column],
    progress: Progress | None = None,
) -> int:
    """Insert columns of equal length into a table (see :func:`insert_rows`)."""
    return insert_rows(connection, model, tuple(columns), as_tuples(columns.values()), progress)


def as_tuples(columns: Iterable[Column]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as tuples of plain Python values, made block by block.

    Examples
    --------
    >>> list(as_tuples([np.array([1, 2]), ["a", None]]))
    [(1, 'a'), (2, None)]
    """
    held = list(columns)
    length = len(held[0]) if held else 0
    for start in range(0, length, BLOCK):
        yield from zip(*(_plain(column[start : start + BLOCK]) for column in held), strict=True)


def _plain(values: Any) -> Sequence[Any]:
    if isinstance(values, pa.Array):
        values = values.to_numpy(zero_copy_only=False)
    plain: Sequence[Any] = values.tolist() if isinstance(values, np.ndarray) else values
    return plain


def _insert_block(
    connection: Connection, table: str, columns: Sequence[str], block: list[tuple[Any, ...]]
) -> None:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", block)


def _copy_block(
    connection: Connection, table: str, columns: Sequence[str], block: list[tuple[Any, ...]]
) -> None:
    cursor = connection.connection.cursor()
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for row in block:
            copy.write_row(row)


@contextmanager
def index_aside(connection: Connection, model: type[Base], count: int) -> Iterator[None]:
    """Take a table's indexes away while most of its rows come in, and build them after.

    Sorting once is faster than placing every row. Part of the transaction, as all
    of an import: killed in between, the indexes are as before. PostgreSQL keeps
    them, because dropping one would make every reader wait.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    model : type of Base
        The table, its ids rising from 1.
    count : int
        Rows about to come.
    """
    table: Any = model.__table__
    held = int(next_ids(connection, model, 1)[0]) - 1
    aside = connection.dialect.name == "sqlite" and count > max(held, BLOCK)
    indexes = list(table.indexes) if aside else []
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)


_FOREIGN_KEYS = """
    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY oid
"""


@contextmanager
def foreign_keys_aside(connection: Connection) -> Iterator[None]:
    """Take a server's foreign keys away while empty tables are filled, and check all at once after.

    Looking up every row's client and import takes three quarters of the time of storing
    it; one join at the end does the same. Part of the transaction: killed in between,
    the keys are as before. Nobody else can read these tables until it ends. SQLite
    keeps its keys.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction of an empty database.
    """
    server = connection.dialect.name == "postgresql"
    keys = connection.exec_driver_sql(_FOREIGN_KEYS).all() if server else []
    for table, name, _ in keys:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
    for table, name, rule in keys:
        connection.exec_driver_sql(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {rule}')


def next_ids(connection: Connection, model: type[Base], count: int) -> NDArray[np.int64]:
    """Return the next free ids of a table whose ids the writer gives.

    Safe because one writer holds the database at a time (see ``engine.writing``).
    """
    column = model.__table__.c.id
    highest = connection.execute(select(func.max(column))).scalar() or 0
    return np.arange(highest + 1, highest + 1 + count, dtype=np.int64)


def fetch_columns(
    connection: Connection, statement: Any, dtypes: Sequence[Any], *, block: int = BLOCK
) -> list[NDArray[Any]]:
    """Run a query and return its rows as one array a column.

    Parameters
    ----------
    connection : Connection
        Any connection.
    statement : Select
        Without nulls in the columns that become numbers.
    dtypes : sequence of dtype
        One a column; ``object`` for texts.
    block : int
        Rows that are Python objects at one time.
    """
    result = connection.execute(
        statement, execution_options={"stream_results": True, "yield_per": block}
    )
    parts: list[list[NDArray[Any]]] = [[] for _ in dtypes]
    for rows in result.partitions(block):
        for part, dtype, values in zip(parts, dtypes, zip(*rows, strict=True), strict=True):
            part.append(np.array(values, dtype=dtype))
    return [
        np.concatenate(part) if part else np.empty(0, dtype=dtype)
        for part, dtype in zip(parts, dtypes, strict=True)
    ]
