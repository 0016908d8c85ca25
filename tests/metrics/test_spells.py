from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.spells import find_spells, gone_days, window_of
from crm_core.metrics.stages import assign_stages
from crm_core.tables import to_date
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes

P = Parameters()


@pytest.mark.parametrize("rule", ["fixed", "fixed:", "fixed:0", "fixed:-3", "fixed:9999", "own"])
def test_an_unknown_rule_is_refused(rule: str) -> None:
    with pytest.raises(ParameterError, match="fixed:DAYS"):
        window_of(rule)


@settings(max_examples=50)
@given(scenes(), st.sampled_from((30, 60, 90, 180)), st.sampled_from(((), (8,))))
def test_a_window_beside_the_personal_rule_equals_a_history_made_by_it(
    scene, window, closed
) -> None:
    lives, _ = scene
    ledger = ledger_of(lives)
    personal = Parameters(closed_months=closed)
    fixed = replace(personal, window=window)
    beside = gone_days(ledger, purchase_history(ledger, personal), personal, f"fixed:{window}")
    np.testing.assert_array_equal(beside, purchase_history(ledger, fixed).gone_on)


def test_a_fixed_window_ends_the_day_after_it_is_full() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]})
    gone = gone_days(ledger, purchase_history(ledger, P), P, "fixed:90")
    assert to_date(gone[0]).isoformat() == "2024-04-01"


def test_a_contact_moves_a_fixed_window_by_the_wait_at_most_the_window() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]}, inbound={"a": ["2024-03-20"]})
    history = purchase_history(ledger, P)
    moved = [to_date(gone_days(ledger, history, P, f"fixed:{w}")[0]) for w in (90, 50, 80)]
    # 60 days of waiting after 20 March; the 50 days were over before the contact.
    assert [day.isoformat() for day in moved] == ["2024-05-20", "2024-02-21", "2024-05-20"]


def test_an_ending_cuts_a_fixed_window() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]}, closed={"a": [("2024-02-01", "other")]})
    gone = gone_days(ledger, purchase_history(ledger, P), P, "fixed:90")
    assert to_date(gone[0]).isoformat() == "2024-02-01"


def test_the_rule_in_force_supplies_the_stages_too() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]})
    stages = assign_stages(ledger, Parameters(window=45), as_day("2024-02-15"))
    assert to_date(stages.gone_on[0]).isoformat() == "2024-02-16"
    assert to_date(stages.late_on[0]).isoformat() == "2024-02-16"


def test_another_rule_needs_a_history_of_its_own() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]})
    fixed = Parameters(window=45)
    with pytest.raises(ParameterError, match="compute the history"):
        gone_days(ledger, purchase_history(ledger, fixed), fixed, "personal")


def test_spells_begin_at_or_after_the_gone_day() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 1), ("2024-04-30", 1), ("2024-12-01", 1)], "b": [("2024-05-01", 1)]}
    )
    history = purchase_history(ledger, P)
    spells = find_spells(history, history.gone_on, as_day("2024-12-31"))
    assert spells.client.tolist() == [0, 0, 1]
    assert spells.first.tolist() == [True, False, True]
    assert spells.last_row.tolist() == [1, 2, 3]


@settings(max_examples=40)
@given(scenes(refunds=False))
def test_spells_are_those_of_the_history_and_never_overlap(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    history = purchase_history(ledger, P)
    spells = find_spells(history, history.gone_on, as_of)
    seen = history.day <= as_of
    assert len(spells) == ((history.n_in_spell == 1) & seen).sum()
    same = spells.client[1:] == spells.client[:-1]
    assert (spells.start[1:][same] >= spells.gone_on[:-1][same]).all()
