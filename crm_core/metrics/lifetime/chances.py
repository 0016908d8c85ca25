"""The chances that a client is still with us and will buy again: powers only, no SciPy.

BG/NBD of Fader, Hardie & Lee (2005), *Marketing Science* 24(2), and its modified form
(MBG/NBD) of Batislam, Denizel & Filiztekin (2007). The public way to them are the methods
of :class:`crm_core.metrics.lifetime.bg_nbd.BgNbd`, which carry the time unit; here one unit
holds for all that is passed.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

Kind = Literal["bg", "mbg"]
"""Whether a client may leave only after a repeat purchase (bg) or after the first too (mbg)."""

SMALLEST = 1e-10
"""Stands in for divisors that do not count: those of clients without a repeat purchase."""

LONGEST_TABLE = 1 << 16
"""Whole numbers up to this one have their logarithms looked up in a table."""


def log_shifted(shift: float, values: NDArray[Any]) -> FloatArray:
    """Return ``ln(shift + values)``; for small whole numbers from a table, which is faster.

    Parameters
    ----------
    shift : float
        Positive.
    values : ndarray of int or float, shape (n,)
        At least 0.

    Examples
    --------
    >>> log_shifted(1.0, np.array([0, 1])).round(3).tolist()
    [0.0, 0.693]
    """
    if len(values) > 1000 and np.issubdtype(values.dtype, np.integer):
        top = int(values.max())
        if top < min(LONGEST_TABLE, len(values)) and int(values.min()) >= 0:
            table: FloatArray = np.log(shift + np.arange(top + 1))
            return table.take(values)
    result: FloatArray = np.log(shift + values)
    return result


def chance_alive(  # noqa: PLR0917  (the model's four numbers come first)
    r: float,
    alpha: float,
    a: float,
    b: float,
    repeat: NDArray[Any],
    recency: NDArray[Any],
    age: NDArray[Any],
    *,
    kind: Kind = "bg",
) -> FloatArray:
    """Return the probability that each client has not left.

    ``1 / (1 + [x>0] a/(b+x-1) ((alpha+T)/(alpha+t_x))^(r+x))``; for MBG/NBD with
    ``a/(b+x)`` and without the bracket.

    Parameters
    ----------
    r, alpha, a, b : float
        Positive; ``alpha`` in the unit of the times.
    repeat, recency, age : ndarray, shape (n,)
        ``x``, ``t_x`` and ``T``.
    kind : {"bg", "mbg"}, default "bg"
        In BG/NBD every client without a repeat purchase is alive with certainty.

    Returns
    -------
    ndarray of float64, shape (n,)
        From 0 to 1.

    Examples
    --------
    >>> x, t_x, age = np.array([5, 20]), np.array([30.0, 30.0]), np.array([39.0, 39.0])
    >>> chance_alive(0.243, 4.414, 0.793, 2.426, x, t_x, age).round(4).tolist()
    [0.7056, 0.1968]
    """
    power = log_shifted(alpha, age) - log_shifted(alpha, recency)
    power *= repeat + r
    return _alive(power, a, b, repeat, kind)


def chance_to_buy(  # noqa: PLR0917  (the model's four numbers come first)
    r: float,
    alpha: float,
    a: float,
    b: float,
    repeat: NDArray[Any],
    recency: NDArray[Any],
    age: NDArray[Any],
    horizon: float,
    *,
    kind: Kind = "bg",
) -> FloatArray:
    """Return the probability of at least one purchase in the ``horizon`` after the as-of day.

    ``P(alive) (1 - ((alpha+T)/(alpha+T+t))^(r+x))``: given alive, the client's rate is
    Gamma distributed with shape ``r+x`` and rate ``alpha+T``.

    Parameters
    ----------
    r, alpha, a, b, repeat, recency, age, kind
        As for :func:`chance_alive`.
    horizon : float
        ``t``, at least 0, in the unit of the times.

    Returns
    -------
    ndarray of float64, shape (n,)
        From 0 to 1.

    Examples
    --------
    >>> one = np.array([2]), np.array([30.43]), np.array([38.86])
    >>> chance_to_buy(0.2426, 4.4135, 0.7929, 2.4258, *one, 39.0).round(3).tolist()
    [0.555]
    """
    log_age = log_shifted(alpha, age)
    shape = repeat + r
    alive = _alive((log_age - log_shifted(alpha, recency)) * shape, a, b, repeat, kind)
    log_age -= log_shifted(alpha + horizon, age)
    log_age *= shape
    alive *= np.negative(np.expm1(log_age, out=log_age), out=log_age)
    return alive


def _alive(power: FloatArray, a: float, b: float, repeat: NDArray[Any], kind: Kind) -> FloatArray:
    """Return P(alive) from ``(r+x) ln((alpha+T)/(alpha+t_x))``, which is overwritten."""
    shift = 1 if kind == "mbg" else 0
    # e^690 is as good as certain, and leaves room for the factor that follows.
    odds: FloatArray = np.exp(np.minimum(power, 690.0, out=power), out=power)
    odds *= a / np.maximum(repeat + (b + shift - 1), SMALLEST)
    if not shift:
        odds *= repeat > 0
    odds += 1.0
    return np.reciprocal(odds, out=odds)
