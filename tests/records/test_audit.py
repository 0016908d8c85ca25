"""The audit as the database itself guards it: lines come at its end, and stay as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_core.records.audit import list_audit, write_down
from crm_core.records.engine import open_database, reading, recording
from crm_core.records.health import schema_fault
from crm_core.records.models import AuditEvent
from crm_core.records.moving import read_rows
from tests.databases import ON_POSTGRES, Databases, run_sql

COLUMNS = "(id, at, who, role, deed, detail)"
LINE = "'2020-01-01 00:00:00', 'member 9', 'owner', 'forged', '{}'"
UPSERT = f"INSERT INTO audit_events {COLUMNS} VALUES (2, {LINE}) ON CONFLICT (id) DO "

ON_BOTH = {
    "update": "UPDATE audit_events SET who = 'x' WHERE id = 2",
    "update of a number": "UPDATE audit_events SET id = 99 WHERE id = 2",
    "delete": "DELETE FROM audit_events WHERE id = 2",
    "delete of all": "DELETE FROM audit_events",
    "insert of a number that is there": f"INSERT INTO audit_events {COLUMNS} VALUES (2, {LINE})",
    "upsert that changes": UPSERT + "UPDATE SET deed = excluded.deed",
    "upsert that does nothing": UPSERT + "NOTHING",
    "upsert of a new number": f"INSERT INTO audit_events {COLUMNS} VALUES (3, {LINE}) "
    "ON CONFLICT (id) DO UPDATE SET deed = 'x' WHERE audit_events.id = 3",
    "number below one": f"INSERT INTO audit_events {COLUMNS} VALUES (0, {LINE})",
    "negative number": f"INSERT INTO audit_events {COLUMNS} VALUES (-1, {LINE})",
    "number left free": f"INSERT INTO audit_events {COLUMNS} VALUES (5, {LINE})",
}
ON_SQLITE = {
    "replace": f"REPLACE INTO audit_events {COLUMNS} VALUES (2, {LINE})",
    "insert or replace": f"INSERT OR REPLACE INTO audit_events {COLUMNS} VALUES (2, {LINE})",
    "insert or ignore": f"INSERT OR IGNORE INTO audit_events {COLUMNS} VALUES (2, {LINE})",
    "replace by row id": f"REPLACE INTO audit_events (rowid, {COLUMNS[5:]} VALUES (2, {LINE})",
    "update or replace": "UPDATE OR REPLACE audit_events SET id = 2 WHERE id = 1",
    "replace many": f"REPLACE INTO audit_events {COLUMNS} VALUES (9, {LINE}), (2, {LINE})",
}
ON_SERVER = {
    "truncate": "TRUNCATE audit_events",
    "truncate with others": "TRUNCATE audit_events, visits CASCADE",
    "merge": "MERGE INTO audit_events USING (SELECT 2 AS n) AS other ON id = n "
    "WHEN MATCHED THEN UPDATE SET who = 'x'",
}


WAYS = ON_BOTH | (ON_SERVER if ON_POSTGRES else ON_SQLITE)


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> str:
    """Return a database whose audit holds the lines 1, 2 and 7."""
    url = databases.new(tmp_path)
    engine = open_database(url)
    note(engine, "signed in")
    note(engine, "imported")
    engine.dispose()
    run_sql(url, f"INSERT INTO audit_events {COLUMNS} VALUES (7, {LINE})")
    return url


def note(engine: Engine, words: str) -> None:
    with recording(engine) as connection:
        write_down(connection, words, detail={"record": 1})


def lines_of(engine: Engine) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(line) for line in list_audit(connection)]


def test_no_statement_changes_removes_replaces_or_goes_before_a_line(url: str) -> None:
    engine = open_database(url)
    before = lines_of(engine)
    assert [line[0] for line in before] == [7, 2, 1]
    said: dict[str, str] = {}
    for way, statement in WAYS.items():
        try:
            run_sql(url, statement)
        except Exception as error:  # noqa: BLE001  (each driver has its own)
            said[way] = str(error)
        assert lines_of(engine) == before, way
    assert list(said) == list(WAYS)
    assert [way for way, words in said.items() if "append-only" not in words] == []
    note(engine, "role changed")
    assert {line[4] for line in lines_of(engine)} >= {"forged", "role changed"}
    engine.dispose()


def test_line_whose_number_was_given_first_and_written_last_is_no_forgery(url: str) -> None:
    """The counter of a server gives numbers before others are seen; here one came in between."""
    engine = open_database(url)
    note(engine, "role changed")
    numbers = [line[0] for line in lines_of(engine)]
    assert sorted(numbers) == ([1, 2, 3, 7] if ON_POSTGRES else [1, 2, 7, 8])
    engine.dispose()


def test_audit_without_its_guard_is_found(url: str) -> None:
    engine = open_database(url)
    with reading(engine) as connection:
        assert schema_fault(connection) is None
    table = " ON audit_events" if ON_POSTGRES else ""
    run_sql(url, f"DROP TRIGGER audit_events_at_the_end{table}")
    with reading(engine) as connection:
        assert schema_fault(connection) == "Missing: a guard of the audit."
    engine.dispose()


def test_audit_is_copied_in_its_order(url: str) -> None:
    engine = open_database(url)
    note(engine, "role changed")
    with reading(engine) as connection:
        table: Any = AuditEvent.__table__
        numbers = [row[0] for row in read_rows(connection, table)]
    assert numbers == sorted(numbers)
    assert len(numbers) == 4
    engine.dispose()
