"""The audit as an owner reads it: chosen, named, and as a table to keep.

Lines keep record ids only. Who a member is, is looked up when somebody reads, so
that what is written down once stays free of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from crm_core.access import Right, require
from crm_core.records.deeds import deed
from crm_core.records.models import AuditEvent
from crm_core.records.team import member_names

AUDIT_COLUMNS = ("at", "who", "name", "role", "deed", "client", "detail")
"""The columns of the audit as a file, in this order."""


@dataclass(frozen=True)
class AuditLine:
    """Somebody did something.

    Attributes
    ----------
    number : int
        Grows with every line.
    at : datetime
        In UTC.
    who : str
        ``member 3``, ``alone``, ``command line``, ``watched folder``.
    name : str
        What the member is called today, else ``who``.
    role : str
        Theirs then.
    deed : str
        In the past tense.
    client_id : int or None
        Record of the client concerned.
    detail : dict
        Numbers, keys and record ids.
    """

    number: int
    at: datetime
    who: str
    name: str
    role: str
    deed: str
    client_id: int | None
    detail: dict[str, Any]

    @property
    def said(self) -> str:
        """The detail in one line: ``role viewer, member id 4``."""
        return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in self.detail.items())

    @property
    def cells(self) -> tuple[object, ...]:
        """The line as a row of :data:`AUDIT_COLUMNS`; without the name of anybody's client."""
        at = self.at.isoformat(timespec="seconds")
        return (at, self.who, self.name, self.role, self.deed, self.client_id, self.said)


@dataclass(frozen=True)
class AuditChoice:
    """Which lines: all where nothing is named.

    Attributes
    ----------
    who : sequence of str
        As :attr:`AuditLine.who`.
    deeds : sequence of str
        As :attr:`AuditLine.deed`.
    since, until : datetime, optional
        From, and before.
    """

    who: Sequence[str] = ()
    deeds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditChoice()


def read_audit(
    connection: Connection, choice: AuditChoice = EVERYTHING, *, most: int | None = None
) -> list[AuditLine]:
    """Return lines of the audit, newest first.

    Parameters
    ----------
    connection : Connection
        Any connection.
    choice : AuditChoice
        Which lines.
    most : int, optional
        At most so many.

    Raises
    ------
    AccessError
        If whoever asks may not read who did what.
    """
    require(Right.AUDIT)
    return _lines(connection, choice, most)


def count_audit(connection: Connection, choice: AuditChoice = EVERYTHING) -> int:
    """Return how many lines a choice holds; refuses as :func:`read_audit` does."""
    require(Right.AUDIT)
    query = _chosen(select(func.count()).select_from(AuditEvent), choice)
    return int(connection.execute(query).scalar_one())


@deed(Right.AUDIT, "audit exported")
def export_audit(connection: Connection, choice: AuditChoice = EVERYTHING) -> list[AuditLine]:
    """Return the lines of a choice to hand over; that somebody took them is written down.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    choice : AuditChoice
        Which lines.

    Raises
    ------
    AccessError
        If whoever asks may not read who did what.
    """
    return _lines(connection, choice, None)


def audit_words(connection: Connection) -> tuple[dict[str, str], list[str]]:
    """Return what can be chosen: who by name, and the deeds; refuses as :func:`read_audit`."""
    require(Right.AUDIT)
    names = member_names(connection)
    found = connection.execute(select(AuditEvent.who).distinct()).scalars()
    people = {who: _name_of(who, names) for who in found}
    deeds = connection.execute(select(AuditEvent.deed).distinct()).scalars()
    return dict(sorted(people.items(), key=lambda item: item[1].lower())), sorted(deeds)


def _lines(connection: Connection, choice: AuditChoice, most: int | None) -> list[AuditLine]:
    query = _chosen(select(AuditEvent.__table__), choice).order_by(AuditEvent.id.desc())
    if most is not None:
        query = query.limit(most)
    names = member_names(connection)
    return [
        AuditLine(
            number=row.id,
            at=row.at,
            who=row.who,
            name=_name_of(row.who, names),
            role=row.role,
            deed=row.deed,
            client_id=row.client_id,
            detail=dict(row.detail),
        )
        for row in connection.execute(query)
    ]


def _chosen(query: Select[Any], choice: AuditChoice) -> Select[Any]:
    if choice.who:
        query = query.where(AuditEvent.who.in_(choice.who))
    if choice.deeds:
        query = query.where(AuditEvent.deed.in_(choice.deeds))
    if choice.since is not None:
        query = query.where(AuditEvent.at >= choice.since)
    if choice.until is not None:
        query = query.where(AuditEvent.at < choice.until)
    return query


def _name_of(who: str, names: dict[int, str]) -> str:
    kind, _, number = who.partition(" ")
    if kind == "member" and number.isdigit():
        return names.get(int(number), who)
    return who
