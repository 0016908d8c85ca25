"""Known answers come out right, and a program that computes wrongly is found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from crm_core import report as report_module
from crm_core.money import to_decimal_text
from crm_core.records import import_report
from crm_core.self_check import (
    answers_business,
    answers_import,
    answers_small,
    answers_stages,
    check_answers,
)
from crm_core.self_check.findings import Check, Finding
from crm_core.self_check.identities import balance_fault, classes_fault
from crm_core.self_check.stage_examples import EXAMPLES
from tests.metrics.worked_examples import CASES

Checks = Callable[[], Iterator[Check]]


def faults(checks: Checks) -> dict[str, str]:
    found = [check.run() for check in checks()]
    return {f.name: f.sentence for f in found if f.outcome != "ok"}


def test_installed_program_gives_every_known_answer() -> None:
    group = check_answers()
    assert group.with_outcome("differs") == ()
    assert len(group.findings) > 80
    assert len({finding.name for finding in group.findings}) == len(group.findings)


def test_every_worked_example_of_the_stages_is_among_them() -> None:
    told = [line for line in EXAMPLES.splitlines() if line.startswith(" ")]
    days_and_places = {tuple(p.strip() for p in line.split("|")[1:]) for line in told}
    assert {(case.as_of, case.stands) for case in CASES} == days_and_places
    assert len(told) == len(CASES)


def test_wrong_share_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_core.metrics import pareto

    right = pareto.hhi
    monkeypatch.setattr(pareto, "hhi", lambda amounts: right(amounts) + 0.001)
    found = faults(answers_small.small_checks)
    assert found["Concentration of 100"] == "Wanted 0, 1, 1, 1, A, found 0, 1.001, 1, 1, A."
    assert len(found) == len(answers_small.CONCENTRATION)


def test_wrong_curve_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = answers_small.kaplan_meier

    def late_censoring(events, censored, **options):
        return right(events, np.append(0, censored), **options)

    monkeypatch.setattr(answers_small, "kaplan_meier", late_censoring)
    assert set(faults(answers_small.small_checks)) == {"Kaplan-Meier curve"}


def test_rounding_the_wrong_way_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers_small, "to_decimal_text", lambda amount: f"{amount / 10_000:.2f}1")
    found = faults(answers_small.small_checks)
    assert len(found) == len(answers_small.MONEY)


def test_wrong_stage_is_found_with_the_one_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    right = answers_stages.assign_stages

    def never_late(*args, **options):
        stages = right(*args, **options)
        return replace(stages, late=np.zeros_like(stages.late))

    monkeypatch.setattr(answers_stages, "assign_stages", never_late)
    found = faults(answers_stages.stage_checks)
    assert len(found) == sum(case.stands.endswith(" late") for case in CASES)
    assert any(
        "Wanted exploration 2024-01-01 2024-05-01 1 late, found" in s for s in found.values()
    )


def test_program_that_breaks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args, **options):
        raise KeyError("stage")

    monkeypatch.setattr(answers_stages, "purchase_history", broken)
    found = faults(answers_stages.stage_checks)
    assert len(found) == len(CASES)
    assert set(found.values()) == {"The program failed while checking: KeyError: 'stage'."}


def test_made_up_business_that_does_not_add_up_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = report_module.totals
    monkeypatch.setattr(
        report_module, "totals", lambda *a: replace(right(*a), refunds=1, known=1, orders=1)
    )
    found = faults(answers_business.business_checks)
    assert set(found) == {
        "Sums of a made-up business",
        "Stages of a made-up business",
        "Sales by month of a made-up business",
    }
    assert "but net sales are" in found["Sales by month of a made-up business"]


def test_months_that_do_not_balance_are_named() -> None:
    churn = answers_business.Business.make().report.churn
    end = churn.end.copy()
    end[5] += 1
    fault = balance_fault(replace(churn, end=end))
    assert fault is not None
    assert fault.startswith(f"In {churn.calendar.labels[5]} ")


def test_classes_that_lose_a_client_are_found() -> None:
    found = answers_business.Business.make().report.pareto
    assert classes_fault(found) is None
    short = replace(found, by_client=found.by_client + 1)
    assert classes_fault(short) is not None


def test_import_that_loses_money_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        answers_import, "to_decimal_text", lambda amount: to_decimal_text(amount - 100)
    )
    assert len(faults(answers_import.import_checks)) == 8


def test_import_refused_by_a_fault_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_report.Tally, "__add__", lambda self, other: self)
    found = faults(answers_import.import_checks)
    assert "a fault of the program" in found["Reading a small file"]


def test_a_finding_says_what_to_do() -> None:
    finding = Check("Sum", "1 and 1", lambda: "Wanted 2, found 3.").run()
    assert isinstance(finding, Finding)
    assert "install it anew" in finding.advice
