from __future__ import annotations

import numpy as np
import pytest

from crm_core.charts.curves import relationship_curve, second_purchase_curve
from crm_core.charts.template import MOST_POINTS, count_points
from crm_core.metrics.second_purchase import second_purchase
from crm_core.metrics.survival import kaplan_meier
from tests.builders import make_ledger

FIRST = 19_000


def forty_clients() -> object:
    """Thirty come again after 10 to 39 days; ten bought once, 200 days before the end."""
    orders = {f"r{i:02}": [(FIRST, 5), (FIRST + 10 + i, 5)] for i in range(30)}
    once = {f"w{i:02}": [(FIRST + 200, 5)] for i in range(10)}
    return second_purchase(make_ledger(orders | once), FIRST + 230)


def test_marks_show_the_shares_reports_name() -> None:
    result = forty_clients()
    figure = second_purchase_curve(result)
    marks = next(trace for trace in figure.data if trace.mode == "markers+text")
    known = [
        (day, share)
        for day, share in zip(result.days, result.probability, strict=True)
        if share is not None
    ]
    assert list(zip(marks.x, marks.y, strict=True)) == known
    assert list(marks.text) == [f"{100 * share:.0f} %" for _, share in known]


def test_line_lies_within_its_band() -> None:
    figure = second_purchase_curve(forty_clients())
    low, high, line = figure.data[:3]
    assert (np.array(low.y) <= np.array(line.y) + 1e-12).all()
    assert (np.array(line.y) <= np.array(high.y) + 1e-12).all()


def test_todays_first_timers_are_dots_at_their_age() -> None:
    figure = second_purchase_curve(forty_clients())
    dots = next(trace for trace in figure.data if trace.name == "First-time buyers today")
    assert [list(fact) for fact in dots.customdata] == [[30, 10]]
    assert max(dots.y) < 0


def test_few_clients_give_no_line_but_their_dots() -> None:
    result = second_purchase(make_ledger({"ann": [(FIRST, 5)]}), FIRST + 9)
    figure = second_purchase_curve(result)
    assert [trace.name for trace in figure.data] == ["First-time buyers today"]


def test_relationships_fall_from_one() -> None:
    curve = kaplan_meier(np.array([0, 0, 30, 10]), np.array([0, 0, 0, 0, 40]))
    figure = relationship_curve(curve)
    line = next(trace for trace in figure.data if trace.name == "Not gone")
    assert line.y[0] == 1.0
    assert line.y[-1] == pytest.approx(0.5)


def test_long_curve_is_thinned_but_ends_where_it_ends() -> None:
    curve = kaplan_meier(np.full(4_000, 3), np.zeros(1, dtype=np.int64), min_at_risk=1)
    figure = relationship_curve(curve)
    assert count_points(figure) < MOST_POINTS
    assert figure.data[2].y[-1] == pytest.approx(curve.end)
