from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.months import (
    calendar,
    first_days,
    last_days,
    month_index,
    same_day_years_before,
)
from crm_core.tables import to_date, to_day


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def test_every_day_of_four_years_lies_in_its_own_month():
    days = np.arange(day("1999-12-01"), day("2004-03-01"))
    months = month_index(days)
    dates = [to_date(d) for d in days]
    assert months.tolist() == [(d.year - 1970) * 12 + d.month - 1 for d in dates]
    assert (first_days(months) <= days).all()
    assert (days <= last_days(months)).all()
    assert [to_date(d).day for d in first_days(months)] == [1] * len(days)


def test_a_leap_day_goes_back_to_28_february():
    assert to_date(int(same_day_years_before(day("2024-02-29")))) == date(2023, 2, 28)
    assert to_date(int(same_day_years_before(day("2024-02-29"), 4))) == date(2020, 2, 29)


def test_a_year_before_keeps_month_and_day_all_year_round():
    days = np.arange(day("2024-03-01"), day("2025-02-28"))
    back = same_day_years_before(days)
    for now, then in zip(days, back, strict=True):
        assert to_date(then) == to_date(now).replace(year=to_date(now).year - 1)


def test_months_run_without_a_hole_and_only_a_cut_one_is_partial():
    months = calendar(day("2023-11-17"), day("2024-02-10"))
    assert months.labels == ("2023-11", "2023-12", "2024-01", "2024-02")
    assert months.partial.tolist() == [False, False, False, True]
    assert (months.first[1:] == months.last[:-1] + 1).all()


def test_a_month_that_ends_on_the_as_of_day_is_whole():
    assert not calendar(day("2024-02-01"), day("2024-02-29")).partial.any()


@pytest.mark.parametrize(
    ("unit", "labels"),
    [("quarter", ("2023 Q4", "2024 Q1")), ("year", ("2023", "2024"))],
)
def test_quarters_and_years_begin_on_their_calendar_day(unit, labels):
    periods = calendar(day("2023-11-17"), day("2024-02-10"), unit=unit)
    assert periods.labels == labels
    assert periods.partial.tolist() == [False, True]


def test_days_find_their_period():
    months = calendar(day("2023-11-17"), day("2024-02-10"))
    first = to_date(int(months.first[0]))
    days = [to_day(first + timedelta(n)) for n in range(110)]
    assert [months.labels[i] for i in months.index_of(np.array(days))] == [
        to_date(d).isoformat()[:7] for d in days
    ]


def test_no_first_day_or_a_later_one_gives_no_months():
    for none in (calendar(None, 10), calendar(11, 10)):
        assert (len(none), none.labels, none.partial.tolist()) == (0, (), [])
        assert none.index_of(np.empty(0, dtype=np.int32)).tolist() == []


def test_an_unknown_unit_is_refused():
    with pytest.raises(ParameterError, match="month, quarter or year, found 'week'"):
        calendar(0, 10, unit="week")  # type: ignore[arg-type]
