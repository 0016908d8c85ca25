from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.months import calendar, same_day_years_before
from crm_core.tables import NEVER, to_date
from tests.builders import as_day

DAYS = st.integers(-2000, 30_000)


def ends_between(first: int, as_of: int) -> MonthEnds:
    return MonthEnds(calendar(first, as_of))


def test_the_as_of_day_stands_for_the_end_of_its_month() -> None:
    ends = ends_between(as_day("2024-01-20"), as_day("2024-03-09"))
    found = [to_date(day).isoformat() for day in ends.days]
    assert found == ["2024-01-31", "2024-02-29", "2024-03-09"]


@given(DAYS, st.integers(0, 1500), st.lists(DAYS, min_size=1))
def test_a_day_reaches_the_first_month_end_on_or_after_it(first, length, days) -> None:
    ends = ends_between(first, first + length)
    wanted = np.searchsorted(ends.days, days, "left")
    assert ends.reach(np.array(days)).tolist() == wanted.tolist()
    assert ends.reach(np.array([NEVER, -NEVER])).tolist() == [len(ends), 0]


@given(DAYS, st.integers(0, 1500), st.integers(-500, 1500))
def test_a_row_counts_for_the_month_ends_whose_year_holds_it(first, length, offset) -> None:
    ends = ends_between(first, first + length)
    day = np.array([first + offset])
    start, stop = ends.reach(day)[0], ends.reach_a_year_later(day)[0]
    held = [
        month
        for month, end in enumerate(ends.days)
        if int(same_day_years_before(end)) < day[0] <= end
    ]
    assert held == list(range(start, stop))


def test_ranges_are_counted_where_they_hold_a_month() -> None:
    ends = ends_between(as_day("2024-01-01"), as_day("2024-04-30"))
    start, stop = np.array([0, 1, 3], np.int32), np.array([2, 4, 3], np.int32)
    assert ends.count(start, stop).tolist() == [1, 2, 1, 1]


def test_without_months_nothing_is_reached() -> None:
    ends = MonthEnds(calendar(None, 100))
    assert len(ends) == 0
    assert ends.reach(np.array([5, NEVER])).tolist() == [0, 0]
