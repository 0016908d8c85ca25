from __future__ import annotations

import numpy as np

from crm_core.charts.cohorts import cohort_heatmap
from crm_core.metrics.cohorts import cohorts
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {
        "ann": [("2025-01-05", 1), ("2025-02-04", 1), ("2025-03-10", 1)],
        "bob": [("2025-01-07", 1), ("2025-03-11", 1)],
        "cy": [("2025-03-01", 1)],
    }
)


def test_cell_holds_its_share_its_count_and_its_size() -> None:
    figure = cohort_heatmap(cohorts(LEDGER, as_day("2025-03-31")))
    trace = figure.data[0]
    assert list(trace.y) == ["2025-01 · 2", "2025-03 · 1"]
    assert list(trace.z[0]) == [0.5, 1.0]
    marks = figure.data[1]
    assert list(marks.text) == ["<b>1 of 2 bought</b> (50 %)", "<b>2 of 2 bought</b> (100 %)"]
    assert list(zip(marks.customdata, marks.x, strict=True)) == [(0, 1), (0, 2)]


def test_cell_that_cannot_be_known_yet_is_blank_and_not_zero() -> None:
    trace = cohort_heatmap(cohorts(LEDGER, as_day("2025-03-20"))).data[0]
    assert list(trace.z[0]) == [0.5]
    whole = cohort_heatmap(cohorts(LEDGER, as_day("2025-03-31")))
    assert np.isnan(whole.data[0].z[1]).all()
    assert len(whole.data[1].x) == 2


def test_no_sales_give_no_cells() -> None:
    empty = make_ledger({}, created={"lead": "2025-01-01"})
    assert len(cohort_heatmap(cohorts(empty, as_day("2025-03-31"))).data[0].z) == 0


def test_many_months_stay_within_what_a_browser_draws() -> None:
    orders = {f"c{m:03}": [(10_000 + 30 * m, 1), (16_000, 1)] for m in range(200)}
    trace = cohort_heatmap(cohorts(make_ledger(orders), 16_100)).data[0]
    assert len(trace.z) * len(trace.z[0]) <= 10_000
