from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.intake.doctor import SalesRows
from crm_core.intake.questions import (
    RHYTHMS,
    FirstAnswers,
    first_questions,
    propose_dead_months,
    propose_included,
    propose_rhythm,
)
from crm_core.tables import Coded, to_day


def rows(days: list[int], client: list[int], names: tuple[str, ...] = ()) -> SalesRows:
    count = len(days)
    return SalesRows(
        np.array(days, dtype=np.int32),
        np.full(count, 10_000),
        np.array(client, dtype=np.int32),
        Coded(np.zeros(count, dtype=np.int32), ("shop",)),
        names,
    )


@pytest.mark.parametrize("rhythm", [name for name in RHYTHMS if name != "by contract"])
def test_the_rhythm_of_good_clients_is_proposed(rhythm: str) -> None:
    gap = RHYTHMS[rhythm]
    days = [n * gap + c for c in range(3) for n in range(4)]
    found, why = propose_rhythm(rows(days, [c for c in range(3) for _ in range(4)]))
    assert found == rhythm
    assert why == f"Your 3 best returning clients come about every {gap} days."


def test_too_few_returning_clients_give_the_default_and_say_so() -> None:
    found, why = propose_rhythm(rows([0, 7, 14], [0, 0, 0]))
    assert (found, why.split(";")[0]) == ("monthly", "Too few clients came three times")
    assert propose_rhythm(rows([0], [-1]))[1].startswith("No sale names a client")


def test_a_month_dead_in_two_years_is_proposed() -> None:
    days = [
        to_day(date(year, month, day))
        for year in (2021, 2022, 2023)
        for month in range(1, 13)
        for day in range(1, 28)
        if month != 8
    ]
    found, why = propose_dead_months(rows(days, [-1] * len(days)))
    assert found == (8,)
    assert why.startswith("Nearly no sales in 3 years running")


def test_one_empty_august_is_not_dead_and_one_year_tells_nothing() -> None:
    first = [to_day(date(2021, m, 5)) for m in range(1, 13)]
    second = [to_day(date(2022, m, 5)) for m in range(1, 13) if m != 8]
    third = [to_day(date(2023, m, 5)) for m in range(1, 4)]
    days = first + second + third
    assert propose_dead_months(rows(days, [-1] * len(days)))[0] == ()
    assert "less than two whole years" in propose_dead_months(rows(first, [-1] * 12))[1]
    assert propose_dead_months(rows([], []))[0] == ()


@pytest.mark.parametrize(
    ("mapping", "included"),
    [
        ({"format": "woocommerce-minimal", "columns": {}}, ("VAT", "shipping")),
        ({"format": "shopify-orders", "columns": {}}, ()),
        ({"format": "magento-orders", "columns": {}}, ("VAT",)),
        ({"format": None, "columns": {"amount": "Montant TTC"}}, ("VAT",)),
        ({"format": None, "columns": {"amount": "Netto"}}, ()),
        ({"columns": {}}, ()),
    ],
)
def test_formats_and_names_tell_what_amounts_include(
    mapping: dict[str, object], included: tuple[str, ...]
) -> None:
    assert propose_included(mapping)[0] == included


def test_all_four_answers_are_filled_in() -> None:
    days = list(range(100)) * 2
    client = [0] * 100 + [1 + n // 10 for n in range(100)]
    names = ("Shop floor", *(f"Client {n}" for n in range(10)))
    questions = first_questions(rows(days, client, names), {"columns": {"amount": "Brutto"}})
    assert questions.proposed.amounts_include == ("VAT",)
    assert questions.proposed.not_clients == {"Shop floor": "till"}
    assert set(questions.why) == {"rhythm", "dead_months", "amounts_include", "not_clients"}
    assert questions.tills[0].name == "Shop floor"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rhythm": "hourly"},
        {"dead_months": (13,)},
        {"amounts_include": ("tips",)},
        {"not_clients": {"a": "ghost"}},
    ],
)
def test_answers_outside_the_choices_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="choose one of these"):
        FirstAnswers(**wrong)  # type: ignore[arg-type]


def test_a_rhythm_stands_for_days() -> None:
    assert FirstAnswers("weekly").gap_days == 7
