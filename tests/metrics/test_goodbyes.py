from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.cadence import history_at, purchase_history
from crm_core.metrics.goodbyes import (
    active_and_gone,
    compare_rules,
    conclude_goodbyes,
    false_goodbyes,
    measure_goodbyes,
    measure_relations,
    relation_survival,
)
from crm_core.metrics.history_parts import cut_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.survival import add_histograms
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lives import ledger_of, scenes
from tests.metrics.plain_stages import PlainClient

P = Parameters()

SHOP = make_ledger(
    {
        "back": [("2024-01-01", 5), ("2024-08-01", 5)],
        "back too late": [("2024-01-01", 5), ("2024-09-09", 5)],
        "gone": [("2024-01-01", 5)],
        "gone before": [("2023-01-01", 5)],
        "not given up": [("2024-04-01", 5), ("2024-08-01", 5)],
        "unknown then": [("2024-08-01", 5)],
    }
)


def names(positions) -> list[str]:
    return [SHOP.clients.name[int(position)].as_py() for position in positions]


def test_goodbyes_of_one_horizon_ago_are_held_against_what_came_since() -> None:
    history = purchase_history(SHOP, P)
    found = false_goodbyes(SHOP, history, P, as_day("2024-09-08"))
    assert found is not None
    assert found.cut == as_day("2024-05-11")
    assert names(found.gone) == ["back", "back too late", "gone", "gone before"]
    assert names(found.came_back) == ["back"]
    assert (found.rate.numerator, found.rate.denominator) == (1, 4)
    assert found.rate.status == "not computable"


def test_a_purchase_on_the_cut_is_no_return_and_one_on_the_day_is() -> None:
    ledger = make_ledger({"a": [(0, 5), (400, 5)], "b": [(0, 5), (280, 5)]})
    history = purchase_history(ledger, P)
    found = false_goodbyes(ledger, history, P, 400)
    assert found is not None
    assert found.cut == 280
    assert (found.gone.tolist(), found.came_back.tolist()) == ([0], [0])


def test_a_history_shorter_than_the_horizon_says_nothing() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 5)]})
    history = purchase_history(ledger, P)
    assert false_goodbyes(ledger, history, P, as_day("2024-04-29")) is None
    found = false_goodbyes(ledger, history, P, as_day("2024-04-30"))
    assert found is not None
    assert len(found.gone) == 0
    empty = make_ledger({})
    assert false_goodbyes(empty, purchase_history(empty, P), P, 0) is None


@settings(max_examples=40)
@given(scenes(refunds=False, by_hand=False))
def test_goodbyes_are_what_the_slow_rule_says_on_the_cut(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    found = false_goodbyes(ledger, purchase_history(ledger, P), P, as_of)
    cut = as_of - P.horizon_days
    gone, back = [], []
    for client, life in enumerate(lives):
        then = PlainClient(life, cut, P).by_purchases()
        if then is not None and then.stage == "termination":
            gone.append(client)
            back += [client] if any(cut < row[0] <= as_of for row in life.orders) else []
    if found is None:
        assert not gone
    else:
        assert (found.gone.tolist(), found.came_back.tolist()) == (gone, back)


def test_cdnow_goodbyes(shared_data) -> None:
    ledger = read_cdnow(shared_data)
    found = false_goodbyes(ledger, purchase_history(ledger, P), P, LAST_DAY)
    assert found is not None
    assert (len(found.gone), len(found.came_back)) == (1760, 141)


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(scene=scenes())
def test_goodbyes_add_up_over_the_parts(count, scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives * 3)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    whole = false_goodbyes(ledger, history, P, as_of)
    parts = list(ledger.parts(count))
    measured = [
        measure_goodbyes(part, own, P, as_of, "personal")
        for part, own in zip(parts, cut_history(parts, history), strict=True)
    ]
    joined = conclude_goodbyes(measured, P, as_of, rule="personal")
    if whole is not None:
        assert joined.gone.tolist() == whole.gone.tolist()
        assert joined.came_back.tolist() == whole.came_back.tolist()


# -- how long relations last -------------------------------------------------------------


def test_relations_run_from_the_first_purchase_to_gone_or_the_day() -> None:
    history = purchase_history(SHOP, P)
    ended, going = measure_relations(SHOP, history, P, as_day("2024-09-08"), "personal")
    assert {int(t): int(ended[t]) for t in np.flatnonzero(ended)} == {121: 3}
    assert {int(t): int(going[t]) for t in np.flatnonzero(going)} == {38: 1, 160: 1, 251: 1}


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(scene=scenes())
def test_relations_add_up_over_the_parts(count, scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives * 3)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    parts = list(ledger.parts(count))
    measured = [
        measure_relations(part, own, P, as_of, "personal")
        for part, own in zip(parts, cut_history(parts, history), strict=True)
    ]
    whole = measure_relations(ledger, history, P, as_of, "personal")
    for side in (0, 1):
        np.testing.assert_array_equal(add_histograms([m[side] for m in measured]), whole[side])


def test_survival_starts_with_every_buyer_and_counts_the_gone(shared_data) -> None:
    ledger = read_cdnow(shared_data)
    curve = relation_survival(ledger, purchase_history(ledger, P), P, LAST_DAY)
    assert (curve.n, curve.n_events) == (2357, 1740)
    assert curve.median == 121


# -- rules side by side -------------------------------------------------------------------


def test_rules_stand_side_by_side() -> None:
    figures = compare_rules(SHOP, purchase_history(SHOP, P), P, as_day("2024-09-08"))
    assert [figure.rule for figure in figures] == ["personal", "fixed:60", "fixed:90", "fixed:180"]
    assert [(figure.active, figure.gone) for figure in figures] == [(3, 3)] * 4
    assert figures[1].goodbyes is not None


@settings(max_examples=40)
@given(scenes(), st.sampled_from(("personal", "fixed:90")))
def test_a_buyer_is_active_or_gone(scene, rule) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    active, gone = active_and_gone(ledger, history, P, as_of, rule)
    bought = np.diff(history.offsets) > 0
    assert not (active & gone).any()
    assert not ((active | gone) & ~bought).any()
