"""How long clients stay away between purchases: the closed gaps of all, pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import Days, live_days
from crm_core.metrics.rates import Status, status_of
from crm_core.metrics.survival import add_histograms
from crm_core.tables import DayArray, IntArray


@dataclass(frozen=True)
class Gaps:
    """Whole days between consecutive purchases of a client, over all clients.

    Attributes
    ----------
    counts : ndarray of int64, shape (longest gap + 1,)
        ``counts[d]`` gaps of ``d`` days; ``counts[0]`` is 0.

    Examples
    --------
    >>> Gaps(np.array([0, 1, 0, 1])).median
    2.0
    """

    counts: IntArray

    @property
    def n(self) -> int:
        """Closed gaps in all."""
        return int(self.counts.sum())

    @property
    def status(self) -> Status:
        """Whether the median stands on enough gaps."""
        return status_of(self.n)

    @property
    def reason(self) -> str | None:
        """Why the median is thin or withheld."""
        return None if self.status == "ok" else f"only {self.n} gaps between purchases"

    @property
    def median(self) -> float | None:
        """Median gap in days (mean of the middle two of an even number), None without gaps."""
        if not self.n:
            return None
        below = np.cumsum(self.counts)
        middle = np.searchsorted(below, [(self.n + 1) // 2, self.n // 2 + 1])
        return float(middle.mean())

    def quantile(self, share: float) -> int | None:
        """Return the shortest gap that at least ``share`` of the gaps do not exceed."""
        if not self.n:
            return None
        return int(np.searchsorted(np.cumsum(self.counts), np.ceil(share * self.n - 1e-9)))


def histogram_gaps(days: Days) -> IntArray:
    """Count the gaps between consecutive purchases by their length in days.

    Parameters
    ----------
    days : Days
        Live purchases of some clients.

    Returns
    -------
    ndarray of int64
        Counts from 0 days on; adds up over clients.
    """
    if len(days.day) < 2:
        return np.zeros(1, dtype=np.int64)
    gaps = np.diff(days.day)
    # Steps from one client to the next are no gaps: they are counted as 0 days, which
    # no gap has, and taken out again.
    gaps[days.firsts()[1:] - 1] = 0
    counts = count_days(gaps)
    counts[0] = 0
    return counts


def count_days(days: NDArray[Any] | DayArray) -> IntArray:
    """Return how often each whole number of days from 0 on occurs.

    Examples
    --------
    >>> count_days(np.array([1, 3, 3])).tolist()
    [0, 1, 0, 2]
    """
    return np.bincount(days, minlength=1).astype(np.int64, copy=False)


def measure(part: Ledger, as_of: int) -> IntArray:
    """Measure the histogram of gaps on a part of the ledger."""
    return histogram_gaps(live_days(part, as_of))


def conclude(parts: list[IntArray]) -> Gaps:
    """Add the histograms of all parts."""
    return Gaps(add_histograms(parts))


def closed_gaps(ledger: Ledger, as_of: int) -> Gaps:
    """Return the closed gaps of all clients up to a day, pooled.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; gaps still open then are left out.
    """
    return conclude(measure_parts(ledger, measure, as_of))
