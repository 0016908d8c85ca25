from __future__ import annotations

import sqlite3
import threading
import traceback
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, exc, insert, select, text

from crm_core.errors import DatabaseError, RecordError
from crm_core.records import migrate
from crm_core.records.engine import (
    database_url,
    note_quietly,
    open_database,
    reading,
    recording,
    rehearsing,
    writing,
)
from crm_core.records.models import Base, Source
from crm_core.records.versions import read_versions
from tests.databases import Databases

NORMAL, FULL = 1, 2
"""Of SQLite's ``synchronous``: may lose the last commits to a power cut, may not."""


def test_migrated_schema_is_the_schema_of_the_models(database: Engine):
    with database.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_newest_revision_is_the_one_the_program_names():
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.HEAD]


def test_opening_twice_keeps_the_database(databases: Databases, tmp_path: Path):
    url = databases.new(tmp_path)
    found = []
    for _ in range(2):
        engine = open_database(url)
        with reading(engine) as connection:
            found.append(read_versions(connection))
        engine.dispose()
    assert found[0] == found[1]


@pytest.mark.sqlite_only("its settings")
def test_sqlite_runs_in_wal_mode_with_foreign_keys(database: Engine):
    with reading(database) as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in
                   ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")]  # fmt: skip
    assert pragmas == ["wal", 1, 30_000, FULL]


@pytest.mark.sqlite_only("its settings")
def test_every_commit_is_on_the_disk_but_that_of_a_note_in_passing(database: Engine):
    found = {}

    def look(connection: Connection) -> None:
        pragmas = ("synchronous", "busy_timeout")
        found["quiet"] = [connection.exec_driver_sql(f"PRAGMA {p}").scalar() for p in pragmas]

    for kind, transaction in (("writing", writing), ("recording", recording)):
        assert note_quietly(database, look), "afterwards, the same connection is in earnest again"
        with transaction(database) as connection:
            found[kind] = connection.exec_driver_sql("PRAGMA synchronous").scalar()
            waiting = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    assert found == {"quiet": [NORMAL, 200], "writing": FULL, "recording": FULL}
    assert waiting == 30_000
    held = database.raw_connection()
    assert held.cursor().execute("PRAGMA synchronous").fetchone() == (FULL,)
    held.close()


@pytest.mark.sqlite_only("its settings")
def test_the_first_tables_and_a_note_that_fails_leave_commits_durable(tmp_path: Path):
    synchronous: list[int] = []

    def watch(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        synchronous.append(driver.execute("PRAGMA synchronous").fetchone()[0])

    event.listen(Engine, "commit", watch)
    try:
        engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite'}")
        assert synchronous
        assert set(synchronous) == {FULL}

        def fail(connection: Connection) -> None:
            connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

        assert not note_quietly(engine, fail)
        with writing(engine):
            pass
    finally:
        event.remove(Engine, "commit", watch)
    assert set(synchronous) == {FULL}
    engine.dispose()


def test_writing_steps_both_versions_and_a_note_only_one(database: Engine):
    with reading(database) as connection:
        before = read_versions(connection)
    with writing(database):
        pass
    with writing(database, sales=False):
        pass
    with reading(database) as connection:
        after = read_versions(connection)
    assert after.sales_version == before.sales_version + 1
    assert after.data_version == before.data_version + 2
    assert after.sales_id != before.sales_id
    assert after.database_id == before.database_id


def test_an_exception_rolls_rows_and_versions_back(database: Engine):
    with reading(database) as connection:
        before = read_versions(connection)

    def fail() -> None:
        with writing(database) as connection:
            connection.execute(insert(Source).values(name="shop"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading(database) as connection:
        assert read_versions(connection) == before
        assert connection.execute(select(Source.name)).all() == []


def test_a_rehearsal_sees_its_rows_and_leaves_none(database: Engine):
    with rehearsing(database) as connection:
        connection.execute(insert(Source).values(name="shop"))
        assert connection.execute(select(Source.name)).scalars().all() == ["shop"]
    with reading(database) as connection:
        assert connection.execute(select(Source.name)).all() == []


def test_writers_wait_for_each_other(database: Engine):
    def add(name: str) -> None:
        for number in range(10):
            with writing(database) as connection:
                connection.execute(insert(Source).values(name=f"{name}{number}"))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(database) as connection:
        assert len(connection.execute(select(Source.id)).all()) == 30
        assert read_versions(connection).data_version == 30


def test_a_reader_sees_one_moment(database: Engine):
    with reading(database) as connection:
        before = read_versions(connection)
        with writing(database):
            pass
        assert read_versions(connection) == before


def test_a_broken_rule_of_the_schema_is_said_in_words(database: Engine):
    with (
        pytest.raises(RecordError, match="keeps the rules of the database"),
        writing(database) as connection,
    ):
        connection.execute(text("INSERT INTO client_managers VALUES (1, 77, 0, 'x', NULL)"))


def test_a_fault_of_the_program_stays_an_exception_of_the_program(database: Engine):
    with pytest.raises(exc.DBAPIError), reading(database) as connection:
        connection.execute(text("SELECT nonsense FROM nowhere"))


def test_what_an_error_leaves_in_a_log_names_no_value(database: Engine):
    wrong, who = text("SELECT nothing FROM clients WHERE name = :name"), "Ann Private"
    with pytest.raises(exc.DBAPIError) as found, reading(database) as connection:
        connection.execute(wrong, {"name": who})
    logged = "".join(traceback.format_exception(found.value))
    assert "SELECT nothing FROM clients" in logged
    assert who not in logged


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    file = tmp_path / "notes.sqlite"
    file.write_text("these are notes, not a database " * 100)
    with pytest.raises(DatabaseError, match="the file is something else"):
        open_database(str(file))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="folder cannot be made"):
        open_database(str(tmp_path / "file" / "crm.sqlite"))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path):
    with pytest.raises(DatabaseError, match="cannot be opened"):
        open_database(str(tmp_path))


@pytest.mark.sqlite_only("a server lets writers wait in line")
def test_a_locked_database_says_who_has_it(database: Engine):
    with writing(database), database.connect() as other:
        other.exec_driver_sql("ROLLBACK")
        other.exec_driver_sql("PRAGMA busy_timeout = 1")
        other.exec_driver_sql("BEGIN")
        other.close()
        with pytest.raises(DatabaseError, match="another program is writing"), writing(database):
            pass


def test_a_newer_database_is_refused_in_words(tmp_path: Path):
    file = tmp_path / "crm.sqlite"
    open_database(str(file)).dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="written by a newer Regulars; update the program"):
        open_database(str(file))


def test_a_database_of_another_program_is_left_alone(tmp_path: Path):
    file = tmp_path / "other.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE sales (id INTEGER)")
    with pytest.raises(DatabaseError, match="other tables"):
        open_database(str(file))


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://u@h/d", "postgresql+psycopg"),
        ("postgresql://u@h/d", "postgresql+psycopg"),
        ("sqlite:///x.sqlite", "sqlite"),
        ("x.sqlite", "sqlite"),
    ],
)
def test_urls_are_normalised(given: str, driver: str):
    assert database_url(given).drivername == driver


def test_database_url_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://me@host/crm")
    assert database_url().host == "host"
    monkeypatch.delenv("DATABASE_URL")
    assert database_url().database == "data/regulars.sqlite"


@pytest.mark.parametrize("given", ["mysql://u@h/d", "://"])
def test_unknown_databases_are_refused(given: str):
    with pytest.raises(DatabaseError, match="Wanted"):
        database_url(given)


@pytest.mark.parametrize("given", ["postgresql://u:se:c@ret@h:54x/d", "x y://u:se:c@ret@h/d"])
def test_address_that_cannot_be_read_is_refused_without_its_password(given: str):
    with pytest.raises(DatabaseError, match=r"found '.*://u:…@h") as refused:
        database_url(given)
    assert "ret" not in str(refused.value)
