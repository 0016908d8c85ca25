"""What a database raises is said in words; a cut connection costs one page, not the next."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Engine, exc, insert, make_url, select, text

from crm_core.errors import DatabaseError, RecordError
from crm_core.records import engine as engine_module
from crm_core.records.bulk import insert_rows
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.faults import in_words
from crm_core.records.models import Channel, Source
from crm_core.records.reading_sales import stream_numbers
from tests.databases import ServerDatabases, run_sql

URL = make_url("postgresql+psycopg://me:secret@host/crm")
CALLS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@pytest.fixture
def server(server_databases: ServerDatabases) -> Iterator[Engine]:
    engine = open_database(server_databases.bare("faults"))
    yield engine
    engine.dispose()


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (errors.DiskFull("could not extend file"), "the server's disk is full"),
        (errors.TooManyConnections("sorry, too many clients already"), "no connection left"),
        (errors.AdminShutdown("terminating connection"), "load the page anew"),
        (errors.CrashShutdown("terminating connection"), "load the page anew"),
        (errors.CannotConnectNow("the database system is starting up"), "wait a moment"),
        (errors.InsufficientPrivilege("permission denied for table sales"), "GRANT"),
        (errors.ReadOnlySqlTransaction("cannot execute INSERT"), "allows only reading"),
        (errors.DeadlockDetected("deadlock detected"), "two changes met"),
        (errors.SerializationFailure("could not serialize access"), "two changes met"),
        (errors.LockNotAvailable("canceling statement"), "somebody else is writing"),
        (errors.QueryCanceled("canceling statement"), "statement_timeout"),
        (errors.InvalidPassword("password authentication failed"), "check the password"),
        (errors.InvalidCatalogName('database "x" does not exist'), "no such database"),
        (errors.DataCorrupted("invalid page in block 0"), "restore a backup"),
        (psycopg.OperationalError("connection failed: Connection refused\nmore"), "server runs"),
        (psycopg.OperationalError("FATAL: sorry, too many clients already"), "max_connections"),
        (exc.TimeoutError("QueuePool limit"), "wait until those who are writing"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_every_trouble_of_a_server_says_what_to_do(error: Exception, said: str) -> None:
    found = in_words(URL, error)
    assert isinstance(found, DatabaseError)
    assert said in str(found)
    assert str(found).startswith("Wanted to use the database postgresql+psycopg://me:***@host/crm")
    assert "secret" not in str(found)
    assert "\n" not in str(found)
    wrapped = exc.OperationalError("SELECT 1", {}, error)
    assert isinstance(error, exc.TimeoutError) or said in str(in_words(URL, wrapped))


def test_faults_of_the_program_stay_so() -> None:
    assert in_words(URL, errors.UndefinedTable("relation does not exist")) is None
    assert in_words(make_url("sqlite://"), sqlite3.OperationalError("no such table: x")) is None


def test_the_lines_in_which_a_server_quotes_a_row_are_left_out() -> None:
    said = "duplicate key value\nDETAIL:  Key (name)=(Ann Private) already exists."
    for error in (errors.UniqueViolation(said), errors.DiskFull(said)):
        found = in_words(URL, exc.DBAPIError("INSERT", {}, error))
        assert "duplicate key value" in str(found)
        assert "Private" not in str(found)


def test_a_broken_rule_is_said_without_the_row(server: Engine) -> None:
    rows = [(1, "Ann Private"), (1, "Ann Private")]
    with (
        pytest.raises(RecordError, match="unique constraint") as found,
        writing(server) as connection,
    ):
        insert_rows(connection, Channel, ("id", "name"), rows)
    assert "Private" not in str(found.value)
    with reading(server) as connection:
        assert connection.execute(select(Channel.id)).all() == []


@pytest.mark.parametrize("bulk", [False, True], ids=["by SQLAlchemy", "by the driver"])
def test_a_cut_connection_is_said_and_the_next_page_works(server: Engine, bulk: bool) -> None:
    def page() -> None:
        with reading(server) as connection:
            connection.execute(select(Source.id)).all()
            run_sql(url_of(server), CALLS)
            if bulk:
                list(stream_numbers(connection, "SELECT CAST(1 AS BIGINT)", 1))
            connection.execute(select(Source.id)).all()

    with pytest.raises(DatabaseError, match=r"load the page anew|connection to the server was cut"):
        page()
    with reading(server) as connection:
        assert connection.execute(select(Source.id)).all() == []


def test_a_connection_cut_while_writing_leaves_nothing(server: Engine) -> None:
    def half() -> None:
        with writing(server) as connection:
            connection.execute(insert(Source).values(name="half"))
            run_sql(url_of(server), CALLS)
            insert_rows(connection, Channel, ("id", "name"), [(1, "x")])

    with pytest.raises(DatabaseError, match="undone"):
        half()
    with writing(server) as connection:
        assert connection.execute(select(Source.id)).all() == []


def test_the_second_writer_waits_in_line(server: Engine) -> None:
    order = []

    def second() -> None:
        with writing(server):
            order.append("second")

    with writing(server):
        other = threading.Thread(target=second)
        other.start()
        other.join(0.5)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_whoever_waits_too_long_is_told_who_is_in_the_way(
    server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_SECONDS", 1)
    with writing(server), recording(server) as note:
        note.execute(insert(Source).values(name="notes wait for nobody"))
        with pytest.raises(DatabaseError, match="somebody else is writing"), writing(server):
            pass
    with writing(server):
        pass


def test_a_server_that_only_reads_says_so(server: Engine) -> None:
    name = server.url.database
    run_sql(url_of(server), f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    server.dispose()
    with reading(server) as connection:
        assert connection.execute(select(Source.id)).all() == []
    with pytest.raises(DatabaseError, match="allows only reading"), writing(server):
        pass


def test_a_server_knows_who_calls_and_an_address_may_say_otherwise(server: Engine) -> None:
    with reading(server) as connection:
        assert connection.execute(text("SHOW application_name")).scalar() == "regulars"
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
    other = open_database(f"{url_of(server)}?application_name=shop")
    with reading(other) as connection:
        assert connection.execute(text("SHOW application_name")).scalar() == "shop"
    other.dispose()
