"""Which stored sales should count, worked out anew from the imports alone.

:mod:`crm_core.records.liveness` switches rows as imports come and go; here the
rule is applied once to all that is stored, and both must say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from crm_core.records.bulk import fetch_columns
from crm_core.records.liveness import rows_of
from crm_core.records.reading_sales import read_span
from crm_core.records.stored_sums import StoredBatch
from crm_core.tables import BoolArray, IntArray


@dataclass(frozen=True)
class LiveFault:
    """Sales of one import that count and should not, or the reverse.

    Attributes
    ----------
    batch_id : int
        The import.
    counted, left_out : int
        Sales that count without a right to, and sales that should count and do not.
    """

    batch_id: int
    counted: int
    left_out: int


_SALES = """
    SELECT key, CAST(CASE WHEN live THEN 1 ELSE 0 END AS BIGINT)
    FROM sales WHERE id BETWEEN {first} AND {last} ORDER BY id
"""
_WRONG = text("SELECT count(*) FROM sales WHERE id BETWEEN :first AND :last AND live <> :live")
_WITHDRAWN = text("SELECT key FROM withdrawn_orders WHERE batch_id = :batch ORDER BY key")


def find_live_faults(connection: Connection, batches: Sequence[StoredBatch]) -> list[LiveFault]:
    """Return where what counts is not what the newest import in force says of each key.

    Parameters
    ----------
    connection : Connection
        Any connection.
    batches : sequence of StoredBatch
        All imports.

    Returns
    -------
    list of LiveFault
        By import; empty where all is well.

    Notes
    -----
    Rows are found by the range of ids their import names. Keys hold within a source, so
    sources are looked at one after the other; holds about 40 bytes a sale of the largest.
    """
    sources: dict[int, list[StoredBatch]] = {}
    for batch in batches:
        sources.setdefault(batch.source_id, []).append(batch)
    return [fault for own in sources.values() for fault in _faults_of(connection, own)]


def _faults_of(connection: Connection, batches: Sequence[StoredBatch]) -> list[LiveFault]:
    if len(batches) == 1:
        return _fault_of_one(connection, batches[0])
    keys, owners, live = [], [], []
    said = []
    for place, batch in enumerate(batches):
        key, counts = _read(connection, batch)
        gone = fetch_columns(connection, _WITHDRAWN.bindparams(batch=batch.id), [np.int64])[0]
        keys.append(key)
        live.append(counts)
        owners.append(np.full(len(key), place, dtype=np.int32))
        said.append((gone, place if batch.live else -1))
    key, owner = np.concatenate(keys), np.concatenate(owners)
    in_force = np.array([batch.live for batch in batches])
    should = newest_of(key, np.where(in_force[owner], owner, -1), said) == owner
    wrong = np.concatenate(live) != should
    faults = []
    for place in np.unique(owner[wrong]).tolist():
        own = wrong & (owner == place)
        left_out = int((own & should).sum())
        faults.append(LiveFault(batches[place].id, int(own.sum()) - left_out, left_out))
    return faults


def _fault_of_one(connection: Connection, batch: StoredBatch) -> list[LiveFault]:
    """Return the fault of a source's only import: all of it counts, or nothing."""
    span = rows_of(batch.id, batch.first_sale_id, batch.last_sale_id)
    asked = {"first": span["first"], "last": span["last"], "live": batch.live}
    wrong = int(connection.execute(_WRONG, asked).scalar_one())
    if not wrong:
        return []
    return [LiveFault(batch.id, 0, wrong) if batch.live else LiveFault(batch.id, wrong, 0)]


def _read(connection: Connection, batch: StoredBatch) -> tuple[IntArray, BoolArray]:
    span = rows_of(batch.id, batch.first_sale_id, batch.last_sale_id)
    key, live = read_span(connection, _SALES, 2, span=(span["first"], span["last"]))
    return key, live == 1


def newest_of(
    key: IntArray, carried: NDArray[np.int32], withdrawn: Sequence[tuple[IntArray, int]]
) -> NDArray[np.int32]:
    """Return for every row which import has the last word on its key, -1 where none in force.

    Parameters
    ----------
    key : ndarray of int64, shape (n,)
        Keys of the rows.
    carried : ndarray of int32, shape (n,)
        Place of the import that carries each row, -1 where it is undone.
    withdrawn : sequence of (ndarray of int64, int)
        Keys an import carries as no sale, and its place or -1.

    Examples
    --------
    >>> withdrawn = [(np.array([9]), 2)]
    >>> newest_of(np.array([7, 9, 7]), np.array([0, 0, 1], dtype=np.int32), withdrawn).tolist()
    [1, 2, 1]
    """
    if not len(key):
        return np.empty(0, dtype=np.int32)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    newest = np.maximum.reduceat(carried[order], begins)
    distinct = ordered[begins]
    for gone, place in withdrawn:
        at = np.minimum(np.searchsorted(distinct, gone), len(distinct) - 1)
        at = at[distinct[at] == gone]
        newest[at] = np.maximum(newest[at], np.int32(place))
    found = np.empty(len(key), dtype=np.int32)
    found[order] = np.repeat(newest, np.diff(np.append(begins, len(key))))
    return found
