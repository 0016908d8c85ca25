"""The month on paper for each member, and handing over, without the dashboard."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from crm_core.cli import cli, main
from crm_core.metrics.carers import carers
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.databases import Databases
from tests.paper.reading import read

PSEUDONYM = re.compile(r"Client [2-9A-Z]{4}-[2-9A-Z]{4}")
SALES = """client,date,amount,manager
Annex,2024-01-05,90,Ann
Bobbin,2024-03-06,10,Ben
Bobbin,2024-05-01,5,Ben
"""


@pytest.fixture
def database(databases: Databases, tmp_path: Path) -> str:
    url = databases.new(tmp_path)
    file = tmp_path / "sales.csv"
    file.write_text(SALES, encoding="utf-8")
    assert main(["import", str(file), "--db", url]) == 0
    for arguments in (
        ["owner@x.example", "--role", "owner"],
        ["ben@x.example", "--role", "manager", "--manager", "Ben"],
        ["zoe@x.example", "--role", "analyst"],
    ):
        assert main(["team", "invite", *arguments, "--db", url]) == 0
    return url


def run(*arguments: str) -> str:
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_each_member_gets_the_month_as_they_see_it(tmp_path: Path, database: str) -> None:
    folder = tmp_path / "monday"
    run("report", "--for", "all", "--into", str(folder), "--db", database)
    names = [file.name for file in sorted(folder.iterdir())]
    assert [name.split("-")[4] for name in names] == ["ben", "owner", "zoe"]
    ben, owner, zoe = (file.read_text(encoding="utf-8") for file in sorted(folder.iterdir()))
    assert ("Annex" in owner, "Bobbin" in owner) == (True, True)
    assert ("Annex" in ben, "Bobbin" in ben) == (False, True)
    assert "Only clients with Manager: Ben." in read(ben).text
    assert ("Annex" in zoe, "Bobbin" in zoe) == (False, False)
    assert not PSEUDONYM.search(zoe), "two clients are too few to be shown without names"
    one = run("report", "--for", "ben@x.example", "--html", "-", "--db", database)
    assert one == ben


def test_an_analysts_paper_has_pseudonyms_and_no_list_of_a_few(
    tmp_path: Path, database: str
) -> None:
    rows = [f"C{n},2024-0{month}-05,10,Cy" for n in range(6) for month in (1, 2, 3, 4)]
    file = tmp_path / "more.csv"
    file.write_text("\n".join(["client,date,amount,manager", *rows]), encoding="utf-8")
    assert main(["import", str(file), "--db", database]) == 0
    papers = {
        name: run("report", "--for", f"{name}@x.example", "--html", "-", "--db", database)
        for name in ("owner", "zoe")
    }
    assert PSEUDONYM.search(papers["zoe"])
    assert "Annex" not in papers["zoe"]
    few = "Fewer than 5 clients: groups of so few are not shown to you."
    assert (few in papers["owner"], few in papers["zoe"]) == (False, True)
    assert "Call " in read(papers["owner"]).text
    assert " first. " not in read(papers["zoe"]).text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--for", "ben@x.example"], "wanted one of --html"),
        (["--into", "x"], "wanted --for"),
        (["--for", "all", "--html", "x.html"], "--into DIR"),
        (["--for", "ben@x.example", "--html", "x", "--json"], "found both"),
    ],
)
def test_options_that_do_not_go_together_are_refused(arguments: list[str], words: str) -> None:
    found = CliRunner().invoke(cli, ["report", *arguments])
    assert (found.exit_code, words in found.output) == (2, True)


def test_a_stranger_gets_no_paper(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.html"
    arguments = ["report", "--for", "eve@x.example", "--html", str(out), "--db", database]
    assert main(arguments) == 1
    assert "who is not in it" in capsys.readouterr().err
    assert not out.exists()


def test_handing_over_says_first_then_does_and_is_taken_back(database: str) -> None:
    def who(day: str) -> list[str]:
        engine = open_database(database)
        ledger = load_ledger(engine)
        codes = carers(ledger, to_day(date.fromisoformat(day))).tolist()
        engine.dispose()
        return [ledger.managers[code] for code in codes]

    days = ["--from", "2024-06-01", "--until", "2024-06-14", "--db", database]
    asked = ["hand-over", "--of", "Ann", "--to", "Cleo", *days]
    said = run(*asked).replace("\xa0", " ")
    assert "1 client, 90.00 a year, goes from Ann to Cleo from 1 Jun 2024 until" in said
    assert "say --yes" in said
    assert who("2024-06-01") == ["Ann", "Ben"]
    number = run(*asked, "--yes").split("--undo ")[1].split("`")[0]
    assert [who(day) for day in ("2024-05-31", "2024-06-01", "2024-06-15")] == [
        ["Ann", "Ben"],
        ["Cleo", "Ben"],
        ["Ann", "Ben"],
    ]
    assert "1 to Cleo from 2024-06-01 until 2024-06-14" in run(
        "hand-over", "--list", "--db", database
    )
    run("hand-over", "--undo", number, "--db", database)
    assert who("2024-06-01") == ["Ann", "Ben"]
    found = CliRunner().invoke(cli, ["hand-over", "--client", "x", "--to", "Ann", *days])
    assert "found 0 of them" in str(found.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--of", "ann", "--to", "Cleo"), "found none in that time; names are written as"),
        (("--of", "Ann", "--to", " Ann "), "Wanted somebody else to hand the clients of Ann to"),
        (("--of", "Ann", "--to", "Ben", "--until", "2026-01-01"), "Wanted the cover to end on or"),
    ],
)
def test_what_cannot_be_handed_over_is_refused_before_it_is_tried(
    database: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert main(["hand-over", *words, "--from", "2026-02-01", "--db", database]) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert told.out == ""


def test_name_that_nobody_bears_so_far_is_pointed_out(database: str) -> None:
    asked = ["hand-over", "--of", "Ann", "--from", "2026-02-01", "--db", database]
    assert "Careful: nobody of the team or of your files is called 'Bem'" in run(
        *asked, "--to", "Bem"
    )
    assert "Careful" not in run(*asked, "--to", "Ben")
