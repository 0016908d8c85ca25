from __future__ import annotations

import pytest

from crm_core.errors import MappingError
from crm_core.intake.recognise import recognise
from tests.intake.staged_rows import (
    attribute,
    filled,
    items_of,
    refs_of,
    sales_of,
    staged_of,
    unused_of,
)

HEADER = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfillment Date,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,"
    "Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,"
    "Payment Method,Payment Reference,Refunded Amount,Vendor,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value"
)


def order(name: str, status: str, subtotal: str, total: str, **more: str) -> dict[str, str]:
    return {
        "Name": name,
        "Email": "ann@example.org",
        "Financial Status": status,
        "Subtotal": subtotal,
        "Total": total,
        "Currency": "EUR",
        "Created at": "2026-05-04 23:30:00 -0400",
        "Lineitem quantity": "1",
        "Lineitem name": "Mug",
        "Lineitem price": subtotal,
        "Billing Country": "FI",
        "Refunded Amount": "0.00",
    } | {key.replace("_", " "): value for key, value in more.items()}


def test_subtotal_is_counted_once_and_spread_over_lines_to_the_cent() -> None:
    # 10.00 for three equal lines: 3.34 + 3.33 + 3.33; the shop took 5.00 off 15.00.
    first = order("#1", "paid", "10.00", "14.20", Lineitem_price="5.00")
    later = {
        "Name": "#1",
        "Lineitem quantity": "1",
        "Lineitem name": "Bowl",
        "Lineitem price": "5.00",
    }
    staged = staged_of(filled(HEADER, first, later, later | {"Lineitem name": "Jar"}))
    assert sales_of(staged) == [
        ("ann@example.org", "2026-05-04", "3.34"),
        ("ann@example.org", "2026-05-04", "3.33"),
        ("ann@example.org", "2026-05-04", "3.33"),
    ]
    assert items_of(staged) == [("Mug", "1"), ("Bowl", "1"), ("Jar", "1")]
    assert staged.money == {None: 100_000}
    assert staged.mapping["currency"] == "EUR"


def test_line_discounts_weigh_the_spreading() -> None:
    # Lines 20.00 − 5.00 and 15.00 share a subtotal of 30.00 half and half.
    first = order("#1", "paid", "30.00", "30.00", Lineitem_price="20.00", Lineitem_discount="5.00")
    later = {"Name": "#1", "Lineitem quantity": "1", "Lineitem name": "Jar"}
    staged = staged_of(filled(HEADER, first, later | {"Lineitem price": "15.00"}))
    assert [amount for _, _, amount in sales_of(staged)] == ["15.00", "15.00"]


def test_refunded_amount_becomes_a_refund_on_the_orders_day_up_to_its_goods() -> None:
    row = order("#7", "partially_refunded", "16.00", "20.00", Refunded_Amount="18.50")
    staged = staged_of(filled(HEADER, row))
    assert sales_of(staged) == [
        ("ann@example.org", "2026-05-04", "16.00"),
        ("ann@example.org", "2026-05-04", "-16.00"),
    ]
    assert refs_of(staged) == [("#7", None), ("#7", "#7")]
    assert unused_of(staged) == [(2, "refunded shipping and tax", "-2.50")]


def test_refunded_order_without_an_amount_is_paid_back_in_full() -> None:
    staged = staged_of(filled(HEADER, order("#8", "refunded", "16.00", "20.00")))
    assert [amount for _, _, amount in sales_of(staged)] == ["16.00", "-16.00"]


def test_voided_pending_and_cancelled_orders_are_no_sales() -> None:
    cancelled = order("#3", "paid", "4.00", "4.00", Cancelled_at="2026-05-05 10:00:00 -0400")
    rows = [order("#1", "voided", "1.00", "1.00"), order("#2", "pending", "2.00", "2.00")]
    staged = staged_of(filled(HEADER, *rows, cancelled))
    assert unused_of(staged) == [
        (2, "voided", "1.00"),
        (3, "pending", "2.00"),
        (4, "voided", "4.00"),
    ]
    assert not sales_of(staged)
    assert not staged.clients.label


def test_later_rows_of_a_voided_order_are_no_sales_either() -> None:
    later = {"Name": "#1", "Lineitem quantity": "2", "Lineitem name": "Jar"}
    table = filled(HEADER, order("#1", "voided", "9.00", "9.00"), later | {"Lineitem price": "1"})
    assert {reason for _, reason, _ in unused_of(staged_of(table))} == {"voided"}


def test_day_is_the_date_as_written_and_guests_without_mail_go_by_name() -> None:
    row = order("#1", "paid", "5.00", "5.00", Email="", Billing_Name="Ann  LEE")
    staged = staged_of(filled(HEADER, row), time_zone="Europe/Helsinki")
    assert sales_of(staged) == [("Ann  LEE", "2026-05-04", "5.00")]
    assert staged.clients.value == ("ann lee",)
    assert attribute(staged, "country") == {"Ann  LEE": "FI"}


def test_columns_may_stand_in_any_order_and_case() -> None:
    shuffled = [name.upper() for name in reversed(HEADER.split(","))]
    found = recognise(shuffled)
    assert found is not None
    assert found.format.key == "shopify-orders"


def test_payment_transactions_are_refused_with_what_to_do() -> None:
    header = (
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,"
        "Available On,Amount,Fee,Net,Checkout,Payment Method Name,Presentment Amount,"
        "Presentment Currency,Currency"
    )
    with pytest.raises(MappingError, match="export Orders"):
        staged_of(filled(header, {"Order": "#1", "Amount": "3.00"}))
