from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics.purchases import (
    first_sale_day,
    live_days,
    measure_totals,
    sum_between,
    total_by_client,
)
from crm_core.tables import NEVER
from tests.metrics.ledgers import live_days_of, locked, named, net_of, order_books


def test_a_refunded_purchase_is_live_until_its_refund():
    ledger = locked({"ann": [(10, 5, "a"), (30, 7, "b"), (20, -5, None, "a")]})
    assert live_days(ledger, 19).day.tolist() == [10]
    assert live_days(ledger, 20).day.tolist() == []
    assert live_days(ledger, 30).day.tolist() == [30]


def test_live_days_are_views_where_everything_is_live():
    ledger = locked({"ann": [(10, 5), (30, 7)]})
    assert live_days(ledger, 30).day is ledger.purchases.day


def test_totals_of_a_client_count_orders_apart_from_purchases():
    ledger = locked({"ann": [(10, 5, "a"), (10, 6, "b"), (12, 1, "b"), (40, 2), (41, -1)]})
    totals = total_by_client(ledger, 41)
    assert (totals.first[0], totals.last[0]) == (10, 40)
    assert (totals.purchases[0], totals.orders[0], totals.net[0]) == (2, 3, 130_000)


def test_orders_of_a_void_purchase_do_not_count():
    rows = [(10, 5, "a"), (10, 6, "b"), (20, -5, None, "a"), (21, -6, None, "b"), (40, 2, "c")]
    ledger = locked({"ann": rows, "bob": [(5, 1)]})
    assert total_by_client(ledger, 20).orders.tolist() == [2, 1]
    assert total_by_client(ledger, 21).orders.tolist() == [0, 1]
    assert total_by_client(ledger, 50).orders.tolist() == [1, 1]


def test_clients_without_sales_have_no_days():
    ledger = locked({"bob": [(5, 1)]}, created={"ann": 1, "zoe": 2})
    totals = total_by_client(ledger, 9)
    assert totals.first.tolist() == [NEVER, 5, NEVER]
    assert totals.last.tolist() == [NEVER, 5, NEVER]
    assert totals.net.tolist() == [0, 10_000, 0]


def test_an_empty_ledger_has_empty_totals():
    totals = total_by_client(locked({}), 9)
    assert all(len(column) == 0 for column in vars(totals).values())
    assert first_sale_day(locked({}), 9) is None


def test_the_first_sale_may_be_nobodys_or_a_refund():
    ledger = locked({"": [(3, 1)], "ann": [(4, -1), (8, 5)]})
    assert first_sale_day(ledger, 9) == 3
    assert first_sale_day(ledger, 2) is None


def test_sums_between_two_days_include_both():
    ledger = locked({"ann": [(1, 1), (2, 2), (3, 4), (4, 8)], "bob": [(9, 1)]})
    net, seen = sum_between(ledger.sales, 2, 3)
    assert (net.tolist(), seen.tolist()) == ([60_000, 0], [True, False])


@settings(max_examples=50)
@given(order_books(), st.integers(0, 1000))
def test_totals_equal_a_plain_reading_of_the_rows(book, as_of):
    totals = total_by_client(locked(book), as_of)
    days = [live_days_of(rows, as_of) for rows in named(book).values()]
    assert totals.purchases.tolist() == [len(d) for d in days]
    assert totals.first.tolist() == [d[0] if d else NEVER for d in days]
    assert totals.last.tolist() == [d[-1] if d else NEVER for d in days]
    assert totals.net.tolist() == [net_of(r, -1, as_of) for r in named(book).values()]


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_totals_of_the_parts_are_those_of_the_whole(count, book, as_of):
    ledger = locked(book)
    whole = total_by_client(ledger, as_of)
    parts = [measure_totals(part, as_of) for part in ledger.parts(count)]
    for name, column in vars(whole).items():
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert joined.tolist() == column.tolist()


def test_rows_on_both_sides_of_a_period_are_no_rows_in_it():
    book = {
        "before and after": [(1, 5), (9, 5)],
        "refunded within": [(1, 5), (4, 3), (5, -3), (9, 1)],
        "within": [(4, 2)],
    }
    net, seen = sum_between(locked(book).sales, 3, 6)
    assert (net.tolist(), seen.tolist()) == ([0, 0, 20_000], [False, True, True])
