"""How the last file with the same header was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from crm_core.access import Right
from crm_core.records.deeds import deed
from crm_core.records.models import RememberedMapping


def header_hash(columns: Sequence[str]) -> str:
    """Return what a header is remembered by: its names in any order, spaces and case folded.

    Examples
    --------
    >>> header_hash(["Order ID", "Day"]) == header_hash(["day ", "order  id"])
    True
    """
    names = sorted(" ".join(name.split()).casefold() for name in columns)
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


@deed(Right.IMPORT, "reading of a header remembered")
def remember_mapping(
    connection: Connection, columns: Sequence[str], mapping: Mapping[str, Any]
) -> None:
    """Remember how a file with this header was read, for the next one."""
    key = header_hash(columns)
    connection.execute(delete(RememberedMapping).where(RememberedMapping.header_hash == key))
    connection.execute(insert(RememberedMapping).values(header_hash=key, mapping=dict(mapping)))


def recall_mapping(connection: Connection, columns: Sequence[str]) -> dict[str, Any] | None:
    """Return how the last file with this header was read, None for a new header."""
    key = header_hash(columns)
    query = select(RememberedMapping.mapping).where(RememberedMapping.header_hash == key)
    found = connection.execute(query).first()
    return None if found is None else dict(found[0])
