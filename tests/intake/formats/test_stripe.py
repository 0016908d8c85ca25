from __future__ import annotations

from tests.intake.staged_rows import filled, refs_of, sales_of, staged_of, table_of, unused_of

PAYMENTS = (
    "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,"
    "Converted Amount,Converted Amount Refunded,Fee,Tax,Converted Currency,Mode,Status,"
    "Statement Descriptor,Customer ID,Customer Description,Customer Email,Captured,Card ID,"
    "Card Last4,Card Brand,Card Name,Card Address Country,Invoice ID,PaymentIntent ID"
)
BALANCE = "id|Type|Source|Amount|Fee|Net|Currency|Created (UTC)|Available On (UTC)|Description"
ITEMISED = (
    "balance_transaction_id|created_utc|available_on_utc|currency|gross|fee|net|"
    "reporting_category|description"
)


def payment(number: str, amount: str, status: str = "Paid", **more: str) -> dict[str, str]:
    return {
        "id": number,
        "Created (UTC)": "2026-04-30 23:30",
        "Amount": amount,
        "Amount Refunded": "0.00",
        "Currency": "eur",
        "Status": status,
        "Captured": "true",
        "Customer Email": "ann@x.org",
        "Customer ID": "cus_1",
    } | {key.replace("_", " "): value for key, value in more.items()}


def test_email_names_the_client_before_the_customer_id() -> None:
    guest = payment("ch_2", "5.00", Customer_ID="", Customer_Email="ANN@x.org")
    nobody = payment("ch_3", "7.00", Customer_Email="", Customer_ID="")
    staged = staged_of(filled(PAYMENTS, payment("ch_1", "3.00"), guest, nobody))
    assert [client for client, _, _ in sales_of(staged)] == ["ann@x.org", "ann@x.org", None]


def test_utc_moments_fall_on_the_business_own_day() -> None:
    table = filled(PAYMENTS, payment("ch_1", "3.00"))
    assert sales_of(staged_of(table))[0][1] == "2026-04-30"
    assert sales_of(staged_of(table, time_zone="Europe/Berlin"))[0][1] == "2026-05-01"


def test_amount_refunded_is_a_refund_of_the_payment() -> None:
    row = payment("ch_1", "30.00", "Refunded", Amount_Refunded="30.00")
    staged = staged_of(filled(PAYMENTS, row))
    assert [amount for _, _, amount in sales_of(staged)] == ["30.00", "-30.00"]
    assert refs_of(staged) == [("ch_1", None), ("ch_1", "ch_1")]


def test_failed_and_uncaptured_payments_are_no_sales() -> None:
    rows = [payment("ch_1", "1.00", "Failed"), payment("ch_2", "2.00", Captured="false")]
    assert unused_of(staged_of(filled(PAYMENTS, *rows))) == [
        (2, "failed", "1.00"),
        (3, "pending", "2.00"),
    ]


def test_balance_keeps_fees_payouts_and_adjustments_out() -> None:
    rows = [
        "txn_1|charge|ch_1|45.91|0.94|44.97|eur|2026-10-01 09:12|2026-10-03|Shop - Order 12",
        "txn_2|stripe_fee||-1.50|0|-1.50|eur|2026-10-01 10:00|2026-10-03|Billing",
        "txn_3|payout|po_1|-44.97|0|-44.97|eur|2026-10-02 09:12|2026-10-03|STRIPE PAYOUT",
        "txn_4|adjustment|dp_1|-3.00|0|-3.00|eur|2026-10-02 09:12|2026-10-03|",
        "txn_5|refund|re_1|-45.91|0|-45.91|eur|2026-10-04 09:12|2026-10-05|"
        "REFUND FOR CHARGE (Shop - Order 12)",
    ]
    staged = staged_of(table_of(BALANCE, rows))
    assert sales_of(staged) == [(None, "2026-10-01", "45.91"), (None, "2026-10-04", "-45.91")]
    assert refs_of(staged) == [("Shop - Order 12", None), ("txn_5", "Shop - Order 12")]
    assert [reason for _, reason, _ in unused_of(staged)] == ["fee", "payout", "adjustment"]


def test_charges_without_an_order_in_the_description_are_their_own_orders() -> None:
    rows = [
        f"txn_{n}|2026-10-0{n} 09:12:00|2026-10-09|eur|9.00|0.3|8.7|charge|Subscription update"
        for n in (1, 2)
    ]
    assert refs_of(staged_of(table_of(ITEMISED, rows))) == [("txn_1", None), ("txn_2", None)]


def test_second_currency_keeps_its_own_money() -> None:
    rows = [
        "txn_1|2026-10-01 09:12:00|2026-10-03|eur|45.91|0.94|44.97|charge|Order 1",
        "txn_5|2026-10-04 06:00:00|2026-10-04|usd|10.00|0.59|9.41|charge|Order 99",
    ]
    staged = staged_of(table_of(ITEMISED, rows), currency="EUR")
    assert staged.money == {None: 459_100, "USD": 100_000}
    assert staged.sales.currency.labels == ("USD",)
    assert staged.sales.currency.codes.tolist() == [-1, 0]
