"""What a check says: one sentence, whatever happens."""

from __future__ import annotations

import json

import pytest

from crm_core.errors import RecordError
from crm_core.self_check.findings import Check, CheckReport, Finding, Group, expect, run_group
from crm_core.self_check.text import check_text

OK = Finding("Storage", "the file", "ok", "Sound.")
FAULT = Finding("Schema", "the tables", "differs", "A column is missing.", "Restore a backup.")
OPEN = Finding("Index", "the pages", "not checked", "No right to look.")


def report(*findings: Finding, sales: int = 0, imports: int = 0) -> CheckReport:
    return CheckReport((Group("database", "The database", findings),), sales, imports)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            report(*[OK] * 61, sales=9214, imports=3),
            "All 61 checks passed: 9,214 sales in 3 imports agree with your files to the cent.",
        ),
        (
            report(OK, sales=1, imports=1),
            "The one check passed: 1 sale in 1 import agrees with your file to the cent.",
        ),
        (report(OK, OK), "All 2 checks passed; nothing has been imported yet."),
        (
            report(OK, OK, OPEN),
            "All 2 checks passed (1 could not be made); nothing has been imported yet.",
        ),
        (report(OK, FAULT), "1 of 2 checks differs: Schema."),
        (report(*[FAULT] * 5), "5 of 5 checks differ: Schema, Schema, Schema and 2 more."),
    ],
)
def test_answer_is_one_sentence(found: CheckReport, sentence: str) -> None:
    assert found.sentence() == sentence


def test_only_a_difference_makes_the_report_unwell() -> None:
    assert report(OK, OPEN).is_well
    assert not report(OK, FAULT).is_well


def test_group_is_as_good_as_its_worst_finding() -> None:
    groups = [Group("files", "Files", findings) for findings in ((OK,), (OK, OPEN), (OPEN, FAULT))]
    assert [group.outcome for group in groups] == ["ok", "not checked", "differs"]


def test_text_says_what_differs_and_what_to_do_and_nothing_of_the_rest() -> None:
    text = check_text(report(OK, FAULT, OPEN))
    assert "Schema: A column is missing." in text
    assert "what to do: Restore a backup." in text
    assert "Index (not checked): No right to look." in text
    assert "Sound" not in text


def test_json_holds_every_finding() -> None:
    found = json.loads(json.dumps(report(OK, FAULT, OPEN).as_json()))
    assert (found["ok"], found["passed"], found["differ"], found["not_checked"]) == (False, 1, 1, 1)
    assert found["groups"][0]["findings"][1]["advice"] == "Restore a backup."


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RecordError("Wanted 1, found 2."), "Wanted 1, found 2."),
        (
            ZeroDivisionError("division by zero\nmore"),
            "The program failed while checking: ZeroDivisionError: division by zero.",
        ),
    ],
)
def test_failure_of_the_program_is_a_finding(error: Exception, sentence: str) -> None:
    def fail() -> None:
        raise error

    finding = Check("Sum", "1 and 1", fail).run()
    assert (finding.outcome, finding.sentence) == ("differs", sentence)
    assert finding.advice


@pytest.mark.parametrize(
    ("found", "outcome"),
    [([0.5, "A", None], "ok"), ([0.5 + 1e-10, "A", None], "ok"), ([0.6, "A", None], "differs"),
     ([0.5, "B", None], "differs"), ([0.5, "A", 1.0], "differs"), ([0.5, "A"], "differs"),
     ([float("nan"), "A", None], "differs")],
)  # fmt: skip
def test_known_answer_is_compared_value_by_value(found: list[object], outcome: str) -> None:
    assert expect("x", "y", [0.5, "A", None], lambda: found, within=1e-9).run().outcome == outcome


def test_group_whose_preparation_fails_ends_with_that_finding() -> None:
    def checks():
        yield Check("One", "a and b", lambda: None)
        raise OSError("disk gone")

    said: list[str] = []
    group = run_group("files", "Files", checks(), said.append)
    assert [finding.outcome for finding in group.findings] == ["ok", "differs"]
    assert "disk gone" in group.findings[1].sentence
    assert said == ["One"]
