from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.durations import (
    CALENDAR_WEEKS_A_MONTH,
    WEEKS_A_MONTH,
    Behaviour,
    Duration,
    TimeUnit,
    require_duration,
)
from tests.metrics.lifetime.behaviours import behaviours, weeks


def test_a_span_is_the_same_in_every_unit() -> None:
    assert Duration.weeks(39).to(TimeUnit.DAY) == 273
    assert Duration.days(273).to(TimeUnit.WEEK) == 39
    assert Duration.months(12).to(TimeUnit.WEEK) == pytest.approx(12 * WEEKS_A_MONTH)
    by_calendar = Duration.months(12, weeks_a_month=CALENDAR_WEEKS_A_MONTH)
    assert by_calendar.to(TimeUnit.WEEK) == pytest.approx(52)


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_a_span_has_a_length(amount: float) -> None:
    with pytest.raises(ParameterError, match="at least 0 weeks"):
        Duration.weeks(amount)


def test_a_span_without_a_unit_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"found 30; say Duration.days\(30\) or"):
        require_duration(30)
    with pytest.raises(ParameterError, match="Wanted a TimeUnit"):
        Duration(3, 7)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="Wanted a TimeUnit"):
        Behaviour(np.zeros(1), np.zeros(1), np.zeros(1), "weeks")  # type: ignore[arg-type]


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"one length, found \[1, 2\]"):
        Behaviour(np.zeros(1), np.zeros(2), np.zeros(1), TimeUnit.DAY)


def test_behaviour_changes_its_unit_and_nothing_else() -> None:
    days = weeks((2, 30, 39)).to(TimeUnit.DAY)
    assert (days.repeat.item(), days.recency.item(), days.age.item()) == (2, 210, 273)
    assert days.to(TimeUnit.WEEK).age.item() == 39


def test_later_the_same_clients_are_older_and_whole_days_stay_whole() -> None:
    one = Behaviour(*np.array([[2], [30], [40]], dtype=np.int32), TimeUnit.DAY)
    later = one.later(Duration.weeks(1))
    assert (later.repeat.item(), later.recency.item(), later.age.item()) == (2, 30, 47)
    assert later.age.dtype == np.int32
    assert one.later(Duration.days(0.5)).age.item() == 40.5
    assert one.age.item() == 40


def test_groups_count_clients_who_are_alike() -> None:
    clients = weeks((0, 0, 39), (2, 30, 39), (0, 0, 39), (2, 30, 38))
    groups, inverse = clients.grouped()
    assert groups.weight is not None
    assert groups.weight.tolist() == [2, 1, 1]
    assert groups.age[inverse].tolist() == clients.age.tolist()
    assert (groups.n_clients, groups.n_repeat) == (clients.n_clients, clients.n_repeat) == (4, 2)
    assert not groups.rounded


def test_beyond_so_many_groups_times_are_whole_weeks_and_it_is_said() -> None:
    age = np.arange(10, 24, dtype=np.int32)
    days = Behaviour(np.ones(14, dtype=np.int32), age // 2, age, TimeUnit.DAY)
    groups, inverse = days.grouped(most=10)
    assert groups.rounded
    assert set((groups.age % 7).tolist()) == {0}
    assert np.abs(groups.age[inverse] - age).max() <= 3.5
    assert (groups.age >= groups.recency).all()


@settings(max_examples=50)
@given(behaviours())
def test_groups_and_counts_hold_every_client_once(behaviour: Behaviour) -> None:
    groups, inverse = behaviour.grouped()
    counted = behaviour.counted()
    for name in ("repeat", "recency", "age"):
        assert getattr(groups, name)[inverse].tolist() == getattr(behaviour, name).tolist()
        assert getattr(counted, name).tolist() == getattr(groups, name).tolist()
    assert counted.weight is not None
    assert counted.weight.tolist() == groups.weight.tolist()
    again, _ = groups.grouped()
    assert again.weight.tolist() == groups.weight.tolist()
    assert counted.counted().weight.tolist() == groups.weight.tolist()
