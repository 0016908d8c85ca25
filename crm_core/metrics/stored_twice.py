"""Sales that an import would store a second time: the same business from another program.

A file read again is refused, and an order stored already is known by its number. A list
without order numbers, or with those of another program, is only told by what it says:
the same sums for the same days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.tables import BoolArray, IntArray

LEAST = 5
"""Below that a few equal sums are a coincidence nobody needs to be warned of."""

LIKELY_SHARE = 0.5


@dataclass(frozen=True)
class Alike:
    """Of the days on which an import adds sales, those on which it repeats stored ones.

    Attributes
    ----------
    added : int
        Days with a sum that is not zero.
    alike : int
        Those on which it adds, to the cent, what was stored for the day: whether as one
        row or as several does not matter.
    """

    added: int = 0
    alike: int = 0

    @property
    def is_likely(self) -> bool:
        """Whether half of the days, and five at least, look stored already."""
        return self.alike >= max(LEAST, LIKELY_SHARE * self.added)


@dataclass(frozen=True)
class StoredTwice:
    """How much of what an import adds looks like what was stored before.

    Attributes
    ----------
    by_client : Alike
        Each client's days for themselves: finds a part of the business too.
    by_day : Alike
        Days of the whole business, sales without a client included: finds it under
        other names or numbers of the clients too.
    """

    by_client: Alike = Alike()
    by_day: Alike = Alike()

    @property
    def is_likely(self) -> bool:
        """Whether the sales look stored already by either of the two."""
        return self.by_client.is_likely or self.by_day.is_likely


def stored_twice(before: Ledger, after: Ledger) -> StoredTwice:
    """Count the days whose sales came in although the same sum was there.

    Parameters
    ----------
    before, after : Ledger
        The sales without and with the import; clients are told by their ``record_id``.

    Returns
    -------
    StoredTwice
        Without any sales all counts are 0. Refunds count as they are in their day's sum.
    """
    sides = (before, after)
    client = [ledger.clients.record_id[ledger.sales.clients()] for ledger in sides]
    day = [ledger.sales.day.astype(np.int64) for ledger in sides]
    amount = [ledger.sales.amount for ledger in sides]
    every_day = [
        np.concatenate([own, ledger.unnamed_day]) for own, ledger in zip(day, sides, strict=True)
    ]
    every_amount = [
        np.concatenate([own, ledger.unnamed_amount])
        for own, ledger in zip(amount, sides, strict=True)
    ]
    return StoredTwice(_compare([client, day], amount), _compare([every_day], every_amount))


def _compare(keys: list[list[IntArray]], amounts: list[IntArray]) -> Alike:
    """Compare the sums by key; each key and the amounts as of before and after."""
    columns = [np.concatenate(key) for key in keys]
    amount = np.concatenate(amounts)
    if not len(amount):
        return Alike()
    order = np.lexsort(columns)
    differs: BoolArray = np.zeros(len(order) - 1, dtype=bool)
    for column in columns:
        differs |= np.diff(column[order]) != 0
    first = np.concatenate([[0], np.flatnonzero(differs) + 1])
    is_after = order >= len(amounts[0])
    stored, full = (
        np.add.reduceat(np.where(mask, amount[order], 0), first) for mask in (~is_after, is_after)
    )
    more = full - stored
    alike = (more == stored) & (stored != 0)
    return Alike(added=int(np.count_nonzero(more)), alike=int(alike.sum()))
