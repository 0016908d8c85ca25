"""The ledger kept on disk, held against one made anew from the records, to the last byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from crm_core.ledger import Ledger
from crm_core.ledger_files import arrays_of, open_ledger, save_ledger
from crm_core.records.engine import reading
from crm_core.records.versions import read_versions
from crm_core.self_check.findings import Check, Finding
from crm_core.snapshot import build_ledger, default_cache

NAME, COMPARED = "Cached ledger", "the ledger kept on disk, with one made anew from the records"
REBUILD = (
    "Nothing is lost: it is only a copy for speed. Let it be made again: with the button on the "
    "page, or with python -m crm_core check --rebuild and a restart of the dashboard."
)

BLOCK = 1 << 20
"""Values compared at a time: bounds the memory."""


def cache_check(engine: Engine, connection: Connection, fresh: Ledger) -> Check:
    """Return the check of the cached ledger.

    Parameters
    ----------
    engine : Engine
        Its database says where the cache lives.
    connection : Connection
        Reading, the moment from which ``fresh`` was made.
    fresh : Ledger
        From :func:`crm_core.snapshot.build_ledger`.
    """
    return Check(NAME, COMPARED, lambda: _compare(cache_folder(engine, connection), fresh), REBUILD)


def cache_folder(engine: Engine, connection: Connection) -> Path | None:
    """Return the folder of the cached ledger of what is stored now, None where none is kept."""
    root, versions = default_cache(engine), read_versions(connection)
    return None if root is None else root / versions.database_id / versions.sales_key


def _compare(folder: Path | None, fresh: Ledger) -> Finding | str | None:
    if folder is None or not folder.is_dir():
        why = "No ledger is kept on disk" if folder is None else "No ledger has been kept yet"
        return Finding(NAME, COMPARED, "ok", f"{why}: there is none that could be wrong.")
    cached = open_ledger(folder)
    if cached is None:
        return "The ledger kept on disk is damaged and cannot be opened."
    wrong = list(differences(cached, fresh))
    if not wrong:
        return None
    more = f" (and {len(wrong) - 1} more columns)" if len(wrong) > 1 else ""
    return f"The ledger kept on disk is not what the records say: {wrong[0]}{more}."


def differences(cached: Ledger, fresh: Ledger) -> Iterator[str]:
    """Yield what differs between two ledgers, column by column, every byte compared."""
    left, right = arrays_of(cached), arrays_of(fresh)
    for name in dict.fromkeys([*left, *right]):
        if name not in left or name not in right:
            yield f"{name} is in one of the two only"
            continue
        count = _count_different(left[name], right[name])
        if count < 0:
            yield f"{name} has {len(left[name]):,} values instead of {len(right[name]):,}"
        elif count:
            yield f"{name} differs in {count:,} of {len(right[name]):,} values"
    for name in ("products", "categories", "channels", "managers", "currency"):
        if getattr(cached, name) != getattr(fresh, name):
            yield f"{name} differ"
    for name in ("external_id", "name"):
        if not getattr(cached.clients, name).equals(getattr(fresh.clients, name)):
            yield f"clients.{name} differs"
    yield from _differing_labels(cached, fresh)


def _differing_labels(cached: Ledger, fresh: Ledger) -> Iterator[str]:
    left, right = cached.clients.attributes, fresh.clients.attributes
    for name in left.keys() & right.keys():
        if left[name].labels != right[name].labels:
            yield f"the texts of {name} differ"


def _count_different(left: NDArray[Any], right: NDArray[Any]) -> int:
    """Return how many values differ, -1 where the lengths do."""
    if len(left) != len(right):
        return -1
    starts = range(0, len(left), BLOCK)
    return sum(
        int(np.count_nonzero(left[at : at + BLOCK] != right[at : at + BLOCK])) for at in starts
    )


def rebuild_cache(engine: Engine) -> bool:
    """Make the cached ledger again from the records.

    Parameters
    ----------
    engine : Engine
        The database; nothing in it changes.

    Returns
    -------
    bool
        Whether the ledger on disk is now what the records say. False where none is
        kept, the disk allows no writing, or another program holds the old one open.
    """
    with reading(engine) as connection:
        folder, fresh = cache_folder(engine, connection), build_ledger(connection)
    if folder is None or not save_ledger(fresh, folder):
        return False
    cached = open_ledger(folder)
    return cached is not None and not any(differences(cached, fresh))
