from __future__ import annotations

import pytest

from crm_core.metrics.purchases import count_orders
from crm_core.metrics.totals import conclude, measure, totals
from tests.builders import as_day, make_ledger

ORDERS = {
    "ann": [
        ("2024-01-01", 100, "A1"),
        ("2024-01-03", 20, "A1"),
        ("2024-01-03", 30),
        ("2024-02-01", -50, "R1", "A1"),
    ],
    "bob": [("2024-01-05", 10, "B1"), ("2024-01-09", -10, "R2", "B1")],
    "cy": [("2024-03-01", -5)],
    "": [("2024-01-02", 7), ("2024-04-01", 8)],
}


def test_money_and_counts_of_a_small_shop_are_as_added_up_by_hand() -> None:
    found = totals(make_ledger(ORDERS, created={"dee": "2024-01-20"}), as_day("2024-03-31"))
    assert (found.known, found.buyers, found.with_sales) == (4, 1, 1)
    assert (found.gross, found.refunds, found.net) == (1_600_000, 650_000, 950_000)
    assert found.without_client == 70_000
    # Ann's order over two days is one order on its first day; Bob's purchase is void.
    assert (found.orders, found.purchase_days) == (2, 2)


def test_nothing_dated_later_is_counted() -> None:
    found = totals(make_ledger(ORDERS), as_day("2024-01-08"))
    assert (found.gross, found.refunds, found.buyers) == (1_600_000, 0, 2)


def test_void_purchase_takes_its_orders_along() -> None:
    ledger = make_ledger(ORDERS)
    assert count_orders(ledger, as_day("2024-01-08")).tolist() == [2, 1, 0]
    assert count_orders(ledger, as_day("2024-01-09")).tolist() == [2, 0, 0]


def test_two_orders_on_one_day_are_two_orders_and_one_purchase() -> None:
    found = totals(make_ledger({"a": [("2024-01-01", 1, "x"), ("2024-01-01", 2, "y")]}), 30_000)
    assert (found.orders, found.purchase_days) == (2, 1)


def test_empty_ledger_gives_zeros() -> None:
    found = totals(make_ledger({}), 0)
    assert set(vars(found).values()) == {0}


@pytest.mark.parametrize("count", [1, 3, 7])
def test_parts_add_up_to_the_whole(count: int) -> None:
    ledger, day = make_ledger(ORDERS), as_day("2024-03-31")
    assert conclude([measure(part, day) for part in ledger.parts(count)]) == totals(ledger, day)
