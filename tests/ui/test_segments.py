from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.rates import Rate
from crm_core.metrics.rfm import score_rfm
from crm_core.metrics.rfm_cuts import OwnCuts
from crm_core.metrics.segments import GRID, SEGMENTS, assign_segments, segment_moves
from crm_core.ui.segment_cuts import CUTS, read_editor
from crm_core.ui.segment_groups import placed, segment_of, title_of_group, title_of_way, ways_of
from crm_core.ui.segment_numbers import say_rate
from tests.builders import make_ledger


def editor(recency, frequency, money) -> pd.DataFrame:
    frame = pd.DataFrame([recency, frequency, money], columns=CUTS, dtype="float64")
    frame.insert(0, "Measure", ["days", "purchases", "money"])
    return frame


BEFORE = editor([10, 20, 30, 40], [1, 1, 2, 4], [15.36, 31.958, 59.25, 130.436])


def test_line_left_as_it_was_keeps_following_the_clients() -> None:
    assert read_editor(BEFORE, BEFORE.copy(), OwnCuts()) == OwnCuts()
    held = OwnCuts(recency=(10, 20, 30, 40))
    assert read_editor(BEFORE, BEFORE.copy(), held) == held


def test_changed_line_becomes_ones_own_in_the_ledgers_units() -> None:
    entered = editor([10, 20, 30, 40], [1, 2, 3, 4], [15.36, 31.9581, 59.25, 130.1])
    own = read_editor(BEFORE, entered, OwnCuts())
    assert own.frequency == (1, 2, 3, 4)
    assert own.money == (15_3600, 31_9581, 59_2500, 130_1000)
    assert own.recency is None


def test_gap_in_a_line_nobody_touched_is_no_mistake() -> None:
    empty = editor([np.nan] * 4, [1, 1, 2, 4], [1, 2, 3, 4])
    assert read_editor(empty, empty.copy(), OwnCuts()) == OwnCuts()


@pytest.mark.parametrize(
    ("line", "words"),
    [([1.5, 2, 3, 4], "whole numbers"), ([1, np.nan, 3, 4], "a gap"), ([4, 3, 2, 1], "to rise")],
)
def test_line_that_makes_no_sense_is_refused(line, words) -> None:
    entered = editor([10, 20, 30, 40], line, [15.36, 31.958, 59.25, 130.436])
    with pytest.raises(ParameterError, match=words):
        read_editor(BEFORE, entered, OwnCuts())


def test_money_beyond_four_decimals_is_refused() -> None:
    entered = editor([10, 20, 30, 40], [1, 1, 2, 4], [15.36001, 31.958, 59.25, 130.436])
    with pytest.raises(ParameterError, match="four decimals"):
        read_editor(BEFORE, entered, OwnCuts())


def test_cells_know_their_segment_and_their_clients() -> None:
    book = {f"c{k:02}": [(day, k) for day in range(k, 60, 20 - k)] for k in range(1, 16)}
    now = assign_segments(score_rfm(make_ledger(book), 60))
    for r in range(1, 6):
        for both in range(1, 6):
            key = f"cell{r}{both}"
            name = SEGMENTS[GRID[r - 1, both - 1]]
            assert segment_of(key) == name
            assert (placed(now, key) <= placed(now, name)).all()
            assert int(placed(now, key).sum()) == now.cell_counts[r - 1, both - 1]
    assert segment_of("all") is None
    assert title_of_group("champions") == "Champions"
    assert title_of_group("cell54") == "Champions: recency 5, frequency and money 4"


def test_every_switch_can_be_chosen_with_its_count() -> None:
    book = {f"c{k:02}": [(day, k) for day in range(k, 60, 20 - k)] for k in range(1, 16)}
    ledger = make_ledger({**book, "new": [(58, 9)]})
    before, after = (assign_segments(score_rfm(ledger, day)) for day in (30, 60))
    moves = segment_moves(before, after, after.scores.values.money)
    ways = ways_of(moves)
    assert ways["appeared"] == "First purchase since (1)"
    assert all(title_of_way(key) in text for key, text in ways.items())


def test_rate_in_a_table_shows_its_counts_and_withholds_below_five() -> None:
    assert say_rate(Rate(3, 30)) == "10\xa0% (3 of 30)"
    assert say_rate(Rate(1, 3)) == "— (1 of 3)"
    assert say_rate(Rate(0, 0)) == "—"
