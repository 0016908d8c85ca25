from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.cli import main
from tests.databases import Databases

SALES = """Order,Date,Customer,Email,Amount,Department
1,2026-01-05,Ann Lee,ann@lee.example,10.00,North
2,2026-02-05,Bo Ek,bo@ek.example,20.00,North
"""


@pytest.fixture
def url(databases: Databases, tmp_path: Path) -> str:
    return databases.new(tmp_path, "team")


def run(url: str, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["team", *words, "--db", url])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_role_is_changed_where_no_owner_is_left_to_do_it_on_the_page(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(url, capsys, "invite", "gone@x.example", "--role", "owner")[0] == 0
    assert run(url, capsys, "invite", "vera@x.example", "--role", "viewer")[0] == 0
    code, said = run(url, capsys, "role", " VERA@x.example", "--role", "owner")
    assert (code, said) == (0, "vera@x.example is owner from the next click on.\n")
    assert run(url, capsys, "remove", "gone@x.example")[0] == 0
    code, said = run(url, capsys, "role", "vera@x.example", "--role", "viewer")
    assert code == 1
    assert "at least one owner" in said
    code, said = run(url, capsys, "role", "nobody@x.example", "--role", "viewer")
    assert code == 1
    assert "found no nobody@x.example" in said


@pytest.mark.parametrize("role", ["owner", "analyst", "viewer"])
def test_who_sees_all_clients_is_not_invited_as_if_they_saw_some(
    url: str, capsys: pytest.CaptureFixture[str], role: str
) -> None:
    code, said = run(url, capsys, "invite", "a@x.example", "--role", role, "--department", "North")
    assert code == 2
    assert "not limited to some clients" in said
    assert "Nobody yet" in run(url, capsys, "list")[1]


def test_manager_of_clients_that_nobody_has_is_said_to_see_none(
    url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "sales.csv").write_text(SALES, encoding="utf-8")
    assert main(["import", str(tmp_path / "sales.csv"), "--currency", "EUR", "--db", url]) == 0
    capsys.readouterr()
    manager = ("invite", "m@x.example", "--role", "manager", "--department", "north")
    code, said = run(url, capsys, *manager, "--manager", "Max")
    assert code == 0
    assert "no client has the department 'north' so far" in said
    assert "no client has the manager 'Max' so far" in said
    assert "manager of north and Max" in run(url, capsys, "list")[1]
    role = ("role", "m@x.example", "--role", "manager", "--department", "North")
    assert "Careful" not in run(url, capsys, *role)[1]
