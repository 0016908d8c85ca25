from __future__ import annotations

import pytest

from crm_core.charts.pareto import NAMED, curve_chart, describe, lorenz_chart, pareto_chart
from crm_core.charts.template import MOST_POINTS, ORANGE, count_points
from crm_core.metrics.pareto import pareto
from tests.builders import as_day, make_ledger

DAY = as_day("2026-06-30")


def result_of(amounts: list[int]):
    orders = {f"c{i:04d}": [("2026-06-01", amount)] for i, amount in enumerate(amounts)}
    return pareto(make_ledger(orders), DAY, period="all")


def test_bars_fall_and_the_line_reaches_the_sum_of_the_bars() -> None:
    result = result_of([50, 30, 10, 5, 5])
    bars, line = pareto_chart(result, list("abcde")).data[:2]
    assert list(bars.x) == [50, 30, 10, 5, 5]
    assert list(line.x) == [80, 90, 95, 100]
    assert [data[0] for data in bars.customdata] == result.order.tolist()


def test_clients_from_ten_percent_on_are_marked() -> None:
    bars = pareto_chart(result_of([50, 30, 10, 5, 5]), list("abcde")).data[0]
    assert [colour == ORANGE for colour in bars.marker.color] == [True, True, True, False, False]


def test_names_are_text_and_labels_of_twins_stay_apart() -> None:
    bars = pareto_chart(result_of([3, 2]), ["<b>A</b>", "<b>A</b>"]).data[0]
    assert list(bars.y) == ["1. &lt;b&gt;A&lt;/b&gt;", "2. &lt;b&gt;A&lt;/b&gt;"]


def test_single_client_is_drawn() -> None:
    result = result_of([7])
    assert list(pareto_chart(result, ["a"]).data[0].x) == [100]
    assert "1 client brings 80 %" in describe(result)
    assert curve_chart(result).data[2].x == (100.0,)


def test_mark_of_the_curve_stands_at_the_clients_for_80_percent() -> None:
    mark = curve_chart(result_of([50, 30, 10, 5, 5])).data[2]
    assert mark.x == (40.0,)
    assert mark.y == (80.0,)


@pytest.mark.parametrize("chart", [curve_chart, lorenz_chart])
def test_many_clients_reach_the_browser_thinned(chart) -> None:
    result = result_of(list(range(1, 5_001)))
    assert count_points(chart(result)) <= MOST_POINTS
    assert len(pareto_chart(result, [str(i) for i in range(NAMED)]).data[0].x) == NAMED
