from __future__ import annotations

from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.rfm import RfmCuts, RfmScores, RfmValues, score_rfm
from crm_core.metrics.segments import (
    GRID,
    SEGMENTS,
    TITLES,
    SegmentResult,
    assign_segments,
    segment_moves,
)
from tests.builders import make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.ledgers import locked, order_books

TABLE = {
    5: "New, Potential, Potential, Champions, Champions",
    4: "Promising, Potential, Potential, Loyal, Loyal",
    3: "About to sleep, About to sleep, Need attention, Loyal, Loyal",
    2: "Hibernating, Hibernating, At risk, At risk, Can’t lose",
    1: "Lost, Lost, At risk, At risk, Can’t lose",
}
"""The table of docs/methods.md."""


def with_scores(*triples: tuple[int, int, int]) -> SegmentResult:
    """Return the segments of clients with given scores."""
    r, f, m = (np.array(column, dtype=np.int8) for column in zip(*triples, strict=True))
    blank = np.zeros(len(r), dtype=np.int64)
    values = RfmValues(0, r > 0, blank, blank, blank)
    return assign_segments(RfmScores(values, RfmCuts((), (), ()), r, f, m))


EVERY = [(r, f, m) for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)]


def test_all_125_scores_have_the_segment_of_the_table() -> None:
    result = with_scores(*EVERY)
    for (r, f, m), code in zip(EVERY, result.segment, strict=True):
        both = int((f + m + 1) / 2)
        assert TITLES[SEGMENTS[code]] == TABLE[r].split(", ")[both - 1]


def test_every_cell_belongs_to_one_of_eleven_segments() -> None:
    assert GRID.shape == (5, 5)
    assert set(GRID.ravel().tolist()) == set(range(11))


def test_counts_cells_and_clients_agree() -> None:
    result = with_scores((5, 5, 5), (5, 4, 5), (1, 1, 1), (0, 0, 0))
    assert result.counts["champions"] == 2
    assert result.counts["lost"] == 1
    assert result.n == 3
    assert result.segment.tolist()[-1] == result.cell.tolist()[-1] == -1
    assert result.cell_counts[4].tolist() == [0, 0, 0, 0, 2]
    assert result.is_in("lost", "champions").tolist() == [True, True, True, False]


def test_sums_are_exact_beyond_floats() -> None:
    result = with_scores((5, 5, 5), (5, 5, 5), (0, 0, 0))
    amounts = np.array([2**53, 1, 7], dtype=np.int64)
    assert result.sums(amounts)["champions"] == 2**53 + 1
    assert int(result.cell_sums(amounts).sum()) == 2**53 + 1


def test_rates_carry_their_counts_and_withhold_below_five() -> None:
    result = with_scores(*[(5, 5, 5)] * 6, *[(1, 1, 1)] * 3)
    rates = result.rates(np.array([True] * 2 + [False] * 4 + [True] * 3))
    assert (rates["champions"].numerator, rates["champions"].denominator) == (2, 6)
    assert rates["champions"].value == pytest.approx(1 / 3)
    assert rates["lost"].value is None
    assert rates["new"].reason == "no cases"


@settings(max_examples=40, deadline=None)
@given(order_books(), st.integers(-10, 1_400))
def test_segments_part_the_buyers(book, as_of) -> None:
    scores = score_rfm(locked(book), as_of)
    result = assign_segments(scores)
    assert sum(result.counts.values()) == int(result.cell_counts.sum()) == result.n
    assert ((result.segment >= 0) == scores.values.bought).all()
    sums = result.sums(scores.values.money)
    assert sum(sums.values()) == int(scores.values.money[scores.values.bought].sum())


@settings(max_examples=30, deadline=None)
@given(order_books(), st.integers(0, 900), st.integers(0, 500))
def test_moves_sum_to_the_clients_and_to_both_days(book, then, days) -> None:
    ledger = locked(book)
    before, after = (assign_segments(score_rfm(ledger, day)) for day in (then, then + days))
    moves = segment_moves(before, after, after.scores.values.money)
    matrix = moves.matrix
    assert int(matrix.sum()) == ledger.n_clients
    assert matrix[:-1].sum(axis=1).tolist() == list(before.counts.values())
    assert matrix[:, :-1].sum(axis=0).tolist() == list(after.counts.values())
    off = matrix[:-1, :-1].sum() - np.trace(matrix[:-1, :-1])
    assert int(moves.switched.sum()) == int(off)


def test_who_left_and_joined_the_best_two() -> None:
    before = with_scores((5, 5, 5), (4, 5, 5), (5, 5, 5), (1, 1, 1), (0, 0, 0))
    after = with_scores((4, 5, 5), (2, 5, 5), (5, 5, 5), (5, 5, 5), (5, 5, 5))
    moves = segment_moves(before, after, np.array([1, 2, 3, 4, 5]))
    assert moves.switched.tolist() == [True, True, False, True, False]
    assert moves.left_best.tolist() == [False, True, False, False, False]
    assert moves.joined_best.tolist() == [False, False, False, True, True]
    assert moves.appeared.tolist() == [False] * 4 + [True]
    assert moves.flow("loyal", "cant_lose").tolist() == [1]
    assert moves.flow(None, "champions").tolist() == [4]
    assert moves.clients(moves.switched).tolist() == [3, 1, 0]


def test_switches_lead_up_down_or_level() -> None:
    before = with_scores((5, 5, 5), (5, 1, 1), (2, 1, 1), (1, 5, 5))
    after = with_scores((4, 5, 5), (4, 1, 1), (1, 1, 1), (5, 5, 5))
    moves = segment_moves(before, after, np.zeros(4, dtype=np.int64))
    assert moves.switched.all()
    assert moves.down.tolist() == [True, False, False, False]
    assert moves.up.tolist() == [False, False, False, True]


def test_churn_counts_the_active_of_the_earlier_day_who_are_gone_now() -> None:
    before = with_scores(*[(5, 5, 5)] * 6, (1, 1, 1))
    moves = segment_moves(before, before, np.zeros(7, dtype=np.int64))
    gone_before = np.array([True] + [False] * 6)
    gone_after = np.array([True, True] + [False] * 5)
    churn = moves.churn(gone_before, gone_after)
    assert (churn["champions"].numerator, churn["champions"].denominator) == (1, 5)
    assert (churn["lost"].numerator, churn["lost"].denominator) == (0, 1)


def test_two_days_of_different_clients_are_refused() -> None:
    with pytest.raises(ParameterError, match="same clients"):
        segment_moves(with_scores((5, 5, 5)), with_scores((5, 5, 5), (1, 1, 1)), np.zeros(1))


def test_one_client_is_assigned_somewhere() -> None:
    result = assign_segments(score_rfm(make_ledger({"a": [(1, 1)]}), 3))
    assert (result.n, Counter(result.segment.tolist()).total()) == (1, 1)


def test_cdnow_segments(shared_data: Path) -> None:
    counts = assign_segments(score_rfm(read_cdnow(shared_data), LAST_DAY)).counts
    assert {name: n for name, n in counts.items() if n} == {
        "champions": 437,
        "loyal": 424,
        "lost": 391,
        "hibernating": 381,
        "sleep": 333,
        "at_risk": 159,
        "potential": 146,
        "attention": 80,
        "cant_lose": 6,
    }
