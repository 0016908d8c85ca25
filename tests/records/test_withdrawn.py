"""An order paid in January's export and cancelled in February's counts no more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, text

from crm_core.records.batches import ImportReport, Tally, redo, undo, write_import
from crm_core.records.engine import reading, writing
from crm_core.records.staged import StagedImport
from crm_core.snapshot import build_ledger
from tests.builders import make_staged

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
JANUARY: list[dict[str, Any]] = [
    {"client": "a", "day": "2024-01-05", "amount": 5, "order": "1"},
    {"client": "a", "day": "2024-01-05", "amount": 2, "order": "1"},
    {"client": "b", "day": "2024-01-06", "amount": 7, "order": "2"},
]
FEBRUARY: list[dict[str, Any]] = [
    {"client": "b", "day": "2024-02-02", "amount": 9, "order": "3"},
]
VOIDED = [("1", "a")]


def take(database: Engine, staged: StagedImport) -> ImportReport:
    with writing(database) as connection:
        return write_import(connection, staged, imported_at=NOW)


def switch(database: Engine, batch_id: int, *, on: bool) -> None:
    with writing(database) as connection:
        if on:
            redo(connection, batch_id)
        else:
            undo(connection, batch_id, at=NOW)


def live_amounts(database: Engine) -> list[int]:
    with reading(database) as connection:
        found = connection.execute(text("SELECT amount / 10000 FROM sales WHERE live ORDER BY id"))
        return list(found.scalars())


def test_a_cancelled_order_stops_counting_and_the_report_says_so(database: Engine):
    take(database, make_staged(JANUARY))
    report = take(database, make_staged(FEBRUARY, withdrawn=VOIDED))
    assert live_amounts(database) == [7, 9]
    assert report.replaced == Tally(2, {None: 70_000})
    assert (report.sale_with_client.rows, report.already_stored.rows) == (1, 0)


def test_undoing_the_cancellation_brings_the_sale_back(database: Engine):
    take(database, make_staged(JANUARY))
    second = take(database, make_staged(FEBRUARY, withdrawn=VOIDED)).batch_id
    switch(database, second, on=False)
    assert live_amounts(database) == [5, 2, 7]
    switch(database, second, on=True)
    assert live_amounts(database) == [7, 9]


def test_undoing_the_older_import_leaves_the_order_cancelled(database: Engine):
    first = take(database, make_staged(JANUARY)).batch_id
    second = take(database, make_staged(FEBRUARY, withdrawn=VOIDED)).batch_id
    switch(database, first, on=False)
    assert live_amounts(database) == [9]
    switch(database, first, on=True)
    assert live_amounts(database) == [7, 9]
    switch(database, first, on=False)
    switch(database, second, on=False)
    switch(database, first, on=True)
    assert live_amounts(database) == [5, 2, 7]


def test_a_file_with_nothing_but_cancelled_orders_works_alone(database: Engine):
    first = take(database, make_staged(JANUARY)).batch_id
    second = take(database, make_staged([], withdrawn=VOIDED)).batch_id
    assert live_amounts(database) == [7]
    switch(database, first, on=False)
    assert live_amounts(database) == []
    switch(database, first, on=True)
    assert live_amounts(database) == [7]
    switch(database, second, on=False)
    assert live_amounts(database) == [5, 2, 7]


def test_a_newer_file_that_has_the_order_paid_lets_it_count_again(database: Engine):
    take(database, make_staged(JANUARY))
    second = take(database, make_staged([], withdrawn=VOIDED)).batch_id
    report = take(database, make_staged([*JANUARY, *FEBRUARY]))
    assert live_amounts(database) == [5, 2, 7, 9]
    assert (report.already_stored.rows, report.replaced.rows) == (1, 0)
    switch(database, second, on=False)
    assert live_amounts(database) == [5, 2, 7, 9]


def test_the_undone_cancellation_read_again_is_switched_on_again(database: Engine):
    take(database, make_staged(JANUARY))
    second = take(database, make_staged([], withdrawn=VOIDED)).batch_id
    switch(database, second, on=False)
    assert take(database, make_staged([], withdrawn=VOIDED)).redone
    assert live_amounts(database) == [7]


@pytest.mark.parametrize(
    ("order", "source"), [(("1", "b"), "main"), (("1", None), "main"), (("1", "a"), "web")]
)
def test_the_order_of_another_client_or_shop_stays(
    database: Engine, order: tuple[str, str | None], source: str
):
    take(database, make_staged(JANUARY))
    take(database, make_staged([], withdrawn=[order], source=source))
    assert live_amounts(database) == [5, 2, 7]


def test_an_order_sold_and_cancelled_in_one_file_is_sold(database: Engine):
    take(database, make_staged(JANUARY))
    take(database, make_staged(JANUARY[:1], withdrawn=VOIDED))
    assert live_amounts(database) == [7, 5]


def test_who_only_cancelled_is_no_client(database: Engine):
    take(database, make_staged(FEBRUARY, withdrawn=[("8", "nobody")]))
    with reading(database) as connection:
        assert build_ledger(connection).clients.external_id.to_pylist() == ["b"]
