"""Kaplan-Meier curves from histograms of durations, which add up over clients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.rates import Z_95, Status
from crm_core.tables import IntArray

FloatArray = NDArray[np.float64]

LEAST_AT_RISK = 20
"""A curve is not drawn where fewer than so many are still watched ..."""

LEAST_SHARE_AT_RISK = 0.02
"""... nor where fewer than this share of all are (``docs/methods.md``, returning clients)."""

_TINY = 1e-12


def least_at_risk(n: int) -> float:
    """Return how many of ``n`` must still be watched for the curve to be drawn.

    Examples
    --------
    >>> least_at_risk(100), least_at_risk(5000)
    (20.0, 100.0)
    """
    return max(float(LEAST_AT_RISK), LEAST_SHARE_AT_RISK * n)


def add_histograms(histograms: list[IntArray]) -> IntArray:
    """Add histograms of days that may differ in length.

    Examples
    --------
    >>> add_histograms([np.array([1, 2]), np.array([0, 0, 5])]).tolist()
    [1, 2, 5]
    """
    total = np.zeros(max((len(h) for h in histograms), default=0), dtype=np.int64)
    for histogram in histograms:
        total[: len(histogram)] += histogram
    return total


@dataclass(frozen=True)
class Survival:
    """A Kaplan-Meier curve with its band, cut where too few are watched.

    Attributes
    ----------
    n, n_events : int
        Durations in all, and those that ended in the event.
    times : ndarray of int64, shape (k,)
        Days with an event, rising, none beyond ``horizon``.
    at_risk, events : ndarray of int64, shape (k,)
        Durations of at least that day, and events on it.
    survival, error, lower, upper : ndarray of float64, shape (k,)
        Share without the event after that day, Greenwood's standard error of it,
        and the log-log 95 % band (0 and the bound before where the share is 0).
    horizon : int
        Last day on which enough are watched, -1 where never.
    """

    n: int
    n_events: int
    times: IntArray
    at_risk: IntArray
    events: IntArray
    survival: FloatArray
    error: FloatArray
    lower: FloatArray
    upper: FloatArray
    horizon: int

    @property
    def status(self) -> Status:
        """``not computable`` where too few are watched from the first day on."""
        if self.horizon < 0:
            return "not computable"
        return "ok" if self.n_events >= LEAST_AT_RISK else "thin"

    @property
    def reason(self) -> str | None:
        """Why the curve is thin or missing, None where it is neither."""
        if self.horizon < 0:
            cases = "case" if self.n == 1 else "cases"
            return f"only {self.n} {cases}, at least {LEAST_AT_RISK} are needed"
        if self.n_events < LEAST_AT_RISK:
            return f"only {self.n_events} of {self.n} seen to the end so far"
        return None

    @property
    def end(self) -> float:
        """Share without the event at the end of the curve."""
        return float(self.survival[-1]) if len(self.times) else 1.0

    def _at(self, values: FloatArray, day: int) -> float | None:
        if day > self.horizon or self.horizon < 0:
            return None
        step = int(np.searchsorted(self.times, day, side="right")) - 1
        return float(values[step]) if step >= 0 else 1.0

    def at(self, day: int) -> float | None:
        """Return the share without the event after ``day``, None beyond the horizon."""
        return self._at(self.survival, day)

    def share_by(self, day: int) -> float | None:
        """Return the share with the event by ``day`` (1 - S), None beyond the horizon."""
        value = self.at(day)
        return None if value is None else 1.0 - value

    def band_by(self, day: int) -> tuple[float, float] | None:
        """Return the 95 % band of :meth:`share_by`, None beyond the horizon."""
        upper, lower = self._at(self.upper, day), self._at(self.lower, day)
        return None if upper is None or lower is None else (1.0 - upper, 1.0 - lower)

    def quantile(self, share: float) -> int | None:
        """Return the first day by which ``share`` had the event, None where not reached."""
        return self._first_day(1.0 - self.survival >= share - _TINY)

    @property
    def median(self) -> int | None:
        """Day by which half had the event; None ("not reached") is a legal answer."""
        return self.quantile(0.5)

    def quantile_among_events(self, share: float) -> int | None:
        """Return the first day with ``(1 - S(t)) / (1 - S_end) >= share``, None without events.

        Quantiles among those who ever have the event, as far as the curve goes.
        """
        if self.end >= 1.0:
            return None
        return self._first_day((1.0 - self.survival) / (1.0 - self.end) >= share - _TINY)

    def _first_day(self, reached: NDArray[np.bool_]) -> int | None:
        return int(self.times[np.argmax(reached)]) if reached.any() else None


def kaplan_meier(
    events: IntArray, censored: IntArray, *, min_at_risk: float | None = None
) -> Survival:
    """Estimate survival from two histograms of durations in whole days.

    ``S(t) = prod(1 - d_i / n_i)``; Greenwood ``V = S^2 * sum(d / (n (n - d)))``;
    the band is ``S^exp(+-1.96 * sqrt(sum(d / (n (n - d)))) / ln S)``.

    Parameters
    ----------
    events : ndarray of int64, shape (n_days,)
        ``events[t]`` durations ended in the event on day ``t``.
    censored : ndarray of int64, shape (m_days,)
        ``censored[t]`` durations were last seen, without the event, on day ``t``;
        at the same day events come before censorings.
    min_at_risk : float, optional
        The curve stops where fewer are watched; by default ``max(20, 2 % of n)``.

    Returns
    -------
    Survival
        Without durations an empty curve.

    References
    ----------
    Kaplan & Meier (1958), *Journal of the American Statistical Association* 53, 457-481.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([0, 1, 1]), np.array([0, 0, 0, 2]), min_at_risk=1)
    >>> curve.survival.tolist(), curve.median
    ([0.75, 0.5], 2)
    """
    both = add_histograms([events, censored])
    n = int(both.sum())
    watched = np.cumsum(both[::-1])[::-1]
    least = least_at_risk(n) if min_at_risk is None else min_at_risk
    # ``watched`` never rises, so the days that qualify are the first ones.
    horizon = int(np.count_nonzero(watched >= max(least, 1))) - 1
    times = np.flatnonzero(events[: horizon + 1])
    at_risk, died = watched[times], events[times]
    survival, error, lower, upper = _steps(at_risk, died)
    return Survival(
        n=n,
        n_events=int(events.sum()),
        times=times,
        at_risk=at_risk,
        events=died,
        survival=survival,
        error=error,
        lower=lower,
        upper=upper,
        horizon=horizon,
    )


def _steps(
    at_risk: IntArray, died: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return survival, Greenwood's error and the log-log band after each event day."""
    left = (at_risk - died).astype(np.float64)
    survival = np.cumprod(left / at_risk).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(died / (at_risk * left)))
        error = np.asarray(survival * spread, dtype=np.float64)
        turn = np.exp(Z_95 * spread / np.log(survival))
        lower, upper = survival ** (1 / turn), survival**turn
    if len(left) and left[-1] == 0:
        error[-1], lower[-1] = 0.0, 0.0
        upper[-1] = upper[-2] if len(upper) > 1 else 1.0
    return survival, error, lower, upper
