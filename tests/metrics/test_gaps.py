from __future__ import annotations

from itertools import pairwise
from statistics import median

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from crm_core.metrics.gaps import closed_gaps, conclude, measure
from tests.metrics.ledgers import live_days_of, locked, named, order_books


def test_gaps_of_all_clients_are_pooled():
    ledger = locked({"a": [(0, 1), (10, 1), (40, 1)], "b": [(5, 1), (7, 1)], "c": [(9, 1)]})
    gaps = closed_gaps(ledger, 50)
    assert (gaps.n, gaps.median) == (3, 10.0)
    assert [d for d, n in enumerate(gaps.counts) if n] == [2, 10, 30]


def test_an_even_number_takes_the_mean_of_the_middle_two():
    assert closed_gaps(locked({"a": [(0, 1), (3, 1), (7, 1)]}), 50).median == 3.5


def test_two_orders_on_a_day_leave_no_gap():
    assert closed_gaps(locked({"a": [(3, 1, "x"), (3, 1, "y")]}), 50).n == 0


def test_a_void_purchase_joins_the_gaps_beside_it():
    book = {"a": [(0, 1, "x"), (10, 1, "y"), (30, 1, "z"), (35, -1, None, "y")]}
    assert closed_gaps(locked(book), 34).median == 15.0
    assert closed_gaps(locked(book), 35).median == 30.0


def test_without_gaps_the_median_is_missing_with_the_reason():
    gaps = closed_gaps(locked({}), 50)
    assert (gaps.n, gaps.median, gaps.quantile(0.8), gaps.status) == (
        0,
        None,
        None,
        "not computable",
    )
    assert gaps.reason == "only 0 gaps between purchases"


def test_quantiles_are_gaps_that_occurred():
    book = {"a": [(0, 1), (1, 1), (3, 1), (6, 1), (10, 1), (15, 1)]}
    gaps = closed_gaps(locked(book), 50)
    assert [gaps.quantile(q) for q in (0.2, 0.5, 0.8, 1.0)] == [1, 3, 4, 5]


@settings(max_examples=50)
@given(order_books(), st.integers(0, 1000))
def test_the_median_equals_that_of_a_plain_list(book, as_of):
    days = [live_days_of(rows, as_of) for rows in named(book).values()]
    plain = [late - early for own in days for early, late in pairwise(own)]
    gaps = closed_gaps(locked(book), as_of)
    assert gaps.n == len(plain)
    assert gaps.median == (median(plain) if plain else None)


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_conclude_to_the_whole(count, book, as_of):
    ledger = locked(book)
    parts = conclude([measure(part, as_of) for part in ledger.parts(count)])
    assert parts.counts.tolist() == closed_gaps(ledger, as_of).counts.tolist()
