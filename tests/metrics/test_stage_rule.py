"""What must hold of the stages whatever the history: the seven invariants."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume, given, settings

from crm_core.metrics.cadence import (
    AWARENESS,
    COMMITMENT,
    EXPANSION,
    TERMINATION,
    purchase_history,
)
from crm_core.metrics.churn_months import churn_months
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.tables import NEVER
from tests.metrics.lives import LAST, Life, ledger_of, lives, scenes
from tests.metrics.plain_stages import PlainClient

P = Parameters()
MODERATE = settings(max_examples=25)
FIELDS = (
    *("stage", "since", "late", "reentry", "late_on", "gone_on", "purchases", "all_purchases"),
    *("first_purchase", "last_purchase", "spell_start", "streak", "overridden", "by_contract"),
)


def on(day: int, *some: Life) -> StageResult:
    return assign_stages(ledger_of(list(some)), P, day)


def same(left: StageResult, right: StageResult) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


def days_of_change(life: Life) -> list[int]:
    """Days on which anything could change the stage of a client, in order."""
    client = PlainClient(life, NEVER - 1, P)
    days = {client.known_on(), *(day for day, _ in life.closed)}
    days |= {day + offset for day in life.inbound for offset in (0, P.lead_ttl + 1)}
    days |= {client.known_on() + P.lead_ttl + 1}
    for after in client.states:
        days |= {after.day, after.late_on, after.gone_on, after.quiet_gone_on}
        days |= {client._due(call, after.wait) for call in life.inbound}
    return sorted(day for day in days if day < NEVER)


# 1 ---------------------------------------------------------------------------------------


@MODERATE
@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_plays_no_part(scene, random) -> None:
    some, day = scene
    mixed = [
        replace(
            life,
            **{
                name: tuple(random.sample(getattr(life, name), len(getattr(life, name))))
                for name in ("orders", "inbound", "closed", "contracts")
            },
        )
        for life in some
    ]
    same(on(day, *some), on(day, *mixed))


@MODERATE
@given(scenes())
def test_rows_dated_later_play_no_part(scene) -> None:
    some, day = scene
    assume(day <= LAST)
    seen = [
        replace(
            life,
            orders=tuple(row for row in life.orders if row[0] <= day),
            inbound=tuple(on_ for on_ in life.inbound if on_ <= day),
            closed=tuple(row for row in life.closed if row[0] <= day),
            contracts=tuple(
                (*row[:3], row[3] if row[3] is not None and row[3] <= day else None)
                for row in life.contracts
                if row[0] <= day
            ),
            overrides=tuple(row for row in life.overrides if row[2] <= day),
        )
        for life in some
    ]
    # A client of whom nothing is known yet would not be in the ledger at all.
    assume(all(life.orders or life.created or life.contracts or life.inbound for life in seen))
    same(on(day, *some), on(day, *seen))


# 2, 3 ------------------------------------------------------------------------------------


@MODERATE
@given(lives(refunds=False, by_hand=False), st.integers(0, 400))
def test_a_stage_holds_from_its_since_to_the_day(life: Life, later: int) -> None:
    day = days_of_change(life)[-1] + later
    ledger = ledger_of([life])
    now = assign_stages(ledger, P, day)
    since = int(now.since[0])
    between = [d for d in days_of_change(life) if since <= d <= day]
    for earlier in {since, (since + day) // 2, *between}:
        then = assign_stages(ledger, P, earlier)
        assert then.stage[0] == now.stage[0]


@MODERATE
@given(lives(refunds=False, by_hand=False))
def test_silence_never_improves_a_stage_and_ends_in_termination(life: Life) -> None:
    ledger = ledger_of([life])
    signs = {*(row[0] for row in life.orders), *life.inbound}
    known = PlainClient(life, NEVER - 1, P).known_on()
    days = [day for day in days_of_change(life) if day > known]
    before = assign_stages(ledger, P, known)
    for day in days:
        after = assign_stages(ledger, P, day)
        if day not in signs:
            was, now = before.stage[0], after.stage[0]
            assert now in {was, TERMINATION}
        before = after
    assert assign_stages(ledger, P, days[-1] + 4000).stage[0] == TERMINATION


@MODERATE
@given(lives(refunds=False, by_hand=False))
def test_only_a_purchase_or_for_leads_a_contact_leaves_termination(life: Life) -> None:
    ledger = ledger_of([life])
    bought = {row[0] for row in life.orders}
    gone_before = False
    for day in days_of_change(life):
        stages = assign_stages(ledger, P, day)
        gone = stages.stage[0] == TERMINATION
        if gone_before and not gone:
            assert day in bought or (day in life.inbound and stages.stage[0] == AWARENESS)
        gone_before = gone


# 4 ---------------------------------------------------------------------------------------


@MODERATE
@given(lives(refunds=False, by_hand=False))
def test_a_regular_lost_and_won_back_takes_five_purchases_and_changes_are_few(life: Life) -> None:
    ledger = ledger_of([life])
    path: list[tuple[int, int]] = []
    for day in days_of_change(life):
        stages = assign_stages(ledger, P, day)
        if not path or path[-1][0] != stages.stage[0]:
            path.append((int(stages.stage[0]), int(stages.all_purchases[0])))
    for first, second, third in zip(path, path[1:], path[2:], strict=False):
        if (first[0], second[0], third[0]) == (COMMITMENT, EXPANSION, COMMITMENT):
            assert third[1] - first[1] >= 5
    purchases = len({row[0] for row in life.orders})
    assert len(path) - 1 <= 2 * purchases + 2 * len(life.inbound) + 3 + len(life.closed)


# 5 ---------------------------------------------------------------------------------------


@MODERATE
@given(scenes())
def test_every_known_client_is_in_exactly_one_stage_and_the_bucket_balances(scene) -> None:
    some, day = scene
    ledger = ledger_of(some)
    stages = assign_stages(ledger, P, day)
    assert sum(stages.counts().values()) == ledger.known_at(day).sum()
    months = churn_months(ledger, purchase_history(ledger, P), P, day)
    np.testing.assert_array_equal(months.start + months.new + months.back - months.lost, months.end)


# 6 ---------------------------------------------------------------------------------------


@MODERATE
@given(scenes())
def test_money_and_splitting_an_order_change_nothing(scene) -> None:
    some, day = scene
    richer = [
        replace(life, orders=tuple((row[0], row[1] * 1000, *row[2:]) for row in life.orders))
        for life in some
    ]
    same(on(day, *some), on(day, *richer))
    split = [
        replace(
            life,
            orders=tuple(
                part
                for row in life.orders
                for part in (
                    [(row[0], row[1], row[2]), (row[0], 0, row[2])] if len(row) == 3 else [row]
                )
            ),
        )
        for life in some
    ]
    same(on(day, *some), on(day, *split))


# 7 ---------------------------------------------------------------------------------------


@MODERATE
@given(scenes())
def test_days_and_flags_agree(scene) -> None:
    some, day = scene
    ledger = ledger_of(some)
    stages = assign_stages(ledger, P, day)
    known = ledger.known_at(day)
    assert (stages.since[known] <= day).all()
    assert not (stages.late & (stages.stage == TERMINATION)).any()
    bought = (stages.all_purchases > 0) & (stages.ending < 0)
    assert (stages.gone_on[bought] > stages.last_purchase[bought]).all()
    plain = bought & ~stages.by_contract
    assert (stages.late_on[plain] <= stages.gone_on[plain]).all()
