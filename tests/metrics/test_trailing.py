from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.trailing import NetSales, trailing_sales
from tests.builders import as_day, make_ledger
from tests.metrics.ledgers import locked, named, net_of, order_books


@settings(max_examples=40)
@given(order_books(), st.integers(-10, 1400))
def test_trailing_sales_are_those_of_twelve_months(book, as_of) -> None:
    start = int(same_day_years_before(as_of)) + 1
    plain = [net_of(rows, start, as_of) for rows in named(book).values()]
    ledger = locked(book)
    assert trailing_sales(ledger, as_of).tolist() == plain
    everybody = np.arange(ledger.n_clients)
    days = np.full(ledger.n_clients, as_of)
    assert NetSales(ledger.sales).trailing(everybody, days).tolist() == plain


def test_the_same_date_a_year_before_is_left_out() -> None:
    ledger = make_ledger({"a": [("2023-06-30", 1), ("2023-07-01", 2), ("2024-06-30", 4)]})
    assert trailing_sales(ledger, as_day("2024-06-30")).tolist() == [6_0000]


def test_days_may_differ_by_client() -> None:
    ledger = make_ledger({"a": [(1, 5), (9, 7)], "b": [(4, 3)]})
    net = NetSales(ledger.sales)
    found = net.between(np.array([0, 0, 1]), np.array([0, 1, 4]), np.array([8, 9, 9]))
    assert found.tolist() == [5_0000, 7_0000, 0]
