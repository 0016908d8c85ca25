from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics.cohorts import choose_unit, cohorts, conclude, measure
from crm_core.metrics.months import calendar
from tests.builders import as_day
from tests.metrics.ledgers import live_days_of, locked, named, order_books

BOOK = {
    "a": [("2024-01-05", 1), ("2024-01-20", 1), ("2024-03-02", 1)],
    "b": [("2024-01-31", 1), ("2024-02-01", 1), ("2024-04-09", 1)],
    "c": [("2024-03-15", 1)],
}


def test_a_client_counts_once_a_month_and_blank_is_not_zero():
    result = cohorts(locked(BOOK), as_day("2024-04-10"))
    assert result.size.tolist() == [2, 0, 1, 0]
    assert result.rows() == [
        [2, 1, 1, None],
        [0, 0, None, None],
        [1, None, None, None],
        [None, None, None, None],
    ]


def test_the_last_month_shows_once_it_is_complete():
    result = cohorts(locked(BOOK), as_day("2024-04-30"))
    assert result.rows()[0] == [2, 1, 1, 1]
    assert result.rows()[3] == [0, None, None, None]


def test_quarters_count_clients_not_months():
    result = cohorts(locked(BOOK), as_day("2024-06-30"), unit="quarter")
    assert result.rows() == [[3, 1], [0, None]]


def test_a_cell_is_a_rate_with_its_counts():
    result = cohorts(locked(BOOK), as_day("2024-04-30"))
    rate = result.rate(0, 1)
    assert (rate.numerator, rate.denominator, rate.value) == (1, 2, None)
    assert result.rate(3, 1) is None


def test_without_sales_there_are_no_cohorts():
    result = cohorts(locked({}), 10)
    assert (result.rows(), result.size.tolist()) == ([], [])


@pytest.mark.parametrize(
    ("new", "unit"), [(20, "month"), (19, "quarter"), (7, "quarter"), (6, "year")]
)
def test_small_months_are_joined_until_a_row_typically_holds_twenty(new, unit):
    months = calendar(as_day("2023-01-01"), as_day("2024-12-31"))
    assert choose_unit(np.full(24, new), months) == unit


def test_months_without_new_clients_do_not_count_as_small_rows():
    months = calendar(as_day("2023-01-01"), as_day("2024-12-31"))
    size = np.zeros(24, dtype=np.int64)
    size[:3] = 700
    assert choose_unit(size, months) == "month"
    assert choose_unit(size[:0], calendar(None, 0)) == "year"


@settings(max_examples=40)
@given(order_books(), st.integers(0, 1000))
def test_counts_equal_a_plain_reading_of_the_rows(book, as_of):
    result = cohorts(locked(book), as_of)
    months = result.calendar
    expected = np.zeros((len(months), len(months)), dtype=np.int64)
    for rows in named(book).values():
        days = np.array(live_days_of(rows, as_of), dtype=np.int32)
        own = sorted(set(months.index_of(days).tolist()))
        for month in own:
            expected[own[0], month - own[0]] += 1
    assert result.size.tolist() == expected[:, :1].ravel().tolist()
    known = result.retained >= 0
    assert (result.retained[known] == expected[known]).all()
    whole = np.count_nonzero(~months.partial)
    assert np.count_nonzero(known) == whole * (whole + 1) // 2


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_conclude_to_the_whole(count, book, as_of):
    ledger = locked(book)
    whole = cohorts(ledger, as_of)
    parts = [measure(part, as_of, whole.calendar) for part in ledger.parts(count)]
    assert np.array_equal(conclude(parts, whole.calendar).retained, whole.retained)
