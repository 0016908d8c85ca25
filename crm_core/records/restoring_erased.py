"""Who was erased stays erased: what a replaced database knew is done again in the restored one.

A backup made before an erasure holds the person still. The replaced database knows whom
it had erased, with which key, and how files call them; all of that is carried over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, inspect, select

from crm_core.records.engine import reading, writing
from crm_core.records.erasing import erase_many
from crm_core.records.models import Client, ErasedIdentity, SecretKey
from crm_core.records.people import erased_clients
from crm_core.records.receipts import clean_file, note_cleaned
from crm_core.records.secret_keys import FINGERPRINTS
from crm_core.records.versions import read_versions

REASON = "erased before; done again after a backup was restored"


@dataclass(frozen=True)
class Replaced:
    """What a replaced database knew that the restored one must not forget.

    Attributes
    ----------
    database_id : str
        Client ids mean the same in a backup of the same database only.
    erased : frozenset of int
        Ids of all erased records, those merged into an erased client included.
    fingerprints : list of dict
        Rows of ``erased_identities``.
    keys : list of dict
        The row of ``secret_keys`` the fingerprints were made with.
    """

    database_id: str = ""
    erased: frozenset[int] = frozenset()
    fingerprints: list[dict[str, Any]] = field(default_factory=list)
    keys: list[dict[str, Any]] = field(default_factory=list, repr=False)


def remember(connection: Connection) -> Replaced:
    """Return what a database that is about to be replaced knew; nothing of an older one."""
    there = inspect(connection)
    if not (there.has_table("erased_identities") and there.has_table("versions")):
        return Replaced()
    identities, keys = ErasedIdentity.__table__, SecretKey.__table__
    made_with = select(keys).where(keys.c.name == FINGERPRINTS)
    return Replaced(
        read_versions(connection).database_id,
        frozenset(erased_clients(connection)),
        [dict(row) for row in connection.execute(select(identities)).mappings()],
        [dict(row) for row in connection.execute(made_with).mappings()],
    )


def erase_again(engine: Engine, before: Replaced, *, at: datetime) -> tuple[int, int]:
    """Erase in a restored database whom the replaced one had erased.

    Parameters
    ----------
    engine : Engine
        Of the restored database, migrated.
    before : Replaced
        From :func:`remember`.
    at : datetime
        The present moment.

    Returns
    -------
    erased : int
        Persons erased again.
    unknown : int
        Records erased in the replaced database that the restored one does not know: they
        came later, and the next file with them would bring the person back.
    """
    with reading(engine) as connection:
        own = read_versions(connection).database_id == before.database_id
        known = set(connection.execute(select(Client.id)).scalars()) if own else set()
        missing = before.erased - (erased_clients(connection) if own else set())
    again = sorted(missing & known)
    if own and before.fingerprints:
        # Also where nobody is erased anew: later files may have called them by more.
        with writing(engine) as connection:
            _carry_key(connection, before)
            receipts = erase_many(connection, again, at=at, reason=REASON)
            _carry_fingerprints(connection, before, known)
        if again and clean_file(engine):
            with writing(engine, sales=False) as connection:
                note_cleaned(connection, [receipt.number for receipt in receipts])
    return len(again), len(missing) - len(again)


def _carry_key(connection: Connection, before: Replaced) -> None:
    held = select(SecretKey.name).where(SecretKey.name == FINGERPRINTS)
    if before.keys and connection.execute(held).first() is None:
        connection.execute(insert(SecretKey), before.keys)


def _carry_fingerprints(connection: Connection, before: Replaced, known: set[int]) -> None:
    """Store the fingerprints of identities that only later files had."""
    keys: Any = SecretKey.__table__.c
    key = connection.execute(select(keys.value).where(keys.name == FINGERPRINTS)).scalar()
    if not before.keys or key != before.keys[0]["value"]:
        return
    held = set(connection.execute(select(ErasedIdentity.fingerprint)).scalars())
    rows = [
        row
        for row in before.fingerprints
        if row["client_id"] in known and row["fingerprint"] not in held
    ]
    if rows:
        connection.execute(insert(ErasedIdentity), rows)
