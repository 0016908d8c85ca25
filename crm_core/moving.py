"""Moving a business from one database to another: everything arrives and is the same, or nothing.

One transaction in the target copies, compares and only then commits: killed at any
moment, the target is wholly there or wholly empty. The source is only read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from crm_core.access import Right, require
from crm_core.errors import CrmError, DatabaseError
from crm_core.formatting import plural
from crm_core.records.audit import write_down
from crm_core.records.engine import reading, recording, speaking_plainly, writing
from crm_core.records.models import Base
from crm_core.records.moving import Copied, check_empty, copy_tables, digest_table
from crm_core.records.stored_sums import stored_sales, stored_unused
from crm_core.self_check.cache import differences
from crm_core.snapshot import build_ledger

Say = Callable[[str, int], object]
"""Told what is being done, and how many rows of it are done."""

MOST_NAMED = 3


@dataclass(frozen=True)
class Moved:
    """A move that was made and found right.

    Attributes
    ----------
    rows : dict of str to int
        Rows copied, by table; tables without rows left out.
    texts_changed : int
        Texts with a NUL character, which PostgreSQL cannot store: ␀ stands for it.
    sales : int
        How many sales were compared in the ledger of both.
    """

    rows: dict[str, int]
    texts_changed: int
    sales: int


def move(source: Engine, target: Engine, say: Say | None = None) -> Moved:
    """Copy everything from one database into an empty one, and compare both to the last cent.

    Parameters
    ----------
    source, target : Engine
        From :func:`crm_core.records.engine.open_database`; any of SQLite and PostgreSQL.
    say : callable, optional
        Told what is being done.

    Returns
    -------
    Moved

    Raises
    ------
    AccessError
        If whoever is at work may not move the database.
    RefusedError
        If the target holds anything.
    DatabaseError
        If anything in the target differs from the source, or one of them fails; the
        target is empty then.

    Notes
    -----
    Compared are, in the target's own transaction: rows and a digest of every table, the
    sums of money by import and currency, and the two ledgers array by array. The copy
    has an id of its own, so that its cached ledgers never mix with those of the source.
    Others may go on in the source meanwhile; what they write later is not moved.
    """
    require(Right.MAINTAIN)
    tell = say or (lambda _what, _rows: None)
    with writing(target) as there:
        check_empty(there)
        # What the target refuses is said of the target, though the source is read within.
        with reading(source) as here, speaking_plainly(target):
            copied = copy_tables(here, there, tell)
            sales = _compare(here, there, copied, tell)
        rows = {name: told.rows for name, told in copied.tables.items() if told.rows}
        detail = {"from": source.dialect.name, "rows": sum(rows.values())}
        write_down(there, "database moved here", detail=detail)
    _tell_source(source, {**detail, "to": target.dialect.name})
    return Moved(rows, copied.texts_changed, sales)


def _compare(here: Connection, there: Connection, copied: Copied, tell: Say) -> int:
    """Return how many sales the ledgers hold; refuse a copy that is not the source."""
    for table in Base.metadata.sorted_tables:
        wanted = copied.tables[table.name]
        tell(f"comparing {table.name}", wanted.rows)
        found = digest_table(there, table)
        if found != wanted:
            _refuse(f"{plural(wanted.rows, 'row')} in {table.name}", _rows_said(found, wanted))
    for what, sums in (("sales", stored_sales), ("unused rows", stored_unused)):
        tell(f"comparing sums of {what}", 0)
        odd = set(sums(there)) ^ set(sums(here))
        if odd:
            _refuse(f"the same sums of {what} by import", _example(odd))
    tell("comparing ledgers", 0)
    mine, theirs = build_ledger(here), build_ledger(there)
    differing = list(differences(theirs, mine))
    if differing:
        _refuse("the same ledger", "; ".join(differing[:MOST_NAMED]))
    return len(mine.sales) + len(mine.unnamed_day)


def _rows_said(found: Any, wanted: Any) -> str:
    if found.rows != wanted.rows:
        return plural(found.rows, "row")
    return "as many of which one at least differs"


def _example(odd: set[Any]) -> str:
    return f"a difference in import {min(one.batch_id for one in odd)}"


def _refuse(wanted: str, found: str) -> None:
    raise DatabaseError(
        f"Wanted {wanted} in the new database as in the old, found {found}. Nothing was moved: "
        "the new database is empty again and the old one as it was. Run check on the old one, "
        "then try again; if it stays so, this is a fault of the program: please report it."
    )


def _tell_source(source: Engine, detail: dict[str, Any]) -> None:
    """Write the move down where it came from, too, if that can still be written to."""
    try:
        with recording(source) as connection:
            write_down(connection, "database moved away", detail=detail)
    except CrmError:
        # A read-only or busy source: the target's audit has the line.
        return
