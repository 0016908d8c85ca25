"""Undo in any order, held against a slow and obvious implementation."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from crm_core.errors import RecordError, RefusedError
from crm_core.records.batches import list_batches, redo, undo, write_import
from crm_core.records.engine import open_database, rehearsing, writing
from crm_core.records.people import log_contact
from crm_core.snapshot import build_ledger
from tests.builders import make_staged
from tests.databases import Databases
from tests.ledgers import same_ledgers

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROWS: list[dict[str, Any]] = [
    {"client": "a", "day": "2024-01-01", "amount": 5, "order": "1", "product": "tea"},
    {"client": "b", "day": "2024-01-02", "amount": 7, "channel": "web"},
    {"client": None, "day": "2024-01-02", "amount": 7},
]
OTHER: list[dict[str, Any]] = [
    {"client": "a", "day": "2024-01-01", "amount": 6, "order": "1", "product": "cup"},
    {"client": "c", "day": "2024-02-02", "amount": 1, "manager": "Mo"},
]
ABOUT = {"a": {"city": "Bonn"}, "b": {"region": "N"}, "lead": {"known_on": "2023-01-01"}}
LATER = {"a": {"city": "Köln", "manager": "Mo"}, "d": {}}


def test_undo_leaves_the_numbers_exactly_as_before(database: Engine):
    with writing(database) as connection:
        write_import(connection, make_staged(ROWS, clients=ABOUT), imported_at=NOW)
        before = build_ledger(connection)
        second = write_import(connection, make_staged(OTHER, clients=LATER), imported_at=NOW)
        after = build_ledger(connection)
        undo(connection, second.batch_id, at=NOW)
        assert same_ledgers(build_ledger(connection), before)
        redo(connection, second.batch_id)
        assert same_ledgers(build_ledger(connection), after)


def test_undoing_the_older_of_two_leaves_the_newer_alone(database: Engine):
    with writing(database) as connection:
        first = write_import(connection, make_staged(ROWS, clients=ABOUT), imported_at=NOW)
        write_import(connection, make_staged(OTHER, clients=LATER), imported_at=NOW)
        undo(connection, first.batch_id, at=NOW)
        ledger = build_ledger(connection)
    assert ledger.clients.external_id.to_pylist() == ["a", "c", "d"]
    assert ledger.sales.amount.tolist() == [60_000, 10_000]
    assert ledger.clients.attributes["city"].labels == ("Köln",)
    assert ledger.products == ("cup",)


def test_a_client_with_a_note_stays_known_without_the_import(database: Engine):
    with writing(database) as connection:
        report = write_import(connection, make_staged(ROWS), imported_at=NOW)
        log_contact(connection, 1, day=NOW.date(), kind="call", inbound=True, created_at=NOW)
        undo(connection, report.batch_id, at=NOW)
        assert build_ledger(connection).clients.external_id.to_pylist() == ["a"]


def test_undoing_twice_is_refused(database: Engine):
    with writing(database) as connection:
        report = write_import(connection, make_staged(ROWS), imported_at=NOW)
        undo(connection, report.batch_id, at=NOW)
        with pytest.raises(RefusedError, match="undone on 2024-06-01"):
            undo(connection, report.batch_id, at=NOW)
        redo(connection, report.batch_id)
        with pytest.raises(RefusedError, match="in force"):
            redo(connection, report.batch_id)
        with pytest.raises(RecordError, match="Wanted import 9"):
            undo(connection, 9, at=NOW)


ROW = st.fixed_dictionaries(
    {
        "client": st.sampled_from(["a", "b", None]),
        "day": st.integers(19_000, 19_001),
        "amount": st.integers(1, 2),
        "order": st.sampled_from([None, None, "1", "2"]),
    }
)


WITHDRAWN = st.lists(
    st.tuples(st.sampled_from(["1", "2"]), st.sampled_from(["a", "b", None])), max_size=2
)
FILE = st.tuples(st.lists(ROW, max_size=6), WITHDRAWN)
Content = tuple[list[dict[str, Any]], list[tuple[str, str | None]]]


def expected_rows(contents: dict[int, Content], live: set[int]) -> Counter[Any]:
    """Apply the rules as they are written, row by row."""
    orders: dict[Any, list[Any]] = {}
    singles: Counter[Any] = Counter()
    for number in sorted(live):
        counts: Counter[Any] = Counter()
        rows, withdrawn = contents[number]
        fresh: dict[Any, list[Any]] = {(client, order): [] for order, client in withdrawn}
        for row in rows:
            whole = (row["client"], row["order"], row["day"], row["amount"] * 10_000)
            if row["order"] is None:
                counts[whole] += 1
            else:
                fresh.setdefault(whole[:2], []).append(whole)
        orders |= fresh
        singles |= counts
    return singles + Counter(row for rows in orders.values() for row in rows)


@pytest.fixture(scope="module")
def tried(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return an empty database that stays so: each example is rolled back."""
    return open_database(shared_databases.new(tmp_path_factory.mktemp("tried"), "tried"))


@settings(max_examples=40)
@given(
    files=st.lists(FILE, min_size=1, max_size=4),
    switches=st.lists(st.integers(0, 3), max_size=6),
)
def test_any_order_of_imports_and_undos_gives_what_the_rules_say(tried, files, switches):
    contents: dict[int, Content] = {}
    live: set[int] = set()
    with rehearsing(tried) as connection:
        for number, (rows, withdrawn) in enumerate(files, start=1):
            staged = make_staged(rows, mapping={"file": number}, withdrawn=withdrawn)
            staged.__dict__["fingerprint"] = str(number)
            report = write_import(connection, staged, imported_at=NOW)
            old = expected_rows(contents, live)
            contents[report.batch_id] = (rows, withdrawn)
            live.add(report.batch_id)
            assert report.already_stored.rows == sum((old & counted(rows)).values())
            new = expected_rows(contents, live)
            fresh_rows = len(rows) - report.already_stored.rows
            assert report.replaced.rows == old.total() + fresh_rows - new.total()
            assert found_rows(connection) == new
        for switch in switches:
            batch = switch % len(files) + 1
            if batch in live:
                undo(connection, batch, at=NOW)
                live.remove(batch)
            else:
                redo(connection, batch)
                live.add(batch)
            assert found_rows(connection) == expected_rows(contents, live)
        assert {b.id for b in list_batches(connection) if b.live} == live


def counted(rows: list[dict[str, Any]]) -> Counter[Any]:
    return Counter((r["client"], r["order"], r["day"], r["amount"] * 10_000) for r in rows)


def found_rows(connection: Any) -> Counter[Any]:
    statement = (
        "SELECT clients.external_id, order_ref, day, amount FROM sales "
        "LEFT JOIN clients ON clients.id = client_id WHERE live"
    )
    return Counter(tuple(row) for row in connection.execute(text(statement)))
