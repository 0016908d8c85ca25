from __future__ import annotations

from datetime import date

import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.parameters import LEGAL_RANGES, REPORTED, Parameters, ParameterSet


@pytest.mark.parametrize(("m0", "wanted"), [(30, 6), (90, 6), (91, 5), (180, 5), (181, 4)])
def test_purchases_of_a_regular_follow_the_rhythm_of_the_business(m0: float, wanted: int) -> None:
    assert Parameters(m0=m0).resolved_n_commit == wanted
    assert Parameters(m0=m0, n_commit=9).resolved_n_commit == 9


@pytest.mark.parametrize(("m0", "wanted"), [(30, 730), (243, 730), (300, 900)])
def test_the_cap_is_two_years_or_three_rhythms(m0: float, wanted: float) -> None:
    assert Parameters(m0=m0).resolved_cap == wanted
    assert Parameters(m0=m0, cap=400).resolved_cap == 400


@pytest.mark.parametrize(("m0", "wanted"), [(5, 30), (30, 120), (44, 176), (200, 365)])
def test_a_goodbye_is_watched_for_four_rhythms_within_bounds(m0: float, wanted: int) -> None:
    assert Parameters(m0=m0).horizon_days == wanted


@pytest.mark.parametrize("name", LEGAL_RANGES)
def test_values_outside_their_range_are_refused(name: str) -> None:
    low, high = LEGAL_RANGES[name]
    Parameters(**{name: low})
    Parameters(**{name: high})
    for value in (low - 1, high + 1):
        with pytest.raises(ParameterError, match=f"Wanted {name} between"):
            Parameters(**{name: value})


def test_a_month_that_is_none_and_a_business_never_open_are_refused() -> None:
    with pytest.raises(ParameterError, match="from 1 to 12"):
        Parameters(closed_months=(13,))
    with pytest.raises(ParameterError, match="at least two open months"):
        Parameters(closed_months=tuple(range(1, 12)))


def test_a_window_names_the_rule() -> None:
    assert Parameters().rule == "personal"
    assert Parameters(window=90).rule == "fixed:90"
    with pytest.raises(ParameterError, match="fixed window"):
        Parameters(window=0)


def test_every_reported_parameter_carries_value_source_and_since() -> None:
    entries = ParameterSet().report()
    assert tuple(entries) == REPORTED
    assert entries["cap"] == {"value": 730, "source": "default", "since": None}
    assert entries["own_max_factor"]["value"] == 1.25


def test_a_changed_value_keeps_where_it_came_from() -> None:
    start = ParameterSet()
    changed = start.with_value("m0", 44.0, source="data", since=date(2024, 5, 1))
    assert changed.report()["m0"] == {"value": 44, "source": "data", "since": "2024-05-01"}
    assert start.values.m0 == 30
    with pytest.raises(ParameterError, match="name a parameter"):
        start.with_value("speed", 1, source="owner", since=None)
    with pytest.raises(ParameterError, match="Wanted m0 between"):
        start.with_value("m0", 0, source="owner", since=None)


def test_a_model_is_a_rule_of_its_own_and_never_beside_a_window() -> None:
    model = (0.24, 4.4, 0.79, 2.4, 39.0)
    assert Parameters(model=model).rule == "bgnbd"
    with pytest.raises(ParameterError, match="one rule"):
        Parameters(model=model, window=90)
    for wrong in (model[:4], (*model[:4], 0.0), (*model[:4], float("nan")), (*model[:4], "39")):
        with pytest.raises(ParameterError, match="five positive numbers"):
            Parameters(model=wrong)


@pytest.mark.parametrize(
    "groups",
    [
        (("a", "b"),),
        ((1, "b", 30.0),),
        (("a", "b", 0.5),),
        (("a", "b", "x"),),
        (("a", "", 9.0),) * 2,
    ],
)
def test_groups_that_are_no_kind_channel_and_gap_are_refused(groups) -> None:
    with pytest.raises(ParameterError, match="Wanted"):
        Parameters(m0_groups=groups)


def test_the_look_at_last_year_is_on_or_off() -> None:
    assert Parameters().same_weeks
    with pytest.raises(ParameterError, match="on or off"):
        Parameters(same_weeks=2)
