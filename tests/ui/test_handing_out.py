from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, insert, update

from crm_core.access import Actor, Right, Role, acting_as
from crm_core.errors import AccessError, RefusedError
from crm_core.records.audit import list_audit, write_down
from crm_core.records.clients import add_client
from crm_core.records.engine import open_database, reading, recording, writing
from crm_core.records.erasing import erase
from crm_core.records.handing_over import BACK, DEED
from crm_core.records.models import Member
from crm_core.records.people import set_manager
from crm_core.records.team import find_member
from crm_core.ui import handing_out, sign_in
from crm_core.ui.handing_out import hand_out
from tests.conftest import ROOT

EMAIL = "mia@firm.example"


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a database whose one member is a manager of the office."""
    engine = open_database("sqlite://")
    monkeypatch.setattr(handing_out, "database", lambda: engine)
    monkeypatch.setattr(sign_in, "_engine", lambda: engine)
    now = datetime.now(UTC)
    with recording(engine) as connection:
        values = {"email": EMAIL, "name": "Mia", "role": "manager", "department": "Office"}
        connection.execute(insert(Member).values(invited_at=now, joined_at=now, **values))
    yield engine
    engine.dispose()


def mia(engine: Engine) -> Actor:
    with reading(engine) as connection:
        found = find_member(connection, EMAIL)
    assert found is not None
    return found


def deeds(engine: Engine) -> list[tuple[str, str, dict[str, object]]]:
    with reading(engine) as connection:
        return [(one.who, one.deed, one.detail) for one in list_audit(connection)]


def test_a_file_is_made_for_whom_it_was_offered_and_written_down(team: Engine) -> None:
    with acting_as(mia(team)):
        make = hand_out(lambda: b"a;b", right=Right.EXPORT, deed="list exported", clients=2)
    assert deeds(team) == []
    assert make() == b"a;b"
    assert deeds(team) == [("member 1", "list exported", {"clients": 2})]


@pytest.mark.parametrize(
    "change",
    [
        {"role": "viewer"},
        {"role": "analyst"},
        {"department": "Garden"},
        {"role": "owner"},
        {"removed_at": datetime(2025, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_file_offered_before_a_role_was_taken_away_is_not_made_after(
    change: dict[str, object], team: Engine
) -> None:
    with acting_as(mia(team)):
        make = hand_out(lambda: b"a;b", right=Right.EXPORT, deed="list exported")
    with recording(team) as connection:
        connection.execute(update(Member).values(**change))
    with pytest.raises(AccessError):
        make()
    assert deeds(team) == []


def test_a_file_nobody_may_have_is_not_made_and_not_written_down(team: Engine) -> None:
    analyst = Actor("member 2", Role.ANALYST)
    make = hand_out(lambda: b"a;b", right=Right.EXPORT, deed="list exported", who=analyst)
    with pytest.raises(AccessError, match="export lists of clients"):
        make()
    assert deeds(team) == []


def test_every_file_a_page_offers_is_asked_about_again_when_it_is_made() -> None:
    offered = 0
    for path in (*(ROOT / "crm_core" / "ui").glob("*.py"), *(ROOT / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(called, "attr", "") == "download_button":
                offered += 1
                made = node.args[1]
                assert isinstance(made, ast.Call), f"{path.name}:{node.lineno}"
                assert getattr(made.func, "id", "") == "hand_out", f"{path.name}:{node.lineno}"
    assert offered >= 9


def test_a_page_drawn_before_an_erasure_hands_out_nothing_of_the_person(team: Engine) -> None:
    with acting_as(mia(team)):
        before = hand_out(lambda: b"Ann Lee", right=Right.EXPORT, deed="list exported")
    with writing(team) as connection:
        client = add_client(connection, name="Ann Lee", known_on=date(2024, 1, 1))
        erase(connection, client, at=datetime.now(UTC), reason="letter of 3 May")
    with pytest.raises(RefusedError, match="reload the page"):
        before()
    with acting_as(mia(team)):
        after = hand_out(lambda: b"Erased client 1", right=Right.EXPORT, deed="list exported")
    assert after() == b"Erased client 1"
    assert [deed for _, deed, _ in deeds(team)].count("list exported") == 1


@pytest.mark.parametrize("what", [DEED, BACK, "manager set", "client corrected"])
def test_whatever_may_move_a_client_refuses_a_managers_file_of_before(
    what: str, team: Engine
) -> None:
    with acting_as(mia(team)):
        make = hand_out(lambda: b"Ann Lee", right=Right.PRINT)
    with recording(team) as connection:
        write_down(connection, what)
    with pytest.raises(RefusedError, match="changed hands"):
        make()


def test_a_page_drawn_before_clients_changed_hands_hands_out_nothing_to_a_manager(
    team: Engine,
) -> None:
    viewer = Actor("alone", Role.VIEWER)
    with writing(team) as connection:
        client = add_client(connection, name="Ann Lee", known_on=date(2024, 1, 1))
    for who, refused in ((mia(team), True), (viewer, False)):
        with acting_as(who):
            make = hand_out(lambda: b"Ann Lee", right=Right.PRINT)
        with writing(team) as connection:
            set_manager(connection, client, who.label, from_day=date(2024, 1, 1))
        with pytest.raises(RefusedError, match="changed hands") if refused else nullcontext():
            make()
