from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, insert

from crm_core.access import ALONE, NOBODY, Actor, Role, acting_as
from crm_core.errors import AccessError, RecordError
from crm_core.records import saved_views as views
from crm_core.records.audit import list_audit
from crm_core.records.engine import recording
from crm_core.records.models import Member
from crm_core.records.saved_views import ViewState

ANNA = Actor("member 1", Role.OWNER, member_id=1)
BEN = Actor("member 2", Role.ANALYST, member_id=2)
BONN = ViewState("late", {"city": ("Bonn",)}, "all", "2024-05-01")
OTHER = ViewState("overview", {})


@pytest.fixture
def team(database: Engine) -> Engine:
    with recording(database) as held:
        for number, role in ((1, "owner"), (2, "analyst")):
            values = {"id": number, "email": f"m{number}@x.example", "name": "", "role": role}
            held.execute(insert(Member).values(invited_at=datetime.now(UTC), **values))
    return database


@pytest.mark.parametrize("who", [ALONE, ANNA], ids=lambda who: who.label)
def test_a_view_comes_back_as_it_was_kept_and_its_name_is_used_once(team: Engine, who: Actor):
    with acting_as(who), recording(team) as connection:
        number = views.save_view(connection, "  Late  in Bonn ", BONN)
        kept = views.list_views(connection)[0]
        assert (kept.id, kept.name, kept.mine, kept.shared) == (number, "Late in Bonn", True, False)
        assert kept.state == BONN
        assert views.save_view(connection, "Late in Bonn", OTHER) == number
        assert [kept.state for kept in views.list_views(connection)] == [OTHER]
        views.save_view(connection, "Second", BONN)
        with pytest.raises(RecordError, match="choose another"):
            views.rename_view(connection, number, "Second")
        views.rename_view(connection, number, "First")
        views.delete_view(connection, number)
        assert [kept.name for kept in views.list_views(connection)] == ["Second"]


def test_others_see_what_is_shared_and_may_not_change_it(team: Engine):
    with acting_as(ANNA), recording(team) as connection:
        number = views.save_view(connection, "Mine", BONN)
    with acting_as(BEN), recording(team) as connection:
        assert views.list_views(connection) == []
    with acting_as(ANNA), recording(team) as connection:
        views.share_view(connection, number, shared=True)
    with acting_as(BEN), recording(team) as connection:
        own = views.save_view(connection, "Mine", OTHER)
        assert [(kept.id, kept.mine) for kept in views.list_views(connection)] == [
            (own, True),
            (number, False),
        ]
        for change in (
            lambda: views.delete_view(connection, number),
            lambda: views.rename_view(connection, number, "x"),
            lambda: views.share_view(connection, number, shared=False),
        ):
            with pytest.raises(RecordError, match="of your own"):
                change()
        views.share_view(connection, own, shared=True)
    with acting_as(ANNA), recording(team) as connection:
        views.delete_view(connection, own)
        line = list_audit(connection, most=1)[0]
        assert (line.who, line.deed) == ("member 1", "shared view deleted")
        assert line.detail == {"view_id": own}
        assert [kept.id for kept in views.list_views(connection)] == [number]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_name_is_needed_and_short(team: Engine, name: str):
    with recording(team) as connection, pytest.raises(RecordError, match="1 to 60"):
        views.save_view(connection, name, OTHER)


def test_so_many_views_are_kept_and_no_more(team: Engine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "MOST_VIEWS", 2)
    with recording(team) as connection, acting_as(ANNA):
        for name in ("a", "b", "a"):
            views.save_view(connection, name, OTHER)
        with pytest.raises(RecordError, match="at most 2 saved views"):
            views.save_view(connection, "c", OTHER)
    with recording(team) as connection, acting_as(BEN):
        views.save_view(connection, "c", OTHER)


def test_nobody_keeps_or_reads_views_without_signing_in(team: Engine):
    with acting_as(NOBODY), recording(team) as connection:
        for work in (lambda: views.list_views(connection),
                     lambda: views.save_view(connection, "x", OTHER)):  # fmt: skip
            with pytest.raises(AccessError):
                work()
