from __future__ import annotations

import pytest

from tests.intake.staged_rows import evidence_of, staged_as, table_of, texts, unused_of

COLUMNS = {"client": "who", "day": "day", "amount": "sum", "currency": "cur"}


def staged(*cells: tuple[str, str], currency: str | None = None):
    rows = [f"a|2024-05-01|{amount}|{code}" for amount, code in cells]
    return staged_as(table_of("who|day|sum|cur", rows), COLUMNS, currency=currency)


def test_a_files_only_currency_is_the_reporting_one() -> None:
    found = staged(("1", "eur"), ("2", "EUR"))
    assert found.money == {None: 30_000}
    assert found.mapping["currency"] == "EUR"


def test_of_several_the_most_frequent_is_proposed_and_the_rest_wait_in_their_own() -> None:
    found = staged(("1", "EUR"), ("2", "EUR"), ("4", "USD"))
    assert found.money == {None: 30_000, "USD": 40_000}
    assert evidence_of(found, "currency") == ["2 of 3 amounts are in EUR: figures are in it."]


def test_a_named_reporting_currency_is_kept() -> None:
    found = staged(("1", "EUR"), ("2", "EUR"), ("4", "USD"), ("8", ""), currency="USD")
    assert found.money == {None: 120_000, "EUR": 30_000}
    assert texts(found.sales.currency) == ["EUR", "EUR", None, None]


@pytest.mark.parametrize(
    ("reporting", "money"),
    [
        (None, {None: 10_000}),
        ("CAD", {None: 10_000}),
        ("EUR", {"USD": 10_000}),
    ],
)
def test_a_sign_several_currencies_share_is_the_reporting_ones_where_it_can(
    reporting: str | None, money: dict[str | None, int]
) -> None:
    found = staged(("$1.00", ""), currency=reporting)
    assert found.money == money


def test_shared_signs_beside_another_currency_are_told_apart() -> None:
    found = staged(("1.00", "EUR"), ("1.50", "EUR"), ("$2.00", ""))
    assert found.money == {None: 25_000, "USD": 20_000}


def test_signs_beside_amounts_stand_in_for_a_column() -> None:
    found = staged(("1.00 €", ""), ("£2.00", ""), currency="EUR")
    assert found.money == {None: 10_000, "GBP": 20_000}


def test_a_word_that_names_no_currency_holds_the_row_back() -> None:
    found = staged(("1", "EUR"), ("5", "points"), currency="EUR")
    assert unused_of(found) == [(3, "unknown currency", "5.00")]
    assert found.money == {None: 10_000, "?": 50_000}
    assert "found “points”" in found.unused.detail[0]
