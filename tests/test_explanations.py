from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.explanations import WORDS, explain, stage_words
from crm_core.metrics.cadence import NONE
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from crm_core.tables import STAGES
from tests.builders import as_day, make_ledger
from tests.metrics.lives import every, ledger_of, scenes
from tests.metrics.test_stages import SETTINGS
from tests.metrics.worked_examples import (
    BETTER,
    DEAL,
    REFUNDED,
    RENEWED,
    SIX_MONTHLY,
    TERM,
    Case,
)

P = Parameters()

SENTENCES = (
    Case("unknown", "2023-12-31", "", created="2024-01-01"),
    Case(
        "lead",
        "2024-06-29",
        "Awareness since 1 Jan 2024: nothing bought yet; given up from 30 Jun.",
        created="2024-01-01",
    ),
    Case(
        "lead given up",
        "2024-06-30",
        "Termination since 30 Jun 2024: never bought; no sign of interest for more than 180 days.",
        created="2024-01-01",
    ),
    Case(
        "lead ended",
        "2024-04-01",
        "Termination since 15 Mar 2024: never bought; ended (better offer).",
        created="2024-01-01",
        closed=BETTER,
    ),
    Case(
        "lead back",
        "2025-02-01",
        "Awareness since 20 Jan 2025: nothing bought yet; asked again after being given up; "
        "given up from 20 Jul.",
        created="2024-01-01",
        inbound=("2025-01-20",),
    ),
    Case(
        "refunded in full",
        "2024-01-10",
        "Awareness since 1 Jan 2024: nothing bought yet; given up from 30 Jun.",
        orders=REFUNDED,
        created="2024-01-01",
    ),
    Case(
        "one purchase",
        "2024-01-20",
        "Exploration since 1 Jan 2024: 1 purchase (< 3); late from 2 Mar, gone from 1 May.",
        [],
    ),
    Case(
        "late",
        "2024-03-02",
        "Exploration since 1 Jan 2024: 1 purchase (< 3); late since 2 Mar, "
        "probably gone from 1 May.",
        [],
    ),
    Case(
        "gone",
        "2024-05-01",
        "Termination since 1 May 2024, probably gone: last purchase 1 Jan 2024, "
        "silent beyond 120 days; 1 purchase.",
        [],
    ),
    Case(
        "buying again",
        "2024-03-01",
        "Expansion since 1 Mar 2024: 3 purchases (≥ 3) in 60 days; usual gap 30 d; "
        "late from 1 May, gone from 30 Jun.",
        every(30, times=2),
    ),
    Case(
        "regular",
        "2024-06-29",
        "Commitment since 29 Jun 2024: 7 purchases (≥ 6) in 180 days (≥ 180), last 3 on time; "
        "usual gap 30 d; late from 29 Aug, gone from 28 Oct.",
        SIX_MONTHLY,
    ),
    Case(
        "regular, last one late",
        "2024-09-12",
        "Commitment since 29 Jun 2024: 8 purchases (≥ 6) in 255 days (≥ 180), last one late; "
        "usual gap 30 d; late from 12 Nov, gone from 11 Jan 2025.",
        [*SIX_MONTHLY, 75],
    ),
    Case(
        "no regular any more",
        "2024-11-26",
        "Expansion since 26 Nov 2024: 9 purchases (≥ 3) in 330 days, last 2 late; "
        "usual gap 30 d; late from 26 Jan 2025, gone from 27 Mar 2025.",
        [*SIX_MONTHLY, 75, 75],
    ),
    Case(
        "came back",
        "2024-08-28",
        "Expansion since 28 Aug 2024: 2 purchases, counted as 3 (≥ 3) in 40 days; "
        "came back 19 Jul 2024; usual gap 120 d; late from 2 Dec, gone from 6 May 2025.",
        [200, 40],
    ),
    Case(
        "left",
        "2024-03-20",
        "Termination since 15 Mar 2024: ended (better offer); 3 purchases, "
        "last purchase 1 Mar 2024; usual gap 30 d.",
        every(30, times=2),
        closed=BETTER,
    ),
    Case(
        "silence confirmed",
        "2024-06-10",
        "Termination since 1 May 2024: last purchase 1 Jan 2024, silent beyond 120 days; "
        "ended on 1 Jun 2024 (closed down); 1 purchase.",
        [],
        closed=(("2024-06-01", "closed down"),),
    ),
    Case(
        "first term",
        "2023-06-01",
        "Expansion since 1 Mar 2023: first paid term to 29 Feb 2024; "
        "late from 1 Mar 2024, gone from 15 Mar 2024.",
        contracts=(TERM,),
    ),
    Case(
        "notice given",
        "2025-01-10",
        "Commitment since 1 Mar 2024: contract renewed to 28 Feb 2025; "
        "notice given 20 Dec 2024; late since 20 Dec 2024, probably gone from 1 Mar.",
        contracts=(TERM, RENEWED),
    ),
    Case(
        "contract over",
        "2025-03-01",
        "Termination since 1 Mar 2025: contract ended 28 Feb 2025; notice given 20 Dec 2024.",
        contracts=(TERM, RENEWED),
    ),
    Case(
        "override",
        "2024-03-01",
        "Commitment since 15 Feb 2024, set by hand until 15 Aug; computed: Exploration, "
        "2 purchases (< 3); usual gap 30 d; late from 1 Apr, gone from 31 May.",
        [30],
        override=DEAL,
    ),
)


@pytest.mark.parametrize("case", SENTENCES, ids=lambda case: case.name)
def test_sentence(case: Case) -> None:
    ledger = case.ledger()
    assert explain(ledger, assign_stages(ledger, P, as_day(case.as_of)), P) == [case.stands]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("client", "ended by the client (dissatisfied)"),
        ("us", "ended by us (dissatisfied)"),
        ("both", "ended by both sides (dissatisfied)"),
        ("unknown", "ended (dissatisfied)"),
    ],
)
def test_an_ending_says_who_and_why(who: str, words: str) -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 5)]}, closed={"a": [("2024-01-20", "dissatisfied", who)]}
    )
    (sentence,) = explain(ledger, assign_stages(ledger, P, as_day("2024-02-01")), P)
    assert f": {words};" in sentence
    assert "probably" not in sentence


def test_some_clients_may_be_asked_for_in_any_order() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 5)], "b": [("2024-01-03", 5)]}, created={"c": 9})
    stages = assign_stages(ledger, P, as_day("2024-01-10"))
    every_one = explain(ledger, stages, P)
    assert explain(ledger, stages, P, rows=np.array([1, 0])) == [every_one[1], every_one[0]]
    assert explain(ledger, stages, P, rows=np.array([], dtype=np.int64)) == []


def test_owner_words_begin_the_sentence_on_request() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 5)]})
    stages = assign_stages(ledger, P, as_day("2024-01-10"))
    assert explain(ledger, stages, P, owner_words=True)[0].startswith("Trying us since 1 Jan 2024")


@settings(max_examples=60)
@given(scenes(), SETTINGS)
def test_every_known_client_gets_one_sentence_that_names_its_stage(scene, parameters) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    stages = assign_stages(ledger, parameters, as_of)
    for client, sentence in enumerate(explain(ledger, stages, parameters)):
        if stages.stage[client] == NONE:
            assert sentence == ""
            continue
        assert sentence.startswith(STAGES[stages.stage[client]].capitalize() + " since ")
        assert sentence.endswith(".")
        assert ("set by hand" in sentence) == stages.overridden[client]
        assert "2147483647" not in sentence
        if stages.never_bought[client] and not stages.overridden[client]:
            assert "never bought" in sentence


# -- words ---------------------------------------------------------------------------------


def test_the_five_words_come_in_order() -> None:
    words = stage_words(P)
    assert [word.stage for word in words] == list(STAGES[1:])
    assert [word.word for word in words] == [WORDS[stage] for stage in STAGES[1:]]


def test_definition_lines_say_the_settings_in_force() -> None:
    lines = {
        w.stage: w.definition for w in stage_words(Parameters(n_expand=2, m0=200, t_commit=365))
    }
    assert lines["exploration"] == "one purchase; they are testing us."
    assert lines["expansion"].startswith("two or more")
    assert lines["commitment"].startswith("four or more over a year")
    lines = {
        w.stage: w.definition
        for w in stage_words(Parameters(n_expand=5, n_commit=20, t_commit=100.5, window=90))
    }
    assert lines["exploration"].startswith("one to four purchases")
    assert lines["commitment"].startswith("20 or more over 100.5 days")
    assert lines["termination"].startswith("silent beyond 90 days")
    by_model = stage_words(Parameters(model=(0.24, 4.4, 0.79, 2.4, 39.0)))[-1].definition
    assert by_model.startswith("silent until buying within 39 weeks is less likely than not")
