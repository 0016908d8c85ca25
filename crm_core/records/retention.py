"""Forgetting leads who never bought: the rule, whom it would concern, and doing it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, select

from crm_core.access import Right
from crm_core.errors import RecordError
from crm_core.records.audit import write_down
from crm_core.records.deeds import deed
from crm_core.records.erasing import erase_many
from crm_core.records.models import Client, Contact, Contract, KeyReason
from crm_core.records.people import erased_clients
from crm_core.records.reading import INT, read_client_rows, stream_columns
from crm_core.records.settings import read_settings, reset_setting, write_setting
from crm_core.tables import NEVER, IntArray, to_date, to_day

RETENTION = "forget_leads_after_months"
"""Key of the setting; without it nobody is forgotten by rule."""

MOST_MONTHS = 240
MOST_NAMED = 500
WHY_NOT = ("key account", "contract", "contact since")
"""Why a lead that is old enough stays, best reason first."""


@dataclass(frozen=True)
class Forgettable:
    """Leads without a purchase that are older than the rule allows.

    Attributes
    ----------
    months : int
        The rule.
    before : date
        Known before this day is old enough.
    client : ndarray of int64, shape (n,)
        Ids of the clients to forget, oldest first.
    known_on : ndarray of int64, shape (n,)
        From when each is known, in days since 1970-01-01.
    spared : dict of str to int
        Leads as old that stay, by reason of :data:`WHY_NOT`.
    undated : int
        Leads without a day, which the rule cannot judge.
    """

    months: int
    before: date
    client: IntArray
    known_on: IntArray
    spared: dict[str, int]
    undated: int

    def __len__(self) -> int:
        """Return how many would be forgotten."""
        return len(self.client)

    @property
    def oldest(self) -> date | None:
        """From when the one known longest is known, None without any."""
        return to_date(int(self.known_on[0])) if len(self) else None


def read_retention(connection: Connection) -> int | None:
    """Return the months of the rule in force, None while it is off."""
    stored = read_settings(connection).get(RETENTION)
    return None if stored is None or stored.value is None else int(stored.value)


@deed(Right.SETTINGS, "retention rule changed", keep=("months",))
def write_retention(
    connection: Connection, months: int | None, *, since: date, set_by: str = ""
) -> None:
    """Set the rule, or switch it off with None. It forgets nobody by itself.

    Raises
    ------
    RecordError
        If the months are not 1 to 240.
    """
    if months is None:
        reset_setting(connection, RETENTION, since=since, set_by=set_by)
        return
    _check_months(months)
    write_setting(connection, RETENTION, months, source="owner", since=since, set_by=set_by)


def _check_months(months: int) -> None:
    if not 1 <= months <= MOST_MONTHS:
        raise RecordError(f"Wanted 1 to {MOST_MONTHS} months, found {months}; 24 are two years.")


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, the last of its month where that is shorter.

    Examples
    --------
    >>> months_before(date(2024, 3, 31), 1), months_before(date(2024, 1, 15), 13)
    (datetime.date(2024, 2, 29), datetime.date(2022, 12, 15))
    """
    place = day.year * 12 + day.month - 1 - months
    year, month = place // 12, place % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))


def find_forgettable(connection: Connection, *, months: int, today: date) -> Forgettable:
    """Return the leads the rule would forget.

    Parameters
    ----------
    connection : Connection
        Any connection.
    months : int
        How long a lead without a purchase is kept.
    today : date
        The day on the wall.

    Returns
    -------
    Forgettable
        A lead is a client without any stored sale, undone imports included; also one that
        an undone import alone knows: no page shows it, but what the file said is stored.
        It is known since the day that import says. Left out: tills and branches, the
        erased, and those with a contract, a reason to be a key account, or a contact
        within the months.

    Raises
    ------
    RecordError
        If the months are not 1 to 240.
    """
    _check_months(months)
    before = months_before(today, months)
    rows = read_client_rows(connection)
    size = int(rows.id.max(initial=0)) + 1
    root = np.zeros(size, dtype=np.int64)
    root[rows.id] = rows.into

    def marked(statement: str) -> IntArray:
        found: IntArray = stream_columns(connection, statement, [INT])[0]
        return root[found]

    open_leads = np.zeros(size, dtype=np.bool_)
    open_leads[rows.into[rows.is_client]] = True
    open_leads[marked("SELECT DISTINCT client_id FROM sales WHERE client_id IS NOT NULL")] = False
    open_leads[np.array(sorted(erased_clients(connection)), dtype=np.int64)] = False
    known_on = np.full(size, NEVER, dtype=np.int64)
    np.minimum.at(known_on, rows.into, rows.known_on)
    known_on = np.where(known_on == NEVER, _once_known_on(connection, root), known_on)
    old = open_leads & (known_on < to_day(before))
    spared: dict[str, int] = {}
    for reason, held in zip(WHY_NOT, _spared(connection, before, root), strict=True):
        here = old & np.isin(np.arange(size), held)
        if here.any():
            spared[reason] = int(here.sum())
        old &= ~here
    client = np.flatnonzero(old)
    client = client[np.argsort(known_on[client], kind="stable")]
    undated = int((open_leads & (known_on == NEVER)).sum())
    return Forgettable(months, before, client, known_on[client], spared, undated)


def _once_known_on(connection: Connection, root: IntArray) -> IntArray:
    """Return since when undone imports know each client, NEVER where none does."""
    statement = (
        "SELECT client_id, known_on FROM batch_clients JOIN batches ON batches.id = batch_id "
        "WHERE NOT live AND known_on IS NOT NULL"
    )
    client, day = (np.asarray(c) for c in stream_columns(connection, statement, [INT, INT]))
    known_on = np.full(len(root), NEVER, dtype=np.int64)
    np.minimum.at(known_on, root[client], day)
    return known_on


def _spared(connection: Connection, before: date, root: IntArray) -> list[IntArray]:
    """Return the clients each reason of :data:`WHY_NOT` spares."""
    queries = (
        select(KeyReason.client_id),
        select(Contract.client_id),
        select(Contact.client_id).where(Contact.day >= before),
    )
    return [
        root[np.array(connection.execute(query).scalars().all(), dtype=np.int64)]
        for query in queries
    ]


def name_leads(
    connection: Connection, found: Forgettable, *, most: int = MOST_NAMED
) -> list[tuple[int, str, date]]:
    """Return record, name and first known day of the leads to forget, oldest first.

    Parameters
    ----------
    connection : Connection
        Any connection.
    found : Forgettable
        From :func:`find_forgettable`.
    most : int, default 500
        At most so many.
    """
    wanted = found.client[:most].tolist()
    query = select(Client.id, Client.name, Client.external_id).where(Client.id.in_(wanted))
    names = {row.id: row.name or row.external_id for row in connection.execute(query)}
    days = found.known_on[:most].tolist()
    return [(number, names[number], to_date(day)) for number, day in zip(wanted, days, strict=True)]


@deed(Right.PRIVACY, "leads forgotten by rule", keep=("months",))
def forget_leads(connection: Connection, *, months: int, today: date, at: datetime) -> list[int]:
    """Erase every lead the rule concerns, in this one transaction; return the erasures.

    Parameters
    ----------
    connection : Connection
        From :func:`crm_core.records.engine.writing`.
    months : int
        How long a lead without a purchase is kept.
    today : date
        The day on the wall, as :func:`find_forgettable` has it: at midnight another than
        that of ``at`` in UTC.
    at : datetime
        Now, with its time zone.

    Returns
    -------
    list of int
        Numbers of the erasures, by client.

    Raises
    ------
    RecordError
        If the months are not 1 to 240.
    """
    found = find_forgettable(connection, months=months, today=today)
    reason = f"Retention: no purchase within {months} months of becoming known."
    receipts = erase_many(connection, found.client.tolist(), at=at, reason=reason)
    removed = sum((Counter(receipt.removed) for receipt in receipts), Counter[str]())
    write_down(connection, "clients erased by rule", detail={"clients": len(receipts), **removed})
    return [receipt.number for receipt in receipts]
