"""How soon first-time buyers come again, with those still watched counted as censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.gaps import count_days
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import Days, live_days
from crm_core.metrics.rates import Rate
from crm_core.metrics.survival import LEAST_AT_RISK, Survival, add_histograms, kaplan_meier
from crm_core.tables import DayArray, IntArray

HORIZONS = (30, 60, 90, 180, 365)
"""Days after the first purchase that reports name."""

WINDOW = (0.2, 0.8)
"""The window for a second purchase: the days on which the middle 60 % of those who
return do so. Earlier a reminder is not needed, later most returns have happened."""


@dataclass(frozen=True)
class FirstBuyers:
    """Additive counts of clients by the days from the first purchase on.

    Attributes
    ----------
    returned : ndarray of int64
        ``returned[d]`` clients bought again after ``d`` days.
    waiting : ndarray of int64
        ``waiting[d]`` clients with one purchase so far, ``d`` days old.
    age : ndarray of int32, shape (n_clients,)
        Days since the purchase of clients with exactly one, else -1.
    """

    returned: IntArray
    waiting: IntArray
    age: DayArray


@dataclass(frozen=True)
class SecondPurchase:
    """Time from first to second purchase.

    Attributes
    ----------
    curve : Survival
        Kaplan-Meier: event = second purchase, censored at the as-of day.
    age : ndarray of int32, shape (n_clients,)
        Days since the purchase of clients of the ledger with exactly one, else -1.
    days : tuple of int
        (30, 60, 90, 180, 365).
    """

    curve: Survival
    age: DayArray
    days: tuple[int, ...] = HORIZONS

    @property
    def buyers(self) -> int:
        """Clients with at least one live purchase."""
        return self.curve.n

    @property
    def returned(self) -> int:
        """Clients with at least two."""
        return self.curve.n_events

    @property
    def probability(self) -> tuple[float | None, ...]:
        """Share that bought again within each of ``days``; None where too few are watched."""
        return tuple(self.curve.share_by(day) for day in self.days)

    @property
    def band(self) -> tuple[tuple[float, float] | None, ...]:
        """The 95 % band of :attr:`probability`."""
        return tuple(self.curve.band_by(day) for day in self.days)

    @property
    def median(self) -> int | None:
        """Days by which half of all first-time buyers came again; None is "not reached"."""
        return self.curve.median

    def quantile(self, share: float) -> int | None:
        """Return the days by which ``share`` of those who return had returned."""
        return self.curve.quantile_among_events(share)

    @property
    def window(self) -> tuple[int, int] | None:
        """First and last day of the window for a second purchase, None below 20 returns.

        The days by which 20 % and 80 % of those who return had returned.
        """
        if self.returned < LEAST_AT_RISK:
            return None
        first, last = (self.quantile(share) for share in WINDOW)
        return None if first is None or last is None else (first, last)

    @property
    def window_reason(self) -> str | None:
        """Why there is no window, None where there is one."""
        if self.window is not None:
            return None
        purchases = "purchase" if self.returned == 1 else "purchases"
        return f"only {self.returned} second {purchases}, at least {LEAST_AT_RISK} are needed"

    @property
    def in_window(self) -> IntArray:
        """Positions of clients with one purchase that are in the window now, longest first."""
        if self.window is None:
            return np.empty(0, dtype=np.int64)
        first, last = self.window
        found = np.flatnonzero((self.age >= first) & (self.age <= last))
        ordered: IntArray = found[np.argsort(-self.age[found], kind="stable")]
        return ordered

    @property
    def share_in_window(self) -> Rate:
        """Clients in the window among all with exactly one purchase."""
        return Rate(len(self.in_window), int(np.count_nonzero(self.age >= 0)))

    @property
    def chance_in_window(self) -> float | None:
        """Share of one-time buyers at the window's first day that return by its last.

        ``1 - S(last) / S(first - 1)``, from the curve.
        """
        if self.window is None:
            return None
        before, after = self.curve.at(self.window[0] - 1), self.curve.at(self.window[1])
        return None if not before or after is None else 1.0 - after / before


def measure_days(days: Days, as_of: int) -> FirstBuyers:
    """Measure first and second purchases on live purchase days."""
    counts = days.counts
    once = counts == 1
    again = days.offsets[:-1][counts > 1]
    age = np.full(len(counts), -1, dtype=np.int32)
    age[once] = as_of - days.day[days.offsets[:-1][once]]
    return FirstBuyers(
        returned=count_days(days.day[again + 1] - days.day[again]),
        waiting=count_days(age[once]),
        age=age,
    )


def measure(part: Ledger, as_of: int) -> FirstBuyers:
    """Measure first and second purchases on a part of the ledger."""
    return measure_days(live_days(part, as_of), as_of)


def conclude(parts: list[FirstBuyers]) -> SecondPurchase:
    """Estimate the curve from the counts of all parts."""
    returned = add_histograms([part.returned for part in parts])
    waiting = add_histograms([part.waiting for part in parts])
    return SecondPurchase(
        kaplan_meier(returned, waiting), np.concatenate([part.age for part in parts])
    )


def second_purchase(ledger: Ledger, as_of: int) -> SecondPurchase:
    """Return how soon first-time buyers come again, as of a day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; clients with one purchase are watched up to it.
    """
    return conclude(measure_parts(ledger, measure, as_of))


def estimate_m0(ledger: Ledger, as_of: int) -> tuple[int | None, int]:
    """Estimate the typical first return gap of the business.

    The smallest whole day t with ``F(t) >= 0.5``, F the Kaplan-Meier share among
    those who return.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted.

    Returns
    -------
    m0 : int or None
        Days; None before 20 returns are seen.
    n_returns : int
        Second purchases seen.

    Notes
    -----
    The rule is this project's own (``docs/methods.md``, relationship stages).
    """
    result = second_purchase(ledger, as_of)
    if result.returned < LEAST_AT_RISK:
        return None, result.returned
    return result.quantile(0.5), result.returned
