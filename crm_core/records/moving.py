"""Copying every table from one database into another, and comparing the two row by row.

Rows travel as the databases store them, in one form that both share: days and money as
whole numbers, JSON as its very text, moments in UTC. A digest of each table is taken
from what was read and again from what stands in the target.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Integer, Table, Text, func, select, text
from sqlalchemy import update as update_of

from crm_core.errors import RefusedError
from crm_core.records.base import Day, Moment
from crm_core.records.bulk import BLOCK, foreign_keys_aside, insert_rows
from crm_core.records.engine import speaking_plainly
from crm_core.records.models import AuditEvent, Base, Version

Progress = Callable[[str, int], object]
"""Told the table and how many of its rows were copied."""

NUL, NUL_SIGN = "\x00", "\u2400"
"""PostgreSQL stores no NUL character in a text; its sign ␀ stands in its place there."""

NEW_ID = "database_id"
"""The one value that is not copied: two databases that go on apart keep ledgers apart."""

_DIGEST_BYTES = 16
_NUMBERS = frozenset("-0123456789")


@dataclass(frozen=True)
class TableDigest:
    """What a table holds, whatever the order of its rows.

    Attributes
    ----------
    rows : int
        How many there are.
    digest : int
        Sum of a 128-bit hash of every row: any changed, missing or doubled row moves it.
    """

    rows: int
    digest: int


@dataclass
class Copied:
    """What :func:`copy_tables` read, and how many texts had to change for PostgreSQL."""

    tables: dict[str, TableDigest]
    texts_changed: int = 0


def check_empty(connection: Connection) -> None:
    """Refuse a target that holds anything.

    Raises
    ------
    RefusedError
        Naming the first table that holds rows.
    """
    for table in Base.metadata.sorted_tables:
        if table is Version.__table__:
            continue
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
        if found:
            where = connection.engine.url.render_as_string(hide_password=True)
            raise RefusedError(
                f"Wanted an empty database to move into, found {found:,} rows in the table "
                f"{table.name} of {where}; name a new one."
            )


def copy_tables(source: Connection, target: Connection, progress: Progress | None = None) -> Copied:
    """Copy every row of every table, block by block, then set the counters of ids.

    Parameters
    ----------
    source : Connection
        Reading: one moment.
    target : Connection
        Inside the write transaction of an empty database.
    progress : callable, optional
        Told after each block.

    Returns
    -------
    Copied
        The digests of what was read, in the form the target can hold.

    Notes
    -----
    All ids and versions are kept but the database's own id, which is new.
    """
    copied = Copied({})
    if target.dialect.name == "postgresql":
        target.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
    with foreign_keys_aside(target):
        for table in Base.metadata.sorted_tables:
            if table is not Version.__table__:
                copied.tables[table.name] = _copy_table(source, target, table, copied, progress)
    copied.tables[Version.__tablename__] = _take_version(source, target)
    if target.dialect.name == "postgresql":
        _set_counters(target)
    return copied


def _copy_table(
    source: Connection,
    target: Connection,
    table: Table,
    copied: Copied,
    progress: Progress | None,
) -> TableDigest:
    tally = _Tally()
    for_server = target.dialect.name == "postgresql"

    def rows() -> Iterator[tuple[Any, ...]]:
        for stored in read_blocks(source, table):
            block = stored
            if for_server and any(map(_has_nul, zip(*stored, strict=True))):
                changed = [_without_nul(row) for row in stored]
                block = [row for row, _ in changed]
                copied.texts_changed += sum(number for _, number in changed)
            tally.add(block)
            yield from block

    model: Any = next(m.class_ for m in Base.registry.mappers if m.local_table is table)
    names = [column.name for column in table.columns]
    insert_rows(
        target,
        model,
        names,
        rows(),
        None if progress is None else lambda done: progress(table.name, done),
    )
    return tally.result()


def _has_nul(column: Sequence[Any]) -> bool:
    return any(NUL in value for value in column if isinstance(value, str))


def _without_nul(row: tuple[Any, ...]) -> tuple[tuple[Any, ...], int]:
    changed = sum(NUL in value for value in row if isinstance(value, str))
    if not changed:
        return row, 0
    plain = (v.replace(NUL, NUL_SIGN) if isinstance(v, str) else v for v in row)
    return tuple(plain), changed


def _take_version(source: Connection, target: Connection) -> TableDigest:
    """Give the target the counters of the source, so that it goes on from there."""
    table: Any = Version.__table__
    kept = [column for column in table.columns if column.name not in ("id", NEW_ID)]
    row = source.execute(select(*kept)).one()
    values = dict(zip((column.name for column in kept), row, strict=True))
    target.execute(update_of(table).values(values | {NEW_ID: secrets.token_hex(8)}))
    return digest_table(source, table)


def digest_table(connection: Connection, table: Table) -> TableDigest:
    """Return rows and digest of a table; the database's own id is left out.

    Notes
    -----
    Reads block by block; takes some microseconds a row.
    """
    tally = _Tally()
    for block in read_blocks(connection, table):
        tally.add(block)
    return tally.result()


class _Tally:
    def __init__(self) -> None:
        self._rows = self._sum = 0

    def add(self, block: Sequence[tuple[Any, ...]]) -> None:
        for row in block:
            # The second format of marshal says values only, not who else holds them.
            told = hashlib.blake2b(marshal.dumps(row, 2), digest_size=_DIGEST_BYTES).digest()
            self._sum += int.from_bytes(told, "little")
        self._rows += len(block)

    def result(self) -> TableDigest:
        return TableDigest(self._rows, self._sum % (1 << (8 * _DIGEST_BYTES)))


def read_rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that :func:`read_blocks` yields, one by one."""
    for block in read_blocks(connection, table):
        yield from block


def read_blocks(connection: Connection, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield the rows of a table in the form both databases share, some thousands at a time.

    Parameters
    ----------
    connection : Connection
        Any connection.
    table : Table
        One of ``Base.metadata``.

    Yields
    ------
    sequence of tuple
        Whole numbers (also for yes and no), texts and None: moments in UTC to the
        microsecond, JSON as it is written.
    """
    server = connection.dialect.name == "postgresql"
    own_id = table is Version.__table__
    columns = [c for c in table.columns if not (own_id and c.name == NEW_ID)]
    wanted = ", ".join(_as_stored(column, server=server) for column in columns)
    is_json = [isinstance(column.type, JSON) for column in columns]
    # Past SQLAlchemy, whose rows cost as much again as those of the driver.
    held: Any = connection.connection
    cursor = held.cursor(name="moving", binary=True) if server else held.cursor()
    with speaking_plainly(connection.engine), closing(cursor):
        # The audit takes lines at its end only.
        order = " ORDER BY id" if table is AuditEvent.__table__ else ""
        cursor.execute(f"SELECT {wanted} FROM {table.name}{order}")
        while block := cursor.fetchmany(BLOCK):
            yield [_share_json(row, is_json) for row in block] if any(is_json) else block


def _share_json(row: Sequence[Any], is_json: Sequence[bool]) -> tuple[Any, ...]:
    return tuple(json_text(v) if j else v for v, j in zip(row, is_json, strict=True))


def json_text(stored: str | float | None) -> str | None:
    """Return a JSON value as text, numbers on their own in one form.

    SQLite turns such a number into one of its own: ``30.0`` comes back as 30.

    Examples
    --------
    >>> json_text("30.0"), json_text(30), json_text('["30.0"]'), json_text(None)
    ('30', '30', '["30.0"]', None)
    """
    if stored is None or (isinstance(stored, str) and stored[:1] not in _NUMBERS):
        return stored
    number = json.loads(stored) if isinstance(stored, str) else stored
    whole = isinstance(number, float) and number.is_integer()
    return json.dumps(int(number) if whole else number)


def _as_stored(column: Column[Any], *, server: bool) -> str:
    """Return the expression that gives a column in the shared form.

    Raises
    ------
    TypeError
        For a type this module does not know yet.
    """
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, Boolean):
        return f"CASE WHEN {name} THEN 1 WHEN NOT {name} THEN 0 END"
    if isinstance(kind, Moment):
        # SQLAlchemy writes moments into SQLite in this very form.
        in_utc = f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        return in_utc if server else name
    if isinstance(kind, JSON):
        return f"CAST({name} AS TEXT)" if server else name
    if isinstance(kind, (Integer, Text, Day)):
        return name
    raise TypeError(f"no shared form for {column} of type {kind!r}")


def _set_counters(connection: Connection) -> None:
    """Let the server count on from the highest id of each table that it numbers itself."""
    for table in Base.metadata.sorted_tables:
        counted = table.autoincrement_column
        if counted is None:
            continue
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{counted.name}'), "
                f"max({counted.name})) FROM {table.name} HAVING max({counted.name}) IS NOT NULL"
            )
        )


__all__ = ["Copied", "Progress", "TableDigest", "check_empty", "copy_tables", "digest_table"]
