from __future__ import annotations

import pytest

from crm_core.charts.segments import (
    cell_key,
    describe_grid,
    describe_switches,
    segment_grid,
    switch_bars,
    switches,
)
from crm_core.charts.template import BAD, GOOD, LIGHT_BLUE, count_points
from crm_core.metrics.rfm import score_rfm
from crm_core.metrics.segments import SegmentResult, assign_segments, segment_moves
from tests.builders import make_ledger

BOOK = {f"c{k:02}": [(day, k) for day in range(k, 60, 20 - k)] for k in range(1, 16)}
LEDGER = make_ledger({**BOOK, "new": [(58, 9)]})


def on(day: int) -> SegmentResult:
    return assign_segments(score_rfm(LEDGER, day))


def test_every_cell_with_clients_has_a_mark_and_its_count() -> None:
    result = on(60)
    figure = segment_grid(result, result.cell_sums(result.scores.values.money), "EUR")
    keys = list(figure.data[0].customdata)
    rows, columns = result.cell_counts.nonzero()
    assert keys == [cell_key(r + 1, c + 1) for r, c in zip(rows, columns, strict=True)]
    texts = " ".join(note.text for note in figure.layout.annotations)
    assert all(f"<b>{n}</b>" in texts for n in set(result.cell_counts[rows, columns].tolist()))
    assert count_points(figure) <= 25


def test_all_eleven_segments_are_named_and_outlined() -> None:
    result = on(60)
    figure = segment_grid(result, result.cell_sums(result.scores.values.money))
    assert len(figure.layout.shapes) == 25 + 11
    names = [note.text for note in figure.layout.annotations]
    assert "Champions" in names
    assert "Can’t<br>lose" in names


def test_cell_with_most_sales_is_the_strongest_and_none_hides_its_text() -> None:
    result = on(60)
    sales = result.cell_sums(result.scores.values.money)
    figure = segment_grid(result, sales)
    cells = [shape for shape in figure.layout.shapes if shape.line.width == 0]
    best = max(cells, key=lambda shape: shape.opacity)
    row, column = int(best.y0 - 0.5), int(best.x0 - 0.5)
    assert sales[row, column] == sales.max()
    assert best.opacity == pytest.approx(0.5)


def test_negative_sales_leave_the_grid_drawable() -> None:
    result = on(60)
    sales = -result.cell_sums(result.scores.values.money)
    assert segment_grid(result, sales).data


def test_recency_axis_says_the_days_of_the_cuts() -> None:
    result = on(60)
    days = result.scores.cuts.below("recency")
    labels = segment_grid(result, result.cell_counts).layout.yaxis.ticktext
    assert f"≤ {days[0]} d" in labels[-1]
    assert f"> {days[-1]} d" in labels[0]


def test_bars_are_the_switches_most_frequent_first_and_coloured_by_direction() -> None:
    moves = segment_moves(on(30), on(60), on(30).scores.values.money)
    figure = switch_bars(moves)
    found = switches(moves)
    assert sum(n for *_, n in found) == int(moves.switched.sum()) + int(moves.appeared.sum())
    assert [f"{before}>{after}" for before, after, _ in found][:12] == list(
        figure.data[0].customdata
    )
    colours = dict(zip(figure.data[0].customdata, figure.data[0].marker.color, strict=True))
    for key, colour in colours.items():
        if key.startswith("none>"):
            assert colour == LIGHT_BLUE
    moved = {*colours.values()} - {LIGHT_BLUE}
    assert moved & {GOOD, BAD}


def test_pictures_are_described_in_words() -> None:
    assert "Champions" in describe_grid(on(60))
    moves = segment_moves(on(30), on(60), on(30).scores.values.money)
    assert " to " in describe_switches(moves)
