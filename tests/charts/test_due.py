from __future__ import annotations

import numpy as np

from crm_core.charts.due import MOST_LINES, due_lines
from crm_core.charts.template import MOST_POINTS, count_points
from crm_core.tables import NEVER


def draw(n: int, **more: object) -> object:
    days = np.arange(n, dtype=np.int32) + 20_000
    return due_lines(
        [f"client {i}" for i in range(n)],
        days,
        days + 40,
        days + 90,
        np.arange(n, dtype=np.int64)[::-1] * 10_000,
        as_of=20_060,
        **more,  # type: ignore[arg-type]
    )


def test_each_late_client_has_a_line_in_two_colours_and_two_ends() -> None:
    figure = draw(3)
    names = [trace.name for trace in figure.data]
    assert names == ["In time", "Late", "Last purchase", "Probably gone"]
    assert list(figure.data[2].customdata) == [0, 1, 2]
    assert list(figure.layout.yaxis.ticktext) == ["client 0", "client 1", "client 2"]


def test_only_those_with_most_at_stake_are_drawn() -> None:
    figure = draw(80)
    assert len(figure.data[2].y) == MOST_LINES
    assert count_points(figure) < MOST_POINTS


def test_nobody_late_gives_empty_axes() -> None:
    assert len(draw(0).data[2].x) == 0


def test_as_of_day_is_marked() -> None:
    assert "2024-12-03" in {shape.x0 for shape in draw(2).layout.shapes}


def test_late_contract_without_a_purchase_begins_on_its_late_day() -> None:
    day = np.array([20_000], dtype=np.int32)
    figure = due_lines(
        ["a"], np.array([NEVER], np.int32), day, day + 9, np.zeros(1, np.int64), as_of=20_005
    )
    assert str(figure.data[2].x[0]) == "2024-10-04"
    assert "last purchase —" in figure.data[2].text[0]


def test_name_typed_as_markup_stays_text() -> None:
    day = np.array([20_000], dtype=np.int32)
    figure = due_lines(
        ["<a href='x'>%{y}</a>"], day, day + 1, day + 2, np.zeros(1, np.int64), as_of=20_001
    )
    assert "<a" not in figure.data[2].text[0]
    assert "%{" not in figure.data[2].text[0]
    assert "<a" not in figure.layout.yaxis.ticktext[0]
