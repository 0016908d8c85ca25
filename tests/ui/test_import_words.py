"""The sentences of the Import page: every row and every cent accounted for."""

from __future__ import annotations

from crm_core.intake.mapping import FIELDS
from crm_core.money import UNIT
from crm_core.records.import_report import ImportReport, Tally
from crm_core.ui.import_mapping import for_the_page
from crm_core.ui.import_trial import ends_table
from crm_core.ui.import_words import FIELD_WORDS, days_sentence, report_sentence


def make_report(**changes: object) -> ImportReport:
    values: dict = {
        "batch_id": 1,
        "source": "main",
        "file_name": "sales.csv",
        "n_rows": 9_231,
        "sale_with_client": Tally(9_000, {None: 1_797_700_55 * 100}),
        "sale_without_client": Tally(214, {None: 41_200 * UNIT}),
        "already_stored": Tally(),
        "not_a_sale": {},
        "held_back": {"no day": Tally(17, {None: 3_410 * UNIT})},
        "replaced": Tally(),
        "n_clients": 142,
        "n_new_clients": 140,
        "first_day": 19723,
        "last_day": 20088,
    }
    return ImportReport(**(values | changes))


def test_the_opening_sentence_names_every_end_and_the_files_total() -> None:
    assert report_sentence(make_report(), None) == (
        "**9,214 of 9,231 rows** taken; **17 held back** (3,410.00); 41,200.00 has no client; "
        "total **1,842,310.55, as in your file**."
    )


def test_rows_that_are_no_sale_are_counted_by_kind() -> None:
    report = make_report(not_a_sale={"fee": Tally(1), "payout": Tally(3), "pending": Tally(2)})
    assert "6 are no sales (1 fee, 3 payouts and 2 pending)" in report_sentence(report, None)


def test_leads_are_taken_though_they_are_no_sales() -> None:
    report = make_report(not_a_sale={"lead": Tally(26), "fee": Tally(8)})
    said = report_sentence(report, None)
    assert said.startswith("**9,240 of 9,265 rows** taken; 26 of them leads without a sale; ")
    assert "8 are no sales (8 fees)" in said


def test_rows_without_a_client_and_without_money_are_counted() -> None:
    report = make_report(sale_without_client=Tally(2))
    assert "; 2 rows without a client; " in report_sentence(report, None)


def test_rows_stored_before_are_said_to_be() -> None:
    report = make_report(already_stored=Tally(12))
    assert "12 of them stored before" in report_sentence(report, None)


def test_every_currency_keeps_its_own_sum() -> None:
    report = make_report(held_back={"no rate for USD": Tally(2, {"USD": 50 * UNIT})})
    said = report_sentence(report, "EUR")
    assert "**2 held back** (50.00\u00a0USD)" in said
    assert "\u00a0EUR and 50.00\u00a0USD, as in your file" in said


def test_clients_and_days_are_said_plainly() -> None:
    assert days_sentence(make_report()) == "142 clients, 140 new; 1 Jan 2024 to 31 Dec 2024."
    assert days_sentence(make_report(first_day=None, last_day=None)).endswith("no days.")


def test_the_table_of_ends_sums_to_the_file() -> None:
    table = ends_table(make_report(), "EUR")
    assert table["What became of the rows"] == [
        "Sales with a client",
        "Sales without a client",
        "Held back",
        "   no day",
        "Total, as in your file",
    ]
    assert table["Rows"] == [9_000, 214, 17, 17, 9_231]
    assert table["Money"][-1] == "1,842,310.55\u00a0EUR"


def test_every_field_of_a_mapping_has_a_word() -> None:
    assert set(FIELD_WORDS) == set(FIELDS)


def test_messages_lose_the_command_lines_options() -> None:
    told = "found the columns a, b; say which one it is: --map client=COLUMN --map amount=COLUMN."
    assert "--" not in for_the_page(told)
    assert for_the_page(told).endswith("say which one it is\\.")
    kept = "a total, and “Sold” is not the day of a sale; --map day=Sold if it is."
    assert "map" not in for_the_page(kept)
