"""What is stored reaches the doctor as the same columns a staged file has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from crm_core.intake.doctor import examine
from crm_core.intake.stored import read_stored
from crm_core.records.batches import undo, write_import
from crm_core.records.clients import mark_not_client, merge
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.identities import find_identity
from tests.builders import as_day, make_staged
from tests.databases import Databases

NOW = datetime(2025, 3, 1, tzinfo=UTC)
SHOP = make_staged(
    [
        {"client": "1", "day": "2025-01-02", "amount": 10},
        {"client": "2", "day": "2025-01-03", "amount": 20},
        {"client": None, "day": "2025-01-04", "amount": 5},
        {"client": "1", "day": "2025-01-05", "amount": 7, "currency": "USD"},
    ],
    clients={"1": {"name": "Ada", "email": "a@x.example"}, "2": {"name": "Till"}},
    source="shop",
)
MARKET = make_staged(
    [{"client": "1", "day": "2025-02-02", "amount": 30}],
    clients={"1": {"name": "ADA", "email": "A@x.example"}},
    source="market",
    file_name="market.csv",
)


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(databases.new(tmp_path))
    with writing(engine) as connection:
        for staged in (SHOP, MARKET):
            write_import(connection, staged, imported_at=NOW)
    yield engine
    engine.dispose()


def test_every_row_of_the_reporting_currency_is_there_with_its_source(engine: Engine) -> None:
    with reading(engine) as connection:
        stored = read_stored(connection)
    rows = stored.rows
    assert sorted(rows.amount.tolist()) == [50_000, 100_000, 200_000, 300_000]
    by_amount = dict(zip(rows.amount.tolist(), rows.source.codes.tolist(), strict=True))
    assert rows.source.labels[by_amount[300_000]] == "market"
    assert rows.source.labels[by_amount[50_000]] == "shop"
    names = dict(zip(rows.amount.tolist(), rows.client.tolist(), strict=True))
    assert rows.names[names[200_000]] == "Till"
    assert names[50_000] == -1
    assert stored.n_sales.sum() == 3


def test_a_merged_client_is_one_and_a_till_is_none(engine: Engine) -> None:
    with writing(engine) as connection:
        one, other, till = (
            find_identity(connection, source, "id", value)
            for source, value in (("shop", "1"), ("market", "1"), ("shop", "2"))
        )
        assert one is not None
        assert other is not None
        assert till is not None
        merge(connection, other, one, merged_at=NOW, by="me", evidence="same e-mail")
        mark_not_client(connection, till, "till")
        stored = read_stored(connection)
    assert stored.record_id.tolist() == [one]
    assert stored.n_sales.tolist() == [2]
    assert sorted(stored.rows.client.tolist()) == [-1, -1, 0, 0]
    assert examine(stored.rows, today=as_day("2025-03-01")).duplicates == ()


def test_the_same_address_in_two_sources_is_found(engine: Engine) -> None:
    with reading(engine) as connection:
        seen = examine(read_stored(connection).rows, today=as_day("2025-03-01"))
    assert [pair.reason for pair in seen.duplicates] == ["same e-mail"]


def test_what_only_an_undone_import_brought_is_left_out(engine: Engine) -> None:
    with writing(engine) as connection:
        undo(connection, 2, at=NOW)
        stored = read_stored(connection)
    assert len(stored.record_id) == 2
    assert 300_000 not in stored.rows.amount.tolist()
