"""Visits, and who is at the same card: short rows that no number depends on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, insert, select

from crm_core.access import ALONE, Actor, Role, acting_as
from crm_core.errors import RecordError
from crm_core.records.batches import undo, write_import
from crm_core.records.engine import note_quietly, reading, recording, writing
from crm_core.records.models import Member, Visit
from crm_core.records.people import log_contact
from crm_core.records.presence import (
    check_nobody_was_faster,
    newest_line,
    note_presence,
    others_present,
)
from crm_core.records.versions import read_versions
from crm_core.records.visits import imports_since, last_visit, note_visit
from tests.builders import make_staged

NOW = datetime(2024, 6, 3, 9, tzinfo=UTC)
ANNA = Actor("member 1", Role.OWNER, member_id=1, name="Anna")
BEN = Actor("member 2", Role.OWNER, member_id=2, name="Ben")
ROWS = [{"client": "a", "day": "2024-01-05", "amount": 1}]


@pytest.fixture
def team(database: Engine) -> Engine:
    with writing(database) as held:
        write_import(held, make_staged(ROWS), imported_at=NOW - timedelta(days=9))
        for number, name in ((1, "Anna"), (2, "Ben")):
            values = {"id": number, "email": f"m{number}@x.example", "name": name, "role": "owner"}
            held.execute(insert(Member).values(invited_at=NOW, **values))
    return database


def come(engine: Engine, who: Actor, minutes: float, sales: int = 0) -> object:
    """Be here so many minutes after nine, and return what the visit before showed."""
    now = NOW + timedelta(minutes=minutes)
    with acting_as(who):
        with reading(engine) as connection:
            before = last_visit(connection, now=now)
        assert note_quietly(
            engine,
            lambda held: note_visit(held, now=now, sales_key="1-x", figures={"sales": sales}),
        )
    return before and (before.figures["sales"], before.last_at - NOW)


@pytest.mark.parametrize("who", [ALONE, ANNA], ids=lambda who: who.label)
def test_a_visit_ends_after_half_an_hour_without_a_click(team: Engine, who: Actor):
    assert come(team, who, 0, sales=1) is None
    assert come(team, who, 30, sales=2) is None
    assert come(team, who, 61, sales=3) == (2, timedelta(minutes=30))
    assert come(team, who, 70, sales=4) == (2, timedelta(minutes=30))
    assert come(team, BEN, 75) is None
    assert come(team, who, 101) == (4, timedelta(minutes=70))
    # A clock set back neither shortens the visit nor begins one.
    assert come(team, who, 40) == (4, timedelta(minutes=70))
    with reading(team) as connection:
        visits = select(func.count(), func.max(Visit.last_at)).where(
            Visit.member_id.is_(None) if who.member_id is None else Visit.member_id == 1
        )
        assert connection.execute(visits).one() == (3, NOW + timedelta(minutes=101))


def test_being_here_grows_no_version(team: Engine):
    with reading(team) as connection:
        before = read_versions(connection)
    come(team, ANNA, 0)
    with reading(team) as connection:
        assert read_versions(connection) == before


def test_the_imports_since_are_told_with_whose_they_are(team: Engine):
    with acting_as(BEN), writing(team) as connection:
        now = datetime.now(UTC)
        more = make_staged([{**ROWS[0], "day": "2024-02-01"}], file_name="b.csv")
        number = write_import(connection, more, imported_at=now).batch_id
        since = now - timedelta(minutes=1)
        assert imports_since(connection, since) == [(number, "Ben")]
        undo(connection, number, at=now)
        assert imports_since(connection, since) == []


def test_two_at_the_same_card_see_each_other_for_a_minute(team: Engine):
    with acting_as(BEN), recording(team) as connection:
        note_presence(connection, 1, now=NOW)
        note_presence(connection, 1, now=NOW)
        assert others_present(connection, 1, now=NOW) == []
    with acting_as(ANNA), recording(team) as connection:
        assert others_present(connection, 1, now=NOW + timedelta(seconds=60)) == ["Ben"]
        assert others_present(connection, 1, now=NOW + timedelta(seconds=61)) == []
        assert others_present(connection, 2, now=NOW) == []
    with acting_as(ALONE), recording(team) as connection:
        note_presence(connection, 1, now=NOW)


def test_what_somebody_else_did_meanwhile_is_said_with_who_and_when(team: Engine):
    with writing(team) as connection:
        since = newest_line(connection, 1)
        note = {"kind": "call", "inbound": True, "created_at": NOW, "day": NOW.date()}
        with acting_as(BEN):
            log_contact(connection, 1, **note)
            check_nobody_was_faster(connection, 1, since=since)
        with acting_as(ANNA):
            with pytest.raises(RecordError, match="Ben was faster: contact noted at"):
                check_nobody_was_faster(connection, 1, since=since)
            check_nobody_was_faster(connection, 1, since=newest_line(connection, 1))
