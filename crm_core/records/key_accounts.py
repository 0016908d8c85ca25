"""Key accounts by hand: reasons, the people at a client's, visits, offers and risks.

Nothing here is seen by the ledger: ``writing(engine, sales=False)`` is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from crm_core.access import Right, actor
from crm_core.errors import RecordError
from crm_core.records.base import Base
from crm_core.records.deeds import client_of, client_of_kind, deed
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models_key_accounts import (
    CARE_KINDS,
    KEY_REASONS,
    ROLES,
    ContactPerson,
    KeyCare,
    KeyReason,
)
from crm_core.records.people import check_client, check_order, check_word

PERSON_FIELDS = ("name", "role", "phone", "birthday", "cuisine", "hobbies", "note")
"""What can be said about somebody at a client's."""

NOTES: dict[str, type[Base]] = {"reason": KeyReason, "person": ContactPerson, "care": KeyCare}
"""Kinds of records :func:`take_back` removes."""


@deed(Right.EDIT, "marked as key account", keep=("reason",))
def mark_key(
    connection: Connection,
    client_id: int,
    *,
    reason: str,
    from_day: date,
    note: str = "",
    by: str = "",
) -> int:
    """Say that a client is key for a reason other than volume, and return the id of the note.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    client_id : int
        ``Clients.record_id`` of the ledger.
    reason : {"potential", "fame", "innovative", "demanding"}
        Why; a client may have several.
    from_day : date
        First day on which it holds.
    note, by : str
        More about it, and who says so.

    Raises
    ------
    RecordError
        If there is no such client or reason, or it holds already.
    """
    check_client(connection, client_id)
    check_word("reason", reason, KEY_REASONS)
    held = KeyReason.__table__.c
    query = select(held.id).where(
        held.client_id == client_id,
        held.reason == reason,
        or_(held.until_day.is_(None), held.until_day > from_day),
    )
    if connection.execute(query).first() is not None:
        raise RecordError(
            f"Wanted a new reason, found that {reason} holds for this client already; "
            "end that one first."
        )
    return _add(connection, KeyReason, client_id=client_id, reason=reason, from_day=from_day,
                until_day=None, note=note.strip(), by=by.strip())  # fmt: skip


@deed(Right.EDIT, "reason of a key account ended", whose=client_of(KeyReason, "reason_id"))
def end_key_reason(connection: Connection, reason_id: int, *, day: date) -> None:
    """Say that a reason no longer holds from a day on; before it stays as it was.

    Raises
    ------
    RecordError
        If there is no such reason, or it would end before it starts.
    """
    table = KeyReason.__table__
    found = connection.execute(select(table.c.from_day).where(table.c.id == reason_id)).first()
    if found is None:
        raise RecordError(f"Wanted reason {reason_id}, found none of that number.")
    check_order("reason", found.from_day, day)
    connection.execute(update(KeyReason).where(table.c.id == reason_id).values(until_day=day))


@deed(Right.EDIT, "contact person noted")
def add_contact_person(
    connection: Connection, client_id: int, *, name: str, role: str = "other", **more: Any
) -> int:
    """Note somebody who works at a client's and return the id of the note.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    client_id : int
        ``Clients.record_id`` of the ledger.
    name : str
        Their name.
    role : {"owner", "head", "buyer", "accountant", "staff", "other"}
        What they are there.
    **more
        ``phone``, ``cuisine``, ``hobbies``, ``note`` (text) and ``birthday`` (date).

    Raises
    ------
    RecordError
        If there is no such client, role or field, or the name is empty.
    """
    check_client(connection, client_id)
    values = _checked({"name": name, "role": role} | more)
    blank = dict.fromkeys(PERSON_FIELDS, "") | {"birthday": None}
    return _add(connection, ContactPerson, client_id=client_id, **(blank | values))


@deed(
    Right.EDIT,
    "contact person corrected",
    whose=client_of(ContactPerson, "person_id"),
    keep=("fields",),
)
def edit_contact_person(connection: Connection, person_id: int, **fields: Any) -> None:
    """Correct what is noted about somebody at a client's.

    Raises
    ------
    RecordError
        If there is nobody of that number, or a field or role is not known.
    """
    values = _checked(fields)
    statement = update(ContactPerson).where(ContactPerson.id == person_id).values(**values)
    if connection.execute(statement).rowcount == 0:
        raise RecordError(f"Wanted contact person {person_id}, found none of that number.")


@deed(Right.EDIT, "care noted", keep=("kind",))
def note_care(
    connection: Connection, client_id: int, *, kind: str, day: date, note: str = "", by: str = ""
) -> int:
    """Note a visit by the head, an offer of something new, or a risk; return the id of the note.

    Raises
    ------
    RecordError
        If there is no such client or kind.
    """
    check_client(connection, client_id)
    check_word("kind of care", kind, CARE_KINDS)
    return _add(connection, KeyCare, client_id=client_id, kind=kind, day=day,
                note=note.strip(), by=by.strip())  # fmt: skip


@deed(
    Right.EDIT,
    "key account note taken back",
    whose=client_of_kind(NOTES, "kind", "note_id"),
    keep=("kind", "note_id"),
)
def take_back(connection: Connection, kind: str, note_id: int) -> None:
    """Remove a note made by mistake.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    kind : {"reason", "person", "care"}
        What it is.
    note_id : int
        Its id.

    Raises
    ------
    RecordError
        If there is no such note.
    """
    check_word("kind of note", kind, tuple(NOTES))
    column = NOTES[kind].__table__.c.id
    if connection.execute(delete(NOTES[kind]).where(column == note_id)).rowcount == 0:
        raise RecordError(f"Wanted {kind} {note_id}, found none of that number.")


@dataclass(frozen=True)
class KeyNotes:
    """What people noted about the key accounts.

    Attributes
    ----------
    reasons, people, care : sequence of (int, row)
        The client a row counts for (merges followed) and the row of its table;
        reasons and care by day, people in the order noted.
    """

    reasons: Sequence[tuple[int, Any]]
    people: Sequence[tuple[int, Any]]
    care: Sequence[tuple[int, Any]]

    def of(self, client_id: int) -> KeyNotes:
        """Return the notes about one client."""
        mine = (
            [pair for pair in rows if pair[0] == client_id]
            for rows in (self.reasons, self.people, self.care)
        )
        return KeyNotes(*mine)


def read_key_notes(connection: Connection) -> KeyNotes:
    """Return all notes about key accounts, each with the client it counts for.

    A merged client's notes count for the client that stays; taking the merge
    apart gives them back. For whoever may not see names, of what is known about
    people and of notes only remains that it is there.
    """
    hidden = not actor().sees_names
    merges = read_merges(connection)

    def rows(model: type[Base], day: str | None) -> list[tuple[int, Any]]:
        table = model.__table__
        order = [table.c.id] if day is None else [table.c[day], table.c.id]
        found = connection.execute(select(table).order_by(*order)).all()
        return [
            (follow_merge(merges, row.client_id), _without_words(row) if hidden else row)
            for row in found
        ]

    return KeyNotes(rows(KeyReason, "from_day"), rows(ContactPerson, None), rows(KeyCare, "day"))


NOTED = "noted"
"""Stands for a text that may not be shown."""

HIDDEN_FIELDS = ("name", "phone", "cuisine", "hobbies", "note", "by")


def _without_words(row: Any) -> Any:
    values = dict(row._mapping)
    for name in HIDDEN_FIELDS:
        if values.get(name):
            values[name] = NOTED
    if values.get("birthday") is not None:
        values["birthday"] = date.min
    return SimpleNamespace(**values)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields of a contact person, text trimmed."""
    for name in fields:
        check_word("field of a contact person", name, PERSON_FIELDS)
    values = {n: v.strip() if isinstance(v, str) else v for n, v in fields.items()}
    if "role" in values:
        check_word("role", values["role"], ROLES)
    if not values.get("name", "given"):
        raise RecordError("Wanted the name of the contact person, found none; enter one.")
    return values


def _add(connection: Connection, model: type[Base], **values: Any) -> int:
    result = connection.execute(insert(model).values(**values).returning(model.__table__.c.id))
    return int(result.scalar_one())
