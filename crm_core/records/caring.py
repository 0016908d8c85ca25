"""Who looks after clients on a day, read from the records by the rule of :mod:`crm_core.caring`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlalchemy import Connection, func, select

from crm_core.caring import carers_on
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import Batch, ClientManager, Sale, Salesperson
from crm_core.tables import Care, offsets_of, to_date, to_day

MOST_NAMED = 200
"""Clients up to this many are asked for by number; of more, all are read."""


def carers_of(connection: Connection, client_ids: Sequence[int], day: date) -> list[str]:
    """Return who looks after clients on a day, those merged into them included.

    Parameters
    ----------
    connection : Connection
        Any connection; what it has not committed yet counts.
    client_ids : sequence of int
        Record ids.
    day : date
        The day, also one to come.

    Returns
    -------
    list of str
        One a client, empty for nobody.
    """
    place = _places(connection, client_ids)
    few = list(place) if len(place) <= MOST_NAMED else None
    said, sold = _said(connection, place, few), _sold(connection, place, few, day)
    names = sorted({*(row[2] for row in said), *(name for _, name in sold.values())} - {""})
    code = {name: number for number, name in enumerate(names)} | {"": -1}
    sold_by = np.full(len(client_ids), -1, dtype=np.int32)
    for position, (_, name) in sold.items():
        sold_by[position] = code[name]
    care = Care(
        offsets_of(np.array([row[0] for row in said], dtype=np.int64), len(client_ids)),
        np.array([row[1] for row in said], dtype=np.int32),
        np.array([code[row[2]] for row in said], dtype=np.int32),
        np.array([row[3] for row in said], dtype=np.bool_),
    )
    return ["" if at < 0 else names[at] for at in carers_on(care, sold_by, to_day(day)).tolist()]


def timelines_of(
    connection: Connection, client_ids: Sequence[int], day: date
) -> list[list[tuple[date, str]]]:
    """Return who looks after clients from a day on: who has each then, and every later change.

    Parameters
    ----------
    connection : Connection
        Any connection.
    client_ids : sequence of int
        Record ids.
    day : date
        The first day.

    Returns
    -------
    list of list of (date, str)
        One a client, by rising days, the first of them ``day``; empty for nobody.
    """
    place = _places(connection, client_ids)
    few = list(place) if len(place) <= MOST_NAMED else None
    lines = [{day: name} for name in carers_of(connection, client_ids, day)]
    for position, on, name, _ in _said(connection, place, few):
        if on > to_day(day):
            # Of one day the last record counts.
            lines[position][to_date(on)] = name
    return [list(line.items()) for line in lines]


def _places(connection: Connection, client_ids: Sequence[int]) -> dict[int, int]:
    """Return the position of every record that counts as one of the clients."""
    place = {number: position for position, number in enumerate(client_ids)}
    merges = read_merges(connection)
    for merged in merges:
        root = follow_merge(merges, merged)
        if root in place:
            place[merged] = place[root]
    return place


def _said(
    connection: Connection, place: dict[int, int], few: list[int] | None
) -> list[tuple[int, int, str, bool]]:
    """Return (position, day, name, by file) of every live record, by client, day and record."""
    query = (
        select(
            ClientManager.client_id,
            ClientManager.from_day,
            ClientManager.manager,
            ClientManager.batch_id,
        )
        .outerjoin(Batch, Batch.id == ClientManager.batch_id)
        .where(ClientManager.batch_id.is_(None) | Batch.live)
        .order_by(ClientManager.from_day, ClientManager.id)
    )
    if few is not None:
        query = query.where(ClientManager.client_id.in_(few))
    rows = [
        (place[number], to_day(day), name, batch is not None)
        for number, day, name, batch in connection.execute(query)
        if number in place
    ]
    return sorted(rows, key=lambda row: row[:2])


def _sold(
    connection: Connection, place: dict[int, int], few: list[int] | None, day: date
) -> dict[int, tuple[tuple[int, int], str]]:
    """Return the latest sale up to a day that names a salesperson: its order, and who."""
    newest = func.row_number().over(
        partition_by=Sale.client_id, order_by=(Sale.day.desc(), Sale.id.desc())
    )
    query = (
        select(Sale.client_id, Sale.day, Sale.id, Sale.salesperson_id, newest.label("newest"))
        .join(Batch, Batch.id == Sale.batch_id)
        .where(Sale.live, Batch.live, Sale.salesperson_id.is_not(None), Sale.day <= day)
    )
    query = query.where(Sale.client_id.is_not(None) if few is None else Sale.client_id.in_(few))
    found = query.subquery()
    rows = connection.execute(
        select(found.c.client_id, found.c.day, found.c.id, Salesperson.name)
        .join(Salesperson, Salesperson.id == found.c.salesperson_id)
        .where(found.c.newest == 1)
    )
    latest: dict[int, tuple[tuple[int, int], str]] = {}
    for number, sold_on, row, name in rows:
        if number in place:
            own = ((to_day(sold_on), int(row)), name)
            latest[place[number]] = max(latest.get(place[number], own), own)
    return latest
