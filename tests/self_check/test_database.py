"""The database itself: its storage, its tables, its references; and one that holds nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.records.engine import open_database, reading
from crm_core.records.versions import read_versions
from crm_core.self_check import running
from tests.databases import Databases
from tests.self_check.conftest import TODAY, check, differing, finding_of, tamper


def test_empty_database_has_nothing_to_differ(databases: Databases, tmp_path: Path) -> None:
    engine = open_database(databases.new(tmp_path))
    found = check(engine)
    assert found.differing == ()
    assert found.left_out == ()
    assert found.sentence().endswith("checks passed; nothing has been imported yet.")


def test_checking_changes_nothing(database: Engine, tmp_path: Path) -> None:
    with reading(database) as connection:
        before = read_versions(connection)
    files = {file.name for file in tmp_path.rglob("*")}
    check(database)
    with reading(database) as connection:
        assert read_versions(connection) == before
    assert {file.name for file in tmp_path.rglob("*")} == files


def test_progress_goes_from_the_known_answers_to_the_database(database: Engine) -> None:
    steps: list[tuple[float, str]] = []
    found = running.run_checks(database, TODAY, lambda share, name: steps.append((share, name)))
    shares = [share for share, _ in steps]
    assert shares == sorted(shares)
    assert len(steps) == len(found.findings)
    assert steps[-1] == (1.0, "References")


@pytest.mark.sqlite_only("a server refuses such a row")
def test_row_that_refers_to_nothing_is_found(database: Engine) -> None:
    tamper(database, "UPDATE sales SET client_id = 4711 WHERE order_ref = '8'")
    found = differing(database)
    assert found["References"] == "Rows that refer to nothing: 2 in sales.client_id."


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP INDEX ix_sales_key", "Missing: index ix_sales_key."),
        ("ALTER TABLE sales DROP COLUMN line", "Missing: column sales.line."),
        ("DROP TABLE snoozes", "Missing: table snoozes."),
        ("UPDATE alembic_version SET version_num = '0000'", "The schema is 0000, this program's"),
    ],
)
def test_schema_that_is_not_the_programs_is_found(
    database: Engine, statement: str, said: str
) -> None:
    tamper(database, statement)
    assert said in differing(database)["Schema"]


@pytest.mark.sqlite_only("damages the file")
def test_index_that_disagrees_with_its_table_is_found(database: Engine) -> None:
    # A row of the index is struck out by hand, as a failing disk would do it.
    tamper(
        database,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = 'CREATE INDEX ix_sales_key ON sales (line)' "
        "WHERE name = 'ix_sales_key'",
        "PRAGMA writable_schema = OFF",
    )
    database.dispose()
    assert "ix_sales_key" in differing(database)["Storage"]


@pytest.mark.sqlite_only("damages the file")
def test_damaged_pages_are_told_and_not_raised(database: Engine) -> None:
    file = Path(str(database.url.database))
    with database.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        root = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'sales'"
        ).scalar_one()
    database.dispose()
    content = bytearray(file.read_bytes())
    start = (root - 1) * size
    content[start : start + size] = b"\xff" * size
    file.write_bytes(content)
    found = check(database)
    assert not found.is_well
    assert any("malformed" in finding.sentence for finding in found.differing)
    assert finding_of(found, "Storage").outcome == "differs"


@pytest.mark.sqlite_only("removes the file")
def test_file_that_vanished_is_told_and_not_raised(database: Engine) -> None:
    database.dispose()
    file = Path(str(database.url.database))
    file.unlink()
    sqlite3.connect(file).close()
    found = check(database)
    assert not found.is_well
    assert found.group("answers") is not None
