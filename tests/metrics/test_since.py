from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from crm_core.metrics.returning import returning
from crm_core.metrics.since import bought_since, measure
from tests.builders import as_day, make_ledger
from tests.metrics.ledgers import live_days_of, named, order_books

ORDERS = {
    "A": [("2023-01-01", 10), ("2024-02-01", 10), ("2024-02-11", 10)],
    "B": [("2023-06-01", 10), ("2024-03-01", 10)],
    "C": [("2023-01-05", 10), ("2023-02-05", 10)],
}


def test_only_purchases_after_the_day_count_and_gaps_are_those_they_close() -> None:
    since, as_of = as_day("2023-12-31"), as_day("2024-12-31")
    found = bought_since(make_ledger(ORDERS), as_of, since)
    assert (found.repeat.numerator, found.repeat.denominator) == (1, 2)
    gaps = np.repeat(np.arange(len(found.gaps.counts)), found.gaps.counts)
    assert gaps.tolist() == [10, 274, 396]


def test_nobody_bought_since_gives_no_rate_and_no_gaps() -> None:
    found = bought_since(make_ledger(ORDERS), as_day("2024-12-31"), as_day("2024-06-30"))
    assert found.repeat.value is None
    assert found.gaps.median is None


@settings(max_examples=40, deadline=None)
@given(order_books())
def test_from_the_first_day_on_it_is_the_headline_rate(book: dict[str, list[tuple]]) -> None:
    ledger = make_ledger(named(book))
    as_of, since = 900, -1
    whole, found = returning(ledger, as_of), bought_since(ledger, as_of, since)
    assert found.repeat == whole.repeat
    assert found.gaps.n == whole.gaps.n
    assert found.gaps.median == whole.gaps.median


@settings(max_examples=40, deadline=None)
@given(order_books())
def test_it_is_what_counting_by_hand_gives(book: dict[str, list[tuple]]) -> None:
    as_of, since = 900, 400
    days = [live_days_of(rows, as_of) for rows in named(book).values()]
    inside = [sum(day > since for day in own) for own in days]
    buyers, twice, _ = measure(make_ledger(named(book)), as_of, since)
    assert (buyers, twice) == (sum(n > 0 for n in inside), sum(n > 1 for n in inside))
