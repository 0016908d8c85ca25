"""``report --html``: the month on paper without the dashboard."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm_core.cli import cli, main
from crm_core.records.engine import open_database, writing
from crm_core.records.people import snooze
from tests.databases import Databases
from tests.paper.reading import read

SALES = """client,date,amount
Ann,2024-01-05,90
Bob,2024-03-06,10
Bob,2024-05-01,5
"""


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> str:
    url = databases.new(tmp_path)
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    assert main(["import", str(file), "--db", url]) == 0
    return url


def test_month_on_paper_is_written_to_a_file(tmp_path: Path, database: str) -> None:
    out = tmp_path / "month.html"
    out.write_text("older", encoding="utf-8")
    arguments = ["report", "--html", str(out), "--as-of", "2024-02-29", "--db", database]
    assert main(arguments) == 0
    found = read(out.read_text(encoding="utf-8"))
    assert "February 2024" in found.text
    assert "from 1 sale of 1 known client" in found.text


def test_month_on_paper_goes_to_stdout(database: str) -> None:
    arguments = ["report", "--html", "-", "--period", "all", "--db", database]
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code == 0
    assert "shares are those of all time" in read(found.stdout).text


def test_month_on_paper_of_an_empty_database_gives_reasons(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.new(tmp_path, "empty")
    found = CliRunner().invoke(cli, ["report", "--html", "-", "--db", url])
    assert "There are no sales up to this day." in read(found.stdout).text


def test_clients_put_off_are_not_called(database: str) -> None:
    with writing(open_database(database)) as connection:
        snooze(connection, 1, from_day=date(2024, 3, 10), until=date(2024, 4, 10))
    arguments = ["report", "--html", "-", "--as-of", "2024-03-20", "--db", database]
    found = read(CliRunner().invoke(cli, arguments).stdout)
    assert "Nobody is late." in found.text
    assert "1 late client put off by hand" in found.text


def test_two_forms_at_once_are_wrong_usage(database: str) -> None:
    assert main(["report", "--json", "--html", "-", "--db", database]) == 2


def test_file_that_cannot_be_written_is_refused(
    tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "nowhere" / "month.html"
    assert main(["report", "--html", str(out), "--db", database]) == 1
    assert "cannot be written" in capfd.readouterr().err
