"""How long a client may be silent after each purchase: in time, and at all, by any rule.

The three rules of ``docs/methods.md`` (churn without a contract): the client's own
rhythm, one window for all, and a model's chance to buy again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.clock import Clock
from crm_core.metrics.lifetime.chances import chance_to_buy
from crm_core.metrics.m0_groups import m0_of_clients
from crm_core.metrics.parameters import Model, Parameters
from crm_core.metrics.recent_gaps import recent_gaps
from crm_core.metrics.signals import join_keys
from crm_core.tables import DayArray

TOLERANCE = 1e-9
YEAR_DAYS, LOOK_BACK_DAYS, SAME_WEEKS_DAYS = 365, 730, 351
BACK_LATE_DAYS, BACK_GONE_DAYS = 14, 30
DAYS_A_WEEK = 7
LONGEST_SILENCE = 18_000
"""Days after which a model's client is gone whatever it says; reached by no real one."""

EVEN_CHANCE = 0.5
"""Below this chance to buy again a client is gone."""


class Limits:
    """Waits and limits of purchases, with what all clients share: parameters and clock.

    Parameters
    ----------
    ledger : Ledger
        Its clients' kinds and channels are used where each has a typical gap.
    parameters : Parameters
        The rule in force.
    clock : Clock
        What silence is counted on.
    """

    def __init__(self, ledger: Ledger, parameters: Parameters, clock: Clock) -> None:
        self.parameters = parameters
        self.clock = clock
        self._m0 = m0_of_clients(ledger, parameters)

    def of(
        self,
        client: NDArray[Any],
        row: NDArray[np.int32],
        start: NDArray[np.int32],
        day: DayArray,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], DayArray, DayArray]:
        """Return cadence, usual gap, and wait and limit in whole days.

        Parameters
        ----------
        client : ndarray of int, shape (n,)
            Positions in the client table; rows by client and day.
        row, start : ndarray of int32, shape (n,)
            Number of each row, and of its client's first one.
        day : ndarray of int32, shape (n,)
            Days of purchase.
        """
        p = self.parameters
        ticks = self.clock.ticks(day).astype(np.int32)
        gaps = np.zeros(len(day), dtype=np.int32)
        np.maximum(np.diff(ticks), 1, out=gaps[1:])
        n_gaps = row - start
        twice_median, largest = recent_gaps(gaps, n_gaps)
        m0 = p.m0 if self._m0 is None else self._m0[client]
        cadence = draw_cadence(p.kappa, m0, n_gaps, twice_median)
        limit = np.maximum(np.maximum(p.k_gone * cadence, p.own_max_factor * largest), p.floor)
        limit = np.minimum(limit, cap_of(p, m0))
        wait = np.minimum(p.k_late * cadence, limit)
        wait_days = np.floor(wait + TOLERANCE).astype(np.int32)
        limit_days = np.floor(limit + TOLERANCE).astype(np.int32)
        if p.same_weeks:
            self._as_quiet_as_last_year(start, day, ticks, wait_days, limit_days)
        if p.window is not None:
            limit_days = np.full(len(day), p.window, dtype=np.int32)
            wait_days = np.minimum(wait_days, limit_days)
        elif p.model is not None:
            limit_days = silence_allowed(p.model, n_gaps, day - day[start])
            wait_days = np.minimum(wait_days, limit_days)
        usual = np.where(n_gaps > 0, twice_median * np.float32(0.5), np.float32(np.nan))
        return cadence.astype(np.float32), usual, wait_days, limit_days

    def _as_quiet_as_last_year(
        self,
        start: NDArray[np.int32],
        day: DayArray,
        ticks: DayArray,
        wait: DayArray,
        limit: DayArray,
    ) -> None:
        """Wait longer (in place) where the client was this quiet in the same weeks last year."""
        old = np.flatnonzero(day - day[start] >= SAME_WEEKS_DAYS)
        if not len(old):
            return
        keys = join_keys(start, day)
        before = (
            np.searchsorted(keys, join_keys(start[old], day[old] - SAME_WEEKS_DAYS), "right") - 1
        )
        quiet = (day[before] >= day[old] - LOOK_BACK_DAYS) & (
            ticks[before + 1] - ticks[before] > wait[old]
        )
        old, back_on = old[quiet], day[before[quiet] + 1] + YEAR_DAYS
        back = (self.clock.ticks(back_on) - ticks[old]).astype(np.int32)
        wait[old] = np.maximum(wait[old], back + BACK_LATE_DAYS)
        limit[old] = np.maximum(limit[old], back + BACK_GONE_DAYS)


def draw_cadence(
    kappa: float,
    m0: float | NDArray[np.float64],
    n_gaps: NDArray[np.int32],
    twice_median: NDArray[np.int32],
) -> NDArray[np.float64]:
    """Return the cadence: the client's median gap drawn towards the typical one.

    ``c = exp((kappa ln m0 + n ln med) / (kappa + n))``, ``m0`` without gaps.

    Parameters
    ----------
    kappa : float
        How many gaps the typical gap weighs.
    m0 : float or ndarray of float64, shape (n,)
        Typical gap of all, or of each, in days.
    n_gaps, twice_median : ndarray of int32, shape (n,)
        All gaps of the client, and twice the median of the last 8.

    Examples
    --------
    >>> draw_cadence(1, 10.0, np.int32([0, 1]), np.int32([0, 80])).round(9).tolist()
    [10.0, 20.0]
    """
    # Twice the median is a whole number: its logarithm is a look-up.
    ln_half = np.log(np.arange(max(int(twice_median.max(initial=0)), 1) + 1).clip(1) / 2)
    with np.errstate(invalid="ignore"):
        cadence = np.exp((kappa * np.log(m0) + n_gaps * ln_half[twice_median]) / (kappa + n_gaps))
    without = n_gaps == 0
    cadence[without] = m0 if isinstance(m0, int | float) else m0[without]
    drawn: NDArray[np.float64] = cadence
    return drawn


def cap_of(parameters: Parameters, m0: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Return the largest limit: the owner's, else ``max(730, 3 * m0)`` of all or of each."""
    if parameters.cap is not None or isinstance(m0, int | float):
        return parameters.resolved_cap
    cap: NDArray[np.float64] = np.maximum(730.0, 3 * m0)
    return cap


def silence_allowed(
    model: Model, repeat: NDArray[np.int32], recency_days: NDArray[np.int32]
) -> DayArray:
    """Return the days of silence on which the chance to buy again is still even.

    Parameters
    ----------
    model : tuple of five float
        BG/NBD r, alpha, a, b and horizon, in weeks.
    repeat : ndarray of int32, shape (n,)
        Purchases after the first.
    recency_days : ndarray of int32, shape (n,)
        Days from first to latest purchase.

    Returns
    -------
    ndarray of int32, shape (n,)
        The last whole day of silence with a chance of at least one half, 0 where there
        is none: gone on the day after. At most :data:`LONGEST_SILENCE`.

    Notes
    -----
    The chance never rises in silence, so whole days are halved until one is left, over
    the distinct pairs only.

    Examples
    --------
    >>> rule = (0.243, 4.414, 0.793, 2.426, 39.0)
    >>> silence_allowed(rule, np.int32([0, 2, 9]), np.int32([0, 213, 250])).tolist()
    [0, 91, 89]
    """
    r, alpha, a, b, horizon = model
    pairs, where = np.unique(join_keys(repeat, recency_days), return_inverse=True)
    x = (pairs >> 32).astype(np.float64)
    recency = ((pairs & 0xFFFFFFFF) - (1 << 31)) / DAYS_A_WEEK
    even = np.zeros(len(pairs), dtype=np.int32)
    below = np.full(len(pairs), LONGEST_SILENCE, dtype=np.int32)
    for _ in range(LONGEST_SILENCE.bit_length()):
        middle = (even + below + 1) // 2
        age = recency + middle / DAYS_A_WEEK
        holds = chance_to_buy(r, alpha, a, b, x, recency, age, horizon) >= EVEN_CHANCE
        even = np.where(holds, middle, even)
        below = np.where(holds, below, np.maximum(middle - 1, even))
    allowed: DayArray = even[where].astype(np.int32)
    return allowed
