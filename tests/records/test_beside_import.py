"""What an import adds, and the sales it is compared with: only what counts beside it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from crm_core.errors import RecordError
from crm_core.import_text import twice_sentence
from crm_core.importing import find_twice
from crm_core.metrics.stored_twice import Alike, StoredTwice
from crm_core.records import beside_import
from crm_core.records.beside_import import read_beside
from crm_core.records.clients import mark_not_client, merge
from crm_core.records.engine import reading, writing
from crm_core.records.importing import write_import
from crm_core.records.undoing import undo
from tests.builders import make_staged

NOW = datetime(2024, 6, 1, tzinfo=UTC)
DAYS = [f"2024-01-{day:02}" for day in range(10, 16)]


def bring_in(engine: Engine, rows: list[dict[str, Any]], source: str) -> int:
    with writing(engine) as connection:
        staged = make_staged(rows, source=source)
        return write_import(connection, staged, imported_at=NOW).batch_id


def sales(client: str | None, *, number: str = "", days: list[str] = DAYS, **more: Any) -> Any:
    return [
        {"client": client, "day": day, "amount": 10 + at, **more}
        | ({"order": f"{number}{at}"} if number else {})
        for at, day in enumerate(days)
    ]


def twice(engine: Engine, batch_id: int) -> tuple[Alike, Alike]:
    with reading(engine) as connection:
        found = find_twice(connection, batch_id)
    return found.by_client, found.by_day


def test_nothing_is_compared_with_nothing(database: Engine) -> None:
    first = bring_in(database, sales("ann"), "shop")
    empty = bring_in(database, [], "shop")
    with reading(database) as connection:
        assert read_beside(connection, first) is None
        assert read_beside(connection, empty) is None
        with pytest.raises(RecordError, match="Wanted import 9"):
            find_twice(connection, 9)


def test_the_same_sales_of_another_program_are_alike_on_each_day(database: Engine) -> None:
    bring_in(database, sales("ann", number="A"), "till")
    again = bring_in(database, sales("ann"), "till")
    assert twice(database, again) == (Alike(6, 6), Alike(6, 6))
    renamed = bring_in(database, sales("zoe"), "list")
    assert twice(database, renamed) == (Alike(6, 0), Alike(6, 0)), "beside it stand two by now"


def test_orders_known_by_their_number_are_not_added_again(database: Engine) -> None:
    bring_in(database, sales("ann", number="A"), "till")
    longer = [*sales("ann", number="A"), *sales("bob", number="B", days=DAYS[:2])]
    again = bring_in(database, longer, "till")
    assert twice(database, again) == (Alike(2, 0), Alike(2, 0))


def test_orders_of_an_undone_import_are_added(database: Engine) -> None:
    gone = bring_in(database, sales("ann", number="A"), "till")
    bring_in(database, sales("ann"), "till")
    with writing(database) as connection:
        undo(connection, gone, at=NOW)
    again = bring_in(database, sales("ann", number="A", channel="web"), "till")
    assert twice(database, again) == (Alike(6, 6), Alike(6, 6))


def test_of_very_many_days_some_are_drawn_and_it_is_said(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside_import, "MOST_DAYS", 5)
    bring_in(database, sales("ann", number="A"), "till")
    again = bring_in(database, sales("ann"), "till")
    with reading(database) as connection:
        found = find_twice(connection, again)
    assert found == StoredTwice(Alike(5, 5), Alike(5, 5), whole=False)
    assert twice_sentence(found).startswith("On 5 of 5 days that were compared, with sales")


def test_merged_clients_are_one_and_tills_are_nobody(database: Engine) -> None:
    bring_in(database, sales("ann"), "till")
    again = bring_in(database, sales("ann b"), "list")
    assert twice(database, again) == (Alike(6, 0), Alike(6, 6))
    with writing(database) as connection:
        merge(connection, 2, 1, merged_at=NOW, by="", evidence="")
    assert twice(database, again) == (Alike(6, 6), Alike(6, 6))
    with writing(database) as connection:
        mark_not_client(connection, 1, "till")
    assert twice(database, again) == (Alike(0, 0), Alike(6, 6))


def test_other_currencies_and_other_days_are_not_alike(database: Engine) -> None:
    bring_in(database, sales("ann"), "till")
    abroad = bring_in(database, sales("ann", currency="USD"), "list")
    assert twice(database, abroad) == (Alike(6, 0), Alike(6, 0))
    later = bring_in(database, sales("ann", days=["2025-01-01"] * 6), "list")
    assert twice(database, later) == (Alike(1, 0), Alike(1, 0))
