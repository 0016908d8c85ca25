from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.lifetime.month_sales import month_sales
from crm_core.metrics.months import first_days, last_days, month_index
from tests.builders import as_day, make_ledger
from tests.metrics.ledgers import live_days_of, locked, named, net_of, order_books

MARCH = int(month_index(as_day("2023-03-01")))


def sales_of(orders, month=MARCH):
    found = month_sales(make_ledger(orders), np.array([month]))
    return found.existing.item() // 10_000, found.new.item() // 10_000


def test_who_bought_before_the_month_is_a_client_already() -> None:
    orders = {
        "old": [("2023-02-28", 5), ("2023-03-01", 10), ("2023-03-31", 20), ("2023-04-01", 40)],
        "new": [("2023-03-05", 100), ("2023-03-20", 200)],
        "": [("2023-03-07", 1000)],
    }
    assert sales_of(orders) == (30, 300)
    assert sales_of(orders, MARCH + 1) == (40, 0)


def test_refunds_count_on_their_own_day() -> None:
    orders = {"old": [("2023-02-01", 50, "A"), ("2023-03-10", -50, None, "A")]}
    assert sales_of(orders) == (-50, 0)


def test_whose_only_purchase_was_undone_before_the_month_is_new() -> None:
    undone = [("2023-02-01", 50, "A"), ("2023-02-10", -50, None, "A"), ("2023-03-10", 30)]
    assert sales_of({"back": undone}) == (0, 30)
    later = [("2023-02-01", 50, "A"), ("2023-03-10", 30), ("2023-03-11", -50, None, "A")]
    assert sales_of({"stays": later}) == (-20, 0)


@settings(max_examples=30)
@given(order_books(), st.integers(0, 29))
def test_figures_are_those_of_plain_reading(book, month) -> None:
    start, end = int(first_days(month)), int(last_days(month))
    plain = [0, 0]
    for rows in named(book).values():
        existing = bool(live_days_of(rows, start - 1))
        plain[0 if existing else 1] += net_of(rows, start, end)
    found = month_sales(locked(book), np.array([month]))
    assert [found.existing.item(), found.new.item()] == plain


def test_no_months_and_no_sales() -> None:
    assert month_sales(make_ledger({}), np.array([], dtype=int)).existing.shape == (0,)
    assert sales_of({}) == (0, 0)
