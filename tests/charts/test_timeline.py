from __future__ import annotations

from crm_core.charts.template import MOST_POINTS, count_points
from crm_core.charts.timeline import Mark, purchase_stems, year_bars
from crm_core.metrics.client_sales import daily_sales, year_against_last
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {
        "ann": [("2025-01-05", 100, "a"), ("2025-02-04", 50, "b"), ("2025-02-20", -50, "c", "b")],
        "lead": [],
    },
    created={"lead": "2025-01-01"},
)
AS_OF = as_day("2025-03-15")


def test_purchases_stand_up_and_refunds_hang_down() -> None:
    figure = purchase_stems(daily_sales(LEDGER, 0, AS_OF))
    dots = {trace.name: list(trace.y) for trace in figure.data if trace.mode == "markers"}
    assert dots == {"Purchases": [100.0, 50.0], "Refunds": [-50.0]}


def test_expected_days_are_shaded() -> None:
    due = as_day("2025-03-07"), as_day("2025-05-06")
    figure = purchase_stems(daily_sales(LEDGER, 0, AS_OF), late_on=due[0], gone_on=due[1])
    shaded = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert [(shape.x0, shape.x1) for shape in shaded] == [("2025-03-07", "2025-05-06")]
    assert figure.layout.xaxis.range[1] > "2025-05-06"


def test_marks_show_what_was_written_as_text() -> None:
    marks = [Mark(AS_OF - 3, "contact", "<b>rang</b>"), Mark(AS_OF, "ending", "moved")]
    figure = purchase_stems(daily_sales(LEDGER, 0, AS_OF), marks=marks)
    said = {
        trace.name: trace.customdata[0] for trace in figure.data if trace.customdata is not None
    }
    assert said == {"Contacts": "&lt;b&gt;rang&lt;/b&gt;", "Endings": "moved"}


def test_client_without_sales_gives_an_empty_picture() -> None:
    assert len(purchase_stems(daily_sales(LEDGER, 1, AS_OF)).data) == 0


def test_busy_client_is_drawn_by_week_and_loses_no_money() -> None:
    busy = make_ledger({"till": [(15_000 + day, 2) for day in range(4_000)]})
    figure = purchase_stems(daily_sales(busy, 0, 20_000))
    assert count_points(figure) < MOST_POINTS
    assert sum(next(t for t in figure.data if t.name == "Purchases").y) == 8_000


def test_months_stand_beside_those_a_year_before() -> None:
    figure = year_bars(year_against_last(LEDGER, 0, AS_OF))
    before, this = figure.data
    assert list(this.y)[-3:] == [100.0, 0.0, 0.0]
    assert sum(before.y) == 0
    assert list(this.marker.pattern.shape)[-1] == "/"
