"""Reading the sales that count, block by block, as arrays for the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.records.bulk import BLOCK
from crm_core.records.postgres_streams import copy_numbers
from crm_core.records.rates import read_rates
from crm_core.records.reading import SPAN, read_names
from crm_core.tables import IntArray

DAY_BITS, DAY_ZERO = 24, 1 << 23
"""A day is packed as ``day + DAY_ZERO``: years before 1 and after 9999 fit too."""


def read_sales(connection: Connection, place: NDArray[np.int32]) -> dict[str, Any]:
    """Return the rows that count, in the reporting currency, as columns of ``SaleRows``.

    Parameters
    ----------
    connection : Connection
        Any connection.
    place : ndarray of int32
        Position of every client id, -1 for those not shown.

    Returns
    -------
    dict of str to (ndarray or None)
        ``product``, ``channel`` and ``manager`` hold stored ids, 0 where missing.
        Rows of a currency without a rate on their day are left out.
    """
    batches = connection.execute(
        text(
            "SELECT first_sale_id, last_sale_id, days_missing FROM batches "
            "WHERE live AND first_sale_id IS NOT NULL ORDER BY id"
        )
    ).all()
    room = sum(last - first + 1 for first, last, _ in batches)
    columns: dict[str, Any] = {
        "client": np.empty(room, dtype=np.int32),
        "day": np.empty(room, dtype=np.int32),
        "amount": np.empty(room, dtype=np.int64),
        "order": np.empty(room, dtype=np.int64),
        "product": np.empty(room, dtype=np.int32),
        "channel": np.empty(room, dtype=np.uint16),
        "manager": np.empty(room, dtype=np.uint16),
        # One zero seen many times: costs nothing while no refund names its order.
        "refund_of": np.broadcast_to(np.int64(0), room),
        "undated": np.zeros(room, dtype=np.bool_) if any(row[2] for row in batches) else None,
    }
    filled, foreign = 0, [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for first, last, days_missing in batches:
        start = filled
        special = [np.empty(0, dtype=np.int64)]
        for block in stream_span(connection, _SALES, 4, span=(first, last)):
            special.append(_fill(columns, block, filled, place) + filled)
            filled += len(block[0])
        if days_missing:
            columns["undated"][start:filled] = True
        at = np.concatenate(special)
        if len(at):
            _fill_special(connection, columns, at, foreign, span=(first, last))
    columns = {name: None if c is None else c[:filled] for name, c in columns.items()}
    return _convert(connection, columns, foreign)


# Columns are packed because each value a driver hands over costs more than its arithmetic.
_SALES = f"""
    SELECT (((coalesce(client_id, 0) * 2
              + CASE WHEN refund_key <> 0 OR currency_id IS NOT NULL THEN 1 ELSE 0 END)
             << {DAY_BITS}) | (day + {DAY_ZERO})),
           amount, key,
           ((CAST(coalesce(product_id, 0) AS BIGINT) << 32)
            | (CAST(CASE WHEN channel_id < 65536 THEN channel_id ELSE 0 END AS BIGINT) << 16)
            | CASE WHEN salesperson_id < 65536 THEN salesperson_id ELSE 0 END)
    FROM sales WHERE live AND id BETWEEN {{first}} AND {{last}} ORDER BY id
"""

_SPECIAL = """
    SELECT refund_key, CAST(coalesce(currency_id, 0) AS BIGINT)
    FROM sales WHERE live AND id BETWEEN {first} AND {last}
    AND (refund_key <> 0 OR currency_id IS NOT NULL) ORDER BY id
"""


def _fill(
    columns: dict[str, Any], block: Sequence[NDArray[Any]], start: int, place: NDArray[np.int32]
) -> IntArray:
    """Unpack a block of rows; return which of them name a refunded order or a currency."""
    who_when, amount, key, what = block
    here = slice(start, start + len(amount))
    columns["amount"][here], columns["order"][here] = amount, key
    who_when, what = (packed.astype(np.int64) for packed in (who_when, what))
    who = who_when >> DAY_BITS
    who_when &= (1 << DAY_BITS) - 1
    who_when -= DAY_ZERO
    columns["day"][here] = who_when
    special = np.flatnonzero(who & 1)
    who >>= 1
    columns["client"][here] = place.take(who)
    columns["manager"][here] = what & 0xFFFF
    what >>= 16
    columns["channel"][here] = what & 0xFFFF
    columns["product"][here] = what >> 16
    return special


def _fill_special(
    connection: Connection,
    columns: dict[str, Any],
    at: IntArray,
    foreign: list[tuple[IntArray, IntArray]],
    *,
    span: tuple[int, int],
) -> None:
    refund, currency = read_span(connection, _SPECIAL, 2, span=span)
    if columns["refund_of"].strides == (0,) and refund.any():
        columns["refund_of"] = np.zeros(len(columns["refund_of"]), dtype=np.int64)
    if refund.any():
        columns["refund_of"][at] = refund
    other = currency > 0
    foreign.append((at[other], currency[other]))


def _convert(
    connection: Connection, columns: dict[str, Any], foreign: list[tuple[IntArray, IntArray]]
) -> dict[str, Any]:
    """Convert other currencies at the rate of the day; leave rows without a rate out."""
    rows, currency = (np.concatenate(parts) for parts in zip(*foreign, strict=True))
    if not len(rows):
        return columns
    names, rates = read_names(connection, "currencies"), read_rates(connection)
    keep = np.ones(len(columns["day"]), dtype=np.bool_)
    for number in np.unique(currency).tolist():
        at, code = rows[currency == number], names[number][0]
        day = columns["day"][at]
        columns["amount"][at] = rates.convert(code, day, columns["amount"][at])
        keep[at] = rates.find(code, day) >= 0
    return {name: None if column is None else column[keep] for name, column in columns.items()}


def stream_numbers(
    connection: Connection, statement: str, width: int
) -> Iterator[Sequence[NDArray[Any]]]:
    """Yield whole numbers in blocks, by column: on a server a block is all there are.

    Parameters
    ----------
    connection : Connection
        Any connection.
    statement : str
        A query without parameters and without nulls.
    width : int
        How many columns.

    Yields
    ------
    sequence of ndarray of int64
        One a column, of equal length above zero.
    """
    if connection.dialect.name == "postgresql":
        columns = copy_numbers(connection, statement, width)
        if len(columns[0]):
            yield columns
        return
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
        while rows := cursor.fetchmany(BLOCK):
            numbers = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
            yield list(numbers.reshape(-1, width).T)
    finally:
        cursor.close()


def stream_span(
    connection: Connection, template: str, width: int, *, span: tuple[int, int]
) -> Iterator[Sequence[NDArray[Any]]]:
    """Yield whole numbers of the rows of a range of ids, as :func:`stream_numbers` does.

    Parameters
    ----------
    connection : Connection
        Any connection.
    template : str
        A query without nulls, with ``{first}`` and ``{last}`` for the range of ids, in
        their order.
    width : int
        How many columns.
    span : tuple of int
        First and last id.
    """
    first, last = span
    step = SPAN if connection.dialect.name == "postgresql" else max(1, last - first + 1)
    for start in range(first, last + 1, step):
        statement = template.format(first=start, last=min(last, start + step - 1))
        yield from stream_numbers(connection, statement, width)


def read_span(
    connection: Connection, template: str, width: int, *, span: tuple[int, int]
) -> list[IntArray]:
    """Return what :func:`stream_span` yields as whole columns."""
    blocks = stream_span(connection, template, width, span=span)
    parts = list(zip(*blocks, strict=True)) or [[np.empty(0, dtype=np.int64)]] * width
    return [np.concatenate(part).astype(np.int64, copy=False) for part in parts]
