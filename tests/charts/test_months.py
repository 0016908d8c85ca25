from __future__ import annotations

from crm_core.charts.months import gap_histogram, new_and_returning_sales, returning_rates
from crm_core.metrics.gaps import closed_gaps
from crm_core.metrics.returning import monthly
from tests.builders import as_day, make_ledger

ORDERS = {f"c{i}": [("2025-01-05", 100), ("2025-02-04", 50)] for i in range(6)}
LEDGER = make_ledger(ORDERS | {"new": [("2025-02-10", 7)]})
MONTHS = monthly(LEDGER, as_day("2025-02-14"))


def test_bars_add_up_to_net_sales_and_the_running_month_says_how_far_it_is() -> None:
    figure = new_and_returning_sales(MONTHS)
    known, new = figure.data
    assert list(known.y) == [0.0, 300.0]
    assert list(new.y) == [600.0, 7.0]
    assert list(new.marker.pattern.shape) == ["", "/"]
    assert [note.text for note in figure.layout.annotations] == ["14 of 28 days"]


def test_rates_carry_their_counts() -> None:
    twice, before = returning_rates(MONTHS).data
    assert list(twice.y) == [0.0, 6 / 7]
    assert list(before.customdata[1][:2]) == [6, 7]


def test_withheld_month_is_a_hole() -> None:
    few = monthly(make_ledger({"ann": [("2025-01-05", 1)]}), as_day("2025-01-31"))
    assert list(returning_rates(few).data[0].y) == [None]


def test_no_months_give_empty_axes() -> None:
    none = monthly(make_ledger({}, created={"lead": "2025-01-01"}), as_day("2025-02-01"))
    assert all(len(trace.x) == 0 for trace in new_and_returning_sales(none).data)
    assert all(len(trace.x) == 0 for trace in returning_rates(none).data)


def test_gaps_have_a_bar_a_day_and_their_median() -> None:
    figure = gap_histogram(closed_gaps(LEDGER, as_day("2025-02-14")))
    assert (figure.data[0].x[-1], figure.data[0].y[-1]) == (30, 6)
    assert figure.layout.annotations[0].text == "median 30 days"
