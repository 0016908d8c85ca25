"""The same records on a PostgreSQL server: a smoke test of everything that is SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, insert, select, text

from crm_core.errors import DatabaseError, RecordError
from crm_core.records import reading_sales
from crm_core.records.batches import held_back, list_batches, redo, undo, write_import
from crm_core.records.clients import edit_client, mark_not_client, merge, read_card, unmerge
from crm_core.records.engine import open_database, reading, rehearsing, writing
from crm_core.records.models import Base, Source
from crm_core.records.people import (
    add_contract,
    end_relationship,
    log_contact,
    override_stage,
    set_manager,
    snooze,
)
from crm_core.records.rates import set_rate
from crm_core.records.settings import read_settings, write_setting
from crm_core.records.staged import UnusedRows
from crm_core.records.versions import read_versions
from crm_core.snapshot import build_ledger, load_ledger
from tests.builders import make_staged
from tests.databases import ServerDatabases
from tests.ledgers import columns_of, same_ledgers

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAY = date(2024, 6, 1)
ROWS = [
    {"client": "b", "day": "2024-01-05", "amount": "10.5", "order": "1", "product": "tea",
     "category": "drinks", "channel": "web", "manager": "Mo", "quantity": 2},
    {"client": "b", "day": "2024-01-06", "amount": "-10.5", "refund_of": "1"},
    {"client": "a", "day": "2024-01-07", "amount": 3, "product": "cup"},
    {"client": "c", "day": "2024-01-08", "amount": 3, "currency": "USD"},
    {"client": None, "day": "2024-01-02", "amount": 7},
    {"client": "a", "day": "2024-01-09", "amount": 4, "order": "9"},
]  # fmt: skip
MORE = [{**ROWS[0], "amount": 12}, ROWS[2], ROWS[2], {**ROWS[2], "client": "x" * 10_000}]
UNUSED = UnusedRows((9,), ("held_back",), ("no day",), ("",), (5,), (None,), (("a\x00", "b"),))
ABOUT = {"a": {"city": "Bonn", "kind": "person", "manager": "Ada", "birthday": "1980-01-01"}}


@pytest.fixture
def server(server_databases: ServerDatabases) -> Iterator[Engine]:
    """Yield a database of this test's own on the server."""
    engine = open_database(server_databases.bare("records"))
    yield engine
    engine.dispose()


def live_through_everything(engine: Engine) -> list[dict[str, object]]:
    """Do one of everything and return the ledgers on the way."""
    seen = []

    def look(connection) -> None:
        seen.append(columns_of(build_ledger(connection)))

    with writing(engine) as connection:
        staged = make_staged(ROWS, clients=ABOUT, unused=UNUSED)
        first = write_import(connection, staged, imported_at=NOW)
        look(connection)
        newer = make_staged(MORE, withdrawn=[("9", "a"), ("8", None)])
        second = write_import(connection, newer, imported_at=NOW)
        assert second.already_stored.rows == 1
        assert second.replaced.rows == 2
        look(connection)
    with writing(engine) as connection:
        set_rate(connection, "USD", from_day=DAY.replace(month=1), rate="0.9213")
        write_setting(connection, "currency", "EUR", source="owner", since=DAY)
        look(connection)
        log_contact(connection, 1, day=DAY, kind="call", inbound=True, created_at=NOW)
        end_relationship(connection, 2, day=DAY, who="us", reason="other")
        add_contract(connection, 2, start=DAY, end=DAY, trial=True)
        override_stage(connection, 2, stage="expansion", reason="x", author="", set_on=DAY)
        snooze(connection, 2, from_day=DAY, until=DAY)
        set_manager(connection, 1, "Bo", from_day=DAY)
        edit_client(connection, 2, region="N")
        look(connection)
        merge(connection, 1, 2, merged_at=NOW, by="", evidence="")
        mark_not_client(connection, 3, "till")
        look(connection)
        assert len(read_card(connection, 2).contacts) == 1
        unmerge(connection, 1, undone_at=NOW)
    for act in (lambda c: undo(c, first.batch_id, at=NOW), lambda c: undo(c, 2, at=NOW),
                lambda c: redo(c, first.batch_id), lambda c: redo(c, 2)):  # fmt: skip
        with writing(engine) as connection:
            act(connection)
            look(connection)
    with reading(engine) as connection:
        assert [row.line for row in held_back(connection, first.batch_id)] == [9]
        assert [batch.report.batch_id for batch in list_batches(connection)] == [1, 2]
        assert read_settings(connection)["currency"].since == DAY
    return seen


def test_both_databases_tell_the_same_story(server: Engine):
    embedded = open_database("sqlite://")
    for here, there in zip(
        live_through_everything(server), live_through_everything(embedded), strict=True
    ):
        assert here == there
    embedded.dispose()


def test_the_schema_is_that_of_the_models(server: Engine):
    with server.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_cached_ledger_is_that_of_the_records(server: Engine, tmp_path: Path):
    with writing(server) as connection:
        write_import(connection, make_staged(ROWS), imported_at=NOW)
        built = build_ledger(connection)
    assert same_ledgers(load_ledger(server, cache_dir=tmp_path), built)
    assert same_ledgers(load_ledger(server, cache_dir=tmp_path), built)


def test_many_rows_stream_out_as_they_went_in(server: Engine):
    rows = [{"client": str(n % 999), "day": 19_000 + n % 77, "amount": n} for n in range(45_000)]
    with writing(server) as connection:
        write_import(connection, make_staged(rows), imported_at=NOW)
        ledger = build_ledger(connection)
    assert len(ledger.sales) == len(rows)
    assert int(ledger.sales.amount.sum()) == sum(range(45_000)) * 10_000


def test_sales_come_in_spans_whatever_is_not_live_among_them(
    server: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading_sales, "SPAN", 4)
    rows = [
        {"client": f"c{n % 5}", "day": 19_000 + n, "amount": n, "order": str(n)} for n in range(30)
    ]
    newer = [{**row, "amount": 99} for row in rows[8:21]]
    embedded = open_database("sqlite://")
    found = []
    for engine in (server, embedded):
        with writing(engine) as connection:
            for some in (rows, newer):
                write_import(connection, make_staged(some), imported_at=NOW)
            found.append(columns_of(build_ledger(connection)))
    assert found[0] == found[1]
    assert len(found[0]["sales day"][1]) == 30
    embedded.dispose()


def test_writers_wait_and_readers_see_one_moment(server: Engine):
    def add(name: str) -> None:
        for number in range(5):
            with writing(server) as connection:
                connection.execute(insert(Source).values(name=f"{name}{number}"))

    with reading(server) as connection:
        before = read_versions(connection)
        threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert read_versions(connection) == before
    with reading(server) as connection:
        assert read_versions(connection).data_version == before.data_version + 15


def test_failures_are_rolled_back_and_said_in_words(server: Engine):
    with rehearsing(server) as connection:
        connection.execute(insert(Source).values(name="shop"))
    with pytest.raises(RecordError, match="keeps the rules"), writing(server) as connection:
        connection.execute(text("INSERT INTO client_managers VALUES (1, 77, 0, 'x', NULL)"))
    with reading(server) as connection:
        assert connection.execute(select(Source.name)).all() == []


def test_a_server_that_is_not_there_is_said_in_words():
    with pytest.raises(DatabaseError, match="check that the server runs"):
        open_database("postgresql://nobody@127.0.0.1:1/nothing")
