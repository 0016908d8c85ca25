from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from crm_core.metrics.backtest.cut_days import LEAST_HORIZON, choose_cuts


@given(st.integers(0, 4000), st.integers(30, 365), st.integers(2, 12))
def test_the_truth_of_inner_cuts_ends_by_the_outer_one(history, horizon, cuts) -> None:
    found = choose_cuts(100, 100 + history, horizon, cuts=cuts)
    if history < LEAST_HORIZON * 5 / 2:
        assert found.days == ()
        assert found.reason is not None
        return
    *inner, outer = found.days
    assert LEAST_HORIZON <= found.horizon_days <= horizon
    assert outer + found.horizon_days == 100 + history
    assert inner
    assert len(inner) < cuts
    assert max(inner) + found.horizon_days <= outer
    assert min(inner) - 100 >= found.horizon_days // 2
    assert all(b - a >= found.horizon_days // 4 for a, b in pairwise(found.days))


def test_a_long_history_spaces_cuts_a_whole_horizon_apart() -> None:
    found = choose_cuts(0, 3000, 365)
    assert {b - a for a, b in pairwise(found.days)} == {365}
    assert (len(found.days), found.reason) == (6, None)


def test_a_short_history_shortens_the_horizon_and_says_so() -> None:
    found = choose_cuts(0, 300, 365)
    assert found.horizon_days == 120
    assert found.days == (60, 180)
    assert found.reason == (
        "the history covers 300 days: goodbyes are watched for 120 days instead of 365"
    )


def test_a_history_of_weeks_has_no_cuts() -> None:
    assert choose_cuts(0, 74, 120).reason == "the history covers 74 days, at least 75 are needed"
    assert choose_cuts(50, 20, 120).days == ()
