"""Which stored rows count: of the live imports that carry a key, the newest one's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.records.bulk import fetch_columns
from crm_core.records.keys import Hashes, chain, count_copies
from crm_core.tables import IntArray

_CARRIED = "SELECT key FROM sales WHERE id BETWEEN :first AND :last"

_SWITCH_ALL = text("UPDATE sales SET live = :live WHERE id BETWEEN :first AND :last")

_SWITCH_OFF_OLDER = text(
    f"UPDATE sales SET live = FALSE WHERE live AND id < :first AND key IN ({_CARRIED})"
)

_SWITCH_BY_KEY = text(
    f"""
    UPDATE sales SET live = (sales.batch_id = carried.newest)
    FROM (
        SELECT rows.key AS key, max(CASE WHEN batches.live THEN batches.id ELSE 0 END) AS newest
        FROM sales AS rows JOIN batches ON batches.id = rows.batch_id
        WHERE rows.key IN ({_CARRIED})
        GROUP BY rows.key
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

Content = Sequence[NDArray[Any]]
"""Columns ``key, day, amount, currency_id, quantity, product_id, channel_id, salesperson_id,
refund_key`` of some rows, -1 for a missing id: what makes two rows the same."""


def has_other_live(connection: Connection, batch_id: int, source_id: int) -> bool:
    """Return whether another live import of the source could carry the same keys."""
    found = connection.execute(
        text(
            "SELECT 1 FROM batches WHERE live AND source_id = :source AND id <> :batch "
            "AND first_sale_id IS NOT NULL LIMIT 1"
        ),
        {"source": source_id, "batch": batch_id},
    )
    return found.first() is not None


def older_content(
    connection: Connection, first: int, last: int, *, no_quantity: int
) -> list[NDArray[Any]]:
    """Return the live rows before ``first`` that share a key with the rows given.

    Returns
    -------
    list of ndarray of int64
        In the order of :data:`Content`.
    """
    statement = _OLDER.bindparams(first=first, last=last, none=no_quantity)
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


def switch_off_older(connection: Connection, first: int, last: int) -> None:
    """Let a new import's rows take the place of older ones with their keys."""
    connection.execute(_SWITCH_OFF_OLDER, {"first": first, "last": last})


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
    if batch.first_sale_id is None:
        return
    rows = {"first": batch.first_sale_id, "last": batch.last_sale_id}
    if has_other_live(connection, batch.id, batch.source_id):
        connection.execute(_SWITCH_BY_KEY, rows)
    else:
        connection.execute(_SWITCH_ALL, rows | {"live": live})


def sums(amount: IntArray, currency_id: IntArray, names: dict[int, str]) -> dict[str | None, int]:
    """Return the exact sums of amounts by currency name, None for the reporting one."""
    return {
        names.get(code): int(amount[currency_id == code].sum())
        for code in np.unique(currency_id).tolist()
    }
