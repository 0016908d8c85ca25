"""One number an import: a digest of all that its stored sales said when they were written.

Sums do not move when two amounts are swapped, a day is changed or a sale is handed to another
client; this does. The hashes of the rows are added up, so their order does not matter and they
may come in blocks.

Left out is what may change: whether a row counts, and its references, which are emptied when
somebody is erased.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from crm_core.records.keys import Hashes, as_signed, chain
from crm_core.records.reading_sales import DAY_BITS, DAY_ZERO, stream_span
from crm_core.records.staged import NO_QUANTITY

SEED = np.uint64(0x646967657374)

AT_ONCE = 1 << 16
"""Rows that are hashed in one go: their arrays stay in the processor's cache."""

_LINE_BITS, _SMALL_BITS = 32, 24

# The same numbers as `_pack` makes; the least of all cannot be written as such.
_PACKED = f"""
    SELECT (CAST(coalesce(client_id, 0) AS BIGINT) << {DAY_BITS}) | (day + {DAY_ZERO}),
           amount, key, refund_key, coalesce(quantity, -{-(NO_QUANTITY + 1)} - 1),
           (CAST(coalesce(product_id, 0) AS BIGINT) << {_LINE_BITS}) | line,
           (CAST(coalesce(currency_id, 0) AS BIGINT) << {2 * _SMALL_BITS})
           | (CAST(coalesce(channel_id, 0) AS BIGINT) << {_SMALL_BITS})
           | coalesce(salesperson_id, 0)
    FROM sales WHERE id BETWEEN {{first}} AND {{last}} ORDER BY id
"""
_WIDTH = 7

_DIMENSIONS = ("client", "product", "currency", "channel", "salesperson")
_NUMBERS = ("day", "line", "amount", "key", "refund_key", "quantity")
_READ = (*_NUMBERS, *(f"{name}_id" for name in _DIMENSIONS))


def digest_columns(columns: dict[str, Any]) -> int:
    """Return the digest of sales that are about to be written.

    Parameters
    ----------
    columns : dict of str to ndarray
        Among others ``day, line, amount, key, refund_key, quantity, client_id, product_id,
        currency_id, channel_id`` and ``salesperson_id`` of equal length; -1 for a missing
        id, ``NO_QUANTITY`` for a missing quantity.

    Returns
    -------
    int
        A signed 64-bit number; 0 without rows.

    Examples
    --------
    >>> names = (
    ...     "client_id",
    ...     "day",
    ...     "amount",
    ...     "key",
    ...     "refund_key",
    ...     "quantity",
    ...     "product_id",
    ...     "line",
    ...     "currency_id",
    ...     "channel_id",
    ...     "salesperson_id",
    ... )
    >>> row = {name: np.array([7, 8]) for name in names}
    >>> turned = {name: values[::-1] for name, values in row.items()}
    >>> swapped = row | {"amount": np.array([8, 7])}
    >>> (
    ...     digest_columns(row) == digest_columns(turned),
    ...     digest_columns(row) == digest_columns(swapped),
    ... )
    (True, False)
    """
    total = 0
    for start in range(0, len(columns["day"]), AT_ONCE):
        total += _add(_pack({name: columns[name][start : start + AT_ONCE] for name in _READ}))
    return _signed(total)


def _pack(columns: dict[str, Any]) -> list[NDArray[Any]]:
    """Return the columns as seven, each of int64."""
    whole = {name: np.asarray(column, dtype=np.int64) for name, column in columns.items()}
    given = {name: np.maximum(whole[f"{name}_id"], 0) for name in _DIMENSIONS}
    return [
        (given["client"] << DAY_BITS) | (whole["day"] + DAY_ZERO),
        *(whole[name] for name in ("amount", "key", "refund_key", "quantity")),
        (given["product"] << _LINE_BITS) | whole["line"],
        (given["currency"] << 2 * _SMALL_BITS)
        | (given["channel"] << _SMALL_BITS)
        | given["salesperson"],
    ]


def read_digest(connection: Connection, first: int | None, last: int | None) -> int:
    """Return the digest of stored sales.

    Parameters
    ----------
    connection : Connection
        Any connection.
    first, last : int or None
        Their range of ids; None for none.
    """
    if first is None or last is None:
        return 0
    total = 0
    for block in stream_span(connection, _PACKED, _WIDTH, span=(first, last)):
        for start in range(0, len(block[0]), AT_ONCE):
            # From a server they come with the bytes the other way round.
            part = [np.asarray(c[start : start + AT_ONCE], dtype=np.int64) for c in block]
            total += _add(part)
    return _signed(total)


def _add(packed: Sequence[NDArray[Any]]) -> int:
    hashes: Hashes = np.full(1, SEED)
    for column in packed:
        hashes = chain(hashes, np.ascontiguousarray(column).view(np.uint64))
    return int(hashes.sum(dtype=np.uint64))


def _signed(total: int) -> int:
    """Return a sum as databases hold it; 0 is for no rows."""
    if not total:
        return 0
    return int(as_signed(np.array([total % (1 << 64)], dtype=np.uint64))[0])
