from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics.concentration import class_counts, count_for, gini, hhi, thin_curve

CASES = [
    ([10, 20, 30, 40], 0.25, 0.30, 3, "AAAB"),
    ([50, 30, 10, 5, 5], 0.46, 0.355, 2, "AABBC"),
    ([100], 0.0, 1.0, 1, "A"),
    ([500, 200, 100, 60, 40, 30, 25, 20, 15, 10], 0.622, None, 3, "AAABBBBCCC"),
]


@pytest.mark.parametrize(("amounts", "g", "h", "k80", "classes"), CASES)
def test_small_cases_give_the_figures_worked_by_hand(amounts, g, h, k80, classes):
    amounts = np.sort(np.array(amounts))[::-1]
    cumulative = np.cumsum(amounts)
    assert gini(amounts) == pytest.approx(g)
    assert h is None or hhi(amounts) == pytest.approx(h)
    assert count_for(cumulative, 80) == k80
    counts = class_counts(cumulative)
    assert "".join(c * n for c, n in zip("ABC", counts, strict=True)) == classes


def test_gini_keeps_zeros_when_they_are_given():
    assert gini(np.array([100, 0, 0, 0])) == 0.75


def test_a_share_reached_to_the_last_hundredth_counts_exactly():
    assert count_for(np.array([80, 100]), 80) == 1
    assert count_for(np.array([79, 100]), 80) == 2


def test_sums_near_the_limit_of_int64_do_not_overflow():
    cumulative = np.array([4 * 10**18, 8 * 10**18, 9 * 10**18])
    assert count_for(cumulative, 80) == 2
    assert class_counts(cumulative) == (2, 1, 0)


def test_no_clients_have_no_classes():
    assert class_counts(np.empty(0, dtype=np.int64)) == (0, 0, 0)


def test_a_thinned_curve_keeps_ends_and_marks():
    cumulative = np.cumsum(np.arange(30_000, 0, -1))
    curve = thin_curve(cumulative, (6_000, 12_345, 29_999))
    assert len(curve.rank) <= 2_000
    assert {0, 6_000, 12_345, 29_999, 30_000} <= set(curve.rank.tolist())
    assert curve.cumulative[-1] == cumulative[-1]
    x, y = curve.lorenz()
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    assert (y <= x + 1e-12).all()


def test_a_curve_of_nobody_is_one_point():
    curve = thin_curve(np.empty(0, dtype=np.int64), (0, 0, 0))
    assert (curve.rank.tolist(), curve.cumulative.tolist()) == ([0], [0])
    assert [side.tolist() for side in curve.shares()] == [[0.0], [0.0]]


amounts = st.lists(st.integers(1, 10**12), min_size=1, max_size=50)


@settings(max_examples=60)
@given(amounts)
def test_gini_equals_the_mean_difference_formula(values):
    x = np.sort(np.array(values))[::-1]
    differences = np.abs(x[:, None].astype(float) - x[None, :]).sum()
    assert gini(x) == pytest.approx(differences / (2 * len(x) * x.sum()), abs=1e-9)
    assert -1e-12 <= gini(x) <= 1 - 1 / len(x) + 1e-12
    assert 1 / len(x) - 1e-12 <= hhi(x) <= 1 + 1e-12


@settings(max_examples=60)
@given(amounts, st.integers(1, 1000))
def test_the_currency_scale_changes_nothing(values, scale):
    x = np.sort(np.array(values))[::-1]
    assert class_counts(np.cumsum(x)) == class_counts(np.cumsum(x * scale))
    assert gini(x) == pytest.approx(gini(x * scale), abs=1e-12)


@settings(max_examples=60)
@given(amounts)
def test_class_a_is_exactly_those_needed_for_80_percent(values):
    cumulative = np.cumsum(np.sort(np.array(values))[::-1])
    k = count_for(cumulative, 80)
    total = int(cumulative[-1])
    assert int(cumulative[k - 1]) * 100 >= total * 80
    assert k == 1 or int(cumulative[k - 2]) * 100 < total * 80
    assert class_counts(cumulative)[0] == k
    assert sum(class_counts(cumulative)) == len(values)
