"""Who has a client's card open now, and what others did to the client meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from crm_core.access import Right, require
from crm_core.errors import RecordError
from crm_core.records.models import AuditEvent, Member, Presence

LIFE = timedelta(seconds=60)
"""How long somebody counts as being there after the last sign of it."""


def note_presence(connection: Connection, client_id: int, *, now: datetime) -> None:
    """Note that whoever is at work has a client's card open; without sign-in nothing.

    Parameters
    ----------
    connection : Connection
        Of :func:`crm_core.records.engine.note_quietly`.
    client_id : int
        The client's record.
    now : datetime
        With its time zone.

    Raises
    ------
    AccessError
        If nobody has signed in.
    """
    mine = require(Right.SEE).member_id
    if mine is None:
        return
    connection.execute(
        delete(Presence).where(Presence.member_id == mine, Presence.seen_at < now - LIFE)
    )
    own = (Presence.member_id == mine) & (Presence.client_id == client_id)
    if connection.execute(update(Presence).where(own).values(seen_at=now)).rowcount == 0:
        connection.execute(
            insert(Presence).values(member_id=mine, client_id=client_id, seen_at=now)
        )


def others_present(connection: Connection, client_id: int, *, now: datetime) -> Sequence[str]:
    """Return the names of the others who have a client's card open, by name."""
    mine = require(Right.SEE).member_id
    query = (
        select(Member.name, Member.email)
        .join(Presence, Presence.member_id == Member.id)
        .where(Presence.client_id == client_id, Presence.seen_at >= now - LIFE)
        .where(Member.removed_at.is_(None))
    )
    if mine is not None:
        query = query.where(Member.id != mine)
    return sorted({row.name or row.email for row in connection.execute(query)})


def newest_line(connection: Connection, client_id: int) -> int:
    """Return the number of the newest audit line about a client, 0 without any."""
    query = select(func.coalesce(func.max(AuditEvent.id), 0))
    return int(connection.execute(query.where(AuditEvent.client_id == client_id)).scalar_one())


def check_nobody_was_faster(connection: Connection, client_id: int, *, since: int) -> None:
    """Refuse to write over what somebody else did to a client meanwhile.

    Parameters
    ----------
    connection : Connection
        Inside the write transaction.
    client_id : int
        The client's record.
    since : int
        :func:`newest_line` of when the person began.

    Raises
    ------
    RecordError
        If there is a newer line by somebody else; it says who and when.
    """
    who = require(Right.SEE)
    found = connection.execute(
        select(AuditEvent.who, AuditEvent.at, AuditEvent.deed)
        .where(AuditEvent.client_id == client_id, AuditEvent.id > since)
        .where(AuditEvent.who != who.label)
        .order_by(AuditEvent.id.desc())
        .limit(1)
    ).first()
    if found is None:
        return
    number = found.who.removeprefix("member ")
    named = None
    if number.isdigit():
        row = connection.execute(
            select(Member.name, Member.email).where(Member.id == int(number))
        ).first()
        named = row and (row.name or row.email)
    at = found.at.astimezone().strftime("%H:%M")
    raise RecordError(
        f"{named or found.who.capitalize()} was faster: {found.deed} at {at}, while this was open. "
        "Look at the card again; saving once more keeps both."
    )
