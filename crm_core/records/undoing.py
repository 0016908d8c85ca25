"""Switching imports off and on again, and listing them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, update

from crm_core.access import Right
from crm_core.errors import RecordError, RefusedError
from crm_core.records.deeds import deed
from crm_core.records.import_report import ImportReport
from crm_core.records.liveness import switch_batch
from crm_core.records.models import Batch, BatchClient, Source
from crm_core.records.resolve import Said, apply_fields


@dataclass(frozen=True)
class BatchSummary:
    """One import in a list.

    Attributes
    ----------
    id : int
        As :func:`undo` wants it.
    source, file_name : str
        Where the rows came from.
    imported_at : datetime
        In UTC.
    live : bool
        False after an undo.
    undone_at : datetime or None
        When it was undone.
    days_missing : bool
        The file has no days.
    first_day, last_day : date or None
        Days of its sales.
    n_rows : int
        Data rows of the file.
    columns : list of str
        Its column names.
    report : ImportReport
        What became of them at the import.
    """

    id: int
    source: str
    file_name: str
    imported_at: datetime
    live: bool
    undone_at: datetime | None
    days_missing: bool
    first_day: date | None
    last_day: date | None
    n_rows: int
    columns: list[str]
    report: ImportReport


def list_batches(connection: Connection) -> list[BatchSummary]:
    """Return all imports, oldest first."""
    table = Batch.__table__
    query = (
        select(table, Source.name.label("source"))
        .join(Source.__table__, Source.id == table.c.source_id)
        .order_by(table.c.id)
    )
    return [_summarise(row) for row in connection.execute(query)]


def _summarise(row: Any) -> BatchSummary:
    values = {name: getattr(row, name) for name in BatchSummary.__dataclass_fields__}
    return BatchSummary(**values | {"report": ImportReport.from_json(row.report)})


@deed(Right.IMPORT, "import undone", keep=("batch_id",))
def undo(connection: Connection, batch_id: int, *, at: datetime) -> None:
    """Switch an import off; all numbers become those without it.

    Parameters
    ----------
    connection : Connection
        From :func:`crm_core.records.engine.writing`.
    batch_id : int
        The import; any, not only the latest.
    at : datetime
        Now, with its time zone.

    Raises
    ------
    RecordError
        If there is no such import.
    RefusedError
        If it is undone already.
    """
    batch = find_batch(connection, batch_id)
    if not batch.live:
        raise RefusedError(
            f"Wanted an import in force, found import {batch_id} ({batch.file_name}) undone on "
            f"{batch.undone_at:%Y-%m-%d}; there is nothing to undo."
        )
    _switch(connection, batch, live=False, undone_at=at)


@deed(Right.IMPORT, "import redone", keep=("batch_id",))
def redo(connection: Connection, batch_id: int) -> None:
    """Switch an undone import on again, in its old place among the imports.

    Raises
    ------
    RecordError
        If there is no such import.
    RefusedError
        If it is in force.
    """
    batch = find_batch(connection, batch_id)
    if batch.live:
        raise RefusedError(
            f"Wanted an undone import, found import {batch_id} ({batch.file_name}) in force; "
            "there is nothing to do again."
        )
    _switch(connection, batch, live=True, undone_at=None)


def find_batch(connection: Connection, batch_id: int) -> Any:
    """Return the row of ``batches``.

    Raises
    ------
    RecordError
        If there is no such import.
    """
    row = connection.execute(select(Batch.__table__).where(Batch.id == batch_id)).first()
    if row is None:
        raise RecordError(
            f"Wanted import {batch_id}, found none of that number; list the imports to see theirs."
        )
    return row


def _switch(connection: Connection, batch: Any, *, live: bool, undone_at: datetime | None) -> None:
    connection.execute(
        update(Batch).where(Batch.id == batch.id).values(live=live, undone_at=undone_at)
    )
    switch_batch(connection, batch, live=live)
    apply_fields(connection, _said_of(connection, batch.id), forget=True)


def _said_of(connection: Connection, batch_id: int) -> dict[int, Said]:
    """Return what the live imports say about the clients one import described."""
    described = (
        select(BatchClient.client_id)
        .where(BatchClient.batch_id == batch_id, BatchClient.fields.is_not(None))
        .scalar_subquery()
    )
    query = (
        select(BatchClient.client_id, BatchClient.fields, Batch.live)
        .join(Batch, Batch.id == BatchClient.batch_id)
        .where(BatchClient.client_id.in_(described), BatchClient.fields.is_not(None))
        .order_by(BatchClient.batch_id)
    )
    said: dict[int, Said] = {}
    for client_id, fields, live in connection.execute(query):
        said.setdefault(client_id, {}).update(fields if live else {})
    return said
