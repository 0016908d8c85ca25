"""Which rows of a file say that an order came to nothing."""

from __future__ import annotations

from crm_core.records.keys import make_keys, make_withdrawn_keys
from crm_core.records.staged import StagedImport
from tests.intake.staged_rows import filled, staged_from, staged_of

HEADER = "Order number|Customer email|Order date|Amount|Status"


def withdrawn_of(staged: StagedImport) -> list[tuple[str, str | None]]:
    found = staged.withdrawn
    names = [*found.value, None]
    clients = [names[place] for place in found.client.tolist()]
    return sorted(zip(found.order_ref.to_pylist(), clients, strict=True), key=str)


def test_cancelled_unpaid_and_returned_orders_are_withdrawn_once_each() -> None:
    staged = staged_from(
        HEADER,
        [
            "1|Ann@x.org|2024-01-01|5|paid",
            "2|Ann@x.org|2024-01-02|6|cancelled",
            "2|ann@x.org|2024-01-02|7|cancelled",
            "3||2024-01-03|8|pending",
            "4|bo@x.org|2024-01-04|9|refunded",
        ],
    )
    assert withdrawn_of(staged) == [("2", "ann@x.org"), ("3", None), ("4", "bo@x.org")]
    assert staged.clients.value == ("ann@x.org",)


def test_an_order_with_another_line_sold_or_held_back_is_not() -> None:
    staged = staged_from(
        HEADER,
        [
            "1|a@x.org|2024-01-01|5|paid",
            "1|a@x.org|2024-01-01|6|cancelled",
            "2|a@x.org|soon|7|paid",
            "2|a@x.org|2024-01-02|8|cancelled",
            "|a@x.org|2024-01-02|9|cancelled",
            "3|b@x.org|2024-01-02|9|paid",
        ],
    )
    assert withdrawn_of(staged) == []


def test_rows_that_are_no_orders_withdraw_nothing() -> None:
    header = "Name,Financial Status,Subtotal,Lineitem quantity,Lineitem price,Email,Created at"
    row = {"Name": "#1", "Email": "a@x.org", "Created at": "2024-01-01", "Lineitem quantity": "0"}
    zero = row | {"Financial Status": "paid", "Subtotal": "0", "Lineitem price": "0"}
    assert withdrawn_of(staged_of(filled(header, zero))) == []


def test_a_withdrawn_order_has_the_key_of_its_sale() -> None:
    rows = ["1|Ann@x.org|2024-01-01|5|{}", "2||2024-01-02|6|{}", "3|b@x.org|2024-01-02|6|paid"]
    paid = staged_from(HEADER, [row.format("paid") for row in rows])
    void = staged_from(HEADER, [row.format("cancelled") for row in rows])
    keys, _ = make_keys(7, paid.sales, paid.clients)
    assert make_withdrawn_keys(7, void.withdrawn).tolist() == sorted(keys[:2].tolist())


def test_a_refund_that_came_to_nothing_withdraws_itself_alone() -> None:
    header = (
        "Date,Gross Sales,Net Sales,Total Collected,Transaction ID,Payment ID,Event Type,"
        "Customer ID,Transaction Status"
    )
    sale = {"Date": "2024-01-01", "Net Sales": "5", "Transaction ID": "T1", "Payment ID": "P1"}
    sale |= {"Event Type": "Payment", "Customer ID": "C1", "Transaction Status": "Complete"}
    failed = sale | {"Event Type": "Refund", "Payment ID": "P2", "Net Sales": "-5"}
    failed |= {"Transaction Status": "Failed", "Customer ID": ""}
    assert withdrawn_of(staged_of(filled(header, sale, failed))) == [("P2", "C1")]
