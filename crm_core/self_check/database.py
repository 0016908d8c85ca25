"""Whether the database is sound: its file, its schema, and what its rows refer to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from crm_core.records.health import orphans, schema_fault, storage_fault
from crm_core.self_check.findings import Check

DAMAGED = (
    "Stop working in this database and restore a backup; a copy of the damaged file may help "
    "whoever looks into it."
)


def database_checks(connection: Connection) -> Iterator[Check]:
    """Yield the checks of the database itself."""
    own = "the whole file, page by page" if _is_file(connection) else "indexes and constraints"
    yield Check(
        "Storage",
        f"{own}, by the database's own check",
        lambda: storage_fault(connection),
        DAMAGED,
        "The database finds nothing wrong with itself.",
    )
    yield Check(
        "Schema",
        "tables, columns, indexes and references, with those this program needs",
        lambda: schema_fault(connection),
        "Start the program once so that it brings the tables up to date; if that does not help, "
        "restore a backup.",
        "The tables are those of this program.",
    )
    yield Check(
        "References",
        "what every row refers to, with the rows that are there",
        lambda: _orphan_fault(connection),
        DAMAGED,
        "Every reference leads to a row.",
    )


def _is_file(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _orphan_fault(connection: Connection) -> str | None:
    found = orphans(connection)
    if not found:
        return None
    named = ", ".join(f"{count:,} in {column}" for column, count in found.items())
    return f"Rows that refer to nothing: {named}."
