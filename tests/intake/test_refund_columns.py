"""Money given back in a column beside the sales, and the two sides of a ledger."""

from __future__ import annotations

import pytest

from tests.intake.staged_rows import evidence_of, sales_of, staged_from


def amounts(header: str, *rows: str, **options: object) -> list[str]:
    return [amount for _, _, amount in sales_of(staged_from(header, rows, **options))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sold", "back"),
    [
        ("Invoice amount", "Credit note amount"),
        ("Debit", "Credit"),
        ("Rechnungsbetrag", "Gutschrift"),
        ("Montant HT", "Avoir"),
        ("Importo", "Nota di credito"),
        ("Soll", "Haben"),
    ],
)
def test_a_credit_note_in_its_own_column_is_money_given_back_on_its_day(
    sold: str, back: str
) -> None:
    rows = ["Ann|2024-01-01|100,00|", "Ann|2024-01-09||30,00", "Bob|2024-01-10|50,00|0,00"]
    staged = staged_from(f"Client|Date|{sold}|{back}", rows)
    assert [(day[-2:], amount) for _, day, amount in sales_of(staged)] == [
        ("01", "100.00"),
        ("09", "-30.00"),
        ("10", "50.00"),
    ]
    assert staged.n_rows == 3


def test_a_refund_on_its_sales_row_is_a_refund_of_that_day() -> None:
    rows = ["1|Ann|2024-01-01|100|40", "2|Bob|2024-01-02|50|"]
    assert amounts("Order|Client|Date|Total|Refunded amount", *rows) == [
        "100.00",
        "50.00",
        "-40.00",
    ]


def test_refunds_of_an_orders_lines_add_up_and_repeated_ones_count_once() -> None:
    lines = ["1|Ann|2024-01-01|60|5", "1|Ann|2024-01-01|40|5"]
    assert amounts("Order|Client|Date|Line total|Refund", *lines)[2:] == ["-10.00"]
    repeated = [
        "1|Ann|2024-01-01|1|60|100|5",
        "1|Ann|2024-01-01|1|40|100|5",
        "2|Bob|2024-01-02|1|7|7|",
    ]
    found = amounts("Order|Client|Date|Qty|Price|Order total|Refund", *repeated)
    assert found == ["60.00", "40.00", "7.00", "-5.00"]


def test_the_larger_side_of_a_ledger_was_sold() -> None:
    rows = ["Ann|2024-01-01||100", "Ann|2024-01-02|20|", "Bob|2024-01-03||70"]
    assert amounts("Account|Date|Debit|Credit", *rows) == ["100.00", "-20.00", "70.00"]


def test_a_side_of_payments_is_not_taken_off() -> None:
    rows = ["Ann|2024-01-01|100|", "Ann|2024-01-20||100", "Bob|2024-01-03|70|"]
    staged = staged_from("Client|Date|Debit|Credit", rows)
    assert [amount for _, _, amount in sales_of(staged)] == ["100.00", "70.00"]
    assert staged.unused.reason == ("no amount",)
    assert "payments" in evidence_of(staged, "refunds")[0]


def test_naming_the_amount_reads_that_column_alone() -> None:
    rows = ["Ann|2024-01-01|100|30"]
    header = "Client|Date|Amount|Refund"
    assert amounts(header, *rows) == ["100.00", "-30.00"]
    assert amounts(header, *rows, choices={"amount": "Amount"}) == ["100.00"]


def test_a_count_of_returns_is_no_money() -> None:
    staged = staged_from(
        "Client|Date|Total|Returns", ["A|2024-01-01|9.50|1", "B|2024-01-02|8.25|0"]
    )
    assert [amount for _, _, amount in sales_of(staged)] == ["9.50", "8.25"]
    assert "may count returns" in evidence_of(staged, "refunds")[0]


def test_what_was_invoiced_comes_before_what_was_paid() -> None:
    rows = ["1|A|2024-01-01|9.50|0.00", "2|B|2024-01-02|8.25|8.25"]
    assert amounts("Invoice|Client|Date|Total|Paid", *rows) == ["9.50", "8.25"]
