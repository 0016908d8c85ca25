from __future__ import annotations

import pytest

from crm_core.intake.formats.hubspot import company_of_deal
from crm_core.intake.recognise import recognise
from tests.intake.staged_rows import (
    attribute,
    filled,
    items_of,
    refs_of,
    sales_of,
    staged_of,
    table_of,
    unused_of,
)

ETSY = (
    "Sale Date|Item Name|Buyer|Quantity|Price|Coupon Code|Discount Amount|Order Shipping|"
    "Order Sales Tax|Item Total|Currency|Transaction ID|Ship Name|Ship Country|Order ID|"
    "InPerson Discount"
)
XERO = (
    "*ContactName,EmailAddress,POAddressLine1,POCity,PORegion,POPostalCode,POCountry,"
    "*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,InventoryItemCode,*Description,"
    "*Quantity,*UnitAmount,Discount,*AccountCode,*TaxType,TaxAmount,TrackingName1,Currency,"
    "BrandingTheme,Status,Type"
)
DEALS = "Record ID|Deal Name|Deal Stage|Amount|Deal owner|Close Date|Create Date"
CONTACTS = (
    "Record ID|First Name|Last Name|Email|Contact owner|Lifecycle Stage|Country/Region|Create Date"
)
QUICKBOOKS = (
    "Date|Transaction Type|Num|Customer|Product/Service|Memo/Description|Qty|Sales Price|Amount"
)


def test_etsy_discount_of_an_order_is_taken_off_all_its_lines() -> None:
    # 8.00 off an order of 20.00 and 20.00: 4.00 off each, 16.00 left of each.
    rows = [
        "09/22/26|Mug|Sam|1|20.00|FALL|8.00|0|0|20.00|USD|1|Sam|UK|77|",
        "09/22/26|Ring|Sam|2|10.00|FALL|0.00|0|0|20.00|USD|2|Sam|UK|77|",
        "09/24/26|Print|Jane|1|16.00|||4.5|1.08|16.00|USD|3|Jane|US|78|",
    ]
    staged = staged_of(table_of(ETSY, rows))
    assert sales_of(staged) == [
        ("Sam", "2026-09-22", "16.00"),
        ("Sam", "2026-09-22", "16.00"),
        ("Jane", "2026-09-24", "16.00"),
    ]
    assert items_of(staged) == [("Mug", "1"), ("Ring", "2"), ("Print", "1")]


def test_etsy_days_are_read_day_first_where_the_file_shows_it() -> None:
    rows = [f"{day}|Mug|Sam|1|5.00|||0|0|5.00|GBP|1|Sam|UK|7|" for day in ("24/09/26", "01/10/26")]
    assert [day for _, day, _ in sales_of(staged_of(table_of(ETSY, rows)))] == [
        "2026-09-24",
        "2026-10-01",
    ]


def test_etsy_days_that_could_be_either_are_month_first() -> None:
    rows = ["01/10/26|Mug|Sam|1|5.00|||0|0|5.00|USD|1|Sam|US|7|"]
    assert sales_of(staged_of(table_of(ETSY, rows)))[0][1] == "2026-01-10"


def test_xero_line_is_quantity_times_amount_less_its_discount() -> None:
    line = {
        "*ContactName": "Nordlicht Oy",
        "EmailAddress": "a@x.org",
        "*InvoiceNumber": "INV-1",
        "*InvoiceDate": "28/02/2026",
        "*Description": "Lamp",
        "*Quantity": "3",
        "*UnitAmount": "33.33",
        "Discount": "10",
        "Currency": "EUR",
    }
    other = line | {"EmailAddress": "b@x.org", "*InvoiceNumber": "INV-2", "Discount": ""}
    staged = staged_of(filled(XERO, line, other))
    # 99.99 less a tenth = 89.991
    assert staged.sales.amount.tolist() == [899_910, 999_900]
    assert {client for client, _, _ in sales_of(staged)} == {"Nordlicht Oy"}


def test_xero_drafts_are_no_sales_and_credit_notes_are_refunds() -> None:
    line = {
        "*ContactName": "Nordlicht Oy",
        "*InvoiceNumber": "INV-1",
        "*InvoiceDate": "28/02/2026",
        "*Quantity": "1",
        "*UnitAmount": "10.00",
    }
    staged = staged_of(
        filled(
            XERO,
            line | {"Status": "Draft"},
            line | {"Status": "Paid", "Type": "Sales credit note"},
        )
    )
    assert unused_of(staged) == [(2, "draft", "10.00")]
    assert [amount for _, _, amount in sales_of(staged)] == ["-10.00"]


def test_only_won_hubspot_deals_are_sales() -> None:
    rows = [
        "1|Acme - New Business|closedwon|25000|Sarah|2026-05-01|2025-01-01",
        "2|Globex - Renewal|contractsent||Tom|2026-06-01|2025-01-01",
        "3|Acme - More|closedlost|250k|Sarah|2026-05-03|2025-01-01",
        "4|Acme - Even more|closedwon|£9001|Sarah|2026-05-03|2025-01-01",
    ]
    staged = staged_of(table_of(DEALS, rows), currency="GBP")
    assert sales_of(staged) == [
        ("Acme", "2026-05-01", "25000.00"),
        ("Acme", "2026-05-03", "9001.00"),
    ]
    assert unused_of(staged) == [(3, "open deal", None), (4, "lost deal", "250000.00")]
    assert attribute(staged, "manager") == {"Acme": "Sarah"}


@pytest.mark.parametrize(
    ("deal", "client"), [("Acme – Renewal 2026", "Acme"), ("Jean-Luc", "Jean-Luc"), ("A: b", "A")]
)
def test_deals_begin_with_their_client(deal: str, client: str) -> None:
    assert company_of_deal(deal) == client


def test_hubspot_contacts_are_leads_known_on_their_create_date() -> None:
    rows = [
        "5001|Ada|Lovelace|ADA@x.com|Sarah|lead|United States|2024-01-01",
        "5002|Grace|Hopper||Tom||United States|2024-02-01",
    ]
    staged = staged_of(table_of(CONTACTS, rows))
    assert staged.clients.value == ("ada@x.com", "5002")
    assert staged.clients.known_on.tolist() == [19723, 19754]
    assert [reason for _, reason, _ in unused_of(staged)] == ["lead", "lead"]
    assert not staged.days_missing


def test_quickbooks_estimates_and_payments_are_no_sales() -> None:
    rows = [
        '01/15/2026|Invoice|1001|Amy|Design||1|75.00|"$1,045.50"'.replace('"', ""),
        "01/16/2026|Estimate|1002|Amy|Design||1|75.00|75.00",
        "01/17/2026|Payment|1003|Amy||||| 45.00",
        "01/18/2026|Credit Memo|1004|Amy|Design||1|20.00|(20.00)",
    ]
    staged = staged_of(table_of(QUICKBOOKS, rows))
    assert sales_of(staged) == [("Amy", "2026-01-15", "1045.50"), ("Amy", "2026-01-18", "-20.00")]
    assert [reason for _, reason, _ in unused_of(staged)] == ["estimate", "payment"]


def test_quickbooks_report_fills_the_client_down_and_leaves_totals_out() -> None:
    rows = [
        "Amy's Bird Sanctuary|||||||",
        "|01/15/2026|Invoice|1001|Design|1|75.00|75.00",
        "|01/20/2026|Invoice|1002|Seeds|2|10.00|20.00",
        "Total for Amy's Bird Sanctuary|||||||95.00",
        "Bill's Windsurf|||||||",
        "|02/15/2026|Sales Receipt|1003|Design|1|30.00|30.00",
        "Total for Bill's Windsurf|||||||30.00",
        "TOTAL|||||||125.00",
    ]
    header = "|Transaction date|Transaction type|Num|Product/Service|Quantity|Sales price|Amount"
    staged = staged_of(table_of(header, rows))
    assert sales_of(staged) == [
        ("Amy's Bird Sanctuary", "2026-01-15", "75.00"),
        ("Amy's Bird Sanctuary", "2026-01-20", "20.00"),
        ("Bill's Windsurf", "2026-02-15", "30.00"),
    ]
    assert staged.money == {None: 1_250_000}


def test_magento_closed_orders_are_paid_back() -> None:
    header = (
        "ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),"
        "Grand Total (Purchased),Status,Customer Email,Customer Group,Subtotal,"
        "Shipping and Handling,Customer Name,Payment Method,Total Refunded"
    )
    row = {
        "ID": "000000001",
        "Purchase Date": "2026-03-04 10:00:00",
        "Grand Total (Base)": "$30.00",
        "Shipping and Handling": "$5.00",
        "Status": "Complete",
        "Customer Email": "ann@x.org",
    }
    closed = row | {"ID": "000000002", "Status": "Closed", "Total Refunded": "$30.00"}
    staged = staged_of(filled(header, row, closed))
    assert [amount for _, _, amount in sales_of(staged)] == ["25.00", "25.00", "-25.00"]
    assert refs_of(staged)[2] == ("000000002", "000000002")
    assert unused_of(staged) == [(3, "refunded shipping and tax", "-5.00")]


def test_bigcommerce_total_loses_tax_and_shipping() -> None:
    header = (
        "Order ID,Order Date,Delivery Date,Order Status,Order Total,Cart Base Amount,Tax Total,"
        "Shipping Total,Refund Amount,Payment Method,First Name,Last Name,Email Address,Phone"
    )
    row = {
        "Order ID": "100",
        "Order Date": "2026-03-04",
        "Order Status": "Awaiting Fulfillment",
        "Order Total": "36.00",
        "Tax Total": "6.00",
        "Shipping Total": "5.00",
        "Email Address": "ann@x.org",
    }
    staged = staged_of(filled(header, row, row | {"Order ID": "101", "Order Status": "Declined"}))
    assert sales_of(staged) == [("ann@x.org", "2026-03-04", "25.00")]
    assert unused_of(staged) == [(3, "failed", "25.00")]


def test_amazon_orders_name_no_client_and_are_imported_all_the_same() -> None:
    header = (
        "amazon-order-id|purchase-date|last-updated-date|order-status|sku|product-name|quantity|"
        "currency|item-price|item-promotion-discount|ship-country"
    )
    rows = [
        "11-1|2026-03-04T23:30:00+00:00|2026-03-05|Shipped|S|Mug|1|EUR|20.00|2.50|DE",
        "11-2|2026-03-04T10:00:00+00:00|2026-03-05|Cancelled|S|Mug|0|EUR||0|DE",
    ]
    staged = staged_of(table_of(header, rows), time_zone="Europe/Berlin")
    assert sales_of(staged) == [(None, "2026-03-05", "17.50")]
    assert unused_of(staged) == [(3, "voided", None)]


def test_a_file_with_less_than_the_required_columns_is_no_known_format() -> None:
    assert recognise(["Name", "Email", "Subtotal"]) is None


def test_the_format_with_more_required_columns_wins() -> None:
    names = [
        "order_id",
        "order_number",
        "order_date",
        "order_total",
        "shipping_total",
        "billing_email",
    ]
    found = recognise(names)
    assert found is not None
    assert found.format.key == "woocommerce-suite"
    assert found.evidence.alternatives == ("woocommerce-minimal",)
