"""When each was here, and what they saw last: so that the next visit begins with what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from crm_core.access import Actor, Right, require
from crm_core.records.models import AuditEvent, Batch, Member, Visit

PAUSE = timedelta(minutes=30)
"""Whoever does nothing for longer begins a new visit."""


@dataclass(frozen=True)
class LastVisit:
    """The visit before the present one.

    Attributes
    ----------
    last_at : datetime
        When it ended.
    figures : mapping
        What was stored with it, at its end.
    """

    last_at: datetime
    figures: Mapping[str, Any]


def note_visit(
    connection: Connection, *, now: datetime, sales_key: str, figures: Mapping[str, Any]
) -> None:
    """Note that whoever is at work is here: their visit goes on, or a new one begins.

    Parameters
    ----------
    connection : Connection
        Of :func:`crm_core.records.engine.note_quietly`.
    now : datetime
        With its time zone.
    sales_key : str
        Of the sales version seen.
    figures : mapping
        What JSON can hold: the figures seen.

    Raises
    ------
    AccessError
        If nobody has signed in.
    """
    who = require(Right.SEE)
    newest = connection.execute(
        select(Visit.id, Visit.last_at).where(_own(who)).order_by(Visit.id.desc()).limit(1)
    ).first()
    values = {"last_at": now, "sales_key": sales_key, "figures": dict(figures)}
    if newest is not None and now - newest.last_at <= PAUSE:
        # A clock set back must not shorten the visit.
        values["last_at"] = max(now, newest.last_at)
        connection.execute(update(Visit).where(Visit.id == newest.id).values(**values))
        return
    connection.execute(insert(Visit).values(member_id=who.member_id, began_at=now, **values))


def last_visit(connection: Connection, *, now: datetime) -> LastVisit | None:
    """Return the visit before the present one, None on the first.

    Parameters
    ----------
    connection : Connection
        Any connection.
    now : datetime
        Whether the newest visit noted is the present one depends on it.

    Raises
    ------
    AccessError
        If nobody has signed in.
    """
    who = require(Right.SEE)
    rows = connection.execute(
        select(Visit.last_at, Visit.figures).where(_own(who)).order_by(Visit.id.desc()).limit(2)
    ).all()
    before = [row for row in rows if now - row.last_at > PAUSE] or rows[1:]
    return LastVisit(before[0].last_at, before[0].figures) if before else None


def imports_since(connection: Connection, moment: datetime) -> Sequence[tuple[int, str]]:
    """Return the imports that came since a moment and count: number, and whose they are.

    Returns
    -------
    sequence of (int, str)
        The name is empty where nobody signed in, or a program did it.
    """
    batches = connection.execute(
        select(Batch.id).where(Batch.imported_at > moment, Batch.live).order_by(Batch.id)
    ).scalars()
    lines = connection.execute(
        select(AuditEvent.who, AuditEvent.detail).where(
            AuditEvent.at > moment - PAUSE, AuditEvent.deed == "imported"
        )
    )
    by = {line.detail.get("record"): line.who for line in lines}
    names = {
        f"member {row.id}": row.name or row.email
        for row in connection.execute(select(Member.id, Member.name, Member.email))
    }
    return [(number, names.get(by.get(number, ""), "")) for number in batches]


def _own(who: Actor) -> ColumnElement[bool]:
    if who.member_id is None:
        return Visit.member_id.is_(None)
    return Visit.member_id == who.member_id
