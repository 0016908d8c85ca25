"""Not only the mean: how many purchases a client may make by BG/NBD, and how far they spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.durations import Behaviour, Duration, require_duration

FloatArray = NDArray[np.float64]

MOST_PURCHASES = 5_000
"""Counts are followed up to here; whoever may buy more is cut off at it."""

TAIL = 1e-6
"""A client's counts are followed until less than this chance is left."""


@dataclass(frozen=True)
class CountRanges:
    """The spread of each client's purchases in the time ahead.

    Attributes
    ----------
    low, high : ndarray of int32, shape (n,)
        Smallest count with a chance of at least ``low_level`` (``high_level``) of buying
        no more than that.
    variance : ndarray of float64, shape (n,)
        Of the count, the chance of having left included.
    """

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    variance: FloatArray


def count_ranges(
    model: BgNbd,
    behaviour: Behaviour,
    ahead: Duration,
    *,
    low_level: float = 0.1,
    high_level: float = 0.9,
) -> CountRanges:
    """Return the range and the variance of each client's purchases in the time ahead.

    Parameters
    ----------
    model : BgNbd
        BG/NBD or MBG/NBD, its parameters taken as known.
    behaviour : Behaviour
        Of the clients.
    ahead : Duration
        Length of the time ahead.
    low_level, high_level : float, default 0.1 and 0.9
        Levels of the range: 80 % of clients like this one fall within.

    Returns
    -------
    CountRanges
        In the order of the behaviour.

    Notes
    -----
    Who is alive buys at a rate Gamma(r + x, alpha + T) and leaves after each purchase
    with a chance p of Beta(a, b + x) (b + x + 1 by MBG/NBD), the two independent. So
    ``P(Y = y | alive) = E[(1-p)^y] P(N = y) + E[p (1-p)^(y-1)] P(N >= y)`` with a negative
    binomial N: both factors follow from those of ``y - 1`` by one multiplication.
    """
    own, length = behaviour.to(model.unit), require_duration(ahead).to(model.unit)
    alive = model.chance_alive(behaviour)
    k, clock = model.r + own.repeat, model.alpha + own.age
    stays_from = model.b + own.repeat + (model.kind == "mbg")
    followed = _Followed(alive, k, length / (clock + length), model.a, stays_from)
    for count in range(MOST_PURCHASES + 1):
        if not followed.step(count, (low_level, high_level)):
            break
    return followed.ranges()


class _Followed:
    """Clients followed count by count until next to no chance is left."""

    def __init__(
        self, alive: FloatArray, k: FloatArray, chance: FloatArray, a: float, stays: FloatArray
    ) -> None:
        size = len(alive)
        self._alive, self._a = alive, a
        self._low = np.full(size, MOST_PURCHASES, dtype=np.int32)
        self._high = self._low.copy()
        self._first, self._second = np.zeros(size), np.zeros(size)
        self._at = np.arange(size)
        # Columns of the clients still followed: the rest of the loop touches only these.
        self._k, self._chance, self._stays = k, chance, stays
        self._log_bought = k * np.log1p(-chance)
        self._stay, self._stayed_before = np.ones(size), np.ones(size)
        self._below, self._reached = np.zeros(size), np.zeros(size)

    def step(self, count: int, levels: tuple[float, float]) -> bool:
        """Take in the chance of one more count; False when nobody is left to follow."""
        bought = np.exp(self._log_bought)
        mass = self._stay * bought
        if count:
            mass += (self._stayed_before - self._stay) * np.maximum(1 - self._below, 0.0)
        at, alive = self._at, self._alive[self._at]
        before = self._total(alive, count)
        self._reached += mass
        total = self._total(alive, count + 1)
        for level, column in zip(levels, (self._low, self._high), strict=True):
            column[at[(before < level) & (total >= level)]] = count
        self._first[at] += count * mass
        self._second[at] += count**2 * mass
        self._advance(count, bought)
        self._drop(self._reached < 1 - TAIL)
        return len(self._at) > 0

    def _total(self, alive: FloatArray, count: int) -> FloatArray:
        """Return the chance of fewer than ``count`` purchases, those who left included."""
        return np.asarray(1 - alive + alive * self._reached) if count else np.zeros(len(alive))

    def _advance(self, count: int, bought: FloatArray) -> None:
        self._below += bought
        with np.errstate(divide="ignore"):
            # Without any time ahead the chance of a purchase is 0, and stays it.
            self._log_bought += np.log((self._k + count) / (count + 1) * self._chance)
        self._stayed_before = self._stay
        self._stay = self._stay * (self._stays + count) / (self._a + self._stays + count)

    def _drop(self, keep: NDArray[np.bool_]) -> None:
        if keep.all():
            return
        for name in (
            *("_at", "_k", "_chance", "_stays", "_log_bought"),
            *("_stay", "_stayed_before", "_below", "_reached"),
        ):
            setattr(self, name, getattr(self, name)[keep])

    def ranges(self) -> CountRanges:
        mean = self._alive * self._first
        variance = np.maximum(self._alive * self._second - mean**2, 0.0)
        return CountRanges(self._low, self._high, variance)
