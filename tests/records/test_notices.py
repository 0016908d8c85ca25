from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert

from crm_core.access import ALONE, NOBODY, Actor, Role, acting_as
from crm_core.errors import AccessError
from crm_core.policy import write_parameter, write_rule
from crm_core.records.engine import reading, recording, writing
from crm_core.records.models import Member
from crm_core.records.notices import mark_seen, post_notice, unseen_notices

OWNER = Actor("member 1", Role.OWNER, member_id=1)
VIEWER = Actor("member 2", Role.VIEWER, member_id=2)
DAY = date(2024, 5, 3)


@pytest.fixture
def team(database: Engine) -> Engine:
    early = datetime.now(UTC) - timedelta(days=1)
    with recording(database) as held:
        for number, (name, role) in enumerate((("Anna", "owner"), ("", "viewer")), start=1):
            values = {"id": number, "email": f"m{number}@x.example", "name": name, "role": role}
            held.execute(insert(Member).values(invited_at=early, **values))
    return database


def kinds(engine: Engine, who: Actor) -> list[str]:
    with acting_as(who), reading(engine) as connection:
        return [notice.kind for notice in unseen_notices(connection)]


def test_everybody_but_the_one_who_changed_it_hears_of_a_setting_until_seen(team: Engine):
    with acting_as(OWNER), writing(team, sales=False) as connection:
        write_parameter(connection, "k_gone", 4.0, since=DAY, moved=12)
    assert kinds(team, OWNER) == []
    with acting_as(VIEWER), recording(team) as connection:
        notice = unseen_notices(connection)[0]
        assert (notice.by, notice.detail) == ("Anna", {"setting": "k_gone", "moved": 12})
        mark_seen(connection, [notice.id, notice.id])
        mark_seen(connection, [notice.id])
        assert unseen_notices(connection) == []


def test_a_rule_is_one_notice_and_no_change_is_none(team: Engine):
    with acting_as(OWNER), writing(team, sales=False) as connection:
        write_rule(connection, {"window": 90}, since=DAY, moved=3)
        write_rule(connection, {"window": 90}, since=DAY, moved=0)
        write_parameter(connection, "k_gone", None, since=DAY)
    assert kinds(team, VIEWER) == ["setting"]


def test_owners_alone_hear_of_imports_their_own_too(team: Engine):
    with acting_as(OWNER), recording(team) as connection:
        post_notice(connection, "import failed", {"arrival": 1})
    assert (kinds(team, OWNER), kinds(team, VIEWER)) == (["import failed"], [])


def test_alone_nobody_tells_oneself_but_a_file_that_failed_is_told(database: Engine):
    with recording(database) as connection:
        post_notice(connection, "setting", {"setting": "k_gone"})
        post_notice(connection, "import failed", {"arrival": 1})
    assert kinds(database, ALONE) == ["import failed"]


def test_what_is_for_one_is_shown_to_one_and_nothing_from_before_they_came(team: Engine):
    with recording(team) as connection:
        post_notice(connection, "handover", {"clients": 2}, for_member=2)
    assert (kinds(team, OWNER), kinds(team, VIEWER)) == ([], ["handover"])
    with recording(team) as connection:
        later = datetime.now(UTC) + timedelta(days=1)
        values = {"id": 3, "email": "new@x.example", "name": "", "role": "viewer"}
        connection.execute(insert(Member).values(invited_at=later, **values))
        post_notice(connection, "setting", {"setting": "k_gone"})
    assert kinds(team, Actor("member 3", Role.VIEWER, member_id=3)) == []


def test_whoever_did_not_sign_in_sees_and_writes_nothing(team: Engine):
    with recording(team) as connection:
        post_notice(connection, "setting", {"setting": "k_gone"})
    assert kinds(team, NOBODY) == []
    with acting_as(NOBODY), recording(team) as connection, pytest.raises(AccessError):
        mark_seen(connection, [1])
