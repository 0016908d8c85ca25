from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics.cohorts import cohorts
from crm_core.metrics.gaps import closed_gaps
from crm_core.metrics.returning import (
    calendar_of,
    conclude,
    conclude_months,
    measure,
    measure_months,
    monthly,
    returning,
    sum_by_period,
)
from crm_core.metrics.second_purchase import second_purchase
from tests.builders import as_day
from tests.metrics.ledgers import live_days_of, locked, named, net_of, order_books

BOOK = {
    "a": [("2024-01-05", 10), ("2024-01-20", 20), ("2024-03-02", 5)],
    "b": [("2024-01-31", 1), ("2024-03-01", 2), ("2024-03-09", -1)],
    "c": [("2024-03-15", 7)],
    "": [("2024-01-02", 99)],
}


def test_months_worked_by_hand():
    months = monthly(locked(BOOK), as_day("2024-03-20"))
    assert months.calendar.labels == ("2024-01", "2024-02", "2024-03")
    assert months.buyers.tolist() == [2, 0, 3]
    assert months.new.tolist() == [2, 0, 1]
    assert months.returning.tolist() == [1, 0, 2]
    assert months.existing.tolist() == [0, 0, 2]
    assert months.net.tolist() == [310_000, 0, 130_000]
    assert months.net_new.tolist() == [310_000, 0, 70_000]
    assert months.net_existing.tolist() == [0, 0, 60_000]
    assert months.net_other.tolist() == [0, 0, 0]
    assert months.calendar.partial.tolist() == [False, False, True]


def test_months_begin_with_the_first_stored_row_be_it_nobodys():
    months = monthly(
        locked({"": [("2023-12-31", 1)], "a": [("2024-01-05", 1)]}), as_day("2024-01-31")
    )
    assert months.calendar.labels == ("2023-12", "2024-01")
    assert months.net.tolist() == [0, 10_000]


def test_refunds_before_a_first_live_purchase_are_neither_new_nor_existing():
    book = {"a": [("2024-01-05", -3), ("2024-02-05", 5)]}
    months = monthly(locked(book), as_day("2024-02-29"))
    assert months.net_other.tolist() == [-30_000, 0]
    assert months.net_new.tolist() == [0, 50_000]


def test_small_months_withhold_their_rates():
    months = monthly(locked(BOOK), as_day("2024-03-20"))
    assert months.returning_rate(2).value is None
    assert months.existing_share(2).denominator == 3


def test_repeat_rate_counts_two_purchases_not_two_orders():
    book = {f"c{n}": [(0, 1, "x"), (0, 1, "y")] for n in range(3)}
    book |= {f"d{n}": [(0, 1), (1, 1)] for n in range(2)}
    result = returning(locked(book), 10)
    assert (result.repeat.numerator, result.repeat.value) == (2, 0.4)


def test_an_empty_ledger_gives_an_empty_result():
    result = returning(locked({}), 10)
    assert (len(result.months.calendar), result.repeat.value, result.gaps.n) == (0, None, 0)
    before = returning(locked(BOOK), as_day("2023-01-01"))
    assert (len(before.months.calendar), before.second.buyers) == (0, 0)


def test_sums_stay_exact_beyond_the_reach_of_float64():
    amounts = np.array([10**15, -(10**15), 10**15, 3] * 5, dtype=np.int64)
    periods = np.array([0, 0, 1, 1] * 5, dtype=np.int32)
    assert sum_by_period(amounts, periods, 3).tolist() == [0, 5 * (10**15 + 3), 0]


@settings(max_examples=50)
@given(order_books(), st.integers(0, 1000))
def test_months_equal_a_plain_reading_of_the_rows(book, as_of):
    months = monthly(locked(book), as_of)
    days = [live_days_of(rows, as_of) for rows in named(book).values()]
    last_days = np.minimum(months.calendar.last, as_of)
    spans = zip(months.calendar.first, last_days, strict=True)
    for index, (first, last) in enumerate(spans):
        inside = [[d for d in own if first <= d <= last] for own in days]
        assert months.buyers[index] == sum(bool(d) for d in inside)
        assert months.new[index] == sum(
            bool(d) and o[0] >= first for d, o in zip(inside, days, strict=True)
        )
        ever = [sum(d <= last for d in own) for own in days]
        assert months.returning[index] == sum(
            bool(d) and n >= 2 for d, n in zip(inside, ever, strict=True)
        )
        rows = [row for own in named(book).values() for row in own]
        assert months.net[index] == net_of(rows, first, last)
    assert months.net.sum() == sum(net_of(r, -1, as_of) for r in named(book).values())


@settings(max_examples=25)
@given(order_books(), st.integers(0, 1000))
def test_one_pass_gives_what_the_single_metrics_give(book, as_of):
    ledger = locked(book)
    result = returning(ledger, as_of)
    assert result.gaps.counts.tolist() == closed_gaps(ledger, as_of).counts.tolist()
    assert np.array_equal(result.cohorts.retained, cohorts(ledger, as_of).retained)
    assert result.second.probability == second_purchase(ledger, as_of).probability
    assert result.months.buyers.tolist() == monthly(ledger, as_of).buyers.tolist()
    assert result.repeat.denominator == result.second.buyers


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_conclude_to_the_whole(count, book, as_of):
    ledger = locked(book)
    months = calendar_of(ledger, as_of)
    whole = returning(ledger, as_of)
    again = conclude([measure(part, as_of, months) for part in ledger.parts(count)], months)
    alone = conclude_months([measure_months(p, as_of, months) for p in ledger.parts(count)], months)
    for name in ("buyers", "new", "returning", "net", "net_new", "net_existing"):
        assert getattr(again.months, name).tolist() == getattr(whole.months, name).tolist()
        assert getattr(alone, name).tolist() == getattr(whole.months, name).tolist()
    assert np.array_equal(again.cohorts.retained, whole.cohorts.retained)


@settings(max_examples=25)
@given(order_books(), st.integers(0, 1000))
def test_rows_after_the_as_of_day_change_nothing(book, as_of):
    more = {name: [*rows, (as_of + 1, 9), (as_of + 40, -2)] for name, rows in book.items()}
    one, other = returning(locked(book), as_of), returning(locked(more), as_of)
    assert one.months.net.tolist() == other.months.net.tolist()
    assert one.gaps.counts.tolist() == other.gaps.counts.tolist()
    assert one.second.age.tolist() == other.second.age.tolist()
    assert one.cohorts.rows() == other.cohorts.rows()
