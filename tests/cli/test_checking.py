"""``check``: 0 where all is well, 1 with what differs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_core.cli import main
from crm_core.cli.checking import check as command
from crm_core.records.engine import open_database
from crm_core.self_check import cache
from crm_core.snapshot import load_ledger
from tests.databases import Databases, ledgers_of, run_sql

SALES = "order,client,date,amount\n1,ann,2024-01-05,100.00\n2,bob,2024-02-05,50.25\n"


@pytest.fixture
def shop(databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    file, database = tmp_path / "sales.csv", databases.new(tmp_path, "shop")
    file.write_text(SALES, encoding="utf-8")
    assert main(["import", str(file), "--currency", "EUR", "--db", database]) == 0
    capsys.readouterr()
    return database


def run(
    database: str | Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, str, str]:
    code = main(["check", "--db", str(database), *options])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_all_is_well(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, said, _ = run(shop, capsys)
    assert code == 0
    assert said.splitlines()[0].endswith("2 sales in 1 import agree with your files to the cent.")
    assert "Known answers: " in said


def test_changed_amount_ends_with_one_and_says_what_to_do(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_sql(shop, "UPDATE sales SET amount = 1 WHERE order_ref = '2'")
    code, said, _ = run(shop, capsys)
    assert code == 1
    assert "The file had 2 rows and 150.25; stored are 2 rows and 100.0001" in said
    assert "what to do: Restore a backup" in said

    code, said, _ = run(shop, capsys, "--json")
    found = json.loads(said)
    assert code == 1
    assert not found["ok"]
    assert found["differ"] == len(
        [
            finding
            for group in found["groups"]
            for finding in group["findings"]
            if finding["outcome"] == "differs"
        ]
    )


def test_damaged_ledger_is_made_again_when_asked(
    shop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(shop)
    load_ledger(engine)
    for file in ledgers_of(engine).rglob("sales.amount.npy"):
        file.write_bytes(b"nothing")
    engine.dispose()
    code, said, _ = run(shop, capsys)
    assert (code, "check --rebuild" in said) == (1, True)
    assert run(shop, capsys, "--rebuild")[0] == 0
    assert run(shop, capsys)[0] == 0


def test_ledger_that_cannot_be_kept_is_said(
    shop: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "save_ledger", lambda ledger, folder: False)
    code, _, error = run(shop, capsys, "--rebuild")
    assert code == 0
    assert "No ledger could be kept on disk" in error


def test_empty_database_is_well(
    databases: Databases, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said, _ = run(databases.new(tmp_path), capsys)
    assert code == 0
    assert "nothing has been imported yet" in said


def test_file_that_is_no_database_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear all, " * 2000)
    code, _, error = run(file, capsys)
    assert code == 1
    assert "not a database" in error


def test_help_says_what_it_checks() -> None:
    assert "your files" in (command.help or "")
