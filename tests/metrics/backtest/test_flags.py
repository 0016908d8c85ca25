from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.backtest import flags
from crm_core.metrics.backtest.adopting import clock_of
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.flags import Rules, blocks
from crm_core.metrics.backtest.known import known_at
from crm_core.metrics.backtest.refits import Learned
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.goodbyes import active_and_gone
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.standings import last_rows
from tests.metrics.lives import ledger_of, scenes

MODEL = (0.2426, 4.4135, 0.7929, 2.4258, 39.0)
CASES = st.sampled_from(
    (
        (Candidate.fixed(30), {"window": 30}),
        (Candidate.fixed(180), {"window": 180}),
        (Candidate.personal(4, 4), {}),
        (Candidate.personal(1, 2.5), {"kappa": 1, "k_gone": 2.5}),
        (Candidate.personal(16, 6), {"kappa": 16, "k_gone": 6}),
        (
            Candidate.personal(2, 3, same_weeks=False),
            {"kappa": 2, "k_gone": 3, "same_weeks": False},
        ),
        (Candidate.model(), {"model": MODEL}),
    )
)
SHARED = st.sampled_from(
    (
        Parameters(),
        Parameters(closed_months=(7, 8)),
        Parameters(cap=90, floor=10),
        Parameters(cap=200.5, own_max_factor=2),
    )
)


@settings(max_examples=80)
@given(scenes(), CASES, SHARED)
def test_flags_are_those_of_the_same_rule_in_force(scene, case, shared) -> None:
    lives, cut = scene
    rule, changed = case
    ledger = ledger_of(lives)
    parameters = replace(shared, m0=44.0, **changed)
    clock = clock_of(ledger, parameters, 30_000)
    known = known_at(ledger, cut, cut + 100, 100, clock)
    learned = Learned(44, {}, MODEL, None)
    found = Rules(cut, parameters, learned, clock).on(known).of(rule)
    history = purchase_history(ledger, parameters, as_of=cut)
    buyers = last_rows(history.offsets, history.day, cut) >= 0
    _, gone = active_and_gone(ledger, history, parameters, cut, parameters.rule)
    said = known.ended
    assert found[~said].tolist() == gone[buyers][~said].tolist()


@settings(max_examples=60)
@given(scenes(by_hand=False), CASES, SHARED)
def test_the_short_way_and_the_limits_agree(scene, case, shared) -> None:
    lives, cut = scene
    ledger = ledger_of(lives)
    clock = clock_of(ledger, shared, 30_000)
    known = known_at(ledger, cut, cut + 100, 100, clock)
    quiet = replace(known, contacts=known.contacts[:0])
    own = Rules(cut, shared, Learned(44, {}, MODEL, None), clock).on(quiet)
    _, limit = own.wait_and_limit(case[0])
    assert own.of(case[0]).tolist() == (quiet.silence > limit).tolist()


def test_a_gap_for_each_kind_stands_in_where_it_is_learned() -> None:
    learned = Learned(30, {1: 90}, None, None)
    assert learned.gaps(np.int32([0, 1, 0])).tolist() == [30, 90, 30]
    assert Learned(None, {}, None, None).m0_days == 30
    assert learned.groups([("", ""), ("trade", "web")]) == (("trade", "web", 90.0),)


@settings(max_examples=20)
@given(scenes())
def test_blocks_of_any_size_hold_the_same_clients(scene) -> None:
    lives, cut = scene
    ledger = ledger_of(lives * 4)
    clock = clock_of(ledger, Parameters(), 30_000)
    known = known_at(ledger, cut, cut + 100, 100, clock)
    rules = Rules(cut, Parameters(), Learned(30, {}, MODEL, None), clock)
    whole = rules.on(known).of(Candidate.personal(4, 4)).tolist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flags, "BLOCK_CLIENTS", 3)
        pieces = [rules.on(block).of(Candidate.personal(4, 4)) for block in blocks(known)]
    assert np.concatenate(pieces).tolist() == whole
