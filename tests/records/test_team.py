"""Who may come in: invitations, roles, the first owner and the last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select

from crm_core.access import ALONE, NOBODY, Actor, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.records import team
from crm_core.records.audit_reading import AuditChoice, export_audit, read_audit
from crm_core.records.engine import reading, recording
from crm_core.records.models import Member

EVERY_OTHER_ROLE = [role for role in Role if role is not Role.OWNER]


@pytest.fixture(autouse=True)
def _nobody_is_named_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(team.OWNER_VARIABLE, raising=False)
    monkeypatch.delenv(team.PUBLIC_URL, raising=False)


def welcome(database: Engine, email: str, name: str = "") -> Actor | None:
    with recording(database) as connection:
        return team.welcome(connection, email, name)


def invite(database: Engine, email: str, role: Role = Role.VIEWER, **scope: str) -> int:
    with recording(database) as connection:
        return team.invite(connection, email, role, **scope)


def find(database: Engine, email: str) -> Actor | None:
    with reading(database) as connection:
        return team.find_member(connection, email)


def test_first_person_ever_becomes_owner_and_the_second_is_not_let_in(database: Engine) -> None:
    first = welcome(database, "Anna@Example.com", "Anna  Arndt")
    assert first is not None
    assert (first.role, first.email, first.name) == (Role.OWNER, "anna@example.com", "Anna Arndt")
    assert welcome(database, "ben@example.com") is None
    assert find(database, "ben@example.com") is None


def test_nobody_but_the_named_owner_becomes_one(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(team.OWNER_VARIABLE, " Chief@Example.com ")
    invite(database, "early@example.com")
    invite(database, "second@example.com", Role.OWNER)
    assert welcome(database, "quick@example.com") is None
    early, chief = welcome(database, "early@example.com"), welcome(database, "chief@example.com")
    assert early is not None
    assert early.role is Role.VIEWER
    assert chief is not None
    assert chief.role is Role.OWNER


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("https://regulars.example.com", False),
        ("https://192.0.2.7:8443/crm", False),
        ("http://localhost:8501", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
    ],
)
def test_who_comes_first_from_the_street_does_not_own_the_house(
    address: str, becomes: bool, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody with an account of the service reaches a public address: the owner is named."""
    monkeypatch.setenv(team.PUBLIC_URL, address)
    first = welcome(database, "quick@example.com")
    assert (first is not None) is becomes
    monkeypatch.setenv(team.OWNER_VARIABLE, "chief@example.com")
    chief = welcome(database, "chief@example.com")
    assert (chief is not None) is not becomes


def test_named_owner_who_was_taken_out_does_not_come_back_by_the_name_alone(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(team.OWNER_VARIABLE, "chief@example.com")
    chief = welcome(database, "chief@example.com")
    assert chief is not None
    assert chief.member_id is not None
    invite(database, "next@example.com", Role.OWNER)
    with recording(database) as connection:
        team.remove_member(connection, chief.member_id)
    assert welcome(database, "chief@example.com") is None


def test_two_who_come_first_at_once_make_only_one_owner(database: Engine) -> None:
    addresses = [f"person{number}@example.com" for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        let_in = [who for who in pool.map(lambda each: welcome(database, each), addresses) if who]
    assert [who.role for who in let_in] == [Role.OWNER]


def test_invited_person_comes_in_as_what_they_were_invited_for(database: Engine) -> None:
    welcome(database, "anna@example.com")
    invite(database, "Max@Example.com", Role.MANAGER, department="North", manager="Max")
    who = welcome(database, "max@example.com", "Max")
    assert who is not None
    assert (who.role, who.department, who.manager) == (Role.MANAGER, "North", "Max")
    with reading(database) as connection:
        listed = team.list_members(connection)
        assert team.member_names(connection) == {1: "anna@example.com", 2: "Max"}
        assert team.manager_names(connection) == ["Max"]
    assert [member.email for member in listed] == ["anna@example.com", "max@example.com"]
    assert listed[1].joined_at is not None
    assert listed[1].last_at is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*@b.de",
        "anna",
        "anna@",
        "a b@c.de",
        "a@b",
        "ann\u00e4@x.de",
        "a@x.de,b@x.de",
        "a@-x.de",
    ],
)
def test_what_is_no_address_is_refused(database: Engine, text: str) -> None:
    with pytest.raises(RecordError, match="e-mail address"):
        invite(database, text)


def test_look_alike_letter_does_not_pass_for_an_invited_address(database: Engine) -> None:
    invite(database, "kate@example.com")
    kelvin = "\u212aate@example.com"
    assert kelvin.lower() == "kate@example.com"
    assert find(database, kelvin) is None
    assert welcome(database, kelvin) is None


def test_manager_without_anybodys_clients_is_refused(database: Engine) -> None:
    with pytest.raises(RecordError, match="would see no client"):
        invite(database, "max@example.com", Role.MANAGER, department=" ")


def test_scope_of_others_than_managers_is_dropped(database: Engine) -> None:
    invite(database, "vera@example.com", Role.VIEWER, department="North")
    who = find(database, "vera@example.com")
    assert who is not None
    assert who.department is None


def test_unknown_role_is_refused(database: Engine) -> None:
    with recording(database) as connection, pytest.raises(RecordError, match="one of the roles"):
        team.invite(connection, "a@example.com", "boss")


def test_nobody_is_invited_twice(database: Engine) -> None:
    invite(database, "vera@example.com")
    with pytest.raises(RecordError, match="in the team already"):
        invite(database, "VERA@example.com", Role.OWNER)
    who = find(database, "vera@example.com")
    assert who is not None
    assert who.role is Role.VIEWER


def test_removed_person_is_nobody_until_invited_again(database: Engine) -> None:
    welcome(database, "anna@example.com")
    key = invite(database, "vera@example.com")
    with recording(database) as connection:
        team.remove_member(connection, key)
    assert find(database, "vera@example.com") is None
    assert welcome(database, "vera@example.com") is None
    assert invite(database, "vera@example.com", Role.ANALYST) == key
    who = find(database, "vera@example.com")
    assert who is not None
    assert who.role is Role.ANALYST


def test_last_owner_stays_owner(database: Engine) -> None:
    owner = welcome(database, "anna@example.com")
    assert owner is not None
    assert owner.member_id is not None
    with recording(database) as connection:
        with pytest.raises(RecordError, match="last"):
            team.remove_member(connection, owner.member_id)
        with pytest.raises(RecordError, match="last"):
            team.change_role(connection, owner.member_id, Role.VIEWER)
        second = team.invite(connection, "ben@example.com", Role.OWNER)
        team.change_role(connection, owner.member_id, Role.VIEWER)
        with pytest.raises(RecordError, match="last"):
            team.remove_member(connection, second)


def test_two_owners_who_remove_each_other_at_once_leave_one(database: Engine) -> None:
    keys = [invite(database, f"owner{number}@example.com", Role.OWNER) for number in range(2)]

    def remove(key: int) -> bool:
        try:
            with recording(database) as connection:
                team.remove_member(connection, key)
        except RecordError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, keys)) == [False, True]


def test_change_of_nobody_is_refused(database: Engine) -> None:
    with recording(database) as connection, pytest.raises(RecordError, match="no member 9"):
        team.change_role(connection, 9, Role.VIEWER)


@pytest.mark.parametrize("role", [*EVERY_OTHER_ROLE, None])
def test_only_an_owner_may_touch_the_team_or_read_the_audit(
    database: Engine, role: Role | None
) -> None:
    who = Actor("member 9", role, 9, department="North") if role else NOBODY
    key = invite(database, "vera@example.com")
    with recording(database) as connection, acting_as(who):
        for forbidden in (
            lambda: team.invite(connection, "x@example.com", Role.OWNER),
            lambda: team.change_role(connection, key, Role.OWNER),
            lambda: team.remove_member(connection, key),
            lambda: team.list_members(connection),
            lambda: read_audit(connection),
            lambda: export_audit(connection),
        ):
            with pytest.raises(AccessError, match="You may not"):
                forbidden()
        count = select(func.count()).select_from(Member)
        assert connection.execute(count).scalar() == 1


def test_audit_tells_who_did_what_without_anybodys_address(database: Engine) -> None:
    owner = welcome(database, "anna@example.com", "Anna")
    assert owner is not None
    with acting_as(owner), recording(database) as connection:
        key = team.invite(connection, "vera@example.com", Role.VIEWER)
        team.change_role(connection, key, Role.ANALYST)
        team.remove_member(connection, key)
        lines = read_audit(connection)
    assert [line.deed for line in lines] == [
        "access taken away",
        "role changed",
        "invited",
        "signed in",
    ]
    assert {(line.who, line.name) for line in lines} == {("member 1", "Anna")}
    assert lines[1].detail == {"member_id": 2, "role": "analyst"}
    assert "example.com" not in str([line.detail for line in lines])


def test_audit_is_chosen_by_person_deed_and_time_and_its_export_is_a_line_of_it(
    database: Engine,
) -> None:
    owner = welcome(database, "anna@example.com", "Anna")
    assert owner is not None
    invite(database, "vera@example.com")
    with recording(database) as connection, acting_as(ALONE):
        mine = read_audit(connection, AuditChoice(who=["alone"]))
        assert [line.deed for line in mine] == ["invited"]
        assert read_audit(connection, AuditChoice(deeds=["signed in"]))[0].name == "Anna"
        later = AuditChoice(since=mine[0].at)
        assert [line.deed for line in read_audit(connection, later)] == ["invited"]
        assert read_audit(connection, AuditChoice(until=mine[0].at), most=1)[0].deed == "signed in"
        assert len(export_audit(connection)) == 2
        assert read_audit(connection, most=1)[0].deed == "audit exported"


def test_an_endless_address_is_refused_in_a_short_sentence() -> None:
    with pytest.raises(RecordError, match="Wanted an e-mail address") as found:
        team.clean_address(f"{'a' * 5_000}@example.com")
    assert len(str(found.value)) < 300
