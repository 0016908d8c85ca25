"""Documents told apart: what is sold, what is given back, what only pays."""

from __future__ import annotations

import pytest

from crm_core.intake.columns import Cells
from crm_core.intake.documents import find_documents
from crm_core.intake.table import make_table
from tests.intake.staged_rows import sales_of, staged_from


@pytest.mark.parametrize(
    ("column", "invoice", "credit"),
    [
        ("Document type", "Invoice", "Credit memo"),
        ("Type", "Sale", "Return"),
        ("Belegart", "Rechnung", "Gutschrift"),
        ("Type de document", "Facture", "Avoir"),
        ("Tipo documento", "Fattura", "Nota di credito"),
        ("Тип документа", "Реализация", "Возврат"),
    ],
)
def test_credit_notes_without_a_minus_are_money_given_back(
    column: str, invoice: str, credit: str
) -> None:
    rows = [f"Ann|2024-01-01|{invoice}|100", f"Ann|2024-01-09|{credit}|30"]
    staged = staged_from(f"Client|Date|{column}|Amount", rows)
    assert [amount for _, _, amount in sales_of(staged)] == ["100.00", "-30.00"]
    assert any("as refund" in one["sentence"] for one in staged.mapping["evidence"])


def test_credit_notes_with_a_minus_stay_as_they_are() -> None:
    rows = ["Ann|2024-01-01|Invoice|100", "Ann|2024-01-09|Credit note|-30"]
    staged = staged_from("Client|Date|Type|Amount", rows)
    assert staged.money == {None: 700_000}


def test_payments_and_estimates_beside_invoices_are_no_sales() -> None:
    rows = ["A|2024-01-01|Invoice|9", "A|2024-01-02|Payment|9", "A|2024-01-03|Quote|5"]
    staged = staged_from("Client|Date|Type|Amount", rows)
    assert [amount for _, _, amount in sales_of(staged)] == ["9.00"]
    assert staged.unused.reason == ("payment", "estimate")


def test_a_list_of_payments_alone_is_a_list_of_sales() -> None:
    rows = ["A|2024-01-01|Payment|9", "B|2024-01-02|Payment|7"]
    assert len(sales_of(staged_from("Client|Date|Type|Amount", rows))) == 2


def test_the_rarer_side_of_a_ledger_is_what_was_given_back() -> None:
    rows = ["A|2024-01-01|S|9", "A|2024-01-02|S|8", "B|2024-01-02|H|7"]
    for sides in ("SH", "HS"):
        turned = [row.translate(str.maketrans("SH", sides)) for row in rows]
        staged = staged_from("Konto|Datum|Soll/Haben-Kennzeichen|Betrag", turned)
        assert [amount for _, _, amount in sales_of(staged)] == ["9.00", "8.00", "-7.00"]


def test_types_of_something_else_tell_nothing() -> None:
    rows = [["Retail", "5"], ["Wholesale", "7"], ["Return", "3"]]
    assert find_documents(Cells(make_table(["Type", "Amount"], rows))) is None
