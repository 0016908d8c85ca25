"""The doctor's picture shows what is missing before any number is trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.charts.doctor import MOST_SOURCES, sales_by_source
from crm_core.charts.running import MOST_MONTHS
from crm_core.charts.template import MOST_POINTS, count_points
from crm_core.money import UNIT

JANUARY = 2024 * 12


@dataclass(frozen=True)
class Months:
    month: np.ndarray
    sources: tuple[str, ...]
    sales: np.ndarray
    money: np.ndarray
    flag: np.ndarray


def make(
    sales: list[list[int]], *, flags: dict[tuple[int, int], str] | None = None,
    names: tuple[str, ...] | None = None,
) -> Months:  # fmt: skip
    counts = np.array(sales, dtype=np.int64)
    flag = np.zeros(counts.shape, dtype="U4")
    for place, word in (flags or {}).items():
        flag[place] = word
    sources = names or tuple(f"source {n}" for n in range(counts.shape[1]))
    return Months(JANUARY + np.arange(len(counts)), sources, counts, counts * 10 * UNIT, flag)


def test_money_stands_above_rows_with_one_colour_a_source() -> None:
    figure = sales_by_source(make([[3, 1], [4, 2]]))
    assert [trace.name for trace in figure.data] == ["source 0"] * 2 + ["source 1"] * 2
    assert list(figure.data[0].y) == [30, 40]
    assert list(figure.data[1].y) == [3, 4]
    assert figure.data[0].marker.color == figure.data[1].marker.color
    assert figure.data[0].marker.color != figure.data[2].marker.color
    assert str(figure.data[0].x[0])[:10] == "2024-01-01"


def test_one_source_needs_no_legend() -> None:
    assert not sales_by_source(make([[3]])).layout.showlegend
    assert sales_by_source(make([[3, 1]])).layout.showlegend


def test_a_hole_is_shaded_once_and_named() -> None:
    figure = sales_by_source(make([[5], [0], [0], [5]], flags={(1, 0): "hole", (2, 0): "hole"}))
    shaded = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(shaded) == 2  # one in each of the two pictures
    assert [note.text for note in figure.layout.annotations].count("hole") == 1
    assert (shaded[0].x0, shaded[0].x1) == ("2024-01-17", "2024-03-16")


def test_half_months_and_the_running_month_are_hatched() -> None:
    months = make([[5], [2], [5]], flags={(1, 0): "half"})
    assert list(sales_by_source(months).data[0].marker.pattern.shape) == ["", "/", ""]
    running = sales_by_source(months, running=True)
    assert list(running.data[0].marker.pattern.shape) == ["", "/", "/"]


def test_small_sources_are_drawn_together() -> None:
    figure = sales_by_source(make([[20 - n for n in range(12)]]))
    names = {trace.name for trace in figure.data}
    assert len(names) == MOST_SOURCES
    assert "6 other sources" in names
    assert sum(trace.y[0] for trace in figure.data[1::2]) == sum(20 - n for n in range(12))


def test_nothing_stored_draws_an_empty_picture() -> None:
    figure = sales_by_source(make([[5]]))
    empty = Months(
        np.zeros(0, np.int64), (), *(np.zeros((0, 0), np.int64) for _ in range(2)),
        np.zeros((0, 0), "U4"),
    )  # fmt: skip
    assert count_points(sales_by_source(empty)) == 0 < count_points(figure)


def test_only_the_newest_ten_years_reach_the_browser() -> None:
    figure = sales_by_source(make([[1, 1]] * 600))
    assert len(figure.data[0].x) == MOST_MONTHS
    assert count_points(figure) <= MOST_POINTS


def test_a_source_named_with_markup_is_shown_as_text() -> None:
    figure = sales_by_source(make([[1, 2]], names=("<b>x</b>", "y")))
    assert any(trace.name == "&lt;b&gt;x&lt;/b&gt;" for trace in figure.data)
