"""What an order, a purchase and a cancelled one are, against rules applied row by row."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core import assembly
from crm_core.assembly import SaleRows, assemble, find_purchases, is_sorted
from crm_core.tables import NEVER
from tests.builders import make_ledger, make_sale_rows
from tests.ledgers import same_ledgers


def purchases_of(ledger: Any, client: int = 0) -> list[tuple[int, int | None]]:
    rows = slice(ledger.purchases.offsets[client], ledger.purchases.offsets[client + 1])
    days, voids = ledger.purchases.day[rows].tolist(), ledger.purchases.void_on[rows].tolist()
    return [(day, None if void == NEVER else void) for day, void in zip(days, voids, strict=True)]


@pytest.mark.parametrize(
    ("rows", "orders", "expected"),
    [
        ([(5, 1), (5, 1), (7, 1)], 3, [(5, None), (7, None)]),
        ([(7, 1, "A"), (5, 1, "A"), (6, 1, "A")], 1, [(5, None)]),
        ([(5, 10, "A"), (8, -10, None, "A")], 1, [(5, 8)]),
        ([(5, 10, "A"), (8, -4, None, "A"), (9, -6, None, "A")], 1, [(5, 9)]),
        ([(5, 10, "A"), (8, -9, None, "A")], 1, [(5, None)]),
        ([(5, 10, "A"), (8, -10)], 1, [(5, None)]),
        ([(5, 10, "A"), (8, -10, "A")], 1, [(5, 8)]),
        ([(5, 10, "A"), (8, -10, "R", "A")], 1, [(5, 8)]),
        ([(5, 10, "A"), (5, 3, "B"), (8, -10, None, "A")], 2, [(5, None)]),
        ([(5, 10, "A"), (5, 3, "B"), (8, -10, None, "A"), (9, -3, None, "B")], 2, [(5, 9)]),
        ([(5, 10, "A"), (6, 2, "A"), (8, -10, None, "A")], 1, [(5, None)]),
        ([(5, 10, "A"), (3, -10, None, "A")], 1, [(5, 5)]),
        ([(5, 0, "A")], 1, [(5, None)]),
        ([(5, 0, "A"), (6, -1, None, "A")], 1, [(5, None)]),
        ([(5, -10), (6, -3, "A")], 0, []),
        ([(5, 10, "A"), (6, -10, None, "unknown")], 1, [(5, None)]),
        ([], 0, []),
    ],
)
def test_orders_and_purchases_by_hand(rows, orders, expected):
    ledger = make_ledger({"a": rows}, created={"a": 1})
    assert purchases_of(ledger) == expected
    assert int(ledger.sales.order_start.sum()) == orders


def test_a_refund_cancels_only_the_order_of_its_own_client():
    ledger = make_ledger({"a": [(5, 10, "1"), (8, -10, None, "1")], "b": [(5, 10, "1")]})
    assert purchases_of(ledger, 0) == [(5, 8)]
    assert purchases_of(ledger, 1) == [(5, None)]


def test_rows_without_days_carry_money_and_begin_nothing():
    rows = make_sale_rows({"a": [(5, 10), (6, 20)]}, {"a": 0})
    clients = make_ledger({"a": []}).clients
    undated = SaleRows(**vars(rows) | {"undated": np.array([True, False])})
    ledger = assemble(clients, undated)
    assert ledger.sales.amount.tolist() == [100_000, 200_000]
    assert ledger.sales.order_start.tolist() == [False, True]
    assert purchases_of(ledger) == [(6, None)]
    assert ledger.clients.known_on.tolist() == [5]


def test_a_client_is_known_from_its_first_trace():
    ledger = make_ledger(
        {"a": [(9, 1), (7, -1)], "b": [(9, 1)], "c": [(9, 1)], "d": []},
        created={"b": 3, "d": 4},
        inbound={"c": [2]},
        contracts={"d": [(1, 20, "paid", None)]},
    )
    assert ledger.clients.known_on.tolist() == [7, 3, 2, 1]


def test_sales_of_nobody_stand_apart_by_day():
    ledger = make_ledger({"": [(9, 1), (7, 2)], "a": [(8, 3)]})
    assert (ledger.unnamed_day.tolist(), ledger.unnamed_amount.tolist()) == (
        [7, 9],
        [20_000, 10_000],
    )
    assert len(ledger.sales) == 1


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", ""]),
        st.integers(1, 12),
        st.integers(-3, 3),
        st.sampled_from([None, "1", "2"]),
        st.sampled_from([None, None, "1", "2"]),
    ),
    max_size=25,
)


def written(rows) -> dict[str, list[Any]]:
    held: dict[str, list[Any]] = {name: [] for name in ("a", "b", "c", "")}
    for client, day, amount, order, refund_of in rows:
        held[client].append((day, amount, order, refund_of))
    return held


def slow_purchases(rows: list[Any]) -> list[tuple[int, int | None]]:
    """Apply the definitions of one client's purchases, row by row."""
    orders: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for number, (day, amount, order, _) in enumerate(rows):
        if amount >= 0:
            orders[number if order is None else order].append((day, amount))
    begins = {key: min(day for day, _ in held) for key, held in orders.items()}
    found = []
    for start in sorted(set(begins.values())):
        inside = {key for key, day in begins.items() if day == start}
        flows = [(day, 0, amount) for key in inside for day, amount in orders[key]]
        for day, amount, order, refund_of in rows:
            if amount < 0 and (refund_of if refund_of is not None else order) in inside:
                flows.append((max(day, start), 1, amount))
        gross = balance = 0
        void = None
        for day, is_refund, amount in sorted(flows):
            gross += 0 if is_refund else amount
            balance += amount
            if is_refund and gross > 0 and balance <= 0 and void is None:
                void = day
        found.append((start, void))
    return found


@settings(max_examples=200)
@given(ROWS)
def test_purchases_are_what_the_definitions_say(rows):
    held = written(rows)
    ledger = make_ledger(held, created=dict.fromkeys("abc", 1))
    for place, client in enumerate("abc"):
        assert purchases_of(ledger, place) == slow_purchases(held[client])
        own = slice(*ledger.sales.offsets[place : place + 2])
        orders = {
            o if o is not None else n for n, (_, a, o, _) in enumerate(held[client]) if a >= 0
        }
        assert int(ledger.sales.order_start[own].sum()) == len(orders)
        assert int(ledger.sales.amount[own].sum()) == sum(r[1] for r in held[client]) * 10_000


@given(ROWS, st.randoms())
def test_order_of_rows_changes_no_purchase(rows, random):
    shuffled = random.sample(rows, len(rows))
    one = make_ledger(written(rows), created=dict.fromkeys("abc", 1))
    other = make_ledger(written(shuffled), created=dict.fromkeys("abc", 1))
    assert one.purchases.day.tolist() == other.purchases.day.tolist()
    assert one.purchases.void_on.tolist() == other.purchases.void_on.tolist()


@given(ROWS)
def test_small_blocks_give_the_same_purchases(rows):
    ledger = make_ledger(written(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "BLOCK", 2)
        assert same_ledgers(make_ledger(written(rows)), ledger)


@given(ROWS)
def test_sorted_rows_are_recognised_and_copied_no_more(rows):
    sale_rows = make_sale_rows(written(rows), {"a": 0, "b": 1, "c": 2})
    pairs = list(zip(sale_rows.client.tolist(), sale_rows.day.tolist(), strict=True))
    assert is_sorted(sale_rows) == (pairs == sorted(pairs))
    order = np.lexsort((sale_rows.day, sale_rows.client))
    assert is_sorted(sale_rows.take(order))


def test_an_empty_ledger_has_no_purchases():
    empty = make_sale_rows({}, {})
    starts, purchases = find_purchases(empty, np.zeros(1, dtype=np.int64))
    assert len(starts) == len(purchases) == 0


def test_the_rows_given_are_not_changed():
    rows = make_sale_rows({"b": [(5, 1), (3, 2)], "a": [(4, 1)]}, {"a": 0, "b": 1})
    before = {name: column.copy() for name, column in vars(rows).items() if column is not None}
    assemble(make_ledger({"a": [], "b": []}).clients, rows)
    for name, column in before.items():
        assert getattr(rows, name).tolist() == column.tolist()
