"""The published table of rules on the CDNOW sample (docs/methods.md, backtest)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from crm_core.metrics.backtest.adopting import clock_of
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.flags import Rules
from crm_core.metrics.backtest.known import Known, known_at
from crm_core.metrics.backtest.refits import learn
from crm_core.metrics.backtest.run import run_backtest
from crm_core.metrics.backtest.scores import rank_auc, score_rules
from crm_core.metrics.lifetime.chances import chance_alive, chance_to_buy
from crm_core.metrics.parameters import Parameters
from crm_core.tables import to_day
from tests.metrics.cdnow import LAST_DAY, read_cdnow

CUT = to_day(date(1997, 9, 30))
HORIZON = LAST_DAY - CUT
KAPPAS = (0.5, 1, 2, 4, 8, 16)


@pytest.fixture(scope="module")
def known(shared_data: Path) -> Known:
    ledger = read_cdnow(shared_data)
    return known_at(ledger, CUT, LAST_DAY, HORIZON, clock_of(ledger, Parameters(), LAST_DAY))


@pytest.fixture(scope="module")
def rules(known: Known, shared_data: Path) -> Rules:
    clock = clock_of(read_cdnow(shared_data), Parameters(), LAST_DAY)
    return Rules(CUT, Parameters(), learn(known, grouped=False), clock)


def row(known: Known, flags: np.ndarray, score: np.ndarray) -> tuple[object, ...]:
    """Return a row of the table as it is printed."""
    bought = known.bought
    one = np.count_nonzero(flags & bought) / bought.sum()
    two = np.count_nonzero(~flags & ~bought) / (~bought).sum()
    auc, _ = rank_auc(score.astype(np.float32), bought, known.money)
    return int(flags.sum()), *(f"{value:.3f}" for value in (one, two, one + two, auc))


def test_who_is_known_on_the_cut(known: Known, rules: Rules) -> None:
    assert (len(known), known.bought.sum(), HORIZON) == (2357, 684, 39 * 7)
    assert rules.learned.m0 == 44
    assert rules.learned.model == pytest.approx(
        (0.242593, 4.413532, 0.792886, 2.425753, 40.857), 1e-3
    )


@pytest.mark.parametrize(
    ("rule", "printed"),
    [
        (Candidate.fixed(90), (1946, "0.580", "0.074", "0.655", "0.771")),
        (Candidate.fixed(180), (1636, "0.364", "0.171", "0.535", "0.771")),
        (Candidate.personal(4, 4), (1701, "0.408", "0.150", "0.558", "0.741")),
    ],
    ids=lambda value: getattr(value, "key", ""),
)
def test_windows_and_rhythm_score_as_published(known, rules, rule, printed) -> None:
    (found,) = score_rules(rules, known, [rule], HORIZON)
    rates = (found.type_1, found.type_2, found.error_sum, found.auc)
    assert (found.n_flagged, *(f"{value:.3f}" for value in rates)) == printed


def test_the_chance_to_buy_scores_as_published(known: Known, rules: Rules) -> None:
    r, alpha, a, b, _ = rules.learned.model
    chance = chance_to_buy(r, alpha, a, b, known.n_gaps, known.recency / 7, known.age / 7, 39.0)
    assert row(known, chance < 0.5, -chance) == (2052, "0.658", "0.042", "0.700", "0.757")
    (found,) = score_rules(rules, known, [Candidate.model()], HORIZON)
    assert f"{found.auc:.3f}" == "0.757"
    assert found.brier == pytest.approx(np.mean((chance - known.bought) ** 2))


def test_the_chance_to_be_alive_misleads_as_published(known: Known, rules: Rules) -> None:
    r, alpha, a, b, _ = rules.learned.model
    alive = chance_alive(r, alpha, a, b, known.n_gaps, known.recency / 7, known.age / 7)
    assert row(known, alive < 0.5, -alive) == (393, "0.203", "0.848", "1.051", "0.316")


def test_a_heavier_typical_gap_ranks_better_on_irregular_retail(known: Known, rules: Rules) -> None:
    found = score_rules(rules, known, [Candidate.personal(kappa, 4) for kappa in KAPPAS], HORIZON)
    printed = ["0.714", "0.720", "0.729", "0.741", "0.751", "0.759"]
    assert [f"{score.auc:.3f}" for score in found] == printed


def test_false_goodbyes_of_new_and_known_clients_are_those_published(known, rules) -> None:
    flags = rules.on(known).of(Candidate.personal(4, 4))
    # Known: more than one purchase. The published share counts the defaults' goodbyes.
    new = known.n_gaps == 0
    assert (np.count_nonzero(flags & new & known.bought), np.count_nonzero(flags & new)) == (
        193,
        1411,
    )


def test_the_whole_backtest_keeps_the_rhythm_where_the_choice_does_not_hold(shared_data) -> None:
    found = run_backtest(read_cdnow(shared_data), LAST_DAY, Parameters(m0=44))
    assert (found.status, found.horizon_days, found.reason) == ("ok", 176, None)
    assert found.cuts[-1].n == 2357
    assert not found.silence_says_little
    assert found.chosen.false_goodbyes.value < 0.15
    assert found.verdict in ("keep", "switch")
