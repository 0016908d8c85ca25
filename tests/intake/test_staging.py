from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import MappingError
from crm_core.intake.mapping import Mapping
from crm_core.intake.staging import stage
from crm_core.intake.table import HeldBackRow, make_table
from crm_core.records.staged import StagedImport
from crm_core.tables import NEVER, to_day
from tests.intake.staged_rows import (
    TODAY,
    attribute,
    checked,
    evidence_of,
    refs_of,
    sales_of,
    staged_as,
    staged_from,
    table_of,
    unused_of,
)

PLAIN = {"client": "who", "day": "day", "amount": "sum"}
HEADER = "who|day|sum"


def plain(*rows: str, **options: object) -> StagedImport:
    return staged_as(table_of(HEADER, rows), PLAIN, **options)


def test_every_row_ends_in_one_place_with_its_money() -> None:
    staged = plain("a|2024-05-01|3.50", "|2024-05-02|1", "b|soon|7", "c|2024-05-03|much", "d||5")
    assert sales_of(staged) == [("a", "2024-05-01", "3.50"), (None, "2024-05-02", "1.00")]
    assert unused_of(staged) == [
        (4, "unreadable day", "7.00"),
        (5, "unreadable amount", None),
        (6, "no day", "5.00"),
    ]
    assert staged.money == {None: 165_000}
    assert staged.n_rows == 5


def test_held_back_rows_say_what_was_wanted_and_found_with_their_cells() -> None:
    staged = plain("b|soon|7", "c|2024-05-03|much")
    assert staged.unused.detail == (
        "Wanted a day in “day”, found “soon”: not a day; correct it in the file.",
        "Wanted an amount in “sum”, found “much”: not an amount; correct it in the file.",
    )
    assert staged.unused.cells == (("b", "soon", "7"), ("c", "2024-05-03", "much"))
    assert staged.unused.end == ("held_back", "held_back")


def test_mixed_date_orders_are_held_back_and_never_guessed() -> None:
    staged = plain("a|24/12/2024|1", "a|25/12/2024|1", "a|12/26/2024|1", "a|01/02/2024|1")
    assert [day for _, day, _ in sales_of(staged)] == ["2024-12-24", "2024-12-25"]
    assert [reason for _, reason, _ in unused_of(staged)] == ["mixed dates", "mixed dates"]
    assert "say which comes first" in staged.unused.detail[1]


def test_a_chosen_day_order_settles_mixed_dates() -> None:
    table = table_of(HEADER, ["a|24/12/2024|1", "a|12/26/2024|1", "a|01/02/2024|1"])
    staged = checked(stage(table, Mapping(PLAIN, day_order="mdy"), today=TODAY))
    assert [day for _, day, _ in sales_of(staged)] == ["2024-12-26", "2024-01-02"]


def test_amounts_are_read_as_owners_write_them() -> None:
    amounts = ["1.234,56 €", "(1.234,50)", "25k", "-2,00", "0,5"]
    staged = plain(*(f"a|2024-05-01|{amount}" for amount in amounts))
    assert [amount for _, _, amount in sales_of(staged)] == [
        "1234.56",
        "-1234.50",
        "25000.00",
        "-2.00",
        "0.50",
    ]


def test_a_dash_for_an_amount_waits_for_a_person() -> None:
    assert unused_of(plain("a|2024-05-01|-", "a|2024-05-01|3"))[0][1] == "no amount"


def test_ids_keep_leading_zeros_and_lose_float_endings_only_all_together() -> None:
    staged = plain("007|2024-05-01|1", " 7 |2024-05-01|1", "Ж-9|2024-05-01|1")
    assert staged.clients.label == ("007", "7", "Ж-9")
    floats = plain("17850.0|2024-05-01|1", "12346.0|2024-05-01|1", "|2024-05-01|1")
    assert floats.clients.value == ("17850", "12346")
    mixed = plain("17850.0|2024-05-01|1", "12346|2024-05-01|1")
    assert mixed.clients.value == ("17850.0", "12346")


@pytest.mark.parametrize("word", ["nan", "NULL", "n/a", "-", "None", " "])
def test_words_for_missing_name_nobody(word: str) -> None:
    assert sales_of(plain(f"{word}|2024-05-01|1"))[0][0] is None


def test_identity_is_id_then_email_then_name_row_by_row() -> None:
    staged = staged_as(
        table_of("id|mail|name|day|sum", [
            "7|Ann@X.org|Ann|2024-05-01|1",
            "|ANN@x.org|Ann|2024-05-02|2",
            "||  ann   LEE|2024-05-03|3",
            "||Ann Lee |2024-05-04|4",
        ]),
        {"client": "id", "email": "mail", "name": "name", "day": "day", "amount": "sum"},
    )  # fmt: skip
    assert staged.clients.kind.tolist() == [0, 1, 2]
    assert staged.clients.value == ("7", "ann@x.org", "ann lee")
    assert staged.sales.client.tolist() == [0, 1, 2, 2]


def test_odd_names_stay_plain_text() -> None:
    names = ["=cmd|' /C calc'!A0", "<b>x</b>", "**bold**", "$\\alpha$", "مرحبا", "x" * 10_000]
    rows = [["2024-05-01", "1", name] for name in names]
    table = make_table(["day", "sum", "who"], rows)
    staged = staged_as(table, {"name": "who", "day": "day", "amount": "sum"})
    assert staged.clients.label == tuple(names)


def test_the_last_word_about_a_client_stays() -> None:
    header = "who|day|sum|city"
    rows = ["a|2024-05-01|1|Oulu", "a|2024-05-02|1|Turku", "a|2024-05-03|1|", "b|2024-05-01|1|"]
    staged = staged_as(table_of(header, rows), PLAIN | {"city": "city"})
    assert attribute(staged, "city") == {"a": "Turku", "b": None}


def test_nothing_paid_and_nothing_delivered_is_no_sale() -> None:
    header, mapping = "who|day|sum|n", PLAIN | {"quantity": "n"}
    rows = ["a|2024-05-01|0|0", "a|2024-05-02|0|-3", "a|2024-05-03|0|2", "a|2024-05-04|0|"]
    staged = staged_as(table_of(header, rows), mapping)
    assert unused_of(staged) == [(2, "zero", "0.00"), (3, "zero", "0.00")]
    assert [day for _, day, _ in sales_of(staged)] == ["2024-05-03", "2024-05-04"]


def test_quantity_times_price_is_exact_to_four_decimals() -> None:
    table = table_of("who|day|n|p", ["a|2024-05-01|3|0.3333", "a|2024-05-01|-6|2.55"])
    columns = {"client": "who", "day": "day", "quantity": "n", "unit_price": "p"}
    assert staged_as(table, columns).sales.amount.tolist() == [9_999, -153_000]


def test_refunds_name_their_order_and_take_its_client() -> None:
    header = "who|day|sum|order|back"
    rows = ["a|2024-05-01|9|1|", "|2024-05-09|-9|2|1", "|2024-05-09|-1|3|99"]
    mapping = PLAIN | {"order": "order", "refund_of": "back"}
    staged = staged_as(table_of(header, rows), mapping)
    assert [client for client, _, _ in sales_of(staged)] == ["a", "a", None]
    assert refs_of(staged) == [("1", None), ("2", "1"), ("3", "99")]


def test_only_refunds_are_sales_below_zero() -> None:
    staged = plain("a|2024-05-01|-3")
    assert sales_of(staged) == [("a", "2024-05-01", "-3.00")]


def test_status_words_decide_in_many_languages() -> None:
    words = ["paid", "Storniert", "en attente", "черновик", "Rückerstattet?", "zuruckerstattet"]
    rows = [f"a|2024-05-0{n + 1}|{n + 1}|{word}" for n, word in enumerate(words)]
    staged = staged_as(table_of("who|day|sum|state", rows), PLAIN | {"status": "state"})
    assert [amount for _, _, amount in sales_of(staged)] == ["1.00", "5.00"]
    assert [reason for _, reason, _ in unused_of(staged)] == [
        "voided",
        "pending",
        "draft",
        "refunded",
    ]
    assert any("Rückerstattet?" in sentence for sentence in evidence_of(staged, "status"))


def test_only_won_deals_of_a_pipeline_are_sales() -> None:
    rows = ["a|2024-05-01|5|Won", "a|2024-05-02|6|Lost", "b|2024-05-03|7|Engaging", "b|||Prospect"]
    staged = staged_as(table_of("who|day|sum|stage", rows), PLAIN | {"status": "stage"})
    assert sales_of(staged) == [("a", "2024-05-01", "5.00")]
    assert [reason for _, reason, _ in unused_of(staged)] == ["lost deal", "open deal", "open deal"]


def test_rows_with_a_client_and_nothing_else_are_leads() -> None:
    staged = plain("a|2024-05-01|3", "b||", last_sale_day=to_day(date(2024, 6, 1)))
    assert unused_of(staged) == [(3, "lead", None)]
    assert dict(zip(staged.clients.label, staged.clients.known_on.tolist(), strict=True)) == {
        "a": NEVER,
        "b": to_day(date(2024, 6, 1)),
    }


def test_a_list_of_clients_is_a_list_of_leads_known_on_their_day() -> None:
    table = table_of("who|since", ["a|2024-05-01", "a|2023-05-01", "b|"])
    staged = staged_as(table, {"name": "who", "known_on": "since"})
    assert staged.clients.known_on.tolist() == [to_day(date(2023, 5, 1)), NEVER]
    assert {reason for _, reason, _ in unused_of(staged)} == {"lead"}


def test_a_file_without_days_says_so_and_keeps_its_money() -> None:
    table = table_of("who|sum", ["a|5", "b|7"])
    staged = staged_as(table, {"client": "who", "amount": "sum"}, last_sale_day=19_000)
    assert staged.days_missing
    assert staged.covered is None
    assert staged.sales.day.tolist() == [19_000, 19_000]


def test_future_rows_stay_sales_and_are_pointed_out() -> None:
    staged = plain("a|2199-12-31|3", "a|1900-01-01|2")
    assert len(sales_of(staged)) == 2
    assert evidence_of(staged, "future") == [
        "1 sales lie in the future, the last on 2199-12-31; they are stored and count from their "
        "day on."
    ]


def test_rows_that_could_not_be_split_are_held_back_with_their_text() -> None:
    from dataclasses import replace

    table = table_of(HEADER, ["a|2024-05-01|3"])
    broken = HeldBackRow(9, "a,2024-05-01,3,4", "4 cells where the header has 3")
    staged = staged_as(replace(table, held_back=(broken,)), PLAIN)
    assert unused_of(staged) == [(9, "too many cells", None)]
    assert staged.unused.cells == (("a,2024-05-01,3,4",),)


def test_subtotals_repeat_money_and_have_none() -> None:
    rows = ["Ann|2024-05-01|3", "Bob|2024-05-02|4", "Total||7"]
    staged = staged_from("Client|Date|Amount", rows)
    assert unused_of(staged) == [(4, "subtotal", None)]
    assert staged.money == {None: 70_000}


def test_months_across_the_columns_become_one_sale_a_month() -> None:
    rows = ["Ann|10|20|30", "Bob||5|"]
    staged = staged_from("Client|Jan 2024|Feb 2024|Mar 2024", rows)
    assert {(client, amount) for client, _, amount in sales_of(staged)} == {
        ("Ann", "10.00"),
        ("Ann", "20.00"),
        ("Ann", "30.00"),
        ("Bob", "5.00"),
    }


def test_clients_without_any_filled_month_are_leads_and_totals_no_sales() -> None:
    rows = ["Ann|10|20|", "Bob|||0", "Cy|0|-|", "Total|10|20|0"]
    staged = staged_from("Client|Jan 2024|Feb 2024|Mar 2024", rows)
    assert [c for c, _, _ in sales_of(staged)] == ["Ann", "Ann"]
    assert staged.unused.reason == ("lead", "lead", "subtotal")
    assert staged.clients.label == ("Ann", "Bob", "Cy")
    assert staged.n_rows == len(staged.sales.line) + len(staged.unused.line)


def test_a_mapping_without_a_client_is_refused() -> None:
    without = Mapping({"day": "day", "amount": "sum"})
    with pytest.raises(MappingError, match="--map client=COLUMN"):
        stage(table_of(HEADER, []), without, today=TODAY)


def test_saying_there_is_no_client_gives_sales_without_one() -> None:
    staged = staged_from("Fecha|Monto", ["10/09/2026|1.500,50"], choices={"client": "-"})
    assert sales_of(staged) == [(None, "2026-09-10", "1500.50")]


def test_duplicated_column_names_can_be_chosen_apart() -> None:
    staged = staged_from(
        "Client ID|Date|Amount|Amount", ["7|2024-05-01|1|2"], choices={"amount": "4"}
    )
    assert sales_of(staged) == [("7", "2024-05-01", "2.00")]


def test_an_empty_table_gives_an_empty_import() -> None:
    staged = plain()
    assert staged.n_rows == 0
    assert staged.money == {}
    assert len(staged.sales.order_ref) == 0


CELLS = {
    "who": st.sampled_from(["a", "b", "c ", "", "nan", "Ä"]),
    "day": st.sampled_from(["2024-05-01", "2024-06-30", "", "soon", "2199-01-01", "31/02/2024"]),
    "sum": st.sampled_from(["1", "2.5", "-3.25", "0", "", "x", "(4)", "1,000.10", "99999999999"]),
    "n": st.sampled_from(["", "0", "2", "-1"]),
    "order": st.sampled_from(["", "1", "2", "3"]),
    "state": st.sampled_from(["", "paid", "void", "refunded", "purple"]),
    "cur": st.sampled_from(["", "EUR", "usd", "$", "points"]),
    "back": st.sampled_from(["", "", "1", "9"]),
}


@settings(max_examples=60)
@given(st.lists(st.tuples(*CELLS.values()), max_size=25), st.sampled_from([None, "EUR", "CHF"]))
def test_ends_sum_to_the_file_whatever_stands_in_it(
    rows: list[tuple[str, ...]], currency: str | None
) -> None:
    table = make_table(list(CELLS), rows)
    mapping = {
        "client": "who", "day": "day", "amount": "sum", "quantity": "n", "order": "order",
        "status": "state", "currency": "cur", "refund_of": "back",
    }  # fmt: skip
    staged = staged_as(table, mapping, currency=currency)
    assert staged.n_rows == len(rows)
    lines = np.concatenate([staged.sales.line, np.array(staged.unused.line, dtype=np.int64)])
    assert sorted(lines.tolist()) == table.lines.tolist()
    assert staged.sales.client.max(initial=-1) < len(staged.clients.value)
