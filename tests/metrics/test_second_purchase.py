from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from crm_core.metrics.second_purchase import conclude, estimate_m0, measure, second_purchase
from tests.metrics.ledgers import live_days_of, locked, named, order_books


def shop(returns: dict[int, int], waiting: dict[int, int], *, as_of: int):
    """Clients that came again after so many days, and clients with one purchase so old."""
    book = {}
    for days, count in returns.items():
        book |= {f"r{days}-{n}": [(0, 1), (days, 1)] for n in range(count)}
    for age, count in waiting.items():
        book |= {f"w{age}-{n}": [(as_of - age, 1)] for n in range(count)}
    return locked(book)


def test_those_still_watched_are_censored_not_lost():
    result = second_purchase(shop({10: 10, 50: 10}, {30: 20, 200: 20}, as_of=200), 200)
    assert (result.buyers, result.returned) == (60, 20)
    first = 1 - 50 / 60
    assert result.probability[0] == pytest.approx(first)  # the 20 aged 30 days count up to then
    assert result.probability[1] == pytest.approx(1 - 50 / 60 * 20 / 30)
    assert result.probability[3] is not None
    assert result.probability[4] is None  # nobody is watched for 365 days


def test_probability_is_withheld_where_fewer_than_twenty_are_watched():
    result = second_purchase(shop({10: 5}, {59: 30, 60: 19}, as_of=200), 200)
    assert result.probability[0] is not None
    assert result.probability[1] is None


def test_m0_is_the_median_of_those_who_return_once_twenty_did():
    ledger = shop({10: 9, 20: 10, 30: 1}, {300: 60}, as_of=300)
    assert estimate_m0(ledger, 300) == (20, 20)
    assert estimate_m0(ledger, 29) == (None, 19)
    assert estimate_m0(locked({}), 29) == (None, 0)


def test_the_window_holds_one_time_buyers_of_the_usual_age():
    ledger = shop({10: 5, 20: 10, 40: 5}, {5: 3, 10: 2, 20: 1, 21: 40}, as_of=100)
    result = second_purchase(ledger, 100)
    first, last = result.window
    assert (first, last) == (10, 20)
    assert result.age[result.in_window].tolist() == [20, 10, 10]
    assert (result.share_in_window.numerator, result.share_in_window.denominator) == (3, 46)
    assert 0 < result.chance_in_window < 1


def test_there_is_no_window_before_twenty_returns():
    result = second_purchase(shop({10: 19}, {5: 50}, as_of=100), 100)
    assert (result.window, result.in_window.tolist()) == (None, [])
    assert result.window_reason == "only 19 second purchases, at least 20 are needed"
    assert result.chance_in_window is None


def test_without_buyers_nothing_is_known():
    result = second_purchase(locked({}, created={"ann": 1}), 50)
    assert (result.buyers, result.median, result.age.tolist()) == (0, None, [-1])
    assert result.probability == (None,) * 5
    assert result.band == (None,) * 5


@settings(max_examples=50)
@given(order_books(), st.integers(0, 1000))
def test_counts_equal_a_plain_reading_of_the_rows(book, as_of):
    result = second_purchase(locked(book), as_of)
    days = [live_days_of(rows, as_of) for rows in named(book).values()]
    assert result.buyers == sum(len(d) >= 1 for d in days)
    assert result.returned == sum(len(d) >= 2 for d in days)
    assert result.age.tolist() == [as_of - d[0] if len(d) == 1 else -1 for d in days]


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_conclude_to_the_whole(count, book, as_of):
    ledger = locked(book)
    whole = second_purchase(ledger, as_of)
    again = conclude([measure(part, as_of) for part in ledger.parts(count)])
    assert again.age.tolist() == whole.age.tolist()
    assert again.curve.survival.tolist() == whole.curve.survival.tolist()
    assert (again.buyers, again.returned) == (whole.buyers, whole.returned)
