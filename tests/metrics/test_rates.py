from __future__ import annotations

import pytest

from crm_core.metrics.rates import Rate, status_of, wilson_interval


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(12, 40, (0.181, 0.454)), (0, 10, (0.0, 0.278)), (16, 200, (0.050, 0.126))],
)
def test_wilson_interval_gives_the_published_bounds(numerator, denominator, expected):
    bounds = wilson_interval(numerator, denominator)
    assert tuple(round(bound, 3) for bound in bounds) == expected


def test_wilson_interval_mirrors_when_cases_swap_sides():
    lower, upper = wilson_interval(3, 11)
    other_lower, other_upper = wilson_interval(8, 11)
    assert lower == pytest.approx(1 - other_upper)
    assert upper == pytest.approx(1 - other_lower)


def test_bounds_at_none_and_at_all_are_exact():
    assert wilson_interval(0, 7)[0] == 0.0
    assert wilson_interval(7, 7)[1] == 1.0


@pytest.mark.parametrize(
    ("count", "status"), [(0, "not computable"), (4, "not computable"), (5, "thin"), (29, "thin")]
)
def test_few_cases_are_withheld_or_marked_thin(count, status):
    assert status_of(count) == status
    assert Rate(0, count).status == status
    assert Rate(0, count).reason


def test_thirty_cases_need_no_reason():
    assert Rate(3, 30).value == 0.1
    assert Rate(3, 30).reason is None


def test_a_withheld_rate_keeps_its_counts():
    rate = Rate(2, 4)
    assert (rate.value, rate.interval) == (None, None)
    assert (rate.numerator, rate.denominator) == (2, 4)


def test_a_rate_shown_from_one_case_on_is_withheld_at_zero_only():
    assert Rate(1, 2, least=1).value == 0.5
    assert Rate(0, 0, least=1).value is None
    assert Rate(0, 0, least=0).reason == "no cases"
