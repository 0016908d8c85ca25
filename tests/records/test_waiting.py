"""Sales in other currencies wait until somebody says what they are worth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.records.batches import undo, write_import
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.rates import set_rate
from crm_core.records.waiting import Waiting, waiting_currencies
from tests.builders import make_staged
from tests.databases import Databases

NOW = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path))
    rows = [
        {"client": "a", "day": "2025-01-02", "amount": 10, "currency": "USD"},
        {"client": "a", "day": "2025-02-03", "amount": 20, "currency": "USD"},
        {"client": "b", "day": "2025-02-03", "amount": 7, "currency": "CHF"},
        {"client": "b", "day": "2025-02-03", "amount": 1},
    ]
    with writing(engine) as connection:
        write_import(connection, make_staged(rows), imported_at=NOW)
    yield engine
    engine.dispose()


def test_each_currency_says_how_much_waits_and_from_when(engine: Engine) -> None:
    with reading(engine) as connection:
        found = waiting_currencies(connection)
    day, other = date(2025, 2, 3), date(2025, 1, 2)
    assert found == [Waiting("CHF", 1, 70_000, day, day), Waiting("USD", 2, 300_000, other, day)]


def test_a_rate_frees_only_the_days_it_covers(engine: Engine) -> None:
    with writing(engine) as connection:
        set_rate(connection, "USD", from_day=date(2025, 2, 1), rate="0.9")
        set_rate(connection, "CHF", from_day=date(2025, 1, 1), rate="1.05")
        found = waiting_currencies(connection)
    assert found == [Waiting("USD", 1, 100_000, date(2025, 1, 2), date(2025, 1, 2))]


def test_undone_rows_do_not_wait(engine: Engine) -> None:
    with writing(engine) as connection:
        undo(connection, 1, at=NOW)
        assert waiting_currencies(connection) == []
