from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from crm_core.metrics.backtest.adopting import clock_of
from crm_core.metrics.backtest.candidates import Candidate, all_candidates
from crm_core.metrics.backtest.flags import Rules
from crm_core.metrics.backtest.known import known_at
from crm_core.metrics.backtest.refits import Learned
from crm_core.metrics.backtest.results import RuleScore
from crm_core.metrics.backtest.scores import rank_auc, score_rules
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes

P = Parameters()
MODEL = (0.2426, 4.4135, 0.7929, 2.4258, 39.0)


def scores_of(ledger, cut, candidates, *, horizon=100, model=None) -> list[RuleScore]:
    clock = clock_of(ledger, P, cut + horizon)
    known = known_at(ledger, cut, cut + horizon, horizon, clock).without_ended()
    return score_rules(
        Rules(cut, P, Learned(30, {}, model, None), clock), known, candidates, horizon
    )


def test_alarms_and_misses_by_hand() -> None:
    ledger = make_ledger(
        {
            "gone, came back": [("2024-01-01", 100), ("2024-06-10", 1)],
            "gone, stayed away": [("2024-01-01", 300)],
            "gone, stayed away too": [("2024-01-02", 100)],
            "active, bought": [("2024-05-20", 400), ("2024-06-20", 1)],
            "active, stayed away": [("2024-05-20", 600)],
        }
    )
    (found,) = scores_of(ledger, as_day("2024-06-01"), [Candidate.fixed(60)])
    assert (found.n, found.n_bought, found.n_flagged, found.n_flagged_bought) == (5, 2, 3, 1)
    assert (found.type_1, found.type_2) == (1 / 2, 1 / 3)
    assert found.error_sum == pytest.approx(5 / 6)
    assert (found.false_goodbyes.numerator, found.false_goodbyes.denominator) == (1, 3)
    assert (found.money_type_1, found.money_type_2) == (100 / 500, 600 / 1000)
    assert found.money_error_sum == pytest.approx(0.8)
    assert found.money_false_goodbyes == 100 / 500
    # Pairs (away, bought) won: 1.5 of 2 by one who left with him, 1 of 2, and .5 of 2.
    assert found.auc == pytest.approx((1.5 + 1 + 0.5) / 6)
    assert found.money_auc == pytest.approx((300 * (50 + 400) + 100 * 400 + 600 * 200) / 500 / 1000)


def test_nobody_bought_or_nobody_known_leaves_no_rates() -> None:
    nobody = make_ledger({"a": [("2024-01-01", 5)]})
    (found,) = scores_of(nobody, as_day("2024-06-01"), [Candidate.fixed(60)])
    assert (found.type_1, found.type_2, found.error_sum, found.auc) == (None, 0.0, None, None)
    (found,) = scores_of(make_ledger({}), 0, [Candidate.fixed(60)])
    assert (found.n, found.error_sum, found.money_false_goodbyes) == (0, None, None)
    assert found.false_goodbyes.reason == "no cases"


def test_the_model_is_scored_where_it_was_fitted_only() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 5)], "b": [("2024-01-01", 5), ("2024-06-20", 5)]})
    both = [Candidate.fixed(60), Candidate.model()]
    assert [s.rule.kind for s in scores_of(ledger, as_day("2024-06-01"), both)] == ["fixed"]
    _, found = scores_of(ledger, as_day("2024-06-01"), both, model=MODEL)
    assert found.n_flagged == 2
    assert found.auc == found.money_auc == 0.5
    assert found.brier is not None
    chance = 1 - ((MODEL[1] + 152 / 7) / (MODEL[1] + 152 / 7 + 100 / 7)) ** MODEL[0]
    assert found.brier == pytest.approx((chance**2 + (1 - chance) ** 2) / 2)
    assert found.money_brier == pytest.approx(found.brier)


def plain_auc(score, bought, weight) -> float | None:
    won = whole = 0.0
    for i in np.flatnonzero(~bought):
        for j in np.flatnonzero(bought):
            pair = float(weight[i]) * float(weight[j])
            whole += pair
            won += pair * (float(score[i] > score[j]) + float(score[i] == score[j]) / 2)
    return won / whole if whole else None


@given(st.integers(0, 30).flatmap(lambda n: st.tuples(
    arrays.arrays(np.float32, n, elements=st.integers(0, 6).map(float)),
    arrays.arrays(np.bool_, n),
    arrays.arrays(np.int64, n, elements=st.integers(0, 50)),
)))  # fmt: skip
def test_ranks_count_every_pair(drawn) -> None:
    score, bought, money = drawn
    plain, in_money = rank_auc(score, bought, money)
    assert plain == pytest.approx(plain_auc(score, bought, np.ones(len(score))))
    assert in_money == pytest.approx(plain_auc(score, bought, money))


@settings(max_examples=30)
@given(scenes())
def test_rates_are_shares_and_stricter_rules_flag_fewer(scene) -> None:
    lives, cut = scene
    found = scores_of(ledger_of(lives * 5), cut, all_candidates(P), model=MODEL)
    for one in found:
        for name in ("type_1", "type_2", "auc", "brier", "money_type_1", "money_type_2"):
            value = getattr(one, name)
            assert value is None or 0 <= value <= 1, name
        assert one.n_flagged_bought <= one.n_flagged <= one.n
        assert one.money_flagged_bought <= one.money_flagged <= one.money
    by_rule = {one.rule: one.n_flagged for one in found}
    for kappa in (1, 4, 16):
        flagged = [by_rule[Candidate.personal(kappa, k)] for k in (2.5, 3, 4, 5, 6, 8)]
        assert flagged == sorted(flagged, reverse=True)
        assert (
            by_rule[Candidate.personal(kappa, 4)]
            <= by_rule[Candidate.personal(kappa, 4, same_weeks=False)]
        )


@settings(max_examples=20)
@given(scenes())
def test_money_scaled_by_a_constant_changes_no_share(scene) -> None:
    lives, cut = scene
    ledger = ledger_of(lives * 2)
    rules = [Candidate.fixed(60), Candidate.personal(4, 4)]
    clock = clock_of(ledger, P, cut + 100)
    known = known_at(ledger, cut, cut + 100, 100, clock)
    shared = Rules(cut, P, Learned(30, {}, None, None), clock)
    plain = score_rules(shared, known, rules, 100)
    scaled = score_rules(shared, replace(known, money=known.money * 7), rules, 100)
    for one, other in zip(plain, scaled, strict=True):
        assert one.auc == other.auc
        assert one.money_error_sum == pytest.approx(other.money_error_sum)
        assert one.money_auc == pytest.approx(other.money_auc)
