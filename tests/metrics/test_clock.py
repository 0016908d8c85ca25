from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.clock import Clock
from crm_core.tables import to_date
from tests.builders import as_day

MONTHS = st.lists(st.integers(1, 12), max_size=10, unique=True)
DAYS = st.integers(0, 2000)


def test_without_closed_months_days_are_ticks() -> None:
    clock = Clock((), 0, 0)
    assert clock.plain
    assert clock.days(clock.ticks(np.array([-7, 0, 30_000]))).tolist() == [-7, 0, 30_000]


def test_the_clock_stands_still_in_a_closed_month() -> None:
    clock = Clock((8,), as_day("2024-01-01"), as_day("2025-12-31"))
    days = np.array([as_day("2024-07-31"), as_day("2024-08-20"), as_day("2024-09-01")])
    ticks = clock.ticks(days)
    assert (ticks - ticks[0]).tolist() == [0, 0, 1]
    assert to_date(clock.days(ticks[:1] + 1)[0]).isoformat() == "2024-09-01"


@given(MONTHS, DAYS, st.integers(0, 400))
def test_ticks_between_two_days_are_the_open_days(closed, day, length) -> None:
    clock = Clock(tuple(closed), 0, 2500)
    open_days = sum(to_date(d).month not in closed for d in range(day + 1, day + length + 1))
    ticks = clock.ticks(np.array([day, day + length]))
    assert ticks[1] - ticks[0] == open_days


@given(MONTHS, DAYS)
def test_a_tick_leads_back_to_the_first_day_that_shows_it(closed, day) -> None:
    clock = Clock(tuple(closed), 0, 2500)
    ticks = clock.ticks(np.array([day]))
    back = int(clock.days(ticks)[0])
    assert back <= day
    assert clock.ticks(back) == ticks[0]
    if back > 0 and to_date(day).month not in closed:
        assert back == day


def test_days_outside_the_span_tick_as_in_the_calendar() -> None:
    clock = Clock((1,), 100, 200)
    ticks = clock.ticks(np.array([200, 205, 100, 95]))
    assert ticks[1] - ticks[0] == 5
    assert ticks[3] - ticks[2] == -5
