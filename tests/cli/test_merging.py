"""Merging by rule from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm_core.cli import cli, main
from tests.databases import Databases

SALES = """client,name,email,date,amount
1,Ann Lee,a@x.org,2024-01-05,10
2,"Lee, Ann",A@x.org,2024-02-05,20
3,Bo Grams,b@x.org,2024-03-05,30
4,Cy Quint,b@x.org,2024-03-06,40
"""


@pytest.fixture
def filled(databases: Databases, tmp_path: Path) -> str:
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    url = databases.new(tmp_path)
    assert main(["import", str(file), "--db", url]) == 0
    return url


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout


def test_preview_names_groups_and_effect_and_merges_nothing(filled: str) -> None:
    said = run("merge-rules", "--db", filled)
    assert "1 group looks like one client each, 1 client to be merged." in said
    assert "Lee, Ann = Ann Lee" in said or "Ann Lee = Lee, Ann" in said
    assert "1 pair to look at" in said
    assert "clients.known: 4 → 3" in said
    assert json.loads(run("merges", "--json", "--db", filled)) == []


def test_a_run_is_carried_out_listed_and_taken_back(filled: str) -> None:
    before = json.loads(run("report", "--json", "--db", filled))
    found = json.loads(run("merge-rules", "--run", "--json", "--db", filled))
    assert found["run"] == 1
    assert found["effect"]["clients.known"] == {"before": 4, "after": 3}
    (listed,) = json.loads(run("merges", "--json", "--db", filled))
    assert (listed["run"], listed["merged"], listed["in_force"]) == (1, 1, 1)
    assert listed["rules"] == ["email", "phone", "name"]
    assert json.loads(run("report", "--json", "--db", filled))["clients"]["known"] == 3
    (merge,) = json.loads(run("merges", "--run", "1", "--json", "--db", filled))
    assert merge["evidence"].startswith("Both have the e-mail")
    assert "1 client stand alone again" in run("unmerge", "1", "--db", filled)
    assert json.loads(run("report", "--json", "--db", filled)) == before


def test_one_merge_is_taken_apart_and_stays_so(filled: str) -> None:
    run("merge-rules", "--rule", "email", "--run", "--db", filled)
    assert "taken apart" in run("unmerge", "--merge", "1", "--db", filled)
    assert "0 groups" in run("merge-rules", "--db", filled)


def test_wrong_words_are_refused(filled: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["unmerge", "7", "--db", filled]) == 1
    assert "Wanted run 7" in capfd.readouterr().err
    assert main(["unmerge", "--db", filled]) == 2
    assert main(["merge-rules", "--run", "--preview", "--db", filled]) == 2
    assert main(["merge-rules", "--rule", "colour", "--db", filled]) == 2
