"""The likelihood of BG/NBD and MBG/NBD and its gradient, on groups of clients who are alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.distinct import ROWS_AT_ONCE, find_values
from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit

FloatArray = NDArray[np.float64]


class BgLikelihood:
    """The log-likelihood of all clients as a function of (r, alpha, a, b).

    Parameters
    ----------
    behaviour : Behaviour
        Best in groups: the work is one exponential and one logarithm a row, everything
        else is done once for each distinct number of purchases and each distinct time.
    unit : TimeUnit
        The unit of ``alpha``.
    kind : {"bg", "mbg"}
        Which model.

    Notes
    -----
    With ``d`` the repeat purchases after which the client stayed (``x``; for MBG/NBD
    ``x + 1``, the first purchase counted), both models read

    ``lnG(r+x) - lnG(r) + r ln alpha - (r+x) ln(alpha+T) + lnB(a, b+d) - lnB(a, b)
    + [d>0] ln(1 + a/(b+d-1) ((alpha+T)/(alpha+t_x))^(r+x))``

    (``docs/methods.md``, BG/NBD). The last term's slope is the chance to have left.
    """

    def __init__(self, behaviour: Behaviour, *, unit: TimeUnit, kind: Kind) -> None:
        weight = np.ones(len(behaviour)) if behaviour.weight is None else behaviour.weight
        scale = behaviour.unit.value / unit.value
        repeat = behaviour.repeat.astype(np.float64)
        x, of_x = find_values(behaviour.repeat)
        age, of_age = find_values(behaviour.age)
        last, of_last = find_values(behaviour.recency)
        self._shift = 1 if kind == "mbg" else 0
        self._clients = float(weight.sum())
        self._x, self._age, self._last = x.astype(np.float64), age * scale, last * scale
        self._n_x = np.bincount(of_x, weights=weight)
        self._n_age = np.bincount(of_age, weights=weight)
        self._repeat_by_age = np.bincount(of_age, weights=weight * repeat)
        rows = np.flatnonzero(repeat + self._shift > 0)
        self._blocks = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            own = rows[start : start + ROWS_AT_ONCE]
            self._blocks.append(
                _Block(weight[own], repeat[own], of_x[own], of_age[own], of_last[own])
            )

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        """Return the log-likelihood and its gradient by (r, alpha, a, b)."""
        value, gradient = self._staying(*parameters)
        more, slope = self._leaving(*parameters)
        return value + more, gradient + slope

    def _staying(self, r: float, alpha: float, a: float, b: float) -> tuple[float, FloatArray]:
        """Return all terms but the last: tables by x and by T."""
        x, n_x, n_age = self._x, self._n_x, self._n_age
        clock, stayed = alpha + self._age, x + self._shift
        log_clock, n = np.log(clock), self._clients
        shapes = r * n_age + self._repeat_by_age
        value = (
            n_x @ (gammaln(r + x) + gammaln(b + stayed) - gammaln(a + b + stayed))
            + n * (r * np.log(alpha) - gammaln(r) + gammaln(a + b) - gammaln(b))
            - shapes @ log_clock
        )
        both = n * psi(a + b) - n_x @ psi(a + b + stayed)
        gradient = (
            n_x @ psi(r + x) + n * (np.log(alpha) - psi(r)) - n_age @ log_clock,
            n * r / alpha - shapes @ (1 / clock),
            both,
            both + n_x @ psi(b + stayed) - n * psi(b),
        )
        return float(value), np.array(gradient)

    def _leaving(self, r: float, alpha: float, a: float, b: float) -> tuple[float, FloatArray]:
        """Return the last term: the only one that needs every row."""
        clock, last = alpha + self._age, alpha + self._last
        stays = np.maximum(self._x + (b + self._shift - 1), 1e-300)
        tables = _Tables(
            np.log(clock), np.log(last), np.log(a / stays), 1 / clock, 1 / last, 1 / stays
        )
        sums = np.zeros(5)
        for block in self._blocks:
            sums += block.leaving(r, tables)
        value, by_r, by_alpha, left, by_b = sums.tolist()
        return value, np.array([by_r, by_alpha, left / a, -by_b])


class _Tables(NamedTuple):
    """What the last term needs of each distinct time and number of purchases."""

    log_clock: FloatArray
    log_last: FloatArray
    log_odds: FloatArray
    by_clock: FloatArray
    by_last: FloatArray
    by_stays: FloatArray


class _Block(NamedTuple):
    """Some rows: their clients, purchases, and where their numbers are in the tables."""

    weight: FloatArray
    repeat: FloatArray
    of_x: NDArray[np.intp]
    of_age: NDArray[np.intp]
    of_last: NDArray[np.intp]

    def leaving(self, r: float, of: _Tables) -> FloatArray:
        """Return the last term and its sums by r, by alpha, of the chances, and by b."""
        silence = of.log_clock.take(self.of_age)
        silence -= of.log_last.take(self.of_last)
        shape = self.repeat + r
        odds = shape * silence
        odds += of.log_odds.take(self.of_x)
        low = np.exp(-np.abs(odds))
        value = self.weight @ np.maximum(odds, 0.0) + self.weight @ np.log1p(low)
        # The logistic function of the odds, from exp(-|odds|) without overflow.
        left = np.where(odds < 0, low, 1.0)
        low += 1.0
        left /= low
        left *= self.weight
        shape *= left
        by_alpha = shape @ of.by_clock.take(self.of_age) - shape @ of.by_last.take(self.of_last)
        by_b = left @ of.by_stays.take(self.of_x)
        return np.array([value, left @ silence, by_alpha, left.sum(), by_b])
