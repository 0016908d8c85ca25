"""What a column seems to hold."""

from __future__ import annotations

from crm_core.intake.content import ColumnProfile, profile_columns
from crm_core.intake.table import make_table


def profile(cells: list[str]) -> ColumnProfile:
    return profile_columns(make_table(["x"], [[cell] for cell in cells]))[0]


def test_counts_cover_all_rows_and_blanks() -> None:
    found = profile(["Ann", "Ann ", "", " ", "Bob"])
    assert (found.n_filled, found.n_blank, found.n_distinct) == (3, 2, 2)
    assert found.examples == ("Ann", "Bob")


def test_days_are_not_mistaken_for_phones_or_numbers_for_days() -> None:
    days = profile(["2024-01-25", "2024-01-26"])
    assert (days.day, days.phone, days.amount) == (1.0, 0.0, 0.0)
    postcodes = profile(["42420", "10115"])
    assert (postcodes.day, postcodes.serial) == (0.0, 1.0)
    assert profile(["19970101", "19970118"]).day == 1.0


def test_each_kind_of_cell_is_recognised() -> None:
    assert profile(["$1,240.00", "-$12.00"]).amount == 1.0
    assert profile(["$1,240.00", "-$12.00"]).negative == 0.5
    assert profile(["a@x.org", "no mail"]).email == 0.5
    assert profile(["+49 170 1234567", "(030) 123-4567"]).phone == 1.0
    assert profile(["#1001", "CA-2016-152156", "00017"]).id_like == 1.0
    assert profile(["Claire Gute", "Müller & Söhne", "Иванов"]).name_like == 1.0
    assert profile(["EUR", "usd"]).currency == 1.0
    assert profile(["paid", "Partially refunded", "voided"]).status == 1.0


def test_an_empty_column_has_no_shares() -> None:
    found = profile(["", ""])
    assert (found.n_filled, found.day, found.amount, found.status, found.examples) == (
        0,
        0,
        0,
        0,
        (),
    )


def test_a_sample_is_spread_over_the_file() -> None:
    cells = [[str(i)] if i < 500 else ["x@y.org"] for i in range(1_000)]
    found = profile_columns(make_table(["x"], cells), sample=100)[0]
    assert found.n_filled == 1_000
    assert found.email == 0.5
