from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.rfm import RfmCuts, RfmScores, RfmValues, exact_quantiles, score_rfm
from crm_core.metrics.segments import SEGMENTS, SegmentResult, assign_segments, segment_moves
from crm_core.sentences.segments import (
    ADVICE,
    best_and_slipping,
    best_sentence,
    say_basis,
    say_flat,
)
from tests.builders import make_ledger

BEST, SLOW, CANT = (5, 5, 5), (1, 1, 1), (1, 5, 5)


def made(*triples: tuple[int, int, int], brought: int = 100) -> SegmentResult:
    """Return segments of clients with given scores; each brought 100."""
    r, f, m = (np.array(column, dtype=np.int8) for column in zip(*triples, strict=True))
    ones = np.ones(len(r), dtype=np.int64)
    cuts = RfmCuts(*(exact_quantiles(ones),) * 3)
    values = RfmValues(10, r > 0, ones, ones, ones * brought * 10_000)
    return assign_segments(RfmScores(values, cuts, r, f, m))


def say(now: SegmentResult, *, late=(), gone=(), moves=None) -> str:
    n = len(now.segment)
    masks = [np.isin(np.arange(n), rows) for rows in (late, gone)]
    return best_and_slipping(now, now.scores.values.money, *masks, moves=moves, currency="EUR")


def test_best_late_and_slipping_are_said_with_their_counts_and_money() -> None:
    now = made(BEST, BEST, *[SLOW] * 5, CANT)
    assert say(now, late=[0]) == (
        "**2 champions** bring **25\xa0%** of sales; **1 of the champions and loyal clients** "
        "is late; **1 client you can’t lose**, who brought 100\xa0EUR so far, is slipping away."
    )


def test_of_the_best_alone_only_their_count_and_share_are_said() -> None:
    now = made(BEST, BEST, *[SLOW] * 5, CANT)
    said = best_sentence(now, now.scores.values.money)
    assert said == "**2 champions** bring **25\xa0%** of sales."
    flat = made(BEST, BEST)
    assert best_sentence(flat, flat.scores.values.money) == say(flat)


def test_those_who_are_gone_already_are_not_said_to_be_slipping() -> None:
    now = made(BEST, *[SLOW] * 4, CANT, CANT)
    assert "are probably gone already" in say(now, gone=[5, 6])
    assert "slipping away (1 of them probably gone already)" in say(now, gone=[5])


def test_without_anybody_dear_and_quiet_the_sentence_says_so() -> None:
    assert "nobody who used to buy well is slipping away" in say(made(BEST, *[SLOW] * 5))


def test_fallen_are_counted_since_the_earlier_day() -> None:
    before, after = made(BEST, BEST, *[SLOW] * 5), made(BEST, CANT, *[SLOW] * 5)
    moves = segment_moves(before, after, before.scores.values.money)
    assert "1 fell out of the best two segments since 11 Jan 1970" in say(after, moves=moves)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_too_few_clients_give_the_reason_and_no_figure(n: int) -> None:
    ledger = make_ledger({f"c{k}": [(k, 5)] for k in range(n)} | {"later": [(90, 1)]})
    now = assign_segments(score_rfm(ledger, 50))
    assert say(now).startswith("No segments: ")


def test_clients_all_alike_are_not_told_apart() -> None:
    ledger = make_ledger({f"c{k}": [(3, 5)] for k in range(9)})
    assert "nothing to tell them apart" in say(assign_segments(score_rfm(ledger, 5)))


def test_every_segment_has_one_piece_of_advice() -> None:
    assert set(ADVICE) == set(SEGMENTS)
    assert all(text.endswith(".") for text in ADVICE.values())


def test_flat_dimensions_and_the_basis_of_moves_are_said() -> None:
    assert say_flat(()) == ""
    assert "as often" in say_flat(("frequency",))
    now = made(BEST, *[SLOW] * 5)
    moves = segment_moves(now, now, now.scores.values.money)
    assert say_basis(moves).startswith("6 clients stayed")
