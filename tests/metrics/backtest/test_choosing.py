from __future__ import annotations

import pytest

from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.choosing import choose, judge, pool_cuts, says_little
from crm_core.metrics.backtest.results import RuleScore

DEFAULT = Candidate.personal(4, 4)


def score(rule=DEFAULT, *, n=100, bought=40, flagged=50, wrong=10, cut=1, **more) -> RuleScore:
    return RuleScore(rule, cut, n, bought, flagged, wrong, **more)


def test_cuts_are_pooled_by_their_counts_and_scores_by_their_mean() -> None:
    rows = [
        score(cut=1, auc=0.6, money=10, money_bought=4),
        score(cut=2, n=300, bought=200, flagged=20, wrong=0, auc=0.8, brier=0.2, money=5),
        score(Candidate.fixed(30), cut=1),
        score(cut=9),
    ]
    (pooled,) = pool_cuts(rows, (1, 2))
    assert (pooled.rule, pooled.cut) == (DEFAULT, None)
    assert (pooled.n, pooled.n_bought, pooled.n_flagged, pooled.n_flagged_bought) == (
        *(400, 240, 70, 10),
    )
    assert (pooled.money, pooled.money_bought) == (15, 4)
    assert pooled.auc == pytest.approx(0.7)
    assert (pooled.brier, pooled.money_auc) == (0.2, None)


def test_the_smallest_error_sum_is_chosen_and_ties_go_to_the_rule_in_force() -> None:
    best = score(Candidate.fixed(60), wrong=2)
    assert choose([score(), best], DEFAULT) is best
    tied = [
        score(Candidate.model()),
        score(Candidate.fixed(60)),
        score(),
        score(Candidate.fixed(30)),
    ]
    assert choose(tied, DEFAULT).rule == DEFAULT
    assert choose(tied, Candidate.fixed(30)).rule == Candidate.fixed(30)
    assert choose(tied[:2], DEFAULT).rule.kind == "fixed"


def test_of_equal_rhythms_the_one_nearest_the_default_is_chosen() -> None:
    rules = [
        Candidate.personal(16, 4, per_group=True),
        Candidate.personal(2, 8),
        Candidate.personal(2, 4, same_weeks=False),
        Candidate.personal(2, 4),
    ]
    assert choose([score(rule) for rule in rules], DEFAULT).rule == rules[-1]


def test_nothing_is_chosen_where_nobody_came_back() -> None:
    assert choose([score(bought=0, wrong=0)], DEFAULT) is None
    assert choose([], DEFAULT) is None


def test_a_switch_is_advised_for_a_point_of_errors_only() -> None:
    other = Candidate.fixed(60)
    assert judge(score(other, wrong=9), score()) == "switch"
    assert judge(score(other), score()) == "keep"
    small = {"n": 10_000, "bought": 4_000, "flagged": 5_000}
    assert judge(score(other, wrong=995, **small), score(wrong=1000, **small)) == "keep"
    assert judge(score(other, wrong=20), score()) == "keep"
    assert judge(score(), score()) == "keep"


def test_silence_says_little_where_every_rule_errs_on_one_in_three() -> None:
    bad = score(flagged=60, wrong=21)
    assert says_little([bad, score(flagged=29, wrong=0)])
    assert not says_little([bad, score(flagged=60, wrong=20)])
    assert not says_little([score(flagged=29, wrong=29)])
    assert not says_little([])
