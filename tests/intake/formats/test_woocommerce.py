from __future__ import annotations

from crm_core.intake.recognise import recognise
from tests.intake.staged_rows import (
    attribute,
    evidence_of,
    filled,
    items_of,
    sales_of,
    staged_as,
    staged_of,
    table_of,
    unused_of,
)

LINES = (
    "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),"
    "Last Name (Billing),Company (Billing),Address 1&2 (Billing),City (Billing),"
    "State Code (Billing),Postcode (Billing),Country Code (Billing),Email (Billing),"
    "Phone (Billing),First Name (Shipping),Last Name (Shipping),Item #,SKU,Name,"
    "Product Variation,Quantity,Quantity (- Refund),Item Cost,Order Line (w/o tax),"
    "Order Line Tax,Order Line Total,Order Line Total Refunded,Order Line Total (- Refund),"
    "Image URL,Coupon Code,Discount Amount,Discount Amount Tax,Payment Method Title,"
    "Coupons Used,Cart Discount Amount,Order Subtotal Amount,Order Tax Amount,"
    "Order Shipping Amount,Order Refund Amount,Order Total Amount,Order Total Tax Amount,"
    "Total items,Total products"
)
SUITE = (
    "order_id,order_number,date,status,shipping_total,shipping_tax_total,tax_total,"
    "cart_discount,order_discount,discount_total,order_total,payment_method,shipping_method,"
    "customer_id,billing_first_name,billing_last_name,billing_company,billing_email,"
    "billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,"
    "billing_state,billing_country,line_items,order_notes"
)


def line(order: str, name: str, net: str, total: str, **more: str) -> dict[str, str]:
    return {
        "Order Number": order,
        "Order Status": "Completed",
        "Order Date": "2026-02-03 11:00",
        "First Name (Billing)": "Ann",
        "Last Name (Billing)": "Lee",
        "Email (Billing)": "Ann@Example.org",
        "Country Code (Billing)": "FI",
        "Name": name,
        "Quantity": "1",
        "Order Line (w/o tax)": net,
        "Order Total Amount": total,
    } | {key.replace("_", " "): value for key, value in more.items()}


def test_line_amounts_are_sales_and_repeated_totals_are_not_summed() -> None:
    staged = staged_of(
        filled(LINES, line("11", "Mug", "10.00", "37.20"), line("11", "Jar", "20.00", "37.20"))
    )
    assert sales_of(staged) == [
        ("Ann@Example.org", "2026-02-03", "10.00"),
        ("Ann@Example.org", "2026-02-03", "20.00"),
    ]
    assert items_of(staged) == [("Mug", "1"), ("Jar", "1")]
    assert staged.clients.value == ("ann@example.org",)
    assert attribute(staged, "name") == {"Ann@Example.org": "Ann Lee"}


def test_order_refund_is_counted_once_however_many_rows_repeat_it() -> None:
    rows = [
        line("11", name, "10.00", "24.80", Order_Refund_Amount="12.40") for name in ("Mug", "Jar")
    ]
    staged = staged_of(filled(LINES, *rows))
    assert [amount for _, _, amount in sales_of(staged)] == ["10.00", "10.00", "-12.40"]


def test_totals_repeated_per_line_would_come_out_2_54_times_too_high() -> None:
    # Orders of 3, 3, 2 and 1 lines with totals 40, 30, 14 and 16: 100 once; 254 per line.
    orders = [("1", 3, "40"), ("2", 3, "30"), ("3", 2, "14"), ("4", 1, "16")]
    rows = [f"{n}|2026-01-05|ann@x.org|{total}" for n, count, total in orders for _ in range(count)]
    table = table_of("order_no|day|mail|order_total", rows)
    columns = {"order": "order_no", "day": "day", "email": "mail", "amount": "order_total"}
    staged = staged_as(table, columns)
    assert staged.money == {None: 1_000_000}
    assert evidence_of(staged, "order total") == [
        "3 of 3 orders with several lines repeat one amount on every line: it is the order's "
        "total and counts once an order; summed per line it would be 2.54 times as much."
    ]


def test_totals_chosen_by_hand_are_spread_over_the_lines_by_price() -> None:
    rows = [
        line("11", "Mug", "10.00", "37.20", Item_Cost="10.00"),
        line("11", "Jar", "20.00", "37.20", Item_Cost="20.00"),
    ]
    choices = {"amount": "Order Total Amount", "unit_price": "Item Cost"}
    staged = staged_of(filled(LINES, *rows), choices=choices)
    assert [amount for _, _, amount in sales_of(staged)] == ["12.40", "24.80"]
    assert staged.money == {None: 372_000}


def test_suite_takes_shipping_and_tax_off_the_total() -> None:
    row = {
        "order_id": "9",
        "order_number": "1009",
        "date": "2026-02-03 10:00:00",
        "status": "wc-processing",
        "shipping_total": "5.00",
        "shipping_tax_total": "1.20",
        "tax_total": "6.20",
        "order_total": "36.20",
        "billing_email": "bo@x.org",
    }
    pending = row | {"order_number": "1010", "status": "on-hold"}
    staged = staged_of(filled(SUITE, row, pending))
    assert sales_of(staged) == [("bo@x.org", "2026-02-03", "25.00")]
    assert unused_of(staged) == [(3, "pending", "25.00")]


def test_minimal_file_has_only_a_total_and_says_so() -> None:
    header = (
        "order_id,order_date,status,billing_first_name,billing_last_name,billing_email,"
        "billing_phone,shipping_city,shipping_country,order_total,order_currency"
    )
    row = {"order_id": "5", "order_date": "2024-01-15", "order_total": "99.99", "status": "failed"}
    staged = staged_of(filled(header, row, row | {"order_id": "6", "status": "completed"}))
    assert [amount for _, _, amount in sales_of(staged)] == ["99.99"]
    assert unused_of(staged) == [(2, "failed", "99.99")]
    found = recognise(header.split(","))
    assert found is not None
    assert "only a total" in found.format.amount_is


def test_french_analytics_are_read_with_their_decimal_commas() -> None:
    header = "Date|Commande n°|État|Client|Type de client|Produit(s)|Articles vendus|Ventes nettes"
    rows = [
        "2026-03-01|77|Terminée|Zoé Martin|nouveau|1× Bol|1|1 234,50",
        "2026-03-02|78|Annulée|Zoé Martin|fidèle|1× Bol|1|10,00",
        "2026-03-03|79|En attente|Zoé Martin|fidèle|1× Bol|1|11,00",
    ]
    staged = staged_of(table_of(header, rows))
    assert sales_of(staged) == [("Zoé Martin", "2026-03-01", "1234.50")]
    assert [reason for _, reason, _ in unused_of(staged)] == ["voided", "pending"]
