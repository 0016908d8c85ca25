"""Clients change hands from a day on, for good or for a while; history stays with who had them.

A handing over only adds records of who looks after whom (see :mod:`crm_core.caring`),
so every earlier day stays as it was, and it can be taken back by removing them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from crm_core.access import Right, Role, actor
from crm_core.errors import AccessError, RecordError
from crm_core.records.audit import list_audit
from crm_core.records.bulk import next_ids
from crm_core.records.caring import timelines_of
from crm_core.records.deeds import deed
from crm_core.records.models import ClientManager, Member, Notice, NoticeSeen
from crm_core.records.notices import post_notice
from crm_core.records.people import check_client, check_order
from crm_core.records.scope import check_clients_are_theirs

DEED = "clients handed over"
"""The audit's words for a handing over."""

BACK = "handing over taken back"

MOST_LISTED = 10


@dataclass(frozen=True)
class HandedOver:
    """What a handing over wrote.

    Attributes
    ----------
    first_row : int
        Names it, for :func:`take_back`.
    n_rows, n_clients : int
        Records written, and clients that change hands.
    """

    first_row: int
    n_rows: int
    n_clients: int

    @property
    def audit_detail(self) -> dict[str, int]:
        """What the audit keeps of it."""
        return {"first_row": self.first_row, "rows": self.n_rows, "clients": self.n_clients}


@dataclass(frozen=True)
class PastHandOver:
    """A handing over that still holds, as it is listed.

    Attributes
    ----------
    first_row, n_clients : int
        As :class:`HandedOver`.
    to : str
        Who got the clients.
    at : datetime
        When somebody said so.
    from_day : date
        The first day.
    until : date or None
        The last day; None for good.
    """

    first_row: int
    n_clients: int
    to: str
    at: datetime
    from_day: date
    until: date | None


@deed(Right.EDIT, DEED, keep=("from_day", "until"))
def hand_over(
    connection: Connection,
    client_ids: Sequence[int],
    *,
    to: str,
    from_day: date,
    until: date | None = None,
    giver: str | None = None,
) -> HandedOver:
    """Let somebody else look after clients, for good or until a day, then back by itself.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; the ledger sees it.
    client_ids : sequence of int
        ``Clients.record_id`` of the ledger.
    to : str
        Who gets them, as files and cards spell the name.
    from_day : date
        The first day; earlier ones stay with whoever had the clients then.
    until : date, optional
        The last day of a cover; the day after, each client is back where it was.
    giver : str, optional
        Only the days on which this person has the client change hands, those after a
        cover by somebody else among them. By default whoever has each on the first day.

    Returns
    -------
    HandedOver

    Raises
    ------
    AccessError
        If one of the clients is not theirs.
    RecordError
        If the name is empty, it would end before it starts, or nothing would change.
    """
    name = to.strip()
    if not name:
        raise RecordError("Wanted to know who gets the clients, found no name; enter one.")
    if until is not None:
        check_order("cover", from_day, until)
    ids = list(dict.fromkeys(client_ids))
    check_clients_are_theirs(connection, ids)
    if len(ids) == 1:
        check_client(connection, ids[0])
    rows: list[tuple[int, date, str]] = []
    for number, line in zip(ids, timelines_of(connection, ids, from_day), strict=True):
        rows += [(number, *row) for row in _changes(line, giver, name, until)]
    if not rows:
        raise RecordError(
            f"Wanted clients to hand over, found none that would change hands: {name} has them."
        )
    return _write(connection, rows, to=name, from_day=from_day, until=until)


def _changes(
    line: list[tuple[date, str]], giver: str | None, to: str, until: date | None
) -> list[tuple[date, str]]:
    """Return the records that hand one client over, given who has it from when.

    Examples
    --------
    Ann has the client, Ben covers from the 5th to the 9th; now Cleo follows Ann:

    >>> line = [(date(2024, 6, d), n) for d, n in ((1, "Ann"), (5, "Ben"), (10, "Ann"))]
    >>> [(day.day, name) for day, name in _changes(line, None, "Cleo", None)]
    [(1, 'Cleo'), (10, 'Cleo')]

    Cleo only stands in until the 12th:

    >>> [(day.day, name) for day, name in _changes(line, None, "Cleo", date(2024, 6, 12))]
    [(1, 'Cleo'), (10, 'Cleo'), (13, 'Ann')]
    """
    whose = line[0][1] if giver is None else giver
    rows: list[tuple[date, str]] = []
    ends = [start for start, _ in line[1:]] + [None]
    for (start, name), end in zip(line, ends, strict=True):
        if name != whose or name == to or (until is not None and start > until):
            continue
        rows.append((start, to))
        if until is not None and (end is None or end > until + timedelta(days=1)):
            rows.append((until + timedelta(days=1), name))
    return rows


def _write(
    connection: Connection,
    rows: Sequence[tuple[int, date, str]],
    *,
    to: str,
    from_day: date,
    until: date | None,
) -> HandedOver:
    numbers = next_ids(connection, ClientManager, len(rows)).tolist()
    connection.execute(
        insert(ClientManager),
        [
            {"id": row, "client_id": client, "from_day": day, "manager": name, "batch_id": None}
            for row, (client, day, name) in zip(numbers, rows, strict=True)
        ],
    )
    done = HandedOver(int(numbers[0]), len(rows), len({client for client, _, _ in rows}))
    said = {"from": from_day.isoformat(), "until": until and until.isoformat()}
    getting = select(Member.id).where(Member.manager == to, Member.removed_at.is_(None))
    for member in connection.execute(getting).scalars().all():
        if member != actor().member_id:
            post_notice(connection, "handover", done.audit_detail | said, for_member=member)
    return done


@deed(Right.EDIT, BACK, keep=("first_row",))
def take_back(connection: Connection, first_row: int) -> None:
    """Undo a handing over: its records go, the day before it and after it stay.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; the ledger sees it.
    first_row : int
        Of :class:`HandedOver`.

    Raises
    ------
    AccessError
        If somebody else did it, and whoever asks is no owner.
    RecordError
        If there is none of that number, or it was taken back before.
    """
    held = [line for line in _in_force(connection) if line.detail["first_row"] == first_row]
    if not held:
        raise RecordError(f"Wanted handing over {first_row}, found none of that number in force.")
    who = actor()
    if who.role is not Role.OWNER and held[0].who != who.label:
        raise AccessError("You may not take this back: somebody else handed these clients over.")
    last = first_row + held[0].detail["rows"] - 1
    connection.execute(
        delete(ClientManager)
        .where(ClientManager.id.between(first_row, last))
        .where(ClientManager.batch_id.is_(None))
    )
    _forget_notices(connection, first_row)


def _in_force(connection: Connection) -> list[Any]:
    """Return the audit's lines of what was handed over and not taken back, newest first."""
    taken: dict[int, int] = {}
    for line in list_audit(connection, deed=BACK):
        taken.setdefault(line.detail["first_row"], line.id)
    # Rows given free are numbered again: a line is void only by a later word about it.
    return [
        line
        for line in list_audit(connection, deed=DEED)
        if taken.get(line.detail["first_row"], 0) < line.id
    ]


def _forget_notices(connection: Connection, first_row: int) -> None:
    query = select(Notice.id, Notice.detail).where(Notice.kind == "handover")
    for number, detail in connection.execute(query).all():
        if detail.get("first_row") == first_row:
            connection.execute(delete(NoticeSeen).where(NoticeSeen.notice_id == number))
            connection.execute(delete(Notice).where(Notice.id == number))


def names_in_team(connection: Connection) -> set[str]:
    """Return the names under which members of the team look after clients."""
    query = select(Member.manager).where(Member.manager.is_not(None), Member.removed_at.is_(None))
    return {name for name in connection.execute(query).scalars() if name}


def list_hand_overs(connection: Connection, *, most: int = MOST_LISTED) -> Sequence[PastHandOver]:
    """Return what whoever is at work may take back, newest first.

    Parameters
    ----------
    connection : Connection
        Any connection.
    most : int, default 10
        At most so many.
    """
    who = actor()
    every = who.role is Role.OWNER
    lines = [line for line in _in_force(connection) if every or line.who == who.label][:most]
    firsts = [line.detail["first_row"] for line in lines]
    query = select(ClientManager.id, ClientManager.manager).where(ClientManager.id.in_(firsts))
    names = {row.id: row.manager for row in connection.execute(query)}
    return [
        PastHandOver(
            line.detail["first_row"],
            line.detail["clients"],
            names.get(line.detail["first_row"], ""),
            line.at,
            date.fromisoformat(line.detail["from_day"]),
            _day(line.detail.get("until")),
        )
        for line in lines
    ]


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text and text != "None" else None
