"""Key clients by volume in the company, in each department and for each manager, and the load.

A client is key at a level where it brings at least 10 % of the sales of its base,
so no base has more than ten. The base is that of named sales: clients with net
sales above zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.pareto import ParetoResult
from crm_core.metrics.rates import Rate
from crm_core.tables import IntArray

KEY_PERCENT = 10
"""Share of a base's sales, in percent, from which a client is key by volume."""

MOST_KEYS = 3
"""Key clients one manager can look after."""

INNOVATIVE_SHARE = 0.025
"""Part of all clients that is usually innovative (the innovators of Rogers, 1962)."""


@dataclass(frozen=True)
class KeyLevel:
    """The key clients of every base of a level, the largest base first.

    Attributes
    ----------
    percent : int
        The mark.
    labels : tuple of str
        Names of the bases; ``("",)`` for the company as a whole.
    total : ndarray of int64, shape (n_labels,)
        Sales of each base, ten-thousandths.
    buyers : ndarray of int64, shape (n_labels,)
        Clients of each base.
    base, position : ndarray of int64, shape (n_keys,)
        Base (index into ``labels``) and place in the client table of each key client:
        by the base's sales, then the client's, both falling.
    net : ndarray of int64, shape (n_keys,)
        Their sales, ten-thousandths.
    n_without : int
        Clients of the period that name no base of this level.
    """

    percent: int
    labels: tuple[str, ...]
    total: IntArray
    buyers: IntArray
    base: IntArray
    position: IntArray
    net: IntArray
    n_without: int

    def __len__(self) -> int:
        return len(self.position)

    @property
    def share(self) -> NDArray[np.float64]:
        """Share of each key client in its own base, shape (n_keys,)."""
        return np.asarray(self.net / np.maximum(self.total[self.base], 1))

    def members(self, base: int) -> IntArray:
        """Return the positions of the key clients of one base, largest first."""
        members: IntArray = self.position[self.base == base]
        return members


def find_keys(
    result: ParetoResult,
    codes: NDArray[np.int32] | None = None,
    labels: tuple[str, ...] = ("",),
    *,
    percent: int = KEY_PERCENT,
) -> KeyLevel:
    """Return the clients that bring at least ``percent`` of the sales of their base.

    Parameters
    ----------
    result : ParetoResult
        The clients with net sales above zero in the period.
    codes : ndarray of int32, shape (n_clients,), optional
        Base of every client of the ledger, -1 where it names none; without it the
        company is the one base.
    labels : tuple of str
        What the codes stand for.
    percent : int, default 10
        The mark, 1 to 100; a share on it reaches it.

    Returns
    -------
    KeyLevel
        At most ``100 / percent`` clients a base; empty without sales.

    Raises
    ------
    ParameterError
        If ``percent`` is out of range.
    """
    if not 1 <= percent <= 100:
        raise ParameterError(f"Wanted a mark from 1 to 100 percent, found {percent}.")
    base = np.zeros(result.n, dtype=np.int64) if codes is None else codes[result.order]
    named = np.flatnonzero(base >= 0)
    base = base[named].astype(np.int64)
    total = np.zeros(len(labels), dtype=np.int64)
    np.add.at(total, base, result.net[named])
    key = result.net[named] >= _reached_at(total, percent)[base]
    found, base_of_key = named[key], base[key]
    # Stable: within a base the clients stay largest first.
    order = np.lexsort((base_of_key, -total[base_of_key]))
    return KeyLevel(
        percent=percent,
        labels=labels,
        total=total,
        buyers=np.bincount(base, minlength=len(labels)),
        base=base_of_key[order],
        position=result.order[found[order]],
        net=result.net[found[order]],
        n_without=result.n - len(named),
    )


def _reached_at(total: IntArray, percent: int) -> IntArray:
    """Return the smallest amount that is ``percent`` of each total, without overflow."""
    return total // 100 * percent - (-(total % 100) * percent // 100)


def innovative_rate(n_innovative: int, n_known: int) -> Rate:
    """Return the part of the known clients marked as innovative, to set beside 2.5 %."""
    return Rate(n_innovative, n_known)


@dataclass(frozen=True)
class Load:
    """How many key clients each manager looks after.

    Attributes
    ----------
    managers : ndarray of int64, shape (n,)
        Codes of managers with at least one key client, most key clients first.
    counts : ndarray of int64, shape (n,)
        Their key clients.
    without : ndarray of int64
        Positions of key clients nobody looks after.
    """

    managers: IntArray
    counts: IntArray
    without: IntArray

    def above(self, most: int = MOST_KEYS) -> IntArray:
        """Return the managers with more than ``most`` key clients."""
        return self.managers[self.counts > most]


def count_load(keys: IntArray, codes: NDArray[np.int32] | None) -> Load:
    """Count the key clients of every manager.

    Parameters
    ----------
    keys : ndarray of int64, shape (n_keys,)
        Positions of the key clients.
    codes : ndarray of int32, shape (n_clients,), or None
        Manager of every client, -1 where it has none; None where no manager is recorded.

    Examples
    --------
    >>> load = count_load(np.array([0, 1, 2, 3, 4]), np.array([0, 1, 1, 1, 1, 0]))
    >>> load.managers.tolist(), load.counts.tolist(), load.above().tolist()
    ([1, 0], [4, 1], [1])
    """
    if codes is None:
        none = np.empty(0, dtype=np.int64)
        return Load(none, none, keys)
    mine = codes[keys].astype(np.int64)
    counts = np.bincount(mine[mine >= 0])
    managers = np.argsort(-counts, kind="stable")
    managers = managers[counts[managers] > 0]
    return Load(managers, counts[managers], keys[mine < 0])
