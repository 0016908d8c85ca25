"""Which stored rows count: of the live imports that carry a key, the newest one's.

An import carries a key with its sales, or with nothing where it withdrew the order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.records.bulk import fetch_columns
from crm_core.records.keys import Hashes, chain, count_copies
from crm_core.tables import IntArray

_CARRIED = (
    "SELECT key FROM sales WHERE id BETWEEN :first AND :last "
    "UNION ALL SELECT key FROM withdrawn_orders WHERE batch_id = :batch"
)

_SWITCH_ALL = text("UPDATE sales SET live = :live WHERE id BETWEEN :first AND :last")

_SWITCH_OFF_OLDER = text(
    f"UPDATE sales SET live = FALSE WHERE live AND id < :first AND key IN ({_CARRIED})"
)

# The sign before a key keeps SQLite from looking every carried key up in the small table.
_SWITCH_BY_KEY = text(
    f"""
    UPDATE sales SET live = (sales.batch_id = carried.newest)
    FROM (
        SELECT said.key AS key, max(CASE WHEN batches.live THEN batches.id ELSE 0 END) AS newest
        FROM (
            SELECT key, batch_id FROM sales WHERE key IN ({_CARRIED})
            UNION ALL
            SELECT key, batch_id FROM withdrawn_orders WHERE +key IN ({_CARRIED})
        ) AS said JOIN batches ON batches.id = said.batch_id
        GROUP BY said.key
    ) AS carried
    WHERE sales.key = carried.key AND sales.live <> (sales.batch_id = carried.newest)
    """
)

_OLDER = text(
    f"""
    SELECT key, day, amount, coalesce(currency_id, -1), coalesce(quantity, :none),
           coalesce(product_id, -1), coalesce(channel_id, -1), coalesce(salesperson_id, -1),
           refund_key
    FROM sales WHERE live AND id < :first AND key IN ({_CARRIED})
    """
)

_AFTER_ALL = int(np.iinfo(np.int64).max)

BatchRows = dict[str, int]
"""The parameters ``batch, first, last`` that name what an import carries; see :func:`rows_of`."""

Content = Sequence[NDArray[Any]]
"""Columns ``key, day, amount, currency_id, quantity, product_id, channel_id, salesperson_id,
refund_key`` of some rows, -1 for a missing id: what makes two rows the same."""


def has_other_live(connection: Connection, batch_id: int, source_id: int) -> bool:
    """Return whether another live import of the source could carry the same keys."""
    found = connection.execute(
        text(
            "SELECT 1 FROM batches WHERE live AND source_id = :source AND id <> :batch "
            "AND (first_sale_id IS NOT NULL OR EXISTS "
            "(SELECT 1 FROM withdrawn_orders WHERE batch_id = batches.id)) LIMIT 1"
        ),
        {"source": source_id, "batch": batch_id},
    )
    return found.first() is not None


def rows_of(batch_id: int, first: int | None, last: int | None) -> BatchRows:
    """Name what an import carries; without sales their range is empty and after all others.

    Examples
    --------
    >>> rows_of(3, 7, 9)
    {'batch': 3, 'first': 7, 'last': 9}
    """
    if first is None or last is None:
        first, last = _AFTER_ALL, 0
    return {"batch": batch_id, "first": first, "last": last}


def older_content(
    connection: Connection, rows: BatchRows, *, no_quantity: int
) -> list[NDArray[Any]]:
    """Return the older live sales that share a key with what an import carries.

    Returns
    -------
    list of ndarray of int64
        In the order of :data:`Content`.
    """
    statement = _OLDER.bindparams(**rows, none=no_quantity)
    return fetch_columns(connection, statement, [np.int64] * 9)


def match_content(new: Content, old: Content) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Pair rows of equal content, each with at most one.

    Parameters
    ----------
    new, old : Content
        Any order.

    Returns
    -------
    new_matched, old_matched : ndarray of bool
        Which rows found an equal one on the other side.
    """
    left, right = _fingerprints(new), _fingerprints(old)
    return np.isin(left, right), np.isin(right, left)


def _fingerprints(content: Content) -> Hashes:
    hashes = np.zeros(len(content[0]), dtype=np.uint64)
    for column in content:
        hashes = chain(hashes, column.astype(np.int64).view(np.uint64))
    return chain(hashes, count_copies(hashes).view(np.uint64)) if len(hashes) else hashes


def switch_off_older(connection: Connection, rows: BatchRows) -> None:
    """Let what a new import carries take the place of older sales of the same keys."""
    connection.execute(_SWITCH_OFF_OLDER, rows)


def switch_batch(connection: Connection, batch: Any, *, live: bool) -> None:
    """Switch the rows of an import on or off, and what they covered or uncover.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction; ``batches.live`` is set already.
    batch : row of ``batches``
        The import.
    live : bool
        What it is now.
    """
    rows = rows_of(batch.id, batch.first_sale_id, batch.last_sale_id)
    if has_other_live(connection, batch.id, batch.source_id):
        connection.execute(_SWITCH_BY_KEY, rows)
    else:
        connection.execute(_SWITCH_ALL, {**rows, "live": live})


def sums(amount: IntArray, currency_id: IntArray, names: dict[int, str]) -> dict[str | None, int]:
    """Return the exact sums of amounts by currency name, None for the reporting one."""
    return {
        names.get(code): int(amount[currency_id == code].sum())
        for code in np.unique(currency_id).tolist()
    }
