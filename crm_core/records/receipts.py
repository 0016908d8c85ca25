"""The receipt of an erasure: what was removed, what stays, and nothing about the person."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.deeds import deed
from crm_core.records.models import Erasure

REMOVED_KINDS = (
    "details on the card",
    "names in files",
    "details from files",
    "texts of notes",
    "contact people",
    "order references",
    "rows of files that became no sale",
    "texts about merges",
    "mentions in other texts",
)
"""What an erasure counts, in the order of the receipt."""


@dataclass(frozen=True)
class Receipt:
    """What one erasure did; holds no personal data.

    Attributes
    ----------
    client_id : int
        The pseudonym's number.
    pseudonym : str
        What the client is called from now on.
    at : datetime
        When, with its time zone.
    by : str
        Label of who did it, as in the audit.
    reason : str
        The request's own reference, mentions of the person taken out.
    members : int
        Records that counted as this client: it and those merged into it.
    removed : mapping of str to int
        Count by kind of :data:`REMOVED_KINDS`.
    kept : mapping of str to int
        Rows that stay under the pseudonym, by kind.
    fingerprints : mapping of str to int
        By kind of identity: how the next import knows the person again.
    shared : int
        E-mails, phones and names that other clients have too, so not used for that.
    database : str
        ``sqlite`` or ``postgresql``.
    alike : tuple of int
        Records that stay and have an e-mail, a phone or the name in common: others, or
        the same person never merged.
    number : int
        Of the erasure; 0 before it is stored.
    file_clean : bool or None
        Whether the bytes are gone from the database file; None where it is not ours.
    """

    client_id: int
    pseudonym: str
    at: datetime
    by: str
    reason: str
    members: int
    removed: Mapping[str, int]
    kept: Mapping[str, int]
    fingerprints: Mapping[str, int]
    shared: int
    database: str
    alike: tuple[int, ...] = ()
    number: int = 0
    file_clean: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self)) | {"at": self.at.isoformat(), "alike": list(self.alike)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Receipt:
        """Return what :meth:`to_json` wrote."""
        at, alike = datetime.fromisoformat(stored["at"]), tuple(stored.get("alike", ()))
        return cls(**{**stored, "at": at, "alike": alike})


def list_erasures(connection: Connection) -> list[Receipt]:
    """Return the receipts of all erasures, newest first."""
    rows = connection.execute(select(Erasure.__table__).order_by(Erasure.id.desc()))
    return [_receipt(row) for row in rows]


def find_receipt(connection: Connection, number: int) -> Receipt:
    """Return one receipt.

    Raises
    ------
    RecordError
        If there is none of that number.
    """
    row = connection.execute(select(Erasure.__table__).where(Erasure.id == number)).first()
    if row is None:
        raise RecordError(f"Wanted erasure {number}, found none of that number.")
    return _receipt(row)


def _receipt(row: Any) -> Receipt:
    return Receipt.from_json({**row.receipt, "number": row.id})


@deed(Right.PRIVACY, "file cleaned of the erased")
def note_cleaned(connection: Connection, numbers: Sequence[int]) -> None:
    """Write on receipts that the bytes are gone from the database file."""
    table = Erasure.__table__
    for number in numbers:
        held = connection.execute(select(table.c.receipt).where(table.c.id == number)).scalar()
        if held is not None:
            values = {"receipt": held | {"file_clean": True}}
            connection.execute(update(Erasure).where(table.c.id == number).values(values))


def clean_file(engine: Engine) -> bool | None:
    """Rewrite an SQLite file so that nothing that was removed is left in its bytes.

    Call it after the transaction that erased. Readers are not disturbed; while another
    program writes or holds an old state open, the old bytes stay for now.

    Returns
    -------
    bool or None
        True when the file and its ``-wal`` are clean, False when they were in use, None
        for other databases, which look after their own files.
    """
    if engine.dialect.name != "sqlite":
        return None
    held = engine.raw_connection()
    try:
        cursor = held.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()
        cursor.close()
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            return False
        raise
    finally:
        held.close()
    return not busy or busy[0] in (0, -1)
