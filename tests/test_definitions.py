from __future__ import annotations

from typing import Any

import pytest

from crm_core.definitions import DEFINITIONS, Definition, define
from crm_core.definitions.document import write_document
from crm_core.definitions.json_keys import JSON_KEYS, definition_of, leaf_keys
from crm_core.errors import ParameterError
from crm_core.metrics.parameters import ParameterSet
from crm_core.report import build_report, flatten
from tests.builders import as_day, make_ledger
from tests.conftest import ROOT


@pytest.mark.parametrize("one", DEFINITIONS.values(), ids=lambda one: one.id)
def test_definition_is_complete_and_plain(one: Definition) -> None:
    assert one.title[0].isupper()
    assert one.sentence.endswith(".")
    assert set(one.facts()) == {"Formula", "Window", "Left out", "Source"}
    assert "customer" not in f"{one.title} {one.sentence} {one.formula}".lower()


def test_no_two_entries_share_a_key() -> None:
    keys = [line for line in write_document().splitlines() if line.startswith("- Key: ")]
    assert len(keys) == len(set(keys)) == len(DEFINITIONS)


def test_unknown_number_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match=r"pareto\.gini"):
        define("no.number")


def test_glossary_says_what_the_definitions_say() -> None:
    written = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert written == write_document(), "write it anew: python -m crm_core.definitions.document"


@pytest.fixture
def report() -> dict[str, Any]:
    """Return a report of two clients over half a year, as JSON."""
    days = [f"2024-0{month}-10" for month in range(1, 7)]
    ledger = make_ledger({"A": [(day, 10) for day in days], "B": [(days[0], 20)]})
    return build_report(ledger, ParameterSet(), as_day("2024-06-30")).as_json()


def test_every_value_of_a_report_has_a_definition(report: dict[str, Any]) -> None:
    values = {name: value for name, value in report.items() if name != "definitions"}
    undefined = {key for key in leaf_keys(values) if definition_of(key) is None}
    assert undefined == set()


def test_report_brings_the_definition_of_each_of_its_keys(report: dict[str, Any]) -> None:
    assert set(report["definitions"]) == set(JSON_KEYS)
    gini = define("pareto.gini")
    assert report["definitions"]["pareto.gini"]["formula"] == gini.formula
    assert all(said for one in report["definitions"].values() for said in one.values())


def test_keys_with_a_definition_are_keys_of_the_report(report: dict[str, Any]) -> None:
    held = set(leaf_keys(report))
    of_no_value = {
        key
        for key in JSON_KEYS
        if not any(leaf == key or leaf.startswith((f"{key}.", f"{key}[]")) for leaf in held)
    }
    assert of_no_value <= {"notes", *(f"parameters.{name}" for name in UNREPORTED)}


UNREPORTED = ("window", "closed_months", "same_weeks", "m0_groups", "model")
"""Settings that are no number: reports name them when they are set, or tell the rule."""


def test_definitions_are_no_figures_of_a_report(report: dict[str, Any]) -> None:
    assert not any(key.startswith("definitions") for key in flatten(report))
