from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm_core.cli import cli
from tests.databases import Databases

HEADER = "client,date,amount,currency\n"


def run(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> tuple[str, str]:
    return ("--db", databases.new(tmp_path))


def test_a_second_file_in_another_currency_is_never_mixed_in(
    tmp_path: Path, database: tuple[str, str]
) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(f"{HEADER}ann,2024-01-01,12,EUR\n", encoding="utf-8")
    second.write_text(f"{HEADER}ann,2024-01-02,1000,JPY\n", encoding="utf-8")
    run("import", str(first), "--json", *database)
    run("import", str(second), "--json", *database)
    report = run("report", "--json", *database)
    assert report["currency"] == "EUR"
    assert report["sales"] == {
        "gross": "12.00",
        "refunds": "0.00",
        "net": "12.00",
        "without_client": "0.00",
    }


def test_a_file_without_any_currency_names_none(tmp_path: Path, database: tuple[str, str]) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("client,date,amount\nann,2024-01-01,12\n", encoding="utf-8")
    run("import", str(file), "--json", *database)
    assert run("report", "--json", *database)["currency"] is None
