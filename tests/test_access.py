from __future__ import annotations

import pytest

from crm_core import access
from crm_core.access import (
    ALONE,
    COMMAND_LINE,
    NOBODY,
    RIGHTS,
    Actor,
    Right,
    Role,
    acting_as,
    actor,
    require,
)
from crm_core.errors import AccessError

TABLE = {
    Right.SEE: "owner manager analyst viewer",
    Right.SEE_NAMES: "owner manager viewer",
    Right.PRINT: "owner manager analyst viewer",
    Right.EXPORT: "owner manager",
    Right.EDIT: "owner manager",
    Right.IMPORT: "owner",
    Right.MERGE: "owner",
    Right.SETTINGS: "owner",
    Right.PRIVACY: "owner",
    Right.TEAM: "owner",
    Right.AUDIT: "owner",
    Right.MAINTAIN: "owner",
}
"""Who may do what, written down a second time: a change to it is a decision, not a slip."""


@pytest.fixture(autouse=True)
def _nobody_else_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_resolvers", [])
    monkeypatch.delenv(access.SIGN_IN_VARIABLE, raising=False)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("right", Right)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role, right: Right) -> None:
    who = Actor("member 1", role)
    allowed = role.value in TABLE[right].split()
    assert who.may(right) is allowed
    assert (right in RIGHTS[role]) is allowed
    with acting_as(who):
        if allowed:
            assert require(right) is who
        else:
            with pytest.raises(AccessError, match=f"You may not {right.value}: you are {role}"):
                require(right)


@pytest.mark.parametrize("right", Right)
def test_nobody_may_do_anything(right: Right) -> None:
    with acting_as(NOBODY), pytest.raises(AccessError, match="nobody has signed in"):
        require(right)


def test_somebody_alone_and_a_program_may_do_everything() -> None:
    assert all(who.may(right) for who in (ALONE, COMMAND_LINE) for right in Right)


def test_where_people_sign_in_nobody_is_at_work_until_somebody_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert actor() is ALONE
    for value in ("oidc", "proxy", "a typing error"):
        monkeypatch.setenv(access.SIGN_IN_VARIABLE, value)
        assert actor() is NOBODY
    for value in ("off", " OFF ", ""):
        monkeypatch.setenv(access.SIGN_IN_VARIABLE, value)
        assert actor() is ALONE


def test_the_name_given_in_a_piece_of_work_comes_before_the_page() -> None:
    anna = Actor("member 2", Role.VIEWER)
    access.resolve_with(lambda: anna)
    assert actor() is anna
    with acting_as(COMMAND_LINE):
        assert actor() is COMMAND_LINE
    assert actor() is anna


def test_a_page_that_knows_nobody_is_nobody_at_a_page_that_asks() -> None:
    access.resolve_with(lambda: None)
    access.resolve_with(lambda: NOBODY)
    assert actor() is NOBODY


def test_a_manager_has_the_clients_of_department_or_own_and_none_without_either() -> None:
    both = Actor("member 3", Role.MANAGER, department="Office", manager="Anna")
    assert both.looks_after(department="Office")
    assert both.looks_after(manager="Anna")
    assert both.looks_after(department="Garden", manager="Anna")
    assert not both.looks_after(department="Garden", manager="Ben")
    neither = Actor("member 4", Role.MANAGER, department="", manager=None)
    assert not neither.looks_after(department="", manager=None)
    assert not neither.looks_after()
    assert Actor("member 5", Role.VIEWER).looks_after()
    assert not NOBODY.looks_after()


def test_what_people_see_is_told_apart_and_shared_where_it_is_the_same() -> None:
    office = Actor("member 1", Role.MANAGER, department="Office")
    keys = [
        who.view_key
        for who in (
            ALONE,
            office,
            Actor("member 2", Role.MANAGER, manager="Office"),
            Actor("member 3", Role.ANALYST),
            NOBODY,
        )
    ]
    assert len(set(keys)) == 5
    assert Actor("member 4", Role.VIEWER).view_key == ALONE.view_key
    assert Actor("member 5", Role.MANAGER, department="Office").view_key == office.view_key
