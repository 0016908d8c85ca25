"""What an import adds, and what counts beside it on the same days, for comparing the two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from crm_core.records.import_report import ImportReport
from crm_core.records.keys import mix
from crm_core.records.liveness import has_other_live
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.reading_sales import DAY_BITS, DAY_ZERO, stream_numbers
from crm_core.records.stored_sums import never_clients
from crm_core.records.undoing import find_batch
from crm_core.tables import IntArray

SalesOfDays = tuple[IntArray, IntArray, IntArray]
"""Sales in no order: the client that counts (merges followed; 0 for nobody and for tills), a number
a day and currency, and the amount in ten-thousandths of that currency."""

MOST_DAYS = 400
"""Days that are looked at; of more, these are drawn by a fixed rule, whatever their weekday."""

_CURRENCY_BITS = 8
_WHEN_BITS = DAY_BITS + _CURRENCY_BITS

_ROWS = f"""
    SELECT (CAST(coalesce(client_id, 0) AS BIGINT) << {_WHEN_BITS})
           | (CAST(coalesce(currency_id, 0) & {(1 << _CURRENCY_BITS) - 1} AS BIGINT) << {DAY_BITS})
           | (day + {DAY_ZERO}), amount
    FROM sales WHERE live AND
"""
_ADDED = "id BETWEEN {first} AND {last} AND day IN ({days})"
_BESIDE = "NOT (id BETWEEN {first} AND {last}) AND day IN ({days})"
_NOT_KNOWN = """
    AND NOT EXISTS (
        SELECT 1 FROM sales AS other JOIN batches ON batches.id = other.batch_id
        WHERE other.key = sales.key AND batches.live
        AND NOT (other.id BETWEEN {first} AND {last})
    )
"""
_DAYS = "SELECT DISTINCT day FROM sales WHERE id BETWEEN :first AND :last AND live"
_LATER = "SELECT 1 FROM batches WHERE live AND id > :batch LIMIT 1"
_OTHERS = "SELECT 1 FROM batches WHERE live AND id <> :batch AND first_sale_id IS NOT NULL LIMIT 1"


@dataclass(frozen=True)
class Beside:
    """An import, and what it is compared with.

    Attributes
    ----------
    added, stored : SalesOfDays
        The sales it adds, and those of the same days that count beside it.
    whole : bool
        All its days are looked at.
    """

    added: SalesOfDays
    stored: SalesOfDays
    whole: bool


def read_beside(connection: Connection, batch_id: int) -> Beside | None:
    """Return the sales an import in force adds, and those of its days that count beside it.

    Parameters
    ----------
    connection : Connection
        Any connection that sees the import.
    batch_id : int
        The import.

    Returns
    -------
    Beside or None
        Rows whose key another import in force carries are left out of what is added: they
        are known, and one takes the place of the other. None where nothing stands beside
        it, or its sales have no days.

    Raises
    ------
    RecordError
        If there is no such import.

    Notes
    -----
    Goes through the stored sales once and holds 16 bytes for each of the days looked at.
    """
    batch = find_batch(connection, batch_id)
    span = {"first": batch.first_sale_id, "last": batch.last_sale_id}
    others = connection.execute(text(_OTHERS), {"batch": batch_id}).first()
    if span["first"] is None or batch.days_missing or others is None:
        return None
    days = np.array(connection.execute(text(_DAYS), span).scalars().all(), dtype=np.int64)
    drawn = np.sort(days[np.argsort(mix(days.view(np.uint64)))][:MOST_DAYS])
    if not len(drawn):
        return None
    known = _NOT_KNOWN if _may_be_known(connection, batch) else ""
    wanted = {**span, "days": ", ".join(map(str, drawn.tolist()))}
    roots = _Roots(connection)
    added, stored = (
        _read(connection, (_ROWS + rows).format(**wanted), roots)
        for rows in (_ADDED + known, _BESIDE)
    )
    return Beside(added, stored, len(drawn) == len(days))


def _may_be_known(connection: Connection, batch: Any) -> bool:
    """Return whether orders of an import may stand in others too: looking each up takes long."""
    if not has_other_live(connection, batch.id, batch.source_id):
        return False
    report = ImportReport.from_json(batch.report)
    later = connection.execute(text(_LATER), {"batch": batch.id}).first()
    return bool(report.already_stored.rows or report.replaced.rows or later)


class _Roots:
    """Which client counts, by stored id."""

    def __init__(self, connection: Connection) -> None:
        merges = read_merges(connection)
        moved = {number: follow_merge(merges, number) for number in merges}
        tills = {int(number): 0 for number in never_clients(connection)}
        self._to = {number: tills.get(root, root) for number, root in moved.items()} | tills

    def follow(self, client: IntArray) -> IntArray:
        """Return the clients that count, 0 for nobody."""
        if not self._to or not len(client):
            return client
        table = np.arange(max(int(client.max()), *self._to) + 1)
        table[list(self._to)] = list(self._to.values())
        return table[client]


def _read(connection: Connection, statement: str, roots: _Roots) -> SalesOfDays:
    nothing = np.empty(0, dtype=np.int64)
    blocks = [(nothing, nothing), *stream_numbers(connection, statement, 2)]
    columns = zip(*blocks, strict=True)
    packed, amount = (np.concatenate(parts).astype(np.int64, copy=False) for parts in columns)
    return roots.follow(packed >> _WHEN_BITS), packed & ((1 << _WHEN_BITS) - 1), amount
