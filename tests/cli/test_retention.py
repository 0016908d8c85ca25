from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crm_core.cli import main
from crm_core.records.clients import add_client
from crm_core.records.engine import open_database, writing
from tests.databases import Databases


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> str:
    url = databases.new(tmp_path, "leads")
    engine = open_database(url)
    with writing(engine) as connection:
        add_client(connection, name="Old Lead", known_on=date(2001, 1, 5))
    engine.dispose()
    return url


def run(url: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["retention", *words, "--db", url])
    told = capsys.readouterr()
    return code, told.out + told.err


def test_rule_is_set_and_run_in_one_go(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(url, capsys, "--months", "24", "--set", "--run")
    assert code == 0
    assert "Leads are kept 24 months." in said
    assert "1 lead erased." in said


def test_rule_is_not_switched_off_for_want_of_a_number(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(url, capsys, "--months", "24", "--set")
    code, said = run(url, capsys, "--set")
    assert code == 2
    assert "wanted --months beside --set" in said
    code, said = run(url, capsys, "--months", "0")
    assert code == 1
    assert "Wanted 1 to 240 months, found 0" in said
    assert "1 lead known before" in run(url, capsys, "--preview")[1]
    assert "No rule" in run(url, capsys, "--set", "--months", "0")[1]
    assert "found none in force" in run(url, capsys)[1]
