from __future__ import annotations

from datetime import date
from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from crm_core.errors import ParameterError
from crm_core.metrics.rates import Rate
from crm_core.metrics.what_if import (
    Loss,
    chances_of_leaving,
    expected_loss,
    lose,
    margin_on,
    needed_from_others,
    result_without,
    two_years,
)
from crm_core.money import UNIT
from tests.builders import as_day
from tests.metrics.ledgers import locked

AS_OF = as_day("2025-06-30")
BOOK = {
    "big": [("2023-01-01", 5), ("2024-01-10", 100), ("2024-07-01", 140), ("2025-07-01", 999)],
    "old": [("2024-06-30", 300)],
    "new": [("2025-06-30", 500), ("2025-06-29", -40)],
    "": [("2024-03-01", 60), ("2025-03-01", 70)],
}


def test_two_years_are_twelve_months_each_up_to_the_day():
    years = two_years(locked(BOOK), AS_OF)
    # Clients by name: big, new, old. The rows of 30 June 2024 belong to the earlier year.
    assert [n // UNIT for n in years.recent.tolist()] == [140, 460, 0]
    assert [n // UNIT for n in years.before.tolist()] == [100, 0, 300]
    assert (years.total, years.total_before) == (670 * UNIT, 460 * UNIT)
    assert years.complete


@pytest.mark.parametrize(("first", "complete"), [("2023-07-01", True), ("2023-07-02", False)])
def test_the_year_before_is_whole_only_if_rows_reach_back_to_its_first_day(first, complete):
    ledger = locked({"a": [(first, 1), ("2025-01-01", 9)]})
    assert two_years(ledger, AS_OF).complete is complete


def test_losing_the_big_one_takes_months_of_growth_of_the_rest():
    loss = lose(two_years(locked(BOOK), AS_OF), [0, 0])
    assert (loss.lost, loss.rest, loss.rest_before) == (140 * UNIT, 530 * UNIT, 360 * UNIT)
    assert loss.growth == 170 * UNIT
    # 140 at 170 a year: 12 * 140 / 170 = 9.88 months.
    assert (loss.months, loss.reason) == (10, None)


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (Loss(10, 90, 100, True), "shrank"),
        (Loss(10, 90, 90, True), "did not grow"),
        (Loss(10, 90, 80, False), "two whole years"),
    ],
)
def test_a_rest_that_does_not_grow_fills_no_gap(loss: Loss, words: str):
    assert loss.months is None
    assert words in (loss.reason or "")


def test_losing_nothing_takes_no_time():
    assert Loss(0, 90, 100, True).months == 0


def test_a_year_of_growth_fills_a_gap_of_its_size():
    assert Loss(50, 150, 100, True).months == 12
    assert Loss(51, 150, 100, True).months == 13


def test_without_sales_nothing_is_lost():
    years = two_years(locked({}), AS_OF)
    assert (years.total, years.complete) == (0, False)
    assert lose(years, []).lost == 0


def test_result_without_the_client_is_margin_less_costs_less_discount():
    assert result_without(100 * UNIT, 14 * UNIT, margin=3_000, fixed_costs=20 * UNIT,
                          lost_discount=UNIT) == 48_000  # fmt: skip
    assert result_without(100, 100, margin=5_000, fixed_costs=7) == -7


@given(st.integers(-(10**17), 10**17), st.integers(0, 10_000))
def test_margin_is_the_exact_product_rounded_half_even(sales: int, margin: int):
    assert margin_on(sales, margin) == round(Fraction(sales * margin, 10_000))


def test_margins_beyond_all_sales_are_refused():
    for margin in (-1, 10_001):
        with pytest.raises(ParameterError, match="margin"):
            margin_on(1, margin)


def test_sixty_of_a_hundred_need_fifty_more_from_others_to_be_forty_percent():
    assert needed_from_others(60, 100, 40) == 50
    assert needed_from_others(60, 100, 60) == 0
    assert needed_from_others(10, 100, 20) == 0
    for goal in (0, 101):
        with pytest.raises(ParameterError, match="share"):
            needed_from_others(1, 2, goal)


@given(st.integers(1, 10**15), st.integers(0, 10**15), st.integers(1, 100))
def test_what_others_must_bring_is_just_enough(sales: int, rest: int, goal: int):
    total = sales + rest
    more = needed_from_others(sales, total, goal)
    assert 100 * sales <= goal * (total + more)
    assert more == 0 or 100 * sales > goal * (total + more - 1)


def test_chances_are_counts_by_stage_a_year_ago():
    then = np.array([4] * 40 + [2] * 4 + [0], dtype=np.int8)
    now = np.array([5] * 3 + [4] * 37 + [5] * 4 + [1], dtype=np.int8)
    chances = chances_of_leaving(then, now)
    assert (chances[4].numerator, chances[4].denominator) == (3, 40)
    assert chances[2].value is None
    assert chances[1] == Rate(0, 0)


def test_expected_loss_is_the_amount_times_the_chance_or_nothing():
    assert expected_loss(200, Rate(3, 40)) == 15
    assert expected_loss(200, Rate(3, 4)) is None


def test_leap_days_do_not_slip_between_the_years():
    ledger = locked({"a": [("2023-02-28", 1), ("2024-02-29", 2), ("2024-03-01", 4)]})
    years = two_years(ledger, as_day(date(2025, 2, 28)))
    assert (years.recent.tolist(), years.before.tolist()) == ([6 * UNIT], [0])
