"""Who looks after whom: the arrays of the ledger and the records answer alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from crm_core.metrics.carers import carers, clients_of
from crm_core.records.batches import undo, write_import
from crm_core.records.caring import carers_of
from crm_core.records.clients import merge
from crm_core.records.engine import open_database, rehearsing
from crm_core.records.people import set_manager
from crm_core.snapshot import build_ledger
from crm_core.tables import to_day
from tests.builders import make_staged
from tests.databases import Databases

NOW = datetime(2024, 3, 1, tzinfo=UTC)
FIRST = date(2024, 1, 1)


@pytest.fixture(scope="module")
def engine(
    shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """Return a database that stays empty: every test takes back what it wrote."""
    opened = open_database(shared_databases.new(tmp_path_factory.mktemp("caring")))
    yield opened
    opened.dispose()


def by_arrays(connection: Connection, day: date) -> dict[int, str]:
    ledger = build_ledger(connection)
    codes = carers(ledger, to_day(day)).tolist()
    names = [ledger.managers[code] if code >= 0 else "" for code in codes]
    return dict(zip(ledger.clients.record_id.tolist(), names, strict=True))


def test_a_record_comes_before_the_latest_sale_and_a_files_first_word_stands_in_for_before(
    engine: Engine,
) -> None:
    rows = [
        {"client": "sold", "day": "2024-01-05", "amount": 1, "manager": "Ann"},
        {"client": "sold", "day": "2024-02-05", "amount": 1, "manager": "Ben"},
        {"client": "sold", "day": "2024-02-09", "amount": 1},
        {"client": "filed", "day": "2024-01-05", "amount": 1},
    ]
    staged = make_staged(rows, clients={"filed": {"manager": "Cleo"}})
    with rehearsing(engine) as connection:
        number = write_import(connection, staged, imported_at=NOW).batch_id
        sold, filed = 1, 2
        set_manager(connection, sold, "Dora", from_day=date(2024, 3, 10))
        set_manager(connection, sold, "", from_day=date(2024, 3, 20))
        set_manager(connection, filed, "Dora", from_day=date(2024, 3, 10))
        expected = {
            date(2024, 1, 4): ("", "Cleo"),
            date(2024, 1, 5): ("Ann", "Cleo"),
            date(2024, 3, 9): ("Ben", "Cleo"),
            date(2024, 3, 10): ("Dora", "Dora"),
            date(2024, 3, 20): ("", "Dora"),
        }
        for day, (one, other) in expected.items():
            assert by_arrays(connection, day) == {sold: one, filed: other}, day
            assert carers_of(connection, [sold, filed], day) == [one, other], day
        undo(connection, number, at=NOW)
        assert carers_of(connection, [filed], date(2024, 3, 9)) == [""]


NAMES = st.sampled_from(["Ann", "Ben", ""])
DAYS = st.integers(0, 9)
CLIENTS = st.sampled_from("abc")


@given(
    sales=st.lists(st.tuples(CLIENTS, DAYS, NAMES), min_size=1, max_size=8),
    files=st.dictionaries(CLIENTS, st.sampled_from(["Ann", "Cleo"]), max_size=3),
    notes=st.lists(st.tuples(st.integers(1, 3), DAYS, NAMES), max_size=6),
    merged=st.booleans(),
    day=DAYS,
)
@settings(max_examples=25)
def test_records_and_arrays_agree(engine, *, sales, files, notes, merged, day) -> None:
    rows = [
        {"client": client, "day": FIRST + timedelta(days=on), "amount": 1, "order": str(number),
         "manager": name or None}
        for number, (client, on, name) in enumerate(sales)
    ]  # fmt: skip
    about = {client: {"manager": files[client]} if client in files else {} for client in "abc"}
    with rehearsing(engine) as connection:
        imported = datetime.combine(FIRST + timedelta(days=4), NOW.timetz())
        write_import(connection, make_staged(rows, clients=about), imported_at=imported)
        for client, on, name in notes:
            set_manager(connection, client, name, from_day=FIRST + timedelta(days=on))
        if merged:
            merge(connection, 2, 1, merged_at=NOW, by="", evidence="")
        expected = by_arrays(connection, FIRST + timedelta(days=day))
        found = carers_of(connection, list(expected), FIRST + timedelta(days=day))
        assert found == list(expected.values())


def test_a_department_or_a_person_is_enough_and_neither_is_nobody(engine: Engine) -> None:
    about = {"a": {"department": "North"}, "b": {"manager": "Ann"}, "c": {}}
    rows = [{"client": client, "day": "2024-01-05", "amount": 1} for client in about]
    with rehearsing(engine) as connection:
        write_import(connection, make_staged(rows, clients=about), imported_at=NOW)
        ledger = build_ledger(connection)
    day = to_day(NOW.date())
    assert clients_of(ledger, day, department="North", manager="Ann").tolist() == [
        True,
        True,
        False,
    ]
    assert not clients_of(ledger, day).any()
    assert not clients_of(ledger, day, department="South", manager="Eve").any()
