"""The demo business: always the same, believable, and gone when it is told to go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from crm_core.demo import (
    fill_with_demo,
    holds_demo,
    is_empty,
    make_demo,
    remove_demo,
)
from crm_core.demo.business import KEY_ACCOUNT, KEY_SHARE, TILL
from crm_core.errors import RefusedError
from crm_core.ledger import Ledger
from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters, ParameterSet
from crm_core.records.batches import list_batches, write_import
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.models import Base, Version
from crm_core.records.settings import read_currency
from crm_core.report import Report, build_report
from crm_core.snapshot import load_ledger
from crm_core.tables import to_date, to_day
from tests.builders import make_staged
from tests.databases import Databases

TODAY = date(2025, 11, 22)


@pytest.fixture(scope="module")
def filled(
    shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    engine = open_database(shared_databases.new(tmp_path_factory.mktemp("demo"), "filled"))
    fill_with_demo(engine, today=TODAY)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def ledger(filled: Engine) -> Ledger:
    return load_ledger(filled)


@pytest.fixture(scope="module")
def report(ledger: Ledger) -> Report:
    return build_report(ledger, ParameterSet(), to_day(TODAY))


@pytest.fixture
def empty(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path))
    yield engine
    engine.dispose()


def rows_stored(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if table is not Version.__table__
        }


def test_the_same_seed_and_day_make_the_same_business() -> None:
    one, other = (make_demo(today=TODAY, seed=3) for _ in range(2))
    for left, right in zip(one.files, other.files, strict=True):
        assert left.fingerprint == right.fingerprint
        assert left.clients.value == right.clients.value
        assert np.array_equal(left.sales.day, right.sales.day)
        assert np.array_equal(left.sales.amount, right.sales.amount)
        assert left.sales.order_ref == right.sales.order_ref


def test_another_seed_makes_another_business() -> None:
    one, other = make_demo(today=TODAY, seed=3), make_demo(today=TODAY, seed=4)
    assert one.files[0].money != other.files[0].money
    assert one.files[0].fingerprint != other.files[0].fingerprint


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 7, 5), date(2027, 1, 1)])
def test_it_ends_on_the_day_given_and_spans_four_years(today: date) -> None:
    for staged in make_demo(today=today).files:
        assert staged.covered is not None
        first, last = staged.covered
        assert to_day(today) - 6 <= last <= to_day(today)
        assert first >= to_day(today) - 4 * 365 - 2
    office = make_demo(today=today).files[1]
    assert office.sales.day.max() - office.sales.day.min() > 1300


def test_nobody_buys_on_a_sunday() -> None:
    office = make_demo(today=TODAY).files[1]
    sold = office.sales.day[office.sales.amount > 0]
    orders = [to_date(day).weekday() for day in np.unique(sold).tolist()]
    assert orders.count(6) <= 1


def test_every_row_is_in_one_end_and_the_money_adds_up(filled: Engine) -> None:
    with reading(filled) as connection:
        batches = list_batches(connection)
    for batch, staged in zip(batches, make_demo(today=TODAY).files, strict=True):
        assert batch.report.total.rows == staged.n_rows
        assert batch.report.total.money == {c: m for c, m in staged.money.items() if m}
    held = batches[1].report.held_back
    assert set(held) == {"unreadable day", "no rate for DKK"}
    assert set(batches[1].report.not_a_sale) == {"lead", "fee"}


def test_every_stage_has_people(report: Report) -> None:
    stages = report.as_json()["stages"]
    assert all(stages[name] >= 5 for name in stages)


def test_some_are_new_some_come_back_and_some_are_lost(report: Report) -> None:
    churn = report.as_json()["churn"]
    for term in ("new", "back", "lost"):
        assert sum(month[term] for month in churn["months"][-12:]) > 5
    assert all(m["start"] + m["new"] + m["back"] - m["lost"] == m["end"] for m in churn["months"])
    assert churn["false_goodbyes"]["came_back"] > 0


def test_only_rates_of_the_first_months_are_withheld(report: Report) -> None:
    found = report.as_json()
    assert set(found["notes"]) == {"churn.months", "returning.months"}
    withheld = [i for i, month in enumerate(found["churn"]["months"]) if month["rate"] is None]
    assert withheld == list(range(len(withheld)))


def test_every_cause_moves_the_sales(ledger: Ledger) -> None:
    history = purchase_history(ledger, Parameters())
    bridge = sales_bridge(ledger, history, Parameters(), to_day(TODAY))
    assert all(bridge.amounts().values())


def test_one_client_carries_a_seventh_and_is_late(ledger: Ledger, report: Report) -> None:
    largest = int(report.pareto.order[0])
    assert ledger.clients.name[largest].as_py() == KEY_ACCOUNT
    assert report.pareto.shares()[largest] == pytest.approx(KEY_SHARE, abs=0.012)
    assert report.stages.late[largest]


def test_the_till_is_no_client(ledger: Ledger) -> None:
    assert TILL not in ledger.clients.name.to_pylist()
    assert len(ledger.unnamed_day) > 300


def test_there_is_something_to_filter_by(ledger: Ledger) -> None:
    for name in ("region", "segment", "department", "group", "country", "came_from"):
        assert len(ledger.clients.attributes[name].labels) >= 1, name
    assert len(ledger.channels) >= 3
    assert len(ledger.managers) >= 3
    assert len(set(ledger.categories)) >= 5
    assert len(ledger.clients.attributes["source"].labels) == 2


def test_every_kind_of_record_is_there(filled: Engine) -> None:
    rows = rows_stored(filled)
    for name in ("contacts", "endings", "contracts", "snoozes", "stage_overrides", "unused_rows"):
        assert rows[name] > 0, name


def test_some_clients_have_two_numbers_and_one_address() -> None:
    people = make_demo(today=TODAY).business.people
    emails = [p.attributes["email"] for p in people if "email" in p.attributes]
    assert len(emails) - len(set(emails)) >= 4


def test_removing_it_leaves_an_empty_database(empty: Engine) -> None:
    fill_with_demo(empty, today=TODAY)
    assert not is_empty(empty)
    remove_demo(empty)
    assert is_empty(empty)
    left = rows_stored(empty)
    assert left.pop("audit_events") == 2, "what was done stays written down"
    assert set(left.values()) == {0}
    with reading(empty) as connection:
        assert not holds_demo(connection)
        assert read_currency(connection) is None
    assert load_ledger(empty).n_clients == 0


def test_it_can_be_filled_again_after_removing(empty: Engine) -> None:
    fill_with_demo(empty, today=TODAY)
    remove_demo(empty)
    fill_with_demo(empty, today=TODAY)
    assert load_ledger(empty).n_clients > 300


def test_a_database_with_own_data_is_left_alone(empty: Engine) -> None:
    with writing(empty) as connection:
        staged = make_staged([{"client": "a", "day": "2025-01-01", "amount": 1}])
        write_import(connection, staged, imported_at=datetime(2025, 1, 2, tzinfo=UTC))
    before = rows_stored(empty)
    with pytest.raises(RefusedError, match="Wanted an empty database"):
        fill_with_demo(empty, today=TODAY)
    with pytest.raises(RefusedError, match="nothing was removed"):
        remove_demo(empty)
    assert rows_stored(empty) == before


def test_filling_twice_is_refused(filled: Engine) -> None:
    with pytest.raises(RefusedError, match="demo data in it already"):
        fill_with_demo(filled, today=TODAY)
