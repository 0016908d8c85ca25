from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics import concentration_months as tried
from crm_core.metrics.concentration_months import concentration_months
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.months import month_index
from crm_core.metrics.pareto import pareto
from tests.builders import as_day
from tests.metrics.ledgers import locked, order_books


@given(order_books(clients=8), st.integers(0, 1_000))
@settings(max_examples=60)
def test_every_month_end_is_what_the_page_of_that_day_shows(book, as_of):
    ledger = locked(book)
    months = concentration_months(ledger, as_of)
    days = MonthEnds(months.calendar).days
    for at, day in enumerate(days.tolist()):
        result = pareto(ledger, day)
        assert (months.total[at], months.clients[at]) == (result.total, result.n)
        shares = [result.share_of_first(count) for count in (1, 3, 5)]
        if result.n:
            assert months.top[at].tolist() == pytest.approx(shares)
            assert months.hhi[at] == pytest.approx(result.hhi)
        else:
            assert np.isnan(months.top[at]).all()
            assert np.isnan(months.hhi[at])


def test_months_run_from_the_first_sale_to_the_day():
    ledger = locked({"a": [("2024-01-20", 5)], "": [("2020-01-01", 9)]})
    months = concentration_months(ledger, as_day("2025-03-09"))
    assert len(months) == 15
    assert months.top[:12, 0].tolist() == [1.0] * 12
    # The sale of 20 January 2024 leaves the twelve months of 31 January 2025.
    assert np.isnan(months.top[12:, 0]).all()
    assert months.whole.tolist() == [False] * 11 + [True] * 4


def test_refunds_never_make_a_share_of_more_than_all():
    ledger = locked({"a": [(10, 100)], "b": [(10, 50), (11, -80)]})
    months = concentration_months(ledger, 40)
    assert (months.top <= 1).all()
    assert months.clients.tolist() == [1, 1]


def test_no_sales_no_months():
    assert len(concentration_months(locked({}), 100)) == 0
    assert len(concentration_months(locked({"a": [(200, 1)]}), 100)) == 0


def test_parts_and_slices_add_up_to_the_whole(monkeypatch):
    rng = np.random.default_rng(4)
    book = {
        f"c{n:02}": [(int(d), int(a)) for d, a in
                     zip(rng.integers(0, 1200, 9), rng.integers(1, 900, 9), strict=True)]
        for n in range(40)
    }  # fmt: skip
    ledger = locked(book)
    whole = concentration_months(ledger, 1_200)
    assert int(month_index(1_200)) + 1 >= len(whole)
    monkeypatch.setattr(tried, "MOST_CELLS", 64)
    sliced = concentration_months(ledger, 1_200)
    np.testing.assert_array_equal(sliced.total, whole.total)
    np.testing.assert_array_equal(sliced.top, whole.top)
    np.testing.assert_allclose(sliced.hhi, whole.hhi)
