from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.rfm import quantile_cuts, rfm_values, score_rfm, score_values
from crm_core.metrics.rfm_cuts import OwnCuts, from_json, with_own
from tests.builders import make_ledger

LEDGER = make_ledger({f"c{k}": [(10 * k, 10 * k + 1)] for k in range(6)})


def test_own_cuts_replace_the_quantiles_of_their_dimension_only() -> None:
    values = rfm_values(LEDGER, 60)
    cuts = with_own(quantile_cuts(values), OwnCuts(recency=(10, 20, 30, 40)))
    scores = score_values(values, cuts)
    assert values.recency.tolist() == [60, 50, 40, 30, 20, 10]
    # Up to and including a cut is the better score.
    assert scores.recency.tolist() == [1, 1, 2, 3, 4, 5]
    assert cuts.own == ("recency",)
    assert cuts.money == quantile_cuts(values).money


def test_money_cut_by_hand_is_exact_to_the_ten_thousandth() -> None:
    values = rfm_values(LEDGER, 60)
    at = OwnCuts(money=(11_0000, 21_0000, 31_0000, 41_0000))
    below = OwnCuts(money=(10_9999, 20_9999, 30_9999, 40_9999))
    got = [score_values(values, with_own(quantile_cuts(values), own)).money for own in (at, below)]
    assert got[0].tolist() == [1, 1, 2, 3, 4, 5]
    assert got[1].tolist() == [1, 2, 3, 4, 5, 5]


def test_no_own_cuts_leave_the_quantiles() -> None:
    cuts = quantile_cuts(rfm_values(LEDGER, 60))
    assert with_own(cuts, None) is cuts
    assert with_own(cuts, OwnCuts()) is cuts


def test_own_cuts_in_all_three_make_two_clients_enough() -> None:
    ledger = make_ledger({"a": [(1, 5)], "b": [(9, 50)]})
    own = OwnCuts(recency=(1, 2, 3, 4), frequency=(1, 2, 3, 4), money=(1, 2, 3, 4))
    cuts = with_own(quantile_cuts(rfm_values(ledger, 9)), own)
    scores = score_rfm(ledger, 9, cuts=cuts)
    assert scores.status == "thin"
    assert scores.recency.tolist() == [1, 5]


@pytest.mark.parametrize(
    ("dimension", "cuts", "words"),
    [
        ("recency", (10, 10, 20, 30), "to rise"),
        ("frequency", (4, 3, 2, 1), "to rise"),
        ("money", (1, 2, 3), "4 whole numbers"),
        ("money", (1, 2, 3, 4.5), "4 whole numbers"),
        ("recency", (-1, 2, 3, 4), "from 0"),
        ("frequency", (0, 2, 3, 4), "from 1"),
        ("recency", (1, 2, 3, 99_999), "to 36,500"),
        ("frequency", (True, 2, 3, 4), "4 whole numbers"),
    ],
)
def test_cuts_that_make_no_sense_are_refused_in_words(
    dimension: str, cuts: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        OwnCuts(**{dimension: cuts})


def test_cuts_come_back_from_a_setting_as_they_went_in() -> None:
    own = OwnCuts(frequency=(1, 2, 4, 8), money=(100, 200, 300, 400))
    assert from_json(own.as_json()) == own
    assert from_json({}) == OwnCuts()


@pytest.mark.parametrize("held", [[1, 2], {"age": [1, 2, 3, 4]}, {"money": 7}, "x", None])
def test_setting_that_holds_something_else_is_refused(held: Any) -> None:
    with pytest.raises(ParameterError, match="cut points"):
        from_json(held)


def test_text_of_cuts_tells_them_apart() -> None:
    cuts = quantile_cuts(rfm_values(LEDGER, 60))
    named = {
        str(with_own(cuts, OwnCuts(recency=(1, 2, 3, last)))) for last in np.arange(4, 8).tolist()
    }
    assert len(named | {str(cuts)}) == 5
