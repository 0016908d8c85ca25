from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from crm_core.errors import RefusedError
from crm_core.records.batches import (
    ImportReport,
    Tally,
    held_back,
    list_batches,
    undo,
    unused_rows,
    write_import,
)
from crm_core.records.clients import edit_client, mark_not_client
from crm_core.records.engine import reading, rehearsing, writing
from crm_core.records.mappings import recall_mapping
from crm_core.records.models import Client
from crm_core.records.rates import set_rate
from crm_core.records.settings import write_setting
from crm_core.records.staged import StagedImport, UnusedRows
from crm_core.snapshot import build_ledger
from tests.builders import as_day, make_staged

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

UNUSED = UnusedRows(
    line=(5, 6, 7),
    end=("not_a_sale", "held_back", "held_back"),
    reason=("fee", "no day", "no day"),
    detail=("", "Wanted a day, found nothing; fill it in.", ""),
    amount=(-2500, 70_000, None),
    currency=(None, None, None),
    cells=(("fee", "-0.25"), ("", "7"), ("", "?")),
)
ROWS: list[dict[str, Any]] = [
    {"client": "a", "day": "2024-01-01", "amount": 5, "order": "1"},
    {"client": "b", "day": "2024-01-02", "amount": 7},
    {"client": None, "day": "2024-01-02", "amount": "7.25"},
]


def take(database: Engine, staged: StagedImport, *, at: datetime = NOW) -> ImportReport:
    with writing(database) as connection:
        return write_import(connection, staged, imported_at=at)


def live_amounts(database: Engine) -> list[int]:
    with reading(database) as connection:
        return sorted(connection.execute(text("SELECT amount FROM sales WHERE live")).scalars())


def test_every_row_ends_in_one_place_with_its_money(database: Engine):
    report = take(database, make_staged(ROWS, unused=UNUSED))
    assert report.sale_with_client == Tally(2, {None: 120_000})
    assert report.sale_without_client == Tally(1, {None: 72_500})
    assert report.not_a_sale == {"fee": Tally(1, {None: -2500})}
    assert report.held_back == {"no day": Tally(2, {None: 70_000})}
    assert report.already_stored == report.replaced == Tally()
    assert report.total == Tally(6, {None: 260_000})
    assert (report.n_clients, report.n_new_clients) == (2, 2)
    assert (report.first_day, report.last_day) == (as_day("2024-01-01"), as_day("2024-01-02"))


def test_report_is_kept_with_the_import(database: Engine):
    report = take(database, make_staged(ROWS, unused=UNUSED, mapping={"day": "Date"}))
    with reading(database) as connection:
        (batch,) = list_batches(connection)
        assert recall_mapping(connection, ["amount", "client", " Day"]) == {"day": "Date"}
    assert batch.report == report
    assert (batch.id, batch.live, batch.source) == (report.batch_id, True, "main")
    assert (batch.first_day, batch.last_day) == (date(2024, 1, 1), date(2024, 1, 2))
    assert batch.imported_at == NOW


def test_rows_held_back_come_out_with_line_reason_and_cells(database: Engine):
    report = take(database, make_staged(ROWS, unused=UNUSED))
    with reading(database) as connection:
        rows = held_back(connection, report.batch_id)
        fees = unused_rows(connection, report.batch_id, end="not_a_sale")
    assert [(row.line, row.reason, row.cells) for row in rows] == [
        (6, "no day", ("", "7")),
        (7, "no day", ("", "?")),
    ]
    assert [(row.reason, row.amount) for row in fees] == [("fee", -2500)]


def test_a_file_that_does_not_add_up_is_refused_and_leaves_nothing(database: Engine):
    staged = replace(make_staged(ROWS), money={None: 1})
    with pytest.raises(RefusedError, match=r"0\.0001 as in sales.csv, found 3 rows and 19\.2500"):
        take(database, staged)
    with pytest.raises(RefusedError, match="Wanted 4 rows"):
        take(database, replace(make_staged(ROWS), n_rows=4))
    with reading(database) as connection:
        assert list_batches(connection) == []
        assert connection.execute(text("SELECT count(*) FROM clients")).scalar() == 0


def test_the_same_file_again_is_refused_with_the_day_it_came(database: Engine):
    take(database, make_staged(ROWS))
    with pytest.raises(RefusedError, match=r"imported already on 2024-06-01 \(import 1"):
        take(database, make_staged(ROWS, file_name="copy.csv"))


def test_an_undone_file_is_switched_on_again_and_not_stored_twice(database: Engine):
    first = take(database, make_staged(ROWS))
    with writing(database) as connection:
        undo(connection, first.batch_id, at=NOW)
    again = take(database, make_staged(ROWS))
    assert (again.batch_id, again.redone) == (first.batch_id, True)
    with reading(database) as connection:
        assert len(list_batches(connection)) == 1
        assert connection.execute(text("SELECT count(*) FROM sales")).scalar() == 3
    assert live_amounts(database) == [50_000, 70_000, 72_500]


def test_an_undone_file_read_in_another_way_is_a_new_import(database: Engine):
    first = take(database, make_staged(ROWS, mapping={"day": "Paid"}))
    with writing(database) as connection:
        undo(connection, first.batch_id, at=NOW)
    again = take(database, make_staged(ROWS, mapping={"day": "Ordered"}))
    assert (again.batch_id, again.redone) == (2, False)


def test_overlapping_exports_count_once(database: Engine):
    take(database, make_staged(ROWS))
    longer = [*ROWS, {"client": "b", "day": "2024-01-05", "amount": 9}]
    report = take(database, make_staged(longer))
    assert report.already_stored == Tally(3, {None: 192_500})
    assert report.sale_with_client == Tally(1, {None: 90_000})
    assert report.replaced == Tally()
    assert live_amounts(database) == [50_000, 70_000, 72_500, 90_000]


def test_newest_content_of_an_order_counts(database: Engine):
    take(database, make_staged([{**ROWS[0], "product": "tea"}, {**ROWS[0], "product": "cup"}]))
    changed = [{**ROWS[0], "product": "cup"}, {**ROWS[0], "product": "pot", "amount": 8}]
    report = take(database, make_staged(changed))
    assert report.already_stored == Tally(1, {None: 50_000})
    assert report.sale_with_client == Tally(1, {None: 80_000})
    assert report.replaced == Tally(1, {None: 50_000})
    assert live_amounts(database) == [50_000, 80_000]


def test_identical_rows_count_as_often_as_in_the_file_with_most(database: Engine):
    row = ROWS[1]
    take(database, make_staged([row] * 2))
    assert take(database, make_staged([row] * 3)).already_stored.rows == 2
    assert take(database, make_staged([row])).already_stored.rows == 1
    assert live_amounts(database) == [70_000] * 3


def test_another_shop_has_orders_and_clients_of_its_own(database: Engine):
    take(database, make_staged(ROWS))
    report = take(database, make_staged(ROWS[:2] + ROWS[:1], source="web"))
    assert report.already_stored == Tally()
    assert report.n_new_clients == 2
    assert len(live_amounts(database)) == 6


def test_an_email_is_one_client_in_every_shop(database: Engine):
    rows = [{**ROWS[0], "client": "a@x.org"}]
    take(database, make_staged(rows, kind="email"))
    web = make_staged([*rows, ROWS[2]], kind="email", source="web")
    assert take(database, web).n_new_clients == 0


def test_sales_of_a_till_are_sales_without_a_client(database: Engine):
    take(database, make_staged(ROWS))
    with writing(database) as connection:
        mark_not_client(connection, 1, "till")
    report = take(database, make_staged([{**ROWS[0], "order": "2"}]))
    assert report.sale_without_client.rows == 1


def test_foreign_money_waits_for_a_rate(database: Engine):
    rows = [{**row, "currency": "USD"} for row in ROWS[:2]]
    with writing(database) as connection:
        set_rate(connection, "usd", from_day=date(2024, 1, 2), rate="0.9")
    report = take(database, make_staged(rows))
    assert report.held_back == {"no rate for USD": Tally(1, {"USD": 50_000})}
    assert report.sale_with_client == Tally(1, {"USD": 70_000})
    with reading(database) as connection:
        (waiting,) = held_back(connection, report.batch_id)
        assert waiting.cells == ("1", "2024-01-01", "5.0000", "USD")
    with writing(database) as connection:
        set_rate(connection, "USD", from_day=date(2024, 1, 1), rate="0.9")
        assert held_back(connection, report.batch_id) == []


def test_the_reporting_currency_by_its_name_needs_no_rate(database: Engine):
    with writing(database) as connection:
        write_setting(connection, "currency", "EUR", source="owner", since=None)
    rows = [{**ROWS[0], "currency": "EUR"}, {**ROWS[1], "currency": "USD"}, ROWS[2]]
    unused = replace(UNUSED, currency=("EUR", None, "EUR"))
    report = take(database, make_staged(rows, unused=unused))
    assert report.sale_with_client == Tally(1, {None: 50_000})
    assert report.held_back["no rate for USD"] == Tally(1, {"USD": 70_000})
    assert report.total.money == {None: 50_000 + 72_500 - 2500 + 70_000, "USD": 70_000}


def test_leads_without_a_created_date_are_known_on_the_last_sale_day(database: Engine):
    take(database, make_staged([], clients={"early": {}}))
    take(database, make_staged(ROWS))
    take(database, make_staged([], clients={"late": {}, "dated": {"known_on": "2023-05-05"}}))
    with reading(database) as connection:
        clients = build_ledger(connection).clients
    known_on = dict(zip(clients.external_id.to_pylist(), clients.known_on.tolist(), strict=True))
    assert known_on["early"] == as_day("2024-06-01")
    assert known_on["late"] == as_day("2024-01-02")
    assert known_on["dated"] == as_day("2023-05-05")


def test_a_newer_file_wins_where_it_says_something(database: Engine):
    take(database, make_staged([], clients={"a": {"city": "Bonn", "phone": "1", "kind": "Person"}}))
    take(database, make_staged([], clients={"a": {"city": "Köln", "size": "XL"}}))
    with reading(database) as connection:
        columns = (Client.city, Client.phone, Client.kind, Client.attributes)
        assert connection.execute(select(*columns)).one() == ("Köln", "1", "person", {"size": "XL"})


def test_what_a_person_typed_no_file_overwrites(database: Engine):
    take(database, make_staged([], clients={"a": {"city": "Bonn"}}))
    with writing(database) as connection:
        edit_client(connection, 1, city="Aachen")
    take(database, make_staged([], clients={"a": {"city": "Köln", "phone": "2"}}))
    with reading(database) as connection:
        assert connection.execute(text("SELECT city, phone FROM clients")).one() == ("Aachen", "2")


def test_very_long_names_are_kept_and_found_again(database: Engine):
    name = "x" * 10_000
    rows = [{"client": name, "day": "2024-01-01", "amount": 5, "product": name + "p"}]
    take(database, make_staged(rows, kind="name"))
    later = [{**rows[0], "day": "2024-01-02"}]
    assert take(database, make_staged(later, kind="name")).n_new_clients == 0
    with reading(database) as connection:
        assert build_ledger(connection).clients.external_id.to_pylist() == [name]


def test_a_dry_run_leaves_the_database_as_it_was(database: Engine):
    with rehearsing(database) as connection:
        write_import(connection, make_staged(ROWS), imported_at=NOW)
        assert len(build_ledger(connection).sales) == 2
    with reading(database) as connection:
        assert list_batches(connection) == []


def test_an_empty_file_is_an_import_without_rows(database: Engine):
    report = take(database, make_staged([]))
    assert report.total == Tally()
    assert (report.first_day, report.last_day) == (None, None)


def test_progress_is_told(database: Engine):
    told: list[int] = []
    with writing(database) as connection:
        write_import(connection, make_staged(ROWS), imported_at=NOW, progress=told.append)
    assert told == [3]
