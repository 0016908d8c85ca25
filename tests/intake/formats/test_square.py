from __future__ import annotations

from tests.intake.staged_rows import (
    filled,
    items_of,
    refs_of,
    sales_of,
    staged_of,
    unused_of,
)

TRANSACTIONS = (
    "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,"
    "Partial Refunds,Total Collected,Source,Card,Cash,Fees,Net Total,Transaction ID,Payment ID,"
    "Staff Name,Description,Event Type,Location,Customer ID,Customer Name,Transaction Status"
)
ITEMS = (
    "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,"
    "Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,"
    "Location,Customer ID,Customer Name"
)


def test_net_sales_count_and_walk_ins_have_no_client() -> None:
    named = {
        "Date": "2026-09-13",
        "Net Sales": "$1,240.00",
        "Gross Sales": "$1,300.00",
        "Total Collected": "$1,400.00",
        "Transaction ID": "T1",
        "Payment ID": "P1",
        "Event Type": "Payment",
        "Customer ID": "C1",
        "Customer Name": "Dee",
    }
    walk_in = named | {"Transaction ID": "T2", "Customer ID": "", "Customer Name": ""}
    staged = staged_of(filled(TRANSACTIONS, named, walk_in))
    assert sales_of(staged) == [("C1", "2026-09-13", "1240.00"), (None, "2026-09-13", "1240.00")]


def test_refund_is_tied_to_its_sale_and_takes_the_sales_client() -> None:
    sale = {
        "Date": "9/13/2026",
        "Net Sales": "$12.00",
        "Transaction ID": "T1",
        "Payment ID": "P1",
        "Event Type": "Payment",
        "Customer ID": "C1",
    }
    refund = sale | {
        "Date": "9/20/2026",
        "Net Sales": "-$12.00",
        "Payment ID": "P2",
        "Event Type": "Refund",
        "Customer ID": "",
    }
    staged = staged_of(filled(TRANSACTIONS, sale, refund))
    assert sales_of(staged) == [("C1", "2026-09-13", "12.00"), ("C1", "2026-09-20", "-12.00")]
    assert refs_of(staged) == [("T1", None), ("P2", "T1")]


def test_other_events_and_voided_transactions_are_no_sales() -> None:
    row = {"Date": "2026-09-13", "Net Sales": "$3.00", "Transaction ID": "T1"}
    staged = staged_of(
        filled(
            TRANSACTIONS,
            row | {"Event Type": "Gift Card Load"},
            row | {"Event Type": "Payment", "Transaction Status": "Voided"},
        )
    )
    assert unused_of(staged) == [(2, "other", "3.00"), (3, "voided", "3.00")]


def test_items_carry_their_product_category_and_quantity() -> None:
    row = {
        "Date": "2026-09-13",
        "Category": "Mugs",
        "Item": "Speckled",
        "Qty": "2.0",
        "Net Sales": "$24.00",
        "Transaction ID": "T1",
        "Event Type": "Payment",
        "Customer ID": "C1",
    }
    staged = staged_of(filled(ITEMS, row))
    assert items_of(staged) == [("Speckled", "2")]
    assert staged.sales.category.labels == ("Mugs",)


def test_every_event_that_gives_money_back_has_its_own_reference() -> None:
    row = {
        "Date": "2026-09-20",
        "Net Sales": "-$12.00",
        "Transaction ID": "T1",
        "Payment ID": "P2",
    }
    nameless = row | {"Payment ID": ""}
    events = ["Refund", " REFUND ", "Exchange"]
    staged = staged_of(
        filled(
            TRANSACTIONS,
            *(row | {"Event Type": event} for event in events),
            nameless | {"Event Type": "Refund"},
        )
    )
    assert refs_of(staged) == [("P2", "T1")] * 3 + [(None, "T1")]
