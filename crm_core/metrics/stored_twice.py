"""Sales that an import would store a second time: the same business from another program.

A file read again is refused, and an order stored already is known by its number. A list
without order numbers, or with those of another program, is only told by what it says:
the same client, day and amount as a sale that is stored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.tables import IntArray

LEAST = 5
"""Below that a few equal amounts are a coincidence nobody needs to be warned of."""

LIKELY_SHARE = 0.5


@dataclass(frozen=True)
class StoredTwice:
    """How much of what an import adds looks like what was stored before.

    Attributes
    ----------
    added : int
        Days on which it adds sales of a client, each client's days for themselves.
    alike : int
        Those on which it adds, to the cent, what was stored for that client and day:
        whether as one row or as several does not matter.
    """

    added: int = 0
    alike: int = 0

    @property
    def is_likely(self) -> bool:
        """Whether half of what is added, and five days at least, looks stored already."""
        return self.alike >= max(LEAST, LIKELY_SHARE * self.added)


def stored_twice(before: Ledger, after: Ledger) -> StoredTwice:
    """Count the clients' days whose sales came in although the same sum was there.

    Parameters
    ----------
    before, after : Ledger
        The sales without and with the import; clients are told by their ``record_id``.

    Returns
    -------
    StoredTwice
        Days with a sum of zero are left out, as are sales without a client: nobody can
        tell them apart.
    """
    old, new = _rows(before), _rows(after)
    client, day, amount = (np.concatenate(pair) for pair in zip(old, new, strict=True))
    if not len(client):
        return StoredTwice()
    order = np.lexsort((day, client))
    starts = (np.diff(client[order]) != 0) | (np.diff(day[order]) != 0)
    first = np.concatenate([[0], np.flatnonzero(starts) + 1])
    is_new = order >= len(old[0])
    stored, full = (
        np.add.reduceat(np.where(mask, amount[order], 0), first) for mask in (~is_new, is_new)
    )
    more = full - stored
    alike = (more == stored) & (stored != 0)
    return StoredTwice(added=int(np.count_nonzero(more)), alike=int(alike.sum()))


def _rows(ledger: Ledger) -> tuple[IntArray, IntArray, IntArray]:
    sales = ledger.sales
    client = ledger.clients.record_id[sales.clients()]
    return client, sales.day.astype(np.int64), sales.amount
