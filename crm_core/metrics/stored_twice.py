"""Sales that an import would store a second time: the same business from another program.

A file read again is refused, and an order stored already is known by its number. A list
without order numbers, or with those of another program, is only told by what it says:
the same sums for the same days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.tables import IntArray

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
    whole : bool
        All days of the import were compared; of very many, some are drawn.
    """

    by_client: Alike = Alike()
    by_day: Alike = Alike()
    whole: bool = True

    @property
    def is_likely(self) -> bool:
        """Whether the sales look stored already by either of the two."""
        return self.by_client.is_likely or self.by_day.is_likely


@dataclass(frozen=True)
class DayRows:
    """Sales as far as the comparison looks at them, in any order.

    Attributes
    ----------
    client : ndarray of int64, shape (n,)
        Whose, 0 without a client.
    day : ndarray of int64, shape (n,)
        A number a day and currency, from 0 on and below 2**32.
    amount : ndarray of int64, shape (n,)
        Ten-thousandths of the row's own currency; refunds are negative.
    """

    client: IntArray
    day: IntArray
    amount: IntArray


DAY_BITS = 32


def stored_twice(added: DayRows, stored: DayRows, *, whole: bool = True) -> StoredTwice:
    """Count the days whose sales come in although the same sum is there.

    Parameters
    ----------
    added : DayRows
        What an import adds: rows whose order or very content was known before are none.
    stored : DayRows
        What counts beside it; days on which nothing is added may be missing.
    whole : bool, default True
        These are all days of the import.

    Returns
    -------
    StoredTwice
        Without any sales all counts are 0. Refunds count as they are in their day's sum.

    Notes
    -----
    Sorts both; sums of what is added are looked up among those stored.
    """
    both = (added, stored)
    named = [_sums(_keys(r)[r.client > 0], r.amount[r.client > 0]) for r in both]
    all_of = [_sums(r.day, r.amount) for r in both]
    return StoredTwice(_compare(*named), _compare(*all_of), whole)


def _keys(rows: DayRows) -> IntArray:
    return (rows.client << DAY_BITS) | rows.day


def _sums(keys: IntArray, amount: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct keys, rising, and the sum of each."""
    if not len(keys):
        return keys, amount
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[first], np.add.reduceat(amount[order], first)


def _compare(added: tuple[IntArray, IntArray], stored: tuple[IntArray, IntArray]) -> Alike:
    (keys, came), (held, was) = added, stored
    if not len(held):
        return Alike(int(np.count_nonzero(came)))
    at = np.minimum(np.searchsorted(held, keys), len(held) - 1)
    alike = (held[at] == keys) & (was[at] == came) & (came != 0)
    return Alike(int(np.count_nonzero(came)), int(alike.sum()))
