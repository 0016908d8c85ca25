"""Writing one import: everything a file carried, in one transaction.

An import keeps also what was stored before, so that undo works in any order:
of the live imports that carry a key, the newest one's rows count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, insert, select, text, update

from crm_core.access import Right
from crm_core.errors import RefusedError
from crm_core.records.base import Day
from crm_core.records.bulk import Nullable, Progress, index_aside, insert_columns, next_ids
from crm_core.records.deeds import deed
from crm_core.records.ends import tally_unused, tally_waiting
from crm_core.records.erased_rows import forget_erased
from crm_core.records.import_report import ImportReport, Tally, reconcile, tally_rows
from crm_core.records.keys import make_keys, make_withdrawn_keys
from crm_core.records.liveness import (
    has_other_live,
    match_content,
    older_content,
    rows_of,
    sums,
    switch_off_older,
)
from crm_core.records.lookups import find_or_add, find_or_add_products, fit, spread
from crm_core.records.mappings import header_hash, remember_mapping
from crm_core.records.models import (
    Batch,
    Channel,
    Client,
    Currency,
    Sale,
    Salesperson,
    Source,
    UnusedRow,
    WithdrawnOrder,
)
from crm_core.records.resolve import Resolved, note_clients, resolve_clients
from crm_core.records.row_digests import digest_columns
from crm_core.records.settings import read_currency
from crm_core.records.staged import NO_QUANTITY, StagedImport
from crm_core.records.undoing import redo
from crm_core.tables import NEVER, Coded, DayArray, IntArray, to_date, to_day


@dataclass(frozen=True)
class _Rows:
    """The staged sales as they are stored."""

    id: IntArray
    key: IntArray
    refund_key: IntArray
    client_id: IntArray
    currency: Coded
    currency_id: IntArray
    product_id: IntArray
    channel_id: IntArray
    salesperson_id: IntArray

    withdrawn: IntArray
    """Keys of the orders that are no sales in this file; none of them is in ``key``."""

    @property
    def span(self) -> tuple[int | None, int | None]:
        return (int(self.id[0]), int(self.id[-1])) if len(self.id) else (None, None)


@deed(Right.IMPORT, "imported")
def write_import(
    connection: Connection,
    staged: StagedImport,
    *,
    imported_at: datetime,
    progress: Progress | None = None,
) -> ImportReport:
    """Store one import and return what became of its rows.

    Parameters
    ----------
    connection : Connection
        From :func:`crm_core.records.engine.writing` (or ``rehearsing`` for a dry run).
    staged : StagedImport
        The content of one file.
    imported_at : datetime
        Now, with its time zone.
    progress : callable or None
        Told the number of sales written so far.

    Returns
    -------
    ImportReport
        Its ``batch_id`` names the import. The ends sum to the file, rows and money.

    Raises
    ------
    RefusedError
        If the same file is imported already, or the ends do not sum to the file.

    Notes
    -----
    A file that was imported and undone, and is read the same way again, is
    switched on again instead of being stored twice.
    """
    staged = name_reporting_currency(staged, read_currency(connection))
    undone = _find_same(connection, staged)
    if undone is not None:
        redo(connection, undone.id)
        return replace(ImportReport.from_json(undone.report), redone=True)
    source_id = _find_source(connection, staged.source)
    resolved = resolve_clients(connection, staged.clients, source_id)
    keys = make_keys(source_id, staged.sales, staged.clients)
    staged = forget_erased(staged, resolved.erased, source_id)
    rows = _make_rows(connection, staged, source_id, resolved, keys)
    batch_id = _add_batch(connection, staged, source_id, imported_at, rows)
    _insert_sales(connection, batch_id, staged, rows, progress)
    _insert_unused(connection, batch_id, staged)
    _insert_withdrawn(connection, batch_id, rows)
    report = _report(connection, staged, rows, resolved, batch=(batch_id, source_id))
    reconcile(report, staged)
    import_day = imported_at.astimezone(UTC).date()
    note_clients(
        connection,
        batch_id,
        resolved,
        known_on=_known_on(connection, staged, import_day),
        import_day=import_day,
    )
    if staged.mapping:
        remember_mapping(connection, staged.columns, staged.mapping)
    connection.execute(update(Batch).where(Batch.id == batch_id).values(report=report.to_json()))
    return report


def _find_same(connection: Connection, staged: StagedImport) -> Any:
    """Return the undone import of the same file read the same way, refuse a live one."""
    query = select(Batch.__table__).where(Batch.fingerprint == staged.fingerprint)
    same = connection.execute(query.order_by(Batch.id.desc())).all()
    for batch in same:
        if batch.live:
            raise RefusedError(
                f"Wanted a new file, found {staged.file_name} imported already on "
                f"{batch.imported_at:%Y-%m-%d} (import {batch.id}, as {batch.file_name}); "
                "undo that import first if it should be read anew."
            )
    names = dict(connection.execute(select(Source.id, Source.name)).all())
    as_stored = json.loads(json.dumps(dict(staged.mapping), default=str))
    for batch in same:
        if (
            names[batch.source_id] == fit(staged.source)
            and batch.mapping == as_stored
            and batch.n_rows == staged.n_rows
            and dict(ImportReport.from_json(batch.report).total.money)
            == {currency: money for currency, money in staged.money.items() if money}
        ):
            return batch
    return None


def _find_source(connection: Connection, name: str) -> int:
    query = select(Source.id).where(Source.name == fit(name))
    found = connection.execute(query).scalar()
    if found is None:
        connection.execute(insert(Source).values(name=fit(name)))
        found = connection.execute(query).scalar_one()
    return int(found)


def _make_rows(
    connection: Connection,
    staged: StagedImport,
    source_id: int,
    resolved: Resolved,
    named: tuple[IntArray, IntArray],
) -> _Rows:
    sales, (keys, refund_keys) = staged.sales, named
    withdrawn = make_withdrawn_keys(source_id, staged.withdrawn)
    currency = sales.currency
    return _Rows(
        id=next_ids(connection, Sale, len(sales.day)),
        key=keys,
        refund_key=refund_keys,
        client_id=spread(resolved.ids, sales.client),
        currency=currency,
        currency_id=spread(find_or_add(connection, Currency, currency.labels), currency.codes),
        product_id=find_or_add_products(connection, sales.product, sales.category),
        channel_id=_ids(connection, Channel, sales.channel),
        salesperson_id=_ids(connection, Salesperson, sales.manager),
        withdrawn=np.setdiff1d(withdrawn, keys) if len(withdrawn) else withdrawn,
    )


def _ids(connection: Connection, model: Any, column: Coded) -> IntArray:
    return spread(find_or_add(connection, model, column.labels), column.codes)


def name_reporting_currency(staged: StagedImport, reporting: str | None) -> StagedImport:
    """Return the import with the reporting currency as None, however the file names it."""
    if reporting is None:
        return staged
    sales, unused = staged.sales, staged.unused
    money = {c: amount for c, amount in staged.money.items() if c != reporting}
    if reporting in staged.money:
        money[None] = money.get(None, 0) + staged.money[reporting]
    if reporting in sales.currency.labels:
        codes, own = sales.currency.codes, sales.currency.labels.index(reporting)
        codes = np.where(codes == own, -1, codes).astype(np.int32)
        sales = replace(sales, currency=Coded(codes, sales.currency.labels))
    currency = tuple(None if c == reporting else c for c in unused.currency)
    return replace(staged, sales=sales, unused=replace(unused, currency=currency), money=money)


def _add_batch(
    connection: Connection,
    staged: StagedImport,
    source_id: int,
    imported_at: datetime,
    rows: _Rows,
) -> int:
    batch_id = int(next_ids(connection, Batch, 1)[0])
    first_sale, last_sale = rows.span
    first_day, last_day = _days(staged)
    connection.execute(
        insert(Batch).values(
            id=batch_id,
            source_id=source_id,
            file_name=staged.file_name,
            fingerprint=staged.fingerprint,
            imported_at=imported_at,
            live=True,
            days_missing=staged.days_missing,
            n_rows=staged.n_rows,
            first_sale_id=first_sale,
            last_sale_id=last_sale,
            first_day=None if first_day is None else to_date(first_day),
            last_day=None if last_day is None else to_date(last_day),
            report={},
            mapping=json.loads(json.dumps(dict(staged.mapping), default=str)),
            columns=list(staged.columns),
            header_hash=header_hash(staged.columns),
            digest=digest_columns(vars(staged.sales) | vars(rows)),
        )
    )
    return batch_id


def _days(staged: StagedImport) -> tuple[int | None, int | None]:
    if staged.days_missing or not len(staged.sales.day):
        return None, None
    return int(staged.sales.day.min()), int(staged.sales.day.max())


def _insert_sales(
    connection: Connection,
    batch_id: int,
    staged: StagedImport,
    rows: _Rows,
    progress: Progress | None,
) -> None:
    with index_aside(connection, Sale, len(rows.id)):
        insert_columns(connection, Sale, _sale_columns(batch_id, staged, rows), progress)


def _sale_columns(batch_id: int, staged: StagedImport, rows: _Rows) -> dict[str, Any]:
    sales, n = staged.sales, len(rows.id)
    return {
        "id": rows.id,
        "batch_id": np.broadcast_to(np.int64(batch_id), n),
        "client_id": Nullable(rows.client_id),
        "line": sales.line,
        "order_ref": sales.order_ref,
        "refund_ref": sales.refund_of,
        "key": rows.key,
        "refund_key": rows.refund_key,
        "day": sales.day,
        "amount": sales.amount,
        "currency_id": Nullable(rows.currency_id),
        "quantity": Nullable(sales.quantity, NO_QUANTITY),
        "product_id": Nullable(rows.product_id),
        "channel_id": Nullable(rows.channel_id),
        "salesperson_id": Nullable(rows.salesperson_id),
        "live": np.broadcast_to(np.True_, n),
    }


def _insert_unused(connection: Connection, batch_id: int, staged: StagedImport) -> None:
    unused = staged.unused
    n = len(unused.line)
    insert_columns(
        connection,
        UnusedRow,
        {
            "batch_id": np.broadcast_to(np.int64(batch_id), n),
            "number": np.arange(1, n + 1),
            "line": unused.line,
            "outcome": unused.end,
            "reason": unused.reason,
            "detail": unused.detail,
            "amount": unused.amount,
            "currency": unused.currency,
            "cells": [json.dumps(cells) for cells in unused.cells],
        },
    )


def _insert_withdrawn(connection: Connection, batch_id: int, rows: _Rows) -> None:
    batch = np.broadcast_to(np.int64(batch_id), len(rows.withdrawn))
    insert_columns(connection, WithdrawnOrder, {"batch_id": batch, "key": rows.withdrawn})


def _report(
    connection: Connection,
    staged: StagedImport,
    rows: _Rows,
    resolved: Resolved,
    *,
    batch: tuple[int, int],
) -> ImportReport:
    sales = staged.sales
    stored, replaced = np.zeros(len(rows.id), dtype=np.bool_), Tally()
    if has_other_live(connection, *batch):
        stored, replaced = _supersede(connection, staged, rows, batch[0])
    waiting = ~stored & (rows.currency.codes >= 0)
    held_back = tally_unused(staged, "held_back") | tally_waiting(
        connection, staged, rows.currency, waiting
    )
    named = (rows.client_id >= 0) & ~np.isin(rows.client_id, _not_clients(connection))
    taken = ~stored & ~waiting
    first_day, last_day = _days(staged)
    return ImportReport(
        batch_id=batch[0],
        source=staged.source,
        file_name=staged.file_name,
        n_rows=staged.n_rows,
        sale_with_client=tally_rows(sales, rows.currency, taken & named),
        sale_without_client=tally_rows(sales, rows.currency, taken & ~named),
        already_stored=tally_rows(sales, rows.currency, stored),
        not_a_sale=tally_unused(staged, "not_a_sale"),
        held_back=held_back,
        replaced=replaced,
        n_clients=len(resolved.ids),
        n_new_clients=int(resolved.is_new.sum()),
        first_day=first_day,
        last_day=last_day,
    )


def _supersede(
    connection: Connection, staged: StagedImport, rows: _Rows, batch_id: int
) -> tuple[NDArray[np.bool_], Tally]:
    """Switch older content of the same keys off; say what was stored before, what gave way."""
    sales, carried = staged.sales, rows_of(batch_id, *rows.span)
    old = older_content(connection, carried, no_quantity=NO_QUANTITY)
    new = (
        rows.key, sales.day, sales.amount, rows.currency_id, sales.quantity,
        rows.product_id, rows.channel_id, rows.salesperson_id, rows.refund_key,
    )  # fmt: skip
    stored, kept = match_content(new, old)
    switch_off_older(connection, carried)
    names = dict(connection.execute(select(Currency.id, Currency.name)).all())
    money = sums(old[2][~kept], old[3][~kept], names)
    return stored, Tally(int((~kept).sum()), money)


def _not_clients(connection: Connection) -> IntArray:
    query = select(Client.id).where(Client.not_client.is_not(None))
    return np.array(connection.execute(query).scalars().all(), dtype=np.int64)


def _known_on(connection: Connection, staged: StagedImport, import_day: date) -> DayArray:
    """Return the created days; a lead without one is known on the last sale day so far."""
    known_on = staged.clients.known_on.astype(np.int32)
    bought = np.zeros(len(known_on) + 1, dtype=np.bool_)
    bought[staged.sales.client] = True
    leads = (known_on == NEVER) & ~bought[:-1]
    if leads.any():
        statement = text(
            "SELECT max(day) FROM sales WHERE live AND day <= :today AND batch_id NOT IN "
            "(SELECT id FROM batches WHERE days_missing)"
        ).bindparams(bindparam("today", import_day, type_=Day))
        last = connection.execute(statement).scalar()
        known_on = np.where(leads, to_day(import_day) if last is None else last, known_on)
    return known_on
