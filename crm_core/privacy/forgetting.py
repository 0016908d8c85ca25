"""Erasing from start to end: the records, then the caches and the bytes of the file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Engine

from crm_core.access import Right, require
from crm_core.records.engine import reading, recording, rehearsing, writing
from crm_core.records.erasing import erase
from crm_core.records.receipts import Receipt, clean_file, list_erasures, note_cleaned
from crm_core.records.retention import forget_leads
from crm_core.records.versions import read_versions
from crm_core.snapshot import default_cache


def preview_erasure(engine: Engine, client_id: int, *, at: datetime) -> Receipt:
    """Return the receipt erasing would give, and change nothing.

    Raises
    ------
    AccessError, RecordError
        As :func:`crm_core.records.erasing.erase`.
    """
    require(Right.PRIVACY)
    with rehearsing(engine) as connection:
        return erase(connection, client_id, at=at, reason="preview")


def erase_client(engine: Engine, client_id: int, *, at: datetime, reason: str) -> Receipt:
    """Erase a person and clean caches and file; return the receipt.

    Raises
    ------
    AccessError, RecordError
        As :func:`crm_core.records.erasing.erase`; nothing was changed then.
    """
    with writing(engine) as connection:
        receipt = erase(connection, client_id, at=at, reason=reason)
    return replace(receipt, file_clean=clean_up(engine, [receipt.number]))


def forget_old_leads(engine: Engine, *, months: int, today: date, at: datetime) -> list[int]:
    """Erase the leads the retention rule concerns on a day; return the numbers of the erasures.

    Raises
    ------
    AccessError, RecordError
        As :func:`crm_core.records.retention.forget_leads`; nothing was changed then.
    """
    with writing(engine) as connection:
        numbers = forget_leads(connection, months=months, today=today, at=at)
    if numbers:
        clean_up(engine, numbers)
    return numbers


def clean_up(engine: Engine, numbers: Sequence[int]) -> bool | None:
    """Remove what still holds erased people outside the tables, and note it on the receipts.

    Returns
    -------
    bool or None
        As :func:`crm_core.records.receipts.clean_file`.
    """
    remove_ledgers(engine)
    clean = clean_file(engine)
    if clean:
        with recording(engine) as connection:
            note_cleaned(connection, numbers)
    return clean


def clean_again(engine: Engine) -> bool | None:
    """Clean the file for all erasures it was in use for; True when nothing is left to do."""
    require(Right.PRIVACY)
    with reading(engine) as connection:
        waiting = [one.number for one in list_erasures(connection) if not one.file_clean]
    return clean_up(engine, waiting)


def remove_ledgers(engine: Engine) -> None:
    """Remove the cached ledgers of a database, which hold names; they are made again."""
    root = default_cache(engine)
    if root is None:
        return
    with reading(engine) as connection:
        home = root / read_versions(connection).database_id
    # A folder still open elsewhere (Windows) goes when the next ledger is saved.
    shutil.rmtree(home, ignore_errors=True)
