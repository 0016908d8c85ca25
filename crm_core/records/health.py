"""Whether the database itself is sound: its file, its tables, and what rows refer to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, inspect, text

from crm_core.records.migrate import HEAD
from crm_core.records.models import Base

MOST_NAMED = 3
"""Damages named in one sentence."""


def schema_fault(connection: Connection) -> str | None:
    """Return what is wrong with the tables, None where they are those of this program."""
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if found != [HEAD]:
        return (
            f"The schema is {', '.join(map(str, found)) or 'not named'}, this program's is {HEAD}."
        )
    missing = list(_missing(connection))
    if missing:
        return f"Missing: {_list(missing)}."
    rows = connection.execute(text("SELECT count(*) FROM versions")).scalar()
    return None if rows == 1 else f"The table versions holds {rows} rows, it should hold one."


def _missing(connection: Connection) -> Iterator[str]:
    """Yield tables, columns, indexes, references and guards that the database lacks."""
    look = inspect(connection)
    there = set(look.get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name not in there:
            yield f"table {table.name}"
            continue
        columns = {column["name"] for column in look.get_columns(table.name)}
        yield from (f"column {table.name}.{c.name}" for c in table.columns if c.name not in columns)
        indexes = {index["name"] for index in look.get_indexes(table.name)}
        yield from (f"index {i.name}" for i in table.indexes if i.name not in indexes)
        keys = {tuple(key["constrained_columns"]) for key in look.get_foreign_keys(table.name)}
        for key in table.foreign_key_constraints:
            if tuple(key.column_keys) not in keys:
                yield f"reference {table.name}.{', '.join(key.column_keys)}"
    guards = set(connection.execute(text(_TRIGGERS[connection.dialect.name])).scalars())
    if len(guards) < _GUARDS[connection.dialect.name]:
        yield "a guard of the audit"


_GUARDS = {"sqlite": 4, "postgresql": 2}
"""How many triggers hold the audit to append-only."""

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_events'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('audit_events') "
        "AND NOT tgisinternal AND tgenabled <> 'D'"
    ),
}


def storage_fault(connection: Connection) -> str | None:
    """Return what the database finds wrong with its own file, None where it is sound.

    Notes
    -----
    SQLite reads every page and compares every index with its table
    (``integrity_check``). PostgreSQL has no such command for everybody: there it is
    asked for indexes and constraints that it knows to be unfinished.
    """
    if connection.dialect.name == "sqlite":
        # All messages: an unfinished check would hold its lock on the file.
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
        return None if found == ["ok"] else f"Found: {_list([str(line) for line in found])}."
    unfinished = connection.execute(text(_UNFINISHED)).scalars().all()
    return f"Not valid: {_list(list(unfinished))}." if unfinished else None


_UNFINISHED = """
    SELECT 'index ' || name.relname FROM pg_index
    JOIN pg_class AS name ON name.oid = indexrelid
    JOIN pg_namespace AS room ON room.oid = name.relnamespace
    WHERE NOT indisvalid AND room.nspname = ANY(current_schemas(false))
    UNION ALL
    SELECT 'constraint ' || conname FROM pg_constraint
    JOIN pg_namespace AS room ON room.oid = connamespace
    WHERE NOT convalidated AND room.nspname = ANY(current_schemas(false))
"""


def orphans(connection: Connection) -> dict[str, int]:
    """Return how many rows refer to nothing, by the column that does.

    Returns
    -------
    dict of str to int
        ``"sales.client_id": 3``; empty where every reference leads to a row.
    """
    if connection.dialect.name == "sqlite":
        return _orphans_in_file(connection)
    found: dict[str, int] = {}
    for child, column, parent, key in _references():
        statement = (
            f"SELECT count(*) FROM {child} WHERE {column} IS NOT NULL AND NOT EXISTS "
            f"(SELECT 1 FROM {parent} WHERE {parent}.{key} = {child}.{column})"
        )
        count = int(connection.execute(text(statement)).scalar_one())
        if count:
            found[f"{child}.{column}"] = count
    return found


def _orphans_in_file(connection: Connection) -> dict[str, int]:
    """Ask SQLite, which looks at all references of a table in one pass."""
    columns: dict[tuple[str, int], str] = {}
    for table in Base.metadata.sorted_tables:
        for row in connection.exec_driver_sql(f"PRAGMA foreign_key_list({table.name})"):
            columns[table.name, row[0]] = f"{table.name}.{row[3]}"
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return dict(Counter(columns.get((row[0], row[3]), str(row[0])) for row in broken))


def _references() -> Iterator[tuple[str, str, str, str]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                target: Any = key.column
                yield table.name, column.name, target.table.name, target.name


def _list(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = "; ".join(names[:MOST_NAMED])
    return f"{shown} and {more:,} more" if more > 0 else shown
