from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.backtest import refits
from crm_core.metrics.backtest.adopting import clock_of, group_names, rule_settings
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.known import known_at
from crm_core.metrics.backtest.refits import learn
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.second_purchase import estimate_m0
from tests.builders import make_ledger
from tests.metrics.backtest.firms import FIRST, LAST, regular_book, regular_firm

P = Parameters()


def learned_on(ledger, day, **options):
    return learn(known_at(ledger, day, day, 0, clock_of(ledger, P, day)), **options)


@pytest.mark.parametrize("day", [FIRST + 90, FIRST + 500, LAST])
def test_the_typical_gap_is_that_of_the_settings_page(day: int) -> None:
    ledger = regular_firm()
    assert learned_on(ledger, day, grouped=False).m0 == estimate_m0(ledger, day)[0]


def two_kinds():
    """Half the clients come back after 10 days, half after 50, one kind has a few clients."""
    book = {}
    for number in range(120):
        gap = (10, 50)[number % 2]
        start = FIRST + number
        book[f"c{number:03}"] = [(start, 5), (start + gap, 5), (start + 2 * gap, 5)]
    kinds = {name: ("daily", "slow")[int(name[1:]) % 2] for name in book}
    kinds |= {"c000": "rare", "c002": "rare"}
    return make_ledger(book, attributes={"segment": kinds})


def test_a_kind_with_enough_returns_has_a_gap_of_its_own() -> None:
    ledger = two_kinds()
    names = group_names(ledger)
    learned = learned_on(ledger, LAST, grouped=True)
    assert learned.groups(names) == (("daily", "", 10.0), ("slow", "", 50.0))
    early = learned_on(ledger, FIRST + 35, grouped=True)
    assert early.by_group == {}


def test_settings_of_a_rule_make_its_history() -> None:
    ledger = two_kinds()
    rule = Candidate.personal(8, 5, same_weeks=False, per_group=True)
    found = rule_settings(ledger, rule, LAST, P)
    assert found == {
        "window": None,
        "model": None,
        "kappa": 8.0,
        "k_gone": 5.0,
        "same_weeks": False,
        "m0_groups": (("daily", "", 10.0), ("slow", "", 50.0)),
    }
    history = purchase_history(ledger, Parameters(m0=10, **found))
    assert set(history.cadence_days[history.offsets[:-1]].tolist()) == {10, 50}
    assert rule_settings(ledger, Candidate.fixed(60), LAST, P) == {"window": 60, "model": None}


def test_a_firm_that_nobody_leaves_has_no_model_and_says_why() -> None:
    ledger = regular_firm(leave=0.0)
    learned = learned_on(ledger, LAST, grouped=False)
    assert learned.model is None
    assert learned.model_reason
    assert rule_settings(ledger, Candidate.model(), LAST, P) == {}


def test_too_few_returns_leave_the_default_gap_and_no_model() -> None:
    ledger = make_ledger({f"c{i}": [(0, 5), (20, 5)] for i in range(19)})
    learned = learned_on(ledger, 200, grouped=True)
    assert (learned.m0, learned.m0_days, learned.model) == (None, 30, None)
    assert learned.model_reason == "fewer than 20 clients have come back"


def test_the_default_rule_leaves_nothing_but_defaults() -> None:
    found = rule_settings(two_kinds(), Candidate.personal(4, 4), LAST, P)
    assert Parameters(**found) == Parameters()


def test_a_fit_on_few_returning_clients_makes_no_rule() -> None:
    ledger = regular_firm(clients=60)
    known = known_at(ledger, LAST, LAST, 0, clock_of(ledger, P, LAST))
    learned = learn(known, grouped=False)
    assert (learned.model, learned.m0 is None) == (None, False)
    assert "at least 100 are needed" in str(learned.model_reason)


def test_a_model_learns_from_some_of_very_many_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = make_ledger(regular_book(clients=300))
    whole = learned_on(ledger, LAST, grouped=False)
    monkeypatch.setattr(refits, "MOST_FITTED", 150)
    half = learned_on(ledger, LAST, grouped=False)
    assert whole.model is not None
    assert half.model is not None
    assert half.model[-1] == whole.model[-1]
    np.testing.assert_allclose(np.log(half.model), np.log(whole.model), atol=1.5)
