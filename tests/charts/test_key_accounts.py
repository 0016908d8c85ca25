from __future__ import annotations

import pytest

from crm_core.charts.key_accounts import NAMED, describe_shares, months_chart, share_chart
from crm_core.charts.template import BLUE, GREEN, GREY, ORANGE, PINK, count_points
from crm_core.metrics.concentration_months import concentration_months
from crm_core.metrics.pareto import pareto
from tests.metrics.ledgers import locked


def result_of(**amounts: int):
    return pareto(locked({name: [(100, amount)] for name, amount in amounts.items()}), 100)


def colours(figure) -> dict[str, str]:
    return {str(y): bar.marker.color for bar in figure.data for y in bar.y}


@pytest.mark.parametrize(
    ("percent", "colour"), [(9, GREY), (10, BLUE), (20, ORANGE), (39, ORANGE), (40, PINK)]
)
def test_a_bar_has_the_colour_of_its_mark(percent: int, colour: str):
    rest = {f"z{n}": 1 for n in range(100 - percent)}
    result = result_of(a=percent, **rest)
    names = ["a", *(f"z{n}" for n in range(9))]
    assert colours(share_chart(result, names))["1. a"] == colour


def test_a_client_named_by_hand_is_marked_below_ten_percent_only():
    result = result_of(a=95, b=5)
    drawn = colours(share_chart(result, ["a", "b"], by_hand=[0, 1]))
    assert drawn == {"1. a": PINK, "2. b": GREEN}


def test_at_most_ten_bars_lead_to_their_clients():
    result = result_of(**{f"c{n:02}": 100 - n for n in range(30)})
    figure = share_chart(result, [f"c{n:02}" for n in range(NAMED)])
    assert count_points(figure) == NAMED
    assert [point[0] for bar in figure.data for point in bar.customdata] == list(range(NAMED))


def test_marks_reach_to_the_first_above_the_largest():
    texts = [
        note.text for note in share_chart(result_of(a=25, b=75), ["b", "a"]).layout.annotations
    ]
    assert [text.split("<br>")[0] for text in texts] == ["10 %", "20 %", "30 %", "40 %", "50 %"]
    small = result_of(**{f"c{n}": 1 for n in range(20)})
    (only,) = share_chart(small, [f"c{n}" for n in range(10)]).layout.annotations
    assert only.text == "10 %<br>key"


def test_names_are_not_markup():
    figure = share_chart(result_of(a=1), ["<b>x</b> %{y}"])
    assert "<b>" not in figure.data[0].y[0]


def test_months_are_drawn_once_a_year_stands_behind_them():
    rows = [(day, 10 + day % 7) for day in range(0, 800, 9)]
    ledger = locked({"a": rows, "b": [(day, 5) for day in range(3, 800, 20)], "c": [(50, 1)]})
    months = concentration_months(ledger, 790)
    figure = months_chart(months)
    assert [line.name for line in figure.data] == [
        "The five largest", "The three largest", "The largest client", "Concentration index",
    ]  # fmt: skip
    assert len(figure.data[0].x) == int(months.whole.sum())
    assert figure.data[2].customdata[-1].endswith("%")


def test_the_picture_is_said_in_words():
    assert "the largest brings 75" in describe_shares(result_of(a=25, b=75), 2)
