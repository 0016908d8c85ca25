from __future__ import annotations

import numpy as np

from crm_core.charts.stages import flow_chart, history_chart, stage_columns
from crm_core.charts.template import MOST_POINTS, count_points
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stage_history import stage_months
from crm_core.metrics.stage_moves import moves_between, stage_sales
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.trailing import trailing_sales
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {
        "gone": [("2026-01-01", 10)],
        "again": [("2026-01-01", 10), ("2026-01-20", 10), ("2026-02-10", 10)],
        "new": [("2026-06-01", 30)],
    },
    created={"lead": "2026-05-01"},
)
P = Parameters()
BEFORE, AFTER = as_day("2026-02-15"), as_day("2026-06-10")


def stages_on(day: int):
    return assign_stages(LEDGER, P, day)


def test_columns_show_each_stage_beside_its_sales() -> None:
    stages = stages_on(AFTER)
    sales = stage_sales(stages, trailing_sales(LEDGER, AFTER))
    figure = stage_columns(stages.counts(), sales)
    clients, money = (trace for trace in figure.data if trace.type == "bar")
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == [
        clients.name,
        money.name,
    ]
    assert sum(clients.y) == 100
    assert abs(sum(money.y) - 100) < 1e-9
    assert [data[0] for data in clients.customdata][-1] == "termination"


def test_marks_of_the_flows_sum_to_everybody_known_on_either_day() -> None:
    moves = moves_between(stages_on(BEFORE), stages_on(AFTER))
    traces = flow_chart(moves, "15 Feb", "10 Jun").data
    marks = next(trace for trace in traces if trace.customdata is not None)
    assert sum(int(text) for text in marks.text) == 4
    assert {data[0] for data in marks.customdata} == {
        "exploration>termination",
        "expansion>termination",
        "none>exploration",
        "none>awareness",
    }


def test_nobody_moves_between_a_day_and_itself() -> None:
    same = moves_between(stages_on(AFTER), stages_on(AFTER))
    marks = next(t for t in flow_chart(same, "a", "b").data if t.customdata is not None)
    assert all(len(set(data[0].split(">"))) == 1 for data in marks.customdata)


def test_history_stacks_the_live_stages_and_hatches_the_running_month() -> None:
    months = stage_months(LEDGER, purchase_history(LEDGER, P), P, AFTER)
    figure = history_chart(months)
    assert [trace.name for trace in figure.data] == [
        "Regular",
        "Buying again",
        "Trying us",
        "Knows us",
    ]
    assert figure.data[0].marker.pattern.shape[-1] == "/"
    total = np.sum([trace.y for trace in figure.data], axis=0)
    assert total.tolist() == (months.counts[1:5].sum(axis=0)).tolist()
    assert count_points(figure) <= MOST_POINTS
