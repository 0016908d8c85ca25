from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.parameters import Parameters
from crm_core.metrics.standings import (
    contract_standing,
    find_lead_signals,
    last_rows,
    lead_standing,
)
from crm_core.tables import NEVER, STAGES, to_date
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes
from tests.metrics.plain_stages import PlainClient

P = Parameters()


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=5), st.integers(-1, 31))
def test_last_row_is_the_latest_up_to_the_day(rows, as_of) -> None:
    rows = [sorted(own) for own in rows]
    offsets = np.cumsum([0] + [len(own) for own in rows])
    day = np.array([d for own in rows for d in own], dtype=np.int32)
    found = last_rows(offsets, day, as_of)
    for client, own in enumerate(rows):
        seen = sum(d <= as_of for d in own)
        assert found[client] == (offsets[client] + seen - 1 if seen else -1)


def lead(day: str, **known):
    side = lead_standing(make_ledger({}, **known), P, as_day(day))
    return (
        STAGES[side.stage[0]],
        to_date(side.since[0]).isoformat(),
        to_date(side.gone_on[0]).isoformat(),
        bool(side.reentry[0]),
    )


def test_an_ended_lead_is_given_up_on_that_day() -> None:
    known = {"created": {"a": "2024-01-01"}, "closed": {"a": [("2024-02-01", "our decision")]}}
    assert lead("2024-01-31", **known) == ("awareness", "2024-01-01", "2024-06-30", False)
    assert lead("2024-02-01", **known) == ("termination", "2024-02-01", "2024-02-01", False)


def test_a_lead_who_asks_after_an_ending_is_back() -> None:
    known = {
        "created": {"a": "2024-01-01"},
        "closed": {"a": [("2024-02-01", "other")]},
        "inbound": {"a": ["2024-03-01"]},
    }
    assert lead("2024-03-01", **known) == ("awareness", "2024-03-01", "2024-08-29", True)


def test_our_own_mailing_is_no_signal() -> None:
    known = {"created": {"a": "2024-01-01"}, "outbound": {"a": ["2024-06-01"]}}
    assert lead("2024-06-30", **known)[0] == "termination"


def test_a_client_not_known_yet_stands_nowhere() -> None:
    side = lead_standing(make_ledger({}, created={"a": 100}), P, 99)
    assert (side.stage[0], side.gone_on[0]) == (0, NEVER)
    assert len(find_lead_signals(make_ledger({}, created={"a": 100}), P, 99).day) == 0


def term(day: str, *contracts):
    side = contract_standing(make_ledger({}, contracts={"a": contracts}), P, as_day(day))
    return STAGES[side.stage[0]], bool(side.late[0]), bool(side.reentry[0])


def test_a_trial_is_exploration_and_its_first_paid_term_expansion() -> None:
    trial = ("2024-01-01", "2024-01-31", "trial")
    paid = ("2024-02-01", "2024-12-31", "paid")
    assert term("2024-01-15", trial, paid) == ("exploration", False, False)
    assert term("2024-02-15", trial, paid) == ("expansion", False, False)


def test_a_contract_after_the_grace_is_a_new_beginning() -> None:
    first = ("2024-01-01", "2024-01-31", "paid")
    within, after = ("2024-02-14", "2024-12-31", "paid"), ("2024-02-15", "2024-12-31", "paid")
    assert term("2024-03-01", first, within) == ("commitment", False, False)
    assert term("2024-03-01", first, after) == ("expansion", False, True)


def test_notice_known_later_plays_no_part_before() -> None:
    contract = ("2024-01-01", "2024-06-30", "paid", "2024-03-01")
    assert term("2024-02-29", contract) == ("expansion", False, False)
    assert term("2024-03-01", contract) == ("expansion", True, False)
    assert term("2024-07-01", contract) == ("termination", False, False)


@settings(max_examples=40)
@given(scenes())
def test_both_sides_stand_where_the_slow_rule_says(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    leads, terms = (side(ledger, P, as_of) for side in (lead_standing, contract_standing))
    for client, life in enumerate(lives):
        plain = PlainClient(life, as_of, P)
        if plain.known_on() <= as_of:
            wanted = plain.as_lead()
            assert STAGES[leads.stage[client]] == wanted.stage
            assert (leads.since[client], leads.gone_on[client]) == (wanted.since, wanted.gone_on)
        contract = plain.by_contract()
        assert STAGES[terms.stage[client]] == (contract.stage if contract else "none")
