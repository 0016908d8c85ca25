"""The rows of an import that became no sale, with their original cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from crm_core.records.models import Currency, Sale, UnusedRow
from crm_core.records.rates import RateTable, read_rates
from crm_core.records.undoing import find_batch
from crm_core.tables import to_day


@dataclass(frozen=True)
class Leftover:
    """A row of a file that counts nowhere so far.

    Attributes
    ----------
    line : int
        Record number in the file, 1-based.
    end : {"not_a_sale", "held_back"}
        Where it ended.
    reason : str
        A short code to group by.
    detail : str
        One sentence for a person: wanted, found, what to do.
    amount : int or None
        Ten-thousandths where the money could be read.
    currency : str or None
        None for the reporting currency.
    cells : tuple of str
        The original cells in the order of ``BatchSummary.columns``; for a row that waits
        for a currency rate, what is stored of it: reference, day, amount, currency.
    """

    line: int
    end: str
    reason: str
    detail: str
    amount: int | None
    currency: str | None
    cells: tuple[str, ...]


def held_back(connection: Connection, batch_id: int) -> list[Leftover]:
    """Return the rows of an import that wait for somebody, in the order of the file.

    Rows of a currency without a rate on their day are stored and among them
    until a rate is entered.

    Raises
    ------
    RecordError
        If there is no such import.
    """
    rows = unused_rows(connection, batch_id, end="held_back")
    return sorted([*rows, *_waiting(connection, batch_id)], key=lambda row: row.line)


def unused_rows(connection: Connection, batch_id: int, *, end: str | None = None) -> list[Leftover]:
    """Return the rows of an import that are no sales (of one end, or both), as in the file.

    Raises
    ------
    RecordError
        If there is no such import.
    """
    find_batch(connection, batch_id)
    query = select(UnusedRow.__table__).where(UnusedRow.batch_id == batch_id)
    if end is not None:
        query = query.where(UnusedRow.outcome == end)
    return [
        Leftover(r.line, r.outcome, r.reason, r.detail, r.amount, r.currency, tuple(r.cells))
        for r in connection.execute(query.order_by(UnusedRow.number))
    ]


def _waiting(connection: Connection, batch_id: int) -> list[Leftover]:
    batch = find_batch(connection, batch_id)
    if batch.first_sale_id is None:
        return []
    query = (
        select(Sale.line, Sale.order_ref, Sale.day, Sale.amount, Currency.name)
        .join(Currency, Currency.id == Sale.currency_id)
        .where(Sale.id.between(batch.first_sale_id, batch.last_sale_id))
    )
    rates = read_rates(connection)
    return [_wait(row) for row in connection.execute(query) if _has_no_rate(rates, row)]


def _has_no_rate(rates: RateTable, row: Any) -> bool:
    return bool(rates.find(row.name, [to_day(row.day)])[0] < 0)


def _wait(row: Any) -> Leftover:
    return Leftover(
        line=row.line,
        end="held_back",
        reason=f"no rate for {row.name}",
        detail=f"Wanted a rate for {row.name} on {row.day}, found none; enter one.",
        amount=row.amount,
        currency=row.name,
        cells=(row.order_ref or "", str(row.day), f"{row.amount / 10_000:.4f}", row.name),
    )
