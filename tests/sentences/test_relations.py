from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn import Churn, churn
from crm_core.metrics.goodbyes import FalseGoodbyes
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.returning import returning
from crm_core.metrics.stages import assign_stages
from crm_core.sentences.relations import (
    ClientFacts,
    client_sentence,
    doubt_sentence,
    goodbye_sentence,
    late_sentence,
    month_sentence,
    returning_sentence,
    rule_sentence,
)
from tests.builders import as_day, make_ledger

FIRST = as_day("2024-01-01")
MONTHLY = [(FIRST + day, 1_000) for day in (0, 30, 60, 90, 120, 150, 180)]


def result_on(day: int, orders: dict[str, list[tuple[int, int]]] | None = None) -> Churn:
    ledger = make_ledger(orders or {"Nordlicht": MONTHLY})
    return churn(ledger, purchase_history(ledger, Parameters()), Parameters(), day)


def test_one_late_client_is_said_in_the_singular() -> None:
    result = result_on(FIRST + 250)
    said = late_sentence(result.late, result.months, currency="EUR")
    assert said.startswith("**1 client** worth **7,000\u00a0EUR** a year is late; none of them")


def test_last_day_before_gone_is_this_week() -> None:
    result = result_on(FIRST + 180 + 120)
    assert "; 1 reaches probably gone this week." in late_sentence(result.late, result.months)


def test_nobody_late_is_good_news() -> None:
    result = result_on(FIRST + 185)
    assert late_sentence(result.late, result.months).startswith("Nobody is late.")


def test_month_says_its_counts_and_range_once_somebody_can_be_lost() -> None:
    orders = {f"c{i:02}": MONTHLY for i in range(10)} | {"gone": [(FIRST, 5)]}
    result = result_on(FIRST + 240, orders)
    assert result.months.lost.sum() == 1
    month = int(np.flatnonzero(result.months.lost)[0])
    day = int(result.months.calendar.last[month])
    said = month_sentence(result_on(day, orders).months)
    assert "1 went, 0 came back (1 of 11, 1.6–38" in said


def test_no_whole_month_says_nothing() -> None:
    assert month_sentence(result_on(FIRST + 10).months) == ""


@pytest.mark.parametrize(
    ("gone", "back", "said"),
    [(100, 29, "Of 100 we had given up by 1 Jan 2024, **29 came back** since (29 of 100"),
     (3, 1, "Of 3 clients given up by 1 Jan 2024, 1 came back since.")],
)  # fmt: skip
def test_wrong_goodbyes_are_said_with_their_counts(gone: int, back: int, said: str) -> None:
    goodbyes = FalseGoodbyes(FIRST + 120, FIRST, "personal", np.arange(gone), np.arange(back))
    assert goodbye_sentence(goodbyes).startswith(said)


def test_short_history_says_so() -> None:
    assert "too short" in goodbye_sentence(None)


@pytest.mark.parametrize(
    ("gone", "back", "doubted"), [(30, 10, False), (30, 11, True), (4, 4, False)]
)
def test_more_than_one_wrong_goodbye_in_three_is_a_warning(
    gone: int, back: int, doubted: bool
) -> None:
    goodbyes = FalseGoodbyes(FIRST + 120, FIRST, "personal", np.arange(gone), np.arange(back))
    assert ("silence says little" in doubt_sentence(goodbyes)) is doubted
    assert doubt_sentence(None) == ""


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        (Parameters(), "longer than their own rhythm"),
        (Parameters(window=1), "after 1 day of silence"),
        (Parameters(model=(0.2, 4.4, 0.8, 2.4, 13.0)), "has become unlikely"),
    ],
)
def test_rule_in_force_is_said_in_words(parameters: Parameters, said: str) -> None:
    assert said in rule_sentence(parameters)


def test_returning_names_shares_by_90_days_and_a_year() -> None:
    orders = {f"r{i:02}": [(FIRST, 5), (FIRST + 10 + i, 5)] for i in range(30)}
    orders |= {f"w{i:02}": [(FIRST, 5)] for i in range(30)}
    said = returning_sentence(returning(make_ledger(orders), FIRST + 400))
    assert said.startswith(
        "Of 100 first-time buyers **50** come again within 90 days, **50** within a year; **0** are"
    )


def test_returning_without_buyers_says_so() -> None:
    ledger = make_ledger({}, created={"lead": FIRST})
    assert returning_sentence(returning(ledger, FIRST + 9)) == "Nobody has bought yet."


def say(day: int, *, share: float = 0.14, **more: str) -> str:
    ledger = make_ledger({"Nordlicht": MONTHLY}, created={"lead": FIRST + 10})
    stages = assign_stages(ledger, Parameters(), day)
    facts = ClientFacts("Nordlicht", 14_500_000, share, **more)
    return client_sentence(facts, stages, 0, currency="EUR")


def test_late_regular_is_said_with_rhythm_due_day_and_share() -> None:
    assert say(FIRST + 250) == (
        "Nordlicht, **regular** since 29 Jun 2024: about every 30 days for 1,450\u00a0EUR; last on "
        "29 Jun 2024; **late since 29 Aug 2024**, probably gone from 28 Oct 2024; "
        "**14\u00a0%** of your sales."
    )


def test_client_on_time_is_said_with_the_day_it_would_be_late() -> None:
    assert "; late from 29 Aug 2024; " in say(FIRST + 185)


def test_silent_client_is_probably_gone() -> None:
    assert "**probably gone** since 28 Oct 2024" in say(FIRST + 330)


def test_ended_client_says_by_whom() -> None:
    assert "; ended by the client; " in say(FIRST + 330, ended_by="the client")


def test_lead_has_bought_nothing_yet() -> None:
    ledger = make_ledger({}, created={"lead": FIRST})
    facts = ClientFacts("lead", None, 0.0)
    soon = client_sentence(facts, assign_stages(ledger, Parameters(), FIRST + 5), 0)
    assert soon == "lead, **knows us** since 1 Jan 2024: nothing bought yet."
    late = client_sentence(facts, assign_stages(ledger, Parameters(), FIRST + 300), 0)
    assert "given up** since" in late
    before = client_sentence(facts, assign_stages(ledger, Parameters(), FIRST - 1), 0)
    assert before == "lead is not known yet on 31 Dec 2023."


def test_name_typed_as_markup_stays_text() -> None:
    ledger = make_ledger({"x": MONTHLY})
    stages = assign_stages(ledger, Parameters(), FIRST + 185)
    assert "](http" not in client_sentence(ClientFacts("![x](http://e)", None, 0.0), stages, 0)
