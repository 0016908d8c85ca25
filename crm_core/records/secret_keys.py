"""The random keys of one database: for pseudonyms, and for fingerprints of the erased.

A key is made when it is first asked for and never changes; whoever has the
database has its keys, so they hide names from readers of pages, not from the owner.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from crm_core.records.engine import reading, recording
from crm_core.records.models import SecretKey

PSEUDONYMS = "pseudonyms"
FINGERPRINTS = "fingerprints"

KEY_BYTES = 32


def secret_key(source: Connection | Engine, name: str) -> bytes:
    """Return a key of the database, made at the first call.

    Parameters
    ----------
    source : Connection or Engine
        A connection inside a write transaction, which then holds the new key as well; or
        the engine, which opens a transaction of its own only where the key is missing.
        Inside a transaction hand over its connection: the engine would wait for it.
    name : str
        What the key is for, such as :data:`PSEUDONYMS`.

    Returns
    -------
    bytes
        32 random bytes, the same at every call on this database.
    """
    if isinstance(source, Connection):
        return _find(source, name) or _make(source, name)
    with reading(source) as connection:
        found = _find(connection, name)
    if found is None:
        with recording(source) as connection:
            found = _make(connection, name)
    return found


def _find(connection: Connection, name: str) -> bytes | None:
    held = connection.execute(select(SecretKey.value).where(SecretKey.name == name)).scalar()
    return None if held is None else bytes.fromhex(held)


def _make(connection: Connection, name: str) -> bytes:
    """Store a new key unless another session was first, and return the one stored."""
    values = {"name": name, "value": secrets.token_hex(KEY_BYTES), "made_at": datetime.now(UTC)}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(SecretKey).values(values).on_conflict_do_nothing())
    found = _find(connection, name)
    assert found is not None
    return found
