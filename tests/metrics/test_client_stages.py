from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.cadence import EXPANSION, EXPLORATION, TERMINATION
from crm_core.metrics.client_stages import stage_runs
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from tests.builders import as_day, make_ledger

FIRST = as_day("2024-01-01")


def test_stages_follow_each_other_with_the_silence_between() -> None:
    ledger = make_ledger({"ann": [(FIRST + day, 10) for day in (0, 30, 60, 400)]})
    runs = stage_runs(ledger, Parameters(), 0, FIRST + 410)
    assert runs.stage.tolist() == [EXPLORATION, EXPANSION, TERMINATION, EXPLORATION]
    gone = FIRST + 60 + 121
    assert runs.start.tolist() == [FIRST, FIRST + 60, gone, FIRST + 400]
    assert runs.end.tolist() == [FIRST + 60, gone, FIRST + 400, FIRST + 411]


def test_lead_has_no_way_to_tell() -> None:
    ledger = make_ledger({}, created={"ann": FIRST})
    assert len(stage_runs(ledger, Parameters(), 0, FIRST + 10)) == 0


@given(
    st.lists(st.integers(1, 200), min_size=0, max_size=12),
    st.integers(0, 1500),
)
def test_last_stage_is_the_one_of_the_day(gaps: list[int], later: int) -> None:
    days = [FIRST]
    for gap in gaps:
        days.append(days[-1] + gap)
    ledger = make_ledger({"ann": [(day, 10) for day in days]})
    as_of = FIRST + later
    runs = stage_runs(ledger, Parameters(), 0, as_of)
    expected = assign_stages(ledger, Parameters(), as_of)
    assert runs.stage[-1] == expected.stage[0]
    assert runs.start[-1] == expected.since[0]
    assert runs.end[-1] == as_of + 1
    assert (runs.end[:-1] == runs.start[1:]).all()
    assert (runs.stage[1:] != runs.stage[:-1]).all() or TERMINATION in runs.stage
