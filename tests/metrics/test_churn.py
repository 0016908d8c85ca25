from __future__ import annotations

from dataclasses import fields

import pytest

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn import Churn, churn
from crm_core.metrics.history_parts import measure_with_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from tests.builders import as_day, make_ledger
from tests.metrics.ledgers import locked

P = Parameters()
BOOK = {
    "": [(100, 3, "n")],
    "a": [(30 * number, 10, f"a{number}") for number in range(20)],
    "b": [(5, 100, "b0"), (300, 20, "b1")],
    "c": [(10, 7, "c0")],
}


def whole(rule: str | None = None) -> Churn:
    ledger = locked(BOOK)
    return churn(ledger, purchase_history(ledger, P), P, 600, rule=rule)


def test_one_result_holds_everything_about_leaving() -> None:
    found = whole()
    assert found.rule == "personal"
    assert found.months.end[-1] == 2
    assert len(found.gone) == 1
    assert found.goodbyes is not None
    assert found.relations.n == 3
    assert found.bridge.recent - found.bridge.before == sum(found.bridge.amounts().values())


def test_a_chosen_rule_goes_through_months_goodbyes_and_bridge() -> None:
    found = whole("fixed:60")
    assert found.goodbyes is not None
    assert {found.rule, found.months.rule, found.goodbyes.rule} == {"fixed:60"}


def test_stages_at_hand_are_used() -> None:
    ledger = locked(BOOK)
    history = purchase_history(ledger, P)
    stages = assign_stages(ledger, P, 600, history=history)
    found = churn(ledger, history, P, 600, stages=stages)
    assert found.late.client.tolist() == whole().late.client.tolist()


@pytest.mark.parametrize("as_of", [-1, as_day("2024-01-01")])
def test_an_empty_ledger_gives_empty_results(as_of: int) -> None:
    ledger = make_ledger({})
    found = churn(ledger, purchase_history(ledger, P), P, as_of)
    assert len(found.late) == len(found.gone) == len(found.months) == len(found.shrinking) == 0
    assert found.goodbyes is None
    assert found.relations.status == "not computable"
    assert {field.name for field in fields(found)} >= {"late", "gone", "months", "bridge"}


def test_many_parts_run_side_by_side_and_keep_their_order(monkeypatch) -> None:
    import crm_core.metrics.history_parts as module

    ledger = locked(BOOK)
    history = purchase_history(ledger, P)
    monkeypatch.setattr(module, "ROWS_PER_PART", 3)
    sizes = measure_with_history(ledger, history, lambda part, own: (part.n_clients, len(own)))
    assert len(sizes) > 4
    assert sum(clients for clients, _ in sizes) == 3
    assert sum(rows for _, rows in sizes) == len(history)
