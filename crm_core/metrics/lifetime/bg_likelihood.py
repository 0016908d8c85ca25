"""The likelihood of BG/NBD and MBG/NBD and its gradient, on groups of clients who are alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from crm_core.metrics.lifetime.chances import Kind
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
        own = behaviour.to(unit)
        weight = np.ones(len(own)) if own.weight is None else own.weight
        repeat = own.repeat.astype(np.float64)
        self._shift = 1 if kind == "mbg" else 0
        self._clients = float(weight.sum())
        self._x, of_x = np.unique(repeat, return_inverse=True)
        self._age, of_age = np.unique(own.age, return_inverse=True)
        self._last, of_last = np.unique(own.recency, return_inverse=True)
        self._n_x = np.bincount(of_x, weights=weight)
        self._n_age = np.bincount(of_age, weights=weight)
        self._repeat_by_age = np.bincount(of_age, weights=weight * repeat)
        rows = np.flatnonzero(repeat + self._shift > 0)
        self._weight, self._row_shape = weight[rows], repeat[rows]
        self._row_x, self._row_age, self._row_last = of_x[rows], of_age[rows], of_last[rows]

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
        silence = np.log(clock).take(self._row_age)
        silence -= np.log(last).take(self._row_last)
        shape = self._row_shape + r
        stays = np.maximum(b + self._x + (self._shift - 1), 1e-300)
        odds = shape * silence
        odds += np.log(a / stays).take(self._row_x)
        left = np.exp(-np.abs(odds))
        value = self._weight @ (np.maximum(odds, 0.0) + np.log1p(left))
        # The logistic function of the odds, from exp(-|odds|) without overflow.
        left = np.where(odds < 0, left, 1.0) / (1.0 + left)
        left *= self._weight
        by_shape = left * shape
        gradient = (
            left @ silence,
            by_shape @ ((1 / clock).take(self._row_age) - (1 / last).take(self._row_last)),
            left.sum() / a,
            -(left @ (1 / stays).take(self._row_x)),
        )
        return float(value), np.array(gradient)
