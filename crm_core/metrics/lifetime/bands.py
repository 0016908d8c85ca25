"""How sure an expectation is: bands from the spread of the fitted parameters, and of chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.durations import Behaviour, Duration
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma

FloatArray = NDArray[np.float64]

Z_80 = 1.2815515655446004
"""Standard normal quantile of a two-sided 80 % band."""

STEP = 1e-3
"""Step of the logarithm of a parameter in a central difference."""


@dataclass(frozen=True)
class Banded:
    """A figure of the whole base with its 80 % band.

    Attributes
    ----------
    expected : float
        The figure; money is in whole ten-thousandths.
    low, high : float or None
        None where a plain rule gave the figure, or the fit has no covariance.
    """

    expected: float
    low: float | None = None
    high: float | None = None


def purchase_gradient(model: BgNbd, behaviour: Behaviour, ahead: Duration) -> FloatArray:
    """Return how the logarithm of expected purchases follows each parameter's logarithm.

    Parameters
    ----------
    model : BgNbd
        The fitted model.
    behaviour : Behaviour
        Of the clients.
    ahead : Duration
        The time ahead.

    Returns
    -------
    ndarray of float64, shape (4, n)
        For r, alpha, a and b in this order, by central differences; 0 where nothing is
        expected.
    """
    gradient = np.zeros((4, len(behaviour)))
    for row, name in enumerate(("r", "alpha", "a", "b")):
        up, down = (
            replace(model, **{name: getattr(model, name) * float(np.exp(step))})
            for step in (STEP, -STEP)
        )
        higher = up.expected_purchases(behaviour, ahead)
        lower = down.expected_purchases(behaviour, ahead)
        there = (higher > 0) & (lower > 0)
        gradient[row, there] = np.log(higher[there] / lower[there]) / (2 * STEP)
    return gradient


def money_gradient(
    model: GammaGamma, repeat: NDArray[Any], mean_value: NDArray[Any]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return how the logarithm of the expected mean follows those of p, q and gamma.

    Parameters
    ----------
    model : GammaGamma
        The fitted model.
    repeat, mean_value : ndarray, shape (n,)
        ``x`` and the mean of the repeat purchases; the mean is not looked at where x is 0.

    Returns
    -------
    tuple of ndarray of float64, each of shape (n,)
        From ``E[M] = p (gamma + x m) / (p x + q - 1)``.
    """
    spent = np.where(repeat > 0, repeat * np.nan_to_num(mean_value), 0.0)
    below = model.p * repeat + model.q - 1
    return 1 - model.p * repeat / below, -model.q / below, model.gamma / (model.gamma + spent)


def log_spread(gradient: Any, covariance: FloatArray) -> FloatArray:
    """Return the standard deviation of a logarithm by the delta method, shape (n,).

    Parameters
    ----------
    gradient : sequence of ndarray, each of shape (n,)
        By the logarithm of each parameter.
    covariance : ndarray of float64, shape (n_parameters, n_parameters)
        Of the logarithms of the parameters.
    """
    variance: FloatArray = np.zeros(len(gradient[0]))
    # Row by row: a matrix of all clients and parameters would be the largest array of all.
    for i, one in enumerate(gradient):
        variance += covariance[i, i] * one * one
        for j in range(i):
            variance += 2 * covariance[i, j] * one * gradient[j]
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def band_factor(spread: FloatArray) -> FloatArray:
    """Return by what to divide and multiply an expectation for the ends of its 80 % band.

    Parameters
    ----------
    spread : ndarray of float64, shape (n,)
        Standard deviation of the expectation's logarithm.
    """
    return np.asarray(np.exp(Z_80 * spread))


def band_of_sum(expected: float, variance: float) -> Banded:
    """Return a sum with its 80 % band, by the normal curve and not below 0.

    Parameters
    ----------
    expected : float
        The sum.
    variance : float
        Its variance.
    """
    half = Z_80 * float(np.sqrt(max(variance, 0.0)))
    return Banded(expected, max(expected - half, 0.0), expected + half)
