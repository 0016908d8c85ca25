"""A believable small business, made from a seed: what to look around in before own sales are in.

Linden & Fern sells plants, pots and tea to restaurants, offices, shops and
private people. One hotel carries a seventh of it, garden clients are quiet in
winter, some leave and some come back. Nobody in it exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import numpy as np
from sqlalchemy import Connection, Engine, delete, func, select

from crm_core.access import Right, require
from crm_core.demo.business import OFFICE, SHOP, Business, make_business
from crm_core.demo.by_hand import write_by_hand
from crm_core.demo.files import make_file
from crm_core.errors import RefusedError
from crm_core.records.batches import write_import
from crm_core.records.deeds import deed
from crm_core.records.engine import reading, writing
from crm_core.records.models import (
    AuditEvent,
    Base,
    Batch,
    Client,
    Member,
    SecretKey,
    Version,
)
from crm_core.records.settings import CURRENCY, read_settings, write_setting
from crm_core.records.staged import StagedImport
from crm_core.tables import to_day

DEMO = "demo"
"""Setting that marks a database as holding demo data."""

SEED = 20

KEPT = (AuditEvent, Member, SecretKey, Version)
"""What stays when the demo goes: who may come in, what they did, and what marks the database."""


@dataclass(frozen=True)
class Demo:
    """A business ready to be written.

    Attributes
    ----------
    business : Business
        The people and their stories.
    files : tuple of StagedImport
        The web shop's sales, and the office's.
    """

    business: Business
    files: tuple[StagedImport, ...]


def make_demo(*, today: date, seed: int = SEED) -> Demo:
    """Invent a business with four years of sales.

    Parameters
    ----------
    today : date
        Its last day.
    seed : int, default 20
        Another number makes another business; the same one always the same.

    Returns
    -------
    Demo

    Examples
    --------
    >>> demo = make_demo(today=date(2025, 6, 2))
    >>> [staged.source for staged in demo.files]
    ['web shop', 'office']
    """
    business = make_business(np.random.default_rng(seed), to_day(today))
    files = tuple(make_file(business, source, seed=seed) for source in (SHOP, OFFICE))
    return Demo(business, files)


def fill_with_demo(engine: Engine, *, today: date, seed: int = SEED) -> None:
    """Fill an empty database with the demo, in one transaction, as an import would.

    Parameters
    ----------
    engine : Engine
        From :func:`crm_core.records.engine.open_database`.
    today : date
        Last day of the demo.
    seed : int, default 20
        Another number makes another business.

    Raises
    ------
    AccessError
        If whoever is at work may not import.
    RefusedError
        If the database holds anything already, the demo included.
    """
    require(Right.IMPORT)
    demo = make_demo(today=today, seed=seed)
    with writing(engine) as connection:
        _fill(connection, demo, today)


@deed(Right.IMPORT, "demo data brought in")
def _fill(connection: Connection, demo: Demo, today: date) -> None:
    _check_empty(connection)
    now = datetime.combine(today, time(12), UTC)
    write_setting(connection, DEMO, True, source="owner", since=today, set_by="demo")
    write_setting(connection, CURRENCY, "EUR", source="owner", since=today, set_by="demo")
    for staged in demo.files:
        write_import(connection, staged, imported_at=now)
    write_by_hand(connection, demo.business, now=now)


def holds_demo(connection: Connection) -> bool:
    """Return whether a database holds demo data."""
    stored = read_settings(connection).get(DEMO)
    return stored is not None and bool(stored.value)


def remove_demo(engine: Engine) -> None:
    """Empty a database that holds demo data: what was recorded while looking around goes too.

    The team and the audit stay.

    Raises
    ------
    AccessError
        If whoever is at work may not import.
    RefusedError
        If the database does not hold demo data.
    """
    require(Right.IMPORT)
    with writing(engine) as connection:
        _empty(connection)


@deed(Right.IMPORT, "demo data removed")
def _empty(connection: Connection) -> None:
    if not holds_demo(connection):
        raise RefusedError(
            "Wanted a database with demo data, found one without; nothing was removed."
        )
    kept = {model.__table__ for model in KEPT}
    for table in reversed(Base.metadata.sorted_tables):
        if table not in kept:
            connection.execute(delete(table))


def is_empty(engine: Engine) -> bool:
    """Return whether a database holds neither imports nor clients."""
    with reading(engine) as connection:
        return not _count(connection)


def _count(connection: Connection) -> int:
    counts = (select(func.count()).select_from(model) for model in (Batch, Client))
    return sum(int(connection.execute(count).scalar_one()) for count in counts)


def _check_empty(connection: Connection) -> None:
    if holds_demo(connection):
        raise RefusedError("Wanted an empty database, found the demo data in it already.")
    if _count(connection):
        raise RefusedError(
            "Wanted an empty database for the demo data, found one with clients or imports; "
            "name another with --db, so that yours stays as it is."
        )
