"""Reading the sales that count, block by block, as arrays for the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.records.bulk import BLOCK
from crm_core.records.rates import read_rates
from crm_core.records.reading import read_names
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
        for rows in stream_span(connection, _SALES, 4, span=(first, last)):
            special.append(_fill(columns, rows, filled, place) + filled)
            filled += len(rows)
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
    columns: dict[str, Any], rows: IntArray, start: int, place: NDArray[np.int32]
) -> IntArray:
    """Unpack a block of rows; return which of them name a refunded order or a currency."""
    here = slice(start, start + len(rows))
    who = rows[:, 0] >> DAY_BITS
    columns["client"][here] = place[who >> 1]
    columns["day"][here] = (rows[:, 0] & ((1 << DAY_BITS) - 1)) - DAY_ZERO
    columns["amount"][here] = rows[:, 1]
    columns["order"][here] = rows[:, 2]
    columns["product"][here] = rows[:, 3] >> 32
    columns["channel"][here] = (rows[:, 3] >> 16) & 0xFFFF
    columns["manager"][here] = rows[:, 3] & 0xFFFF
    return np.flatnonzero(who & 1)


def _fill_special(
    connection: Connection,
    columns: dict[str, Any],
    at: IntArray,
    foreign: list[tuple[IntArray, IntArray]],
    *,
    span: tuple[int, int],
) -> None:
    statement = _SPECIAL.format(first=span[0], last=span[1])
    rows = np.concatenate(list(stream_numbers(connection, statement, 2)))
    if columns["refund_of"].strides == (0,) and rows[:, 0].any():
        columns["refund_of"] = np.zeros(len(columns["refund_of"]), dtype=np.int64)
    if rows[:, 0].any():
        columns["refund_of"][at] = rows[:, 0]
    other = rows[:, 1] > 0
    foreign.append((at[other], rows[other, 1]))


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


def stream_numbers(connection: Connection, statement: str, width: int) -> Iterator[IntArray]:
    """Yield blocks of rows of whole numbers, shape (n, width)."""
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "postgresql":
            yield from _copy_out(cursor, statement, width)
            return
        cursor.execute(statement)
        while rows := cursor.fetchmany(BLOCK):
            numbers = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
            yield numbers.reshape(-1, width)
    finally:
        cursor.close()


SPAN = 50_000
"""Ids asked for at once on a server: what comes for them is a few megabytes."""


def stream_span(
    connection: Connection, template: str, width: int, *, span: tuple[int, int]
) -> Iterator[IntArray]:
    """Yield blocks of whole numbers of the rows of a range of ids, shape (n, width).

    Parameters
    ----------
    connection : Connection
        Any connection.
    template : str
        A query of ``width`` 64-bit columns without nulls, with ``{first}`` and ``{last}``
        for the range of ids, in their order.
    width : int
        How many columns.
    span : tuple of int
        First and last id.

    Notes
    -----
    A server sends each block as one row of arrays. Row by row, handing over costs more
    than the query: a third of the time for 200,000 rows.
    """
    first, last = span
    if connection.dialect.name != "postgresql":
        yield from stream_numbers(connection, template.format(first=first, last=last), width)
        return
    names = [f"c{number}" for number in range(width)]
    arrays = ", ".join(f"array_agg({name})" for name in names)
    for start in range(first, last + 1, SPAN):
        query = template.format(first=start, last=min(last, start + SPAN - 1))
        statement = f"SELECT {arrays} FROM ({query}) AS rows ({', '.join(names)})"
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)") as copy:
            block = _take_arrays(b"".join(copy), width)
        if len(block):
            yield block


def _take_arrays(sent: bytes, width: int) -> IntArray:
    """Return the columns of one row of arrays, each of lengths and values after its header."""
    at, columns = COPY_HEADER + _COUNT, []
    for _ in range(width):
        size = int.from_bytes(sent[at : at + 4], "big", signed=True)
        at += 4
        if size > 0:
            count = (size - _ARRAY_HEADER) // _FIELD.itemsize
            fields = np.frombuffer(sent, _FIELD, max(count, 0), at + _ARRAY_HEADER)
            columns.append(fields["value"].astype(np.int64))
            at += size
    if not columns:
        return np.empty((0, width), dtype=np.int64)
    return np.stack(columns).T


COPY_HEADER = 19
_COUNT, _ARRAY_HEADER = 2, 20
_FIELD = np.dtype([("length", ">i4"), ("value", ">i8")])


def _copy_out(cursor: Any, statement: str, width: int) -> Iterator[IntArray]:
    """Yield the rows of a binary COPY: a field count, then length and value of each field."""
    row = np.dtype([("count", ">i2"), ("fields", _FIELD, (width,))])
    held, skip = bytearray(), COPY_HEADER
    with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT binary)") as copy:
        for piece in copy:
            held += piece
            if len(held) >= BLOCK * row.itemsize:
                yield _take_rows(held, skip, row)
                skip = 0
    block = _take_rows(held, skip, row)
    if len(block):
        yield block


def _take_rows(held: bytearray, skip: int, row: np.dtype[Any]) -> IntArray:
    """Take the whole rows out of what came so far."""
    count = (len(held) - skip) // row.itemsize
    taken = skip + count * row.itemsize
    rows = np.frombuffer(bytes(held[:taken]), row, count, skip)
    del held[:taken]
    numbers: IntArray = rows["fields"]["value"].astype(np.int64)
    return numbers
