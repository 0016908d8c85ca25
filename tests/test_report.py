from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm_core.ledger import Ledger
from crm_core.metrics.parameters import ParameterSet
from crm_core.report import build_report
from tests.builders import as_day, make_ledger

FIGURES = ("pareto", "returning", "churn")


def report_of(ledger: Ledger, day: str) -> dict[str, Any]:
    return build_report(ledger, ParameterSet(), as_day(day)).as_json()


def withheld(held: object, key: str) -> Iterator[str]:
    """Yield the keys of the figures that are null; those of a table under the table's."""
    if held is None:
        yield key
    elif isinstance(held, Mapping):
        for name, value in held.items():
            yield from withheld(value, f"{key}.{name}")
    elif isinstance(held, list):
        for value in held:
            yield from (key for _ in withheld(value, ""))


def unexplained(report: Mapping[str, Any]) -> set[str]:
    """Return the withheld figures no note speaks of; a cohort's blank cell is no figure."""
    missing = {key for name in FIGURES for key in withheld(report[name], name)}
    return {
        key
        for key in missing - {"returning.cohorts.retained"}
        if not any(key == note or key.startswith(f"{note}.") for note in report["notes"])
    }


def test_every_withheld_figure_of_a_small_ledger_has_its_reason() -> None:
    ledger = make_ledger(
        {"Ann": [("2023-01-10", 5), ("2023-06-10", 5)], "Bob": [("2023-02-20", 7)]}
    )
    report = report_of(ledger, "2023-06-30")
    assert unexplained(report) == set()
    assert report["notes"]["returning.months"].startswith("in 6 of 6 months fewer than 5 clients")
    rates = [month["rate"] for month in report["churn"]["months"]]
    assert rates == [None, None, None, None, None, 1.0]
    assert report["notes"]["churn.months"].startswith("in 5 of 6 months nobody was active")


def test_every_withheld_figure_of_an_empty_ledger_has_its_reason() -> None:
    assert unexplained(report_of(make_ledger({}), "2023-06-30")) == set()


def test_months_with_enough_buyers_need_no_reason() -> None:
    ledger = make_ledger({f"C{i}": [("2023-01-10", 5)] for i in range(5)})
    assert "returning.months" not in report_of(ledger, "2023-01-31")["notes"]
