from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.outlook import MonthOutlook, SalesOutlook
from crm_core.metrics.lifetime.value_models import Basis
from crm_core.sentences.worth import (
    WorthSummary,
    say_basis,
    say_client,
    say_record,
    say_tracking,
    worth_sentence,
)
from tests.builders import as_day

DAY, SINCE = as_day("2026-10-31"), as_day("2026-07-31")
BASIS = Basis(DAY, as_day("2024-01-02"), 142, 90, 1204)
SUMMARY = WorthSummary(
    as_of=DAY,
    months=12,
    n_clients=142,
    buyers=96.4,
    sales=Banded(4_121_234_000, 3_800_000_000, 4_450_000_000),
    largest=("Nordlicht", 310_000_000),
    reason=None,
    short=None,
    word="value",
    since=SINCE,
    n_fell=12,
    lost=230_400_000,
    n_judged=130,
    currency=None,
)


def month(number: int, expected: int | None, actual: int | None, **more: int | None):
    held = {"low": None, "high": None, "recent": None, "last_year": None, "actual_new": 0} | more
    reason = "nobody measurably leaves here" if expected is None else None
    return MonthOutlook(
        month=number, basis=BASIS, fitted_on=DAY, reason=reason, expected=expected,
        actual=actual, **held,
    )  # fmt: skip


def outlook(past: list[MonthOutlook], coming: MonthOutlook) -> SalesOutlook:
    return SalesOutlook(DAY, 3, tuple(past), coming)


def test_sentence_says_who_will_buy_for_how_much_and_who_fell() -> None:
    assert worth_sentence(SUMMARY) == (
        "**About 96 of your 142 clients** are expected to buy in the twelve months after "
        "31 Oct 2026, for **412,000** (380,000 to 445,000), of which Nordlicht alone 31,000. "
        "**12 clients** lost 40\xa0% or more of their value since 31 Jul 2026, 23,000 together."
    )


def test_plain_rule_says_its_reason_first() -> None:
    plain = replace(
        SUMMARY, reason="nobody measurably leaves here", sales=Banded(4_121_234_000), buyers=96.0
    )
    said = worth_sentence(plain)
    assert said.startswith("Nobody measurably leaves here; so this is last year’s pace of those")
    assert "**96 clients** would buy for **412,000** in the twelve months" in said
    young = worth_sentence(replace(plain, short=as_day("2026-05-01")))
    assert "sales begin on 1 May 2026 only" in young
    assert young.endswith("so nothing is expected yet.")


def test_nobody_and_nothing_to_expect_are_said_in_words() -> None:
    assert worth_sentence(replace(SUMMARY, n_clients=0)).startswith("Nobody has bought")
    silent = replace(SUMMARY, reason="nobody has bought twice yet", buyers=0.0, n_judged=0)
    assert worth_sentence(silent) == (
        "Nobody has bought twice yet, and nobody who is not gone bought in the last twelve "
        "months: nothing is expected."
    )


def test_one_who_fell_is_not_together_and_nobody_is_said() -> None:
    assert "23,000 together" not in worth_sentence(replace(SUMMARY, n_fell=1))
    assert "Nobody lost 40\xa0% or more" in worth_sentence(replace(SUMMARY, n_fell=0))


def test_names_are_text_and_never_markup() -> None:
    said = worth_sentence(replace(SUMMARY, largest=("*A* [x](http://e)", 310_000_000)))
    assert r"\*A\* \[x\]" in said


def test_basis_names_day_rows_and_filters() -> None:
    said = say_basis(BASIS, plain=True, filtered=7)
    assert said.startswith("Looking ahead from 31 Oct 2026, on 1,204 purchases of 142 clients")
    assert "last twelve months only" in said
    assert "7 clients the filters leave" in said


def test_record_says_how_often_the_band_held_and_who_was_best() -> None:
    past = [
        month(680 + at, 1_000_000, actual, low=900_000, high=1_100_000, recent=2_000_000)
        for at, actual in enumerate([1_000_000] * 3 + [1_250_000] * 7)
    ]
    said = say_record(outlook(past, month(690, 1_000_000, None)), "EUR")
    assert "3 of 10 past months came within the band they had been given (30\xa0%" in said
    assert "seasons or a changed market" in said
    assert "Best over 10 months was the model: 14\xa0% off on average, against" in said
    assert "By that record, Jul 2027 is likelier to bring 100 to 125\xa0EUR" in said


def test_record_without_a_model_compares_the_plain_ways() -> None:
    past = [month(680 + at, None, 1_000_000, recent=1_100_000) for at in range(5)]
    said = say_record(outlook(past, month(685, None, None, recent=2_000_000)), None)
    assert "In none of the last 5 months could the model be fitted" in said
    assert "Best over 5 months was the mean of the three months before: 10\xa0% off" in said
    assert said.endswith("Feb 2027 would bring 200.")


def test_record_without_a_month_or_with_few_says_so() -> None:
    coming = month(690, 1_000_000, None)
    assert say_record(outlook([], coming), None).startswith("No whole month has passed")
    few = [month(689, 1_000_000, 900_000, low=1, high=950_000)]
    assert "too few to judge by" in say_record(outlook(few, coming), None)


def test_tracking_sums_the_months_that_had_both() -> None:
    past = (month(1, 1_000_000, 1_500_000), month(2, None, 9), month(3, 1_000_000, 500_000))
    assert say_tracking(past, None) == "200 expected over 2 months, 200 came (100\xa0%)"
    assert say_tracking(past[1:2], None) is None


@pytest.mark.parametrize(
    ("purchases", "words"), [(0.3, "less than once"), (1.2, "about once"), (6.4, "about 6 times")]
)
def test_client_is_told_as_people_say_it(purchases: float, words: str) -> None:
    said = say_client(
        purchases=purchases, sales=87_000_000, months=6, counts=(0, 2), chance=0.931, currency=None
    )
    assert said == (
        f"Expected to buy {words} for 8,700 in the next 6 months (0 to 2 times); "
        "chance of a purchase 93\xa0%."
    )
