"""What an import adds, and what counts beside it on the same days, for comparing the two."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, text

from crm_core.records.liveness import has_other_live
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.reading_sales import DAY_BITS, DAY_ZERO, stream_numbers
from crm_core.records.stored_sums import never_clients
from crm_core.records.undoing import find_batch
from crm_core.tables import IntArray

SalesOfDays = tuple[IntArray, IntArray, IntArray]
"""Sales in no order: the client that counts (merges followed; 0 for nobody and for tills), a number
a day and currency, and the amount in ten-thousandths of that currency."""

_CURRENCY_BITS = 8
_WHEN_BITS = DAY_BITS + _CURRENCY_BITS

_ROWS = f"""
    SELECT (CAST(coalesce(client_id, 0) AS BIGINT) << {_WHEN_BITS})
           | (CAST(coalesce(currency_id, 0) & {(1 << _CURRENCY_BITS) - 1} AS BIGINT) << {DAY_BITS})
           | (day + {DAY_ZERO}), amount
    FROM sales WHERE live AND
"""
_ADDED = "id BETWEEN {first} AND {last}"
_BESIDE = "NOT (id BETWEEN {first} AND {last}) AND day BETWEEN {since} AND {until}"
_NOT_KNOWN = """
    AND NOT EXISTS (
        SELECT 1 FROM sales AS other JOIN batches ON batches.id = other.batch_id
        WHERE other.key = sales.key AND batches.live
        AND NOT (other.id BETWEEN {first} AND {last})
    )
"""
_SPAN = "SELECT min(day), max(day) FROM sales WHERE id BETWEEN :first AND :last AND live"
_OTHERS = "SELECT 1 FROM batches WHERE live AND id <> :batch AND first_sale_id IS NOT NULL LIMIT 1"


def read_beside(connection: Connection, batch_id: int) -> tuple[SalesOfDays, SalesOfDays] | None:
    """Return the sales an import in force adds, and those of its days that count beside it.

    Parameters
    ----------
    connection : Connection
        Any connection that sees the import.
    batch_id : int
        The import.

    Returns
    -------
    tuple of SalesOfDays, or None
        Rows whose key another import in force carries are left out of what is added: they
        are known, and one takes the place of the other. None where nothing stands beside
        it, or its sales have no days.

    Raises
    ------
    RecordError
        If there is no such import.

    Notes
    -----
    Reads the sales of the days between the import's first and last once; 16 bytes each.
    """
    batch = find_batch(connection, batch_id)
    span = {"first": batch.first_sale_id, "last": batch.last_sale_id}
    others = connection.execute(text(_OTHERS), {"batch": batch_id}).first()
    if span["first"] is None or batch.days_missing or others is None:
        return None
    since, until = connection.execute(text(_SPAN), span).one()
    if since is None:
        return None
    known = _NOT_KNOWN if has_other_live(connection, batch_id, batch.source_id) else ""
    roots = _Roots(connection)
    added = _read(connection, (_ROWS + _ADDED + known).format(**span), roots)
    beside = (_ROWS + _BESIDE).format(**span, since=since, until=until)
    return added, _read(connection, beside, roots)


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
    nothing = [np.empty(0, dtype=np.int64)] * 2
    columns = zip(*stream_numbers(connection, statement, 2), strict=True)
    parts = list(columns) or [nothing[:1], nothing[:1]]
    packed, amount = (np.concatenate(part).astype(np.int64, copy=False) for part in parts)
    return roots.follow(packed >> _WHEN_BITS), packed & ((1 << _WHEN_BITS) - 1), amount
