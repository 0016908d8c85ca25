"""Expected purchases of a living client, right for every size of the parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, hyp2f1, loggamma

FloatArray = NDArray[np.float64]

CUT = 25.0
"""Where the integrand is below ``e**-25`` of its peak it is left out."""

SMOOTH = 24.0
"""The trapezoid's error on the log-odds scale is ``e**-24`` of the whole."""

LEAST_EXPONENT = 0.5
"""An end of the integrand that falls more slowly has its limit taken out first."""

TRUSTED_A, TRUSTED_SHAPE, TRUSTED_RATIO = (0.03, 30.0), 500.0, 100.0
"""Within these the closed form was found right wherever rounding spares it."""

ROUNDING = 2e-12
"""Relative rounding error above which the closed form is not used."""

CELLS_AT_ONCE = 1 << 16
"""Rows times nodes in one block: they stay in a processor's cache."""


def purchases_while_alive(
    shape: FloatArray, ratio: FloatArray, a: float, survived: FloatArray
) -> FloatArray:
    """Return the expected purchases of clients who are alive now, in the time ahead.

    ``E[(1 - (1 + p z)^(-s)) / p]`` with ``p``, the chance to leave after a purchase,
    Beta(a, b') distributed: the purchases until leaving or until the time is over.

    Parameters
    ----------
    shape : ndarray of float64, shape (n,)
        ``s = r + x``, positive.
    ratio : ndarray of float64, shape (n,)
        ``z = t / (alpha + T)``, at least 0.
    a : float
        First parameter of the beta distribution, positive.
    survived : ndarray of float64, shape (n,)
        The second one: ``b' = b + x`` (BG/NBD) or ``b + x + 1`` (MBG/NBD), positive.
        Equal values share their nodes.

    Returns
    -------
    ndarray of float64, shape (n,)
        Relative error below 1e-8, for a = 1 as for any other.

    Notes
    -----
    The closed form of Fader, Hardie & Lee (2005), *Marketing Science* 24(2), eq. (10),
    ``(a+b'-1)/(a-1) [1 - (1+z)^(-s) 2F1(s, b'; a+b'-1; z/(1+z))]``, where it keeps its
    digits: it has none left near a = 1 and overflows for frequent buyers. Elsewhere the
    expectation itself, by :func:`integrate_purchases`.

    Examples
    --------
    >>> one = np.ones(1)
    >>> purchases_while_alive(2.5 * one, 0.5 * one, 1e-12, 3 * one).round(9).tolist()
    [1.25]
    """
    result = _closed_form(shape, ratio, a, survived)
    rest = np.flatnonzero(np.isnan(result))
    if len(rest):
        result[rest] = integrate_purchases(shape[rest], ratio[rest], a, survived[rest])
    return result


def _closed_form(
    shape: FloatArray, ratio: FloatArray, a: float, survived: FloatArray
) -> FloatArray:
    """Return the closed form, NaN where it cannot be trusted."""
    if a == 1 or not TRUSTED_A[0] <= a <= TRUSTED_A[1]:
        return np.full(len(shape), np.nan)
    known = (shape <= TRUSTED_SHAPE) & (survived <= TRUSTED_SHAPE) & (ratio <= TRUSTED_RATIO)
    third = a + survived - 1
    with np.errstate(all="ignore"):
        series = hyp2f1(shape, survived, third, ratio / (1 + ratio))
        value = third / (a - 1) * (1 - (1 + ratio) ** -shape * series)
        lost = np.finfo(np.float64).eps * np.abs(third / (a - 1))
        # Nobody buys more than without the chance to leave.
        known &= (value > 0) & (value <= shape * ratio * (1 + 1e-9)) & (lost < ROUNDING * value)
    return np.where(known, value, np.nan)


def integrate_purchases(
    shape: FloatArray, ratio: FloatArray, a: float, survived: FloatArray
) -> FloatArray:
    """Return what :func:`purchases_while_alive` returns, by quadrature alone.

    ``p`` is the logistic function of ``u`` and the trapezoid rule runs over ``u``: no
    singularity of the integrand comes near the real axis, whatever the parameters.

    Parameters
    ----------
    shape, ratio, a, survived
        As there.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    if not len(shape):
        return np.empty(0)
    kinds, code = np.unique(survived, return_inverse=True)
    growth = np.zeros(len(kinds))
    np.maximum.at(growth, code, np.log1p(shape * ratio))
    nodes = _place_nodes(a, kinds, growth, _step(a, float((shape + survived).max())))
    block = max(1, CELLS_AT_ONCE // nodes.chance.shape[1])
    result = np.empty(len(shape))
    for start in range(0, len(shape), block):
        rows = slice(start, start + block)
        result[rows] = nodes.integrate(shape[rows], ratio[rows], code[rows])
    return result


@dataclass(frozen=True)
class _Nodes:
    """Nodes and weights of Beta(a, b'), one row for each value of b'.

    The integrand's limits at p = 0 (``s z``) and at p = 1 are taken out where the
    distribution crowds there, and come back times the mass that the nodes do not hold.
    """

    chance: FloatArray
    weight_by_chance: FloatArray
    missing_at_0: FloatArray
    missing_at_1: FloatArray

    def integrate(
        self, shape: FloatArray, ratio: FloatArray, code: NDArray[np.integer]
    ) -> FloatArray:
        power = self.chance.take(code, axis=0)
        power *= ratio[:, None]
        np.log1p(power, out=power)
        power *= -shape[:, None]
        np.expm1(power, out=power)
        inside = np.einsum("ij,ij->i", power, self.weight_by_chance.take(code, axis=0))
        at_0, at_1 = shape * ratio, -np.expm1(-shape * np.log1p(ratio))
        ends = at_0 * self.missing_at_0[code] + at_1 * self.missing_at_1[code]
        return np.asarray(ends - inside)


def _place_nodes(a: float, survived: FloatArray, growth: FloatArray, step: float) -> _Nodes:
    """Place equal steps over the log-odds of p, as far out as the integrand counts."""
    crowded_0, crowded_1 = a < LEAST_EXPONENT, survived < LEAST_EXPONENT
    left, right = a + crowded_0, survived + crowded_1
    low, high = (_edge(left, right, CUT + growth, side) for side in (-1, 1))
    count = int(np.ceil(((high - low) / step).max())) + 1
    at = np.linspace(low, high, count, axis=1)
    log_stay, log_leave = -np.logaddexp(0.0, at), -np.logaddexp(0.0, -at)
    log_weight = a * log_leave + survived[:, None] * log_stay - betaln(a, survived)[:, None]
    weight = np.exp(log_weight) * ((high - low) / (count - 1))[:, None]
    mean, chance = a / (a + survived), np.exp(log_leave)
    return _Nodes(
        chance,
        weight / chance,
        (1 - mean - (weight * np.exp(log_stay)).sum(axis=1)) * crowded_0,
        (mean - (weight * chance).sum(axis=1)) * crowded_1,
    )


def _step(a: float, largest: float) -> float:
    """Return the step at which the trapezoid has converged.

    Its error is the Fourier transform of the weight at ``2 pi / step``, which for
    Beta(a, b') on the log-odds scale is ``|Gamma(a + iw) Gamma(b' - iw)|`` over the same
    at w = 0; the factor ``(1 + p z)^(-s)`` narrows the weight as ``s`` more of b' would.
    """
    low, high = 0.0, SMOOTH * (1 + np.sqrt(min(a, largest)))
    at_rest = loggamma(a) + loggamma(largest)
    for _ in range(40):
        middle = (low + high) / 2
        turned = loggamma(a + 1j * middle) + loggamma(largest - 1j * middle)
        low, high = (middle, high) if at_rest - turned.real < SMOOTH else (low, middle)
    return float(2 * np.pi / high)


def _edge(left: float, right: FloatArray, drop: FloatArray, side: int) -> FloatArray:
    """Return where ``left ln p + right ln(1-p)`` lies ``drop`` below its peak, by halving."""
    both = left + right
    peak = np.log(left / right)
    top = left * np.log(left / both) + right * np.log(right / both)
    # The straight lines that the curve nears on both sides lie above it.
    far = -(drop - top) / left if side < 0 else (drop - top) / right
    near = peak
    for _ in range(40):
        middle = (near + far) / 2
        value = -left * np.logaddexp(0.0, -middle) - right * np.logaddexp(0.0, middle)
        inside = value > top - drop
        near, far = np.where(inside, middle, near), np.where(inside, far, middle)
    return np.asarray(far)
