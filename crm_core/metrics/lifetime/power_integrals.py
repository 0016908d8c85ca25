"""Integrals of falling powers, the closed form behind the Pareto/NBD model, in logarithms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp2f1

FloatArray = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)
"""Gauss-Legendre on (-1, 1), for what the closed form cannot give."""


NEAR_ONE = 0.99
"""From here on the closed form loses digits and the quadrature stands in."""


def log_power_integral(
    k: Any, m: Any, alpha: Any, beta: Any, *, start: FloatArray, stop: FloatArray
) -> FloatArray:
    r"""Return the logarithm of the integral of :math:`(\alpha+u)^{-k}(\beta+u)^{-m}`.

    Parameters
    ----------
    k, m : float or ndarray, broadcast to shape (n,)
        Above zero, with ``k + m > 1``.
    alpha, beta : float or ndarray, broadcast to shape (n,)
        Above zero.
    start, stop : ndarray of float64, shape (n,)
        Bounds of ``u``, ``0 <= start <= stop``.

    Returns
    -------
    ndarray of float64, shape (n,)
        Minus infinity where the bounds meet.

    Notes
    -----
    With ``A0`` of the Pareto/NBD likelihood, ``A0 = (r + s + x)`` times this integral for
    ``k = r + x``, ``m = s + 1``. Its two branches (alpha at least beta, and below) are
    written after Euler's transformation, ``2F1(n, b; n+1; z) = (1-z)^(1-b) 2F1(1, n+1-b; n+1; z)``,
    so that every term is positive and no power over- or underflows.
    """
    n_rows = len(start)
    k, m, alpha, beta = (
        np.broadcast_to(np.asarray(v, dtype=np.float64), n_rows) for v in (k, m, alpha, beta)
    )
    with np.errstate(all="ignore"):
        upper = _log_tail(k, m, alpha, beta, start)
        fall = _log_tail(k, m, alpha, beta, stop) - upper
        integral = np.asarray(upper + np.log(-np.expm1(fall)))
    integral[start >= stop] = -np.inf
    bad = np.flatnonzero(~np.isfinite(integral) & (start < stop))
    if len(bad):
        k, m = k[bad], m[bad]
        a, b = (alpha + start)[bad], (beta + start)[bad]
        integral[bad] = _log_by_quadrature(k, m, a, b, (stop - start)[bad])
    return integral


def _log_tail(
    k: FloatArray, m: FloatArray, alpha: FloatArray, beta: FloatArray, start: FloatArray
) -> FloatArray:
    """Return the logarithm of the integral from ``start`` to infinity."""
    n = k + m - 1
    above = alpha >= beta
    larger = np.where(above, alpha, beta) + start
    z = np.abs(alpha - beta) / larger
    series = hyp2f1(1.0, np.where(above, k, m), n + 1, np.where(z < NEAR_ONE, z, np.nan))
    ahead = np.where(above, k, k - 1) * np.log(alpha + start)
    ahead = ahead + np.where(above, m - 1, m) * np.log(beta + start)
    return np.asarray(np.log(series) - np.log(n) - ahead)


def _log_by_quadrature(
    k: FloatArray, m: FloatArray, a: FloatArray, b: FloatArray, length: FloatArray
) -> FloatArray:
    def exponent(u: FloatArray) -> FloatArray:
        falls = k[:, None] * np.log1p(u / a[:, None]) + m[:, None] * np.log1p(u / b[:, None])
        return np.asarray(falls)

    left = integrate_decay(exponent, 1 / (k / a + m / b), length)
    # Bounds nearly as close as numbers can be: nothing between them, as where they meet.
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(left) - k * np.log(a) - m * np.log(b))


def integrate_decay(
    exponent: Callable[[FloatArray], FloatArray], scale: FloatArray, length: FloatArray
) -> FloatArray:
    """Return the integral of ``exp(-exponent(u))`` from 0 to ``length``.

    Parameters
    ----------
    exponent : callable
        Takes distances of shape (n, n_nodes), gives a value that rises from 0.
    scale : ndarray of float64, shape (n,)
        Distance over which it first rises by one: nodes stand dense below it and
        ever thinner above, ``u = scale * (exp(v) - 1)``.
    length : ndarray of float64, shape (n,)
        Upper bound.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    far = np.log1p(length / scale)[:, None]
    v = (NODES + 1) / 2 * far
    heights = np.exp(v - exponent(scale[:, None] * np.expm1(v)))
    return np.asarray((heights @ WEIGHTS) * (far[:, 0] / 2) * scale)
