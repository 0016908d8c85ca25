"""What people record by hand: contacts, endings, contracts, snoozes, overrides, managers.

Every function takes a connection from :func:`crm_core.records.engine.writing`,
checks what it is given and says in words what is wrong; who may call it, the guard
above it says (:mod:`crm_core.records.deeds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, select, update

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.bulk import next_ids
from crm_core.records.deeds import client_of, client_of_kind, deed
from crm_core.records.models import (
    Base,
    Client,
    ClientManager,
    Contact,
    Contract,
    Ending,
    Snooze,
    StageOverride,
)
from crm_core.records.models_people import CONTACT_KINDS
from crm_core.records.named_rows import GONE
from crm_core.tables import END_REASONS, STAGES, WHO_ENDED

OVERRIDE_DAYS = 180
"""How long an override holds when nobody says otherwise."""

BY_HAND: dict[str, type[Base]] = {
    "contact": Contact,
    "ending": Ending,
    "contract": Contract,
    "snooze": Snooze,
    "override": StageOverride,
}
"""Kinds of records :func:`withdraw` can take back."""


@deed(Right.EDIT, "contact noted", keep=("kind",))
def log_contact(
    connection: Connection,
    client_id: int,
    *,
    day: date,
    kind: str,
    inbound: bool,
    created_at: datetime,
    note: str = "",
    by: str = "",
) -> int:
    """Note a call, visit, reply or letter and return the id of the note.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    client_id : int
        ``Clients.record_id`` of the ledger.
    day : date
        When it was.
    kind : {"call", "visit", "reply", "mail", "other"}
        What it was.
    inbound : bool
        True when it came from the client: then it is a signal of theirs.
    created_at : datetime
        Now, with its time zone.
    note, by : str
        What was said, and who noted it.

    Raises
    ------
    RecordError
        If there is no such client or kind.
    """
    check_client(connection, client_id)
    check_word("kind of contact", kind, CONTACT_KINDS)
    return _add(connection, Contact, client_id=client_id, day=day, kind=kind, inbound=inbound,
                note=note, by=by, created_at=created_at)  # fmt: skip


@deed(Right.EDIT, "ending noted", keep=("who", "reason"))
def end_relationship(
    connection: Connection, client_id: int, *, day: date, who: str, reason: str, note: str = ""
) -> int:
    """Note that somebody ended the relationship and return the id of the note.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    client_id : int
        ``Clients.record_id`` of the ledger.
    day : date
        From which day it is over; a later purchase opens it again.
    who : str
        One of :data:`crm_core.tables.WHO_ENDED`.
    reason : str
        One of :data:`crm_core.tables.END_REASONS`.
    note : str
        Free text.

    Raises
    ------
    RecordError
        If there is no such client, or a word is not known.
    """
    check_client(connection, client_id)
    check_word("who ended it", who, WHO_ENDED)
    check_word("reason", reason, END_REASONS)
    return _add(connection, Ending, client_id=client_id, day=day, who=who, reason=reason, note=note)


@deed(Right.EDIT, "contract noted")
def add_contract(
    connection: Connection,
    client_id: int,
    *,
    start: date,
    end: date,
    trial: bool = False,
    notice_day: date | None = None,
) -> int:
    """Note a contract and return its id; ``end`` is the last day it covers.

    Raises
    ------
    RecordError
        If there is no such client, or the contract ends before it starts.
    """
    check_client(connection, client_id)
    check_order("contract", start, end)
    return _add(connection, Contract, client_id=client_id, start_day=start, end_day=end,
                trial=trial, notice_day=notice_day)  # fmt: skip


@deed(Right.EDIT, "notice noted", whose=client_of(Contract, "contract_id"))
def give_notice(connection: Connection, contract_id: int, *, day: date | None) -> None:
    """Note the day on which a contract was cancelled; None takes the notice back.

    Raises
    ------
    RecordError
        If there is no such contract.
    """
    statement = update(Contract).where(Contract.id == contract_id).values(notice_day=day)
    if connection.execute(statement).rowcount == 0:
        raise RecordError(f"Wanted contract {contract_id}, found none of that number.")


@deed(Right.EDIT, "client snoozed", keep=("until",))
def snooze(
    connection: Connection, client_id: int, *, from_day: date, until: date, note: str = ""
) -> int:
    """Leave a client off the late list through ``until`` and return the id of the note.

    The ledger does not see it: ``writing(engine, sales=False)`` is enough.

    Raises
    ------
    RecordError
        If there is no such client, or it would end before it starts.
    """
    check_client(connection, client_id)
    check_order("snooze", from_day, until)
    return _add(
        connection, Snooze, client_id=client_id, from_day=from_day, until_day=until, note=note
    )


@deed(Right.EDIT, "stage set by hand", keep=("stage",))
def override_stage(
    connection: Connection,
    client_id: int,
    *,
    stage: str,
    reason: str,
    author: str,
    set_on: date,
    expires_on: date | None = None,
) -> int:
    """Set a client's stage by hand for a while and return the id of the note.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    client_id : int
        ``Clients.record_id`` of the ledger.
    stage : str
        One of :data:`crm_core.tables.STAGES`, but not ``none``.
    reason, author : str
        Why, not empty, and who says so.
    set_on, expires_on : date
        First and last day it holds; 180 days when no last day is given.

    Raises
    ------
    RecordError
        If there is no such client, the stage is none, the reason is empty, or it would
        end before it starts.
    """
    check_client(connection, client_id)
    check_word("stage", stage, STAGES[1:])
    if not reason.strip():
        raise RecordError("Wanted a reason for the stage set by hand, found none; write one.")
    last = expires_on or set_on + timedelta(days=OVERRIDE_DAYS)
    check_order("override", set_on, last)
    return _add(connection, StageOverride, client_id=client_id, stage=stage, reason=reason.strip(),
                author=author, set_on=set_on, expires_on=last)  # fmt: skip


@deed(Right.EDIT, "manager set")
def set_manager(connection: Connection, client_id: int, manager: str, *, from_day: date) -> None:
    """Note who looks after a client from a day on; an empty name means nobody."""
    check_client(connection, client_id)
    row = int(next_ids(connection, ClientManager, 1)[0])
    values = {"id": row, "client_id": client_id, "manager": manager.strip(), "from_day": from_day}
    connection.execute(insert(ClientManager).values(values))


@deed(
    Right.EDIT,
    "note taken back",
    whose=client_of_kind(BY_HAND, "kind", "record_id"),
    keep=("kind", "record_id"),
)
def withdraw(connection: Connection, kind: str, record_id: int) -> None:
    """Take back a note made by mistake.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    kind : {"contact", "ending", "contract", "snooze", "override"}
        What it is.
    record_id : int
        Its id.

    Raises
    ------
    RecordError
        If there is no such note.
    """
    check_word("kind of note", kind, tuple(BY_HAND))
    column = BY_HAND[kind].__table__.c.id
    if connection.execute(delete(BY_HAND[kind]).where(column == record_id)).rowcount == 0:
        raise RecordError(f"Wanted {kind} {record_id}, found none of that number.")


def _add(connection: Connection, model: type[Base], **values: Any) -> int:
    result = connection.execute(insert(model).values(**values).returning(model.__table__.c.id))
    return int(result.scalar_one())


def check_client(connection: Connection, client_id: int) -> None:
    """Refuse the id of a client that is not stored."""
    found = connection.execute(select(exists().where(Client.id == client_id))).scalar()
    if not found:
        raise RecordError(f"Wanted client {client_id}, found none of that number.")


def check_word(what: str, found: str, known: Sequence[str]) -> None:
    """Refuse a word that is not among those known."""
    if found not in known:
        raise RecordError(f"Wanted the {what} to be one of {', '.join(known)}; found {found!r}.")


def check_order(what: str, first: date, last: date) -> None:
    """Refuse an end before the start."""
    if last < first:
        raise RecordError(f"Wanted the {what} to end on or after {first}, found {last}.")


def erased_clients(connection: Connection) -> set[int]:
    """Return the ids of all erased records, those merged into an erased client included."""
    query = select(Client.id, Client.external_id).where(Client.external_id.like(f"{GONE}-%"))
    return {row[0] for row in connection.execute(query) if row[1] == f"{GONE}-{row[0]}"}
