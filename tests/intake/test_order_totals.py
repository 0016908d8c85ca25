from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.intake.order_totals import find_repeated_totals, spread
from tests.intake.staged_rows import (
    evidence_of,
    items_of,
    sales_of,
    staged_as,
    staged_of,
    table_of,
)

UNIT = 10_000


def shares(total: int, weights: list[int]) -> list[int]:
    group = np.zeros(len(weights), dtype=np.int64)
    return spread(np.array([total]), np.array(weights), group).tolist()


def test_what_rounding_leaves_goes_to_the_largest_remainders() -> None:
    # 1.00 in sixths: 0.1666…, 0.3333…, 0.5 → 0.17, 0.33, 0.50
    assert shares(UNIT, [1, 2, 3]) == [1_700, 3_300, 5_000]


def test_equal_remainders_go_to_the_earlier_line() -> None:
    assert shares(UNIT, [1, 1, 1]) == [3_400, 3_300, 3_300]


def test_lines_without_any_weight_share_equally() -> None:
    assert shares(9 * UNIT, [0, 0, -5]) == [30_000, 30_000, 30_000]


def test_totals_finer_than_a_cent_are_shared_in_ten_thousandths() -> None:
    assert shares(10_001, [1, 1]) == [5_001, 5_000]


@settings(max_examples=200)
@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.integers(-5, 10**9)), min_size=1, max_size=30),
)
def test_shares_sum_to_every_total_exactly(totals: list[int], rows: list[tuple[int, int]]) -> None:
    group = np.array([g % len(totals) for g, _ in rows], dtype=np.int64)
    found = spread(np.array(totals), np.array([w for _, w in rows]), group)
    for place, total in enumerate(totals):
        mine = found[group == place]
        assert not len(mine) or mine.sum() == total


def lines(*orders: tuple[str, int]) -> list[str]:
    return [
        f"c|{n}|2024-05-01|{total}" for n, (total, count) in enumerate(orders) for _ in range(count)
    ]


MAPPING = {"client": "who", "order": "no", "day": "day", "amount": "value"}


def test_equal_amounts_on_all_lines_of_many_orders_are_the_orders_totals() -> None:
    rows = lines(("10", 2), ("20", 2), ("30", 3), ("40", 2), ("50", 2), ("60", 1))
    staged = staged_as(table_of("who|no|day|value", rows), MAPPING)
    assert staged.money == {None: 210 * UNIT}


def test_two_lines_of_one_price_are_no_proof() -> None:
    rows = lines(("10", 2), ("20", 2), ("30", 1))
    staged = staged_as(table_of("who|no|day|value", rows), MAPPING)
    assert staged.money == {None: 90 * UNIT}


def test_lines_that_equal_quantity_times_price_are_line_amounts() -> None:
    rows = [f"c|{n}|2024-05-01|{n * 2}|2|{n}" for n in range(1, 9) for _ in range(3)]
    staged = staged_as(
        table_of("who|no|day|order_total|qty|price", rows),
        MAPPING | {"amount": "order_total", "quantity": "qty", "unit_price": "price"},
    )
    assert staged.money == {None: 3 * 72 * UNIT}
    assert evidence_of(staged, "order total") == []


def test_repeated_total_is_shared_by_quantity_times_price() -> None:
    rows = ["c|1|2024-05-01|90|1|40|Mug", "c|1|2024-05-01|90|5|10|Jar", "c|2|2024-05-02|7|1|7|Mug"]
    columns = {"amount": "total", "quantity": "qty", "unit_price": "price", "product": "what"}
    staged = staged_as(table_of("who|no|day|total|qty|price|what", rows), MAPPING | columns)
    assert [amount for _, _, amount in sales_of(staged)] == ["40.00", "50.00", "7.00"]
    assert items_of(staged)[1] == ("Jar", "5")


def test_different_amounts_within_orders_stay_line_amounts() -> None:
    amount, group = np.array([1, 2, 3, 4]) * UNIT, np.array([0, 0, 1, 1])
    readable = np.ones(4, dtype=bool)
    assert not find_repeated_totals(amount, readable, group, named_total=True).found


def test_an_unknown_shops_later_rows_take_client_day_and_share_of_the_order() -> None:
    # 19.00 once an order, shared 2 × 5.00 : 1 × 10.00; the second order has one line.
    header = "Order ID|Email|Financial Status|Paid at|Subtotal|Lineitem quantity|Lineitem price"
    rows = [
        "1|a@x.org|PAID|2024-05-01 10:00|19.00|2|5.00",
        "1|||||1|10.00",
        "2|b@x.org|PAID|2024-05-02 10:00|7.00|1|7.00",
    ]
    staged = staged_of(table_of(header, rows))
    assert sales_of(staged) == [
        ("a@x.org", "2024-05-01", "9.50"),
        ("a@x.org", "2024-05-01", "9.50"),
        ("b@x.org", "2024-05-02", "7.00"),
    ]
    assert evidence_of(staged, "order total") == [
        "In 1 of 1 orders with several lines the amount stands on one line only: it is the "
        "order's total, and all its lines share it."
    ]


def test_rows_of_one_reference_far_apart_lend_each_other_nothing() -> None:
    rows = ["0|a|2024-05-01|5", "7|b|2024-05-02|6", "0||2024-05-03|7"]
    mapping = {"client": "who", "order": "no", "day": "day", "amount": "sum"}
    staged = staged_as(table_of("no|who|day|sum", rows), mapping)
    assert [client for client, _, _ in sales_of(staged)] == ["a", "b", None]


def test_no_rows_are_no_totals() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert not find_repeated_totals(empty, empty.astype(bool), empty).found
