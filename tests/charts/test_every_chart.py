"""Every chart draws parts that plotly knows, and sends the browser just what plotly would."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest

from crm_core import charts
from crm_core.charts.balance import balance_bars
from crm_core.charts.bridge import bridge_chart
from crm_core.charts.cohorts import cohort_heatmap
from crm_core.charts.curves import relationship_curve, second_purchase_curve
from crm_core.charts.doctor import sales_by_source
from crm_core.charts.due import due_lines
from crm_core.charts.figure import Figure
from crm_core.charts.goodbyes import error_points
from crm_core.charts.key_accounts import months_chart, share_chart
from crm_core.charts.months import gap_histogram, new_and_returning_sales, returning_rates
from crm_core.charts.pareto import curve_chart, lorenz_chart, pareto_chart
from crm_core.charts.segments import segment_grid, switch_bars
from crm_core.charts.stages import flow_chart, history_chart, stage_columns
from crm_core.charts.template import new_figure
from crm_core.charts.timeline import Mark, purchase_stems, year_bars
from crm_core.charts.worth import outlook_chart
from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn_months import churn_months
from crm_core.metrics.client_sales import daily_sales, year_against_last
from crm_core.metrics.cohorts import cohorts
from crm_core.metrics.concentration_months import concentration_months
from crm_core.metrics.gaps import closed_gaps
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.returning import monthly
from crm_core.metrics.rfm import score_rfm
from crm_core.metrics.second_purchase import second_purchase
from crm_core.metrics.segments import assign_segments, segment_moves
from crm_core.metrics.stage_history import stage_months
from crm_core.metrics.stage_moves import moves_between, stage_sales
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.survival import kaplan_meier
from crm_core.metrics.trailing import trailing_sales
from tests.builders import as_day, make_ledger
from tests.charts import test_doctor, test_goodbyes
from tests.charts.test_figure import as_json
from tests.sentences.test_worth import month, outlook

P = Parameters()
DAY, A_YEAR_AGO = as_day("2026-06-10"), as_day("2025-06-10")
OFTEN = {
    f"c{n:02}": [(DAY - back, 10 + n) for back in range(20 + n, 700, 12 + 5 * n)] for n in range(20)
}
ONCE = {f"o{n:02}": [(DAY - 7 * n, 30)] for n in range(1, 30)}
GONE = {f"g{n:02}": [(DAY - 800 + back, 40) for back in (0, 30, 60)] for n in range(9)}
BACK = {"back": [(DAY - 700, 5), (DAY - 680, 5), (DAY - 5, 5), (DAY - 4, -2)]}
LEDGER = make_ledger({**OFTEN, **ONCE, **GONE, **BACK}, created={"lead": "2026-05-01"})
HISTORY = purchase_history(LEDGER, P)


def balance() -> Figure:
    return balance_bars(churn_months(LEDGER, HISTORY, P, as_of=DAY))


def bridge() -> Figure:
    return bridge_chart(sales_bridge(LEDGER, HISTORY, P, DAY), "EUR")


def late_clients() -> Figure:
    days = np.arange(5, dtype=np.int32) + 20_000
    stakes = np.arange(5, dtype=np.int64) * 10_000
    return due_lines(list("abcde"), days, days + 40, days + 90, stakes, as_of=20_060)


def sources() -> Figure:
    flags = {(1, 0): "hole", (2, 1): "half"}
    return sales_by_source(test_doctor.make([[3, 1], [0, 2], [4, 1]], flags=flags), running=True)


def rules() -> Figure:
    return error_points(
        test_goodbyes.SCORES, current=test_goodbyes.OWN, chosen=test_goodbyes.WINDOW
    )


def segments() -> Figure:
    result = assign_segments(score_rfm(LEDGER, DAY))
    return segment_grid(result, result.cell_sums(result.scores.values.money), "EUR")


def switches() -> Figure:
    before, after = (assign_segments(score_rfm(LEDGER, day)) for day in (A_YEAR_AGO, DAY))
    return switch_bars(segment_moves(before, after, before.scores.values.money), "EUR")


def columns() -> Figure:
    stages = assign_stages(LEDGER, P, DAY)
    return stage_columns(stages.counts(), stage_sales(stages, trailing_sales(LEDGER, DAY)))


def flows() -> Figure:
    before, after = (assign_stages(LEDGER, P, day) for day in (A_YEAR_AGO, DAY))
    return flow_chart(moves_between(before, after), "a year ago", "today")


def stems() -> Figure:
    marks = [Mark(DAY - 3, "contact", "rang"), Mark(DAY, "ending", "moved")]
    sales = daily_sales(LEDGER, 0, DAY)
    return purchase_stems(sales, late_on=DAY + 7, gone_on=DAY + 30, marks=marks)


def coming_month() -> Figure:
    past = [
        month(681 + at, 1_000_000, 900_000, low=800_000, high=1_300_000, actual_new=100_000)
        for at in range(3)
    ]
    return outlook_chart(outlook(past, month(685, 1_200_000, None, low=1, high=2_000_000)), "EUR")


def largest() -> list[str]:
    return [f"client {n}" for n in range(20)]


DRAWN: dict[Callable[..., Figure], Callable[[], Figure]] = {
    new_figure: new_figure,
    balance_bars: balance,
    bridge_chart: bridge,
    cohort_heatmap: lambda: cohort_heatmap(cohorts(LEDGER, DAY)),
    second_purchase_curve: lambda: second_purchase_curve(second_purchase(LEDGER, DAY)),
    relationship_curve: lambda: relationship_curve(
        kaplan_meier(np.array([0, 0, 30, 10]), np.array([0, 0, 0, 0, 40]))
    ),
    sales_by_source: sources,
    due_lines: late_clients,
    error_points: rules,
    share_chart: lambda: share_chart(pareto(LEDGER, DAY), largest()),
    months_chart: lambda: months_chart(concentration_months(LEDGER, DAY)),
    new_and_returning_sales: lambda: new_and_returning_sales(monthly(LEDGER, DAY)),
    returning_rates: lambda: returning_rates(monthly(LEDGER, DAY)),
    gap_histogram: lambda: gap_histogram(closed_gaps(LEDGER, DAY)),
    pareto_chart: lambda: pareto_chart(pareto(LEDGER, DAY), largest()),
    curve_chart: lambda: curve_chart(pareto(LEDGER, DAY)),
    lorenz_chart: lambda: lorenz_chart(pareto(LEDGER, DAY)),
    segment_grid: segments,
    switch_bars: switches,
    stage_columns: columns,
    history_chart: lambda: history_chart(stage_months(LEDGER, HISTORY, P, DAY)),
    flow_chart: flows,
    purchase_stems: stems,
    year_bars: lambda: year_bars(year_against_last(LEDGER, 0, DAY)),
    outlook_chart: coming_month,
}
"""Every function that draws, with a picture of hers in which all her parts are there."""


def test_every_chart_stands_in_the_list() -> None:
    modules = [
        importlib.import_module(f"{charts.__name__}.{module.name}")
        for module in pkgutil.iter_modules(charts.__path__)
    ]
    drawing = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and inspect.get_annotations(function).get("return") == "Figure"
    }
    assert drawing == set(DRAWN)


@pytest.mark.parametrize("draw", DRAWN.values(), ids=[chart.__name__ for chart in DRAWN])
def test_plotly_knows_every_part_and_would_send_the_same(draw: Callable[[], Figure]) -> None:
    figure = draw()
    assert as_json(figure.ready()) == as_json(figure.checked())
