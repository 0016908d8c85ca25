"""What everybody it concerns should see once: numbers moved, a file failed, clients changed hands.

People are kept by the number of their row, never by name, so that a name changes or
goes everywhere at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, insert, select

from crm_core.access import Actor, Right, Role, actor, require
from crm_core.records.models import Member, Notice, NoticeSeen
from crm_core.records.settings import read_settings

FOR_OWNERS = ("import failed", "import waiting", "import repeats")
"""Kinds that only owners can do something about."""

MOST_SHOWN = 20


@dataclass(frozen=True)
class NoticeLine:
    """A notice somebody has not seen yet.

    Attributes
    ----------
    id : int
        Row of ``notices``.
    at : datetime
        When it happened.
    kind : {"setting", "import failed", "import waiting", "import repeats", "handover"}
        What it is about.
    by : str
        Who did it, by today's name; empty where nobody signed in.
    detail : mapping
        Keys, counts and days of what happened.
    """

    id: int
    at: datetime
    kind: str
    by: str
    detail: Mapping[str, Any]


def post_notice(
    connection: Connection,
    kind: str,
    detail: Mapping[str, Any],
    *,
    for_member: int | None = None,
) -> int:
    """Leave a notice for everybody it concerns, or for one member, and return its id.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction of the deed itself: both happen, or neither.
    kind : {"setting", "import failed", "import waiting", "import repeats", "handover"}
        Owners alone see those about imports.
    detail : mapping
        Keys, counts and days that JSON can hold; never names.
    for_member : int, optional
        The only one to see it.
    """
    values = {"at": datetime.now(UTC), "kind": kind, "by_member": actor().member_id}
    statement = insert(Notice).values(for_member=for_member, detail=dict(detail), **values)
    return int(connection.execute(statement.returning(Notice.id)).scalar_one())


@contextmanager
def announcing(connection: Connection, setting: str, *, moved: int | None = None) -> Iterator[None]:
    """Tell everybody else if what is done within changes a setting that moves numbers.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction of the change.
    setting : str
        Its key.
    moved : int, optional
        Clients that stand elsewhere by it, where somebody counted them.
    """
    before = read_settings(connection)
    yield
    if read_settings(connection) != before:
        post_notice(connection, "setting", {"setting": setting, "moved": moved})


def unseen_notices(connection: Connection) -> Sequence[NoticeLine]:
    """Return what whoever is at work has not seen yet, newest first, at most 20.

    Nobody hears of their own changes, or of what happened before they came.
    """
    who = actor()
    if not who.may(Right.SEE):
        return []
    mine = who.member_id
    seen = exists().where(NoticeSeen.notice_id == Notice.id, NoticeSeen.member_id == (mine or 0))
    query = (
        select(Notice.__table__, func.coalesce(Member.name, "").label("name"), Member.email)
        .outerjoin(Member, Member.id == Notice.by_member)
        .where(~seen, Notice.for_member.is_(None) | (Notice.for_member == (mine or 0)))
        .order_by(Notice.id.desc())
        .limit(MOST_SHOWN)
    )
    if who.role is not Role.OWNER:
        query = query.where(Notice.kind.not_in(FOR_OWNERS))
    query = query.where(Notice.kind.in_(FOR_OWNERS) | _by_another(mine))
    if (came := _came(connection, who)) is not None:
        query = query.where(Notice.at >= came)
    rows = connection.execute(query)
    return [
        NoticeLine(row.id, row.at, row.kind, row.name or row.email or "", row.detail)
        for row in rows
    ]


def _by_another(mine: int | None) -> ColumnElement[bool]:
    """Return the condition that somebody else did it; the owner alone is one with programs."""
    if mine is None:
        return Notice.by_member.is_not(None)
    return Notice.by_member.is_(None) | (Notice.by_member != mine)


def _came(connection: Connection, who: Actor) -> datetime | None:
    if who.member_id is None:
        return None
    query = select(func.coalesce(Member.joined_at, Member.invited_at).label("at"))
    found: datetime | None = connection.execute(query.where(Member.id == who.member_id)).scalar()
    return found


def mark_seen(connection: Connection, notice_ids: Sequence[int]) -> None:
    """Note that whoever is at work has seen some notices; those seen before stay so.

    Parameters
    ----------
    connection : Connection
        Of :func:`crm_core.records.engine.recording`.
    notice_ids : sequence of int
        Rows of ``notices``.

    Raises
    ------
    AccessError
        If nobody has signed in.
    """
    mine = require(Right.SEE).member_id or 0
    had = select(NoticeSeen.notice_id).where(NoticeSeen.member_id == mine)
    seen = set(connection.execute(had).scalars())
    now = datetime.now(UTC)
    rows = [
        {"notice_id": number, "member_id": mine, "seen_at": now}
        for number in dict.fromkeys(notice_ids)
        if number not in seen
    ]
    if rows:
        connection.execute(insert(NoticeSeen), rows)
