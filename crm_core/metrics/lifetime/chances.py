"""The chances that a client is still with us and will buy again: powers only, no SciPy.

BG/NBD of Fader, Hardie & Lee (2005), *Marketing Science* 24(2), and its modified form
(MBG/NBD) of Batislam, Denizel & Filiztekin (2007). The public way to them are the methods
of :class:`crm_core.metrics.lifetime.bg_nbd.BgNbd`, which carry the time unit; here one unit
holds for all that is passed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.lifetime.distinct import ROWS_AT_ONCE

FloatArray = NDArray[np.float64]

Kind = Literal["bg", "mbg"]
"""Whether a client may leave only after a repeat purchase (bg) or after the first too (mbg)."""

SMALLEST = 1e-10
"""Stands in for divisors that do not count: those of clients without a repeat purchase."""

LONGEST_TABLE = 1 << 16
"""Whole numbers up to this one have their logarithms looked up in a table."""


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
    odds = _odds(a, b, repeat, kind)
    log_age, log_recency = _logarithm(alpha, age), _logarithm(alpha, recency)
    result = np.empty(len(repeat))
    for rows in _blocks(len(repeat)):
        power = log_age.of(rows)
        power -= log_recency.of(rows)
        power *= repeat[rows] + r
        _alive(power, odds.of(rows), result[rows])
    return result


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
    odds = _odds(a, b, repeat, kind)
    log_age, log_recency = _logarithm(alpha, age), _logarithm(alpha, recency)
    log_then = _logarithm(alpha + horizon, age)
    result = np.empty(len(repeat))
    for rows in _blocks(len(repeat)):
        shape, now = repeat[rows] + r, log_age.of(rows)
        power = now - log_recency.of(rows)
        power *= shape
        alive = _alive(power, odds.of(rows), result[rows])
        now -= log_then.of(rows)
        now *= shape
        alive *= np.expm1(now, out=now)
        np.negative(alive, out=alive)
    return result


def _blocks(n: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE)]


class _Table:
    """A function of a column: looked up where its values are small whole numbers."""

    def __init__(
        self, column: NDArray[Any], function: Callable[[NDArray[Any]], FloatArray]
    ) -> None:
        self._column, self._function = column, function
        self._values: FloatArray | None = None
        if len(column) > ROWS_AT_ONCE and np.issubdtype(column.dtype, np.integer):
            top = int(column.max())
            if top < LONGEST_TABLE and int(column.min()) >= 0:
                self._values = function(np.arange(top + 1))

    def of(self, rows: slice) -> FloatArray:
        """Return the function of some rows, as a new array."""
        if self._values is None:
            return self._function(self._column[rows])
        return self._values.take(self._column[rows])


def _logarithm(shift: float, column: NDArray[Any]) -> _Table:
    return _Table(column, lambda values: np.asarray(np.log(shift + values)))


def _odds(a: float, b: float, repeat: NDArray[Any], kind: Kind) -> _Table:
    """Return the odds to have left after the last purchase, before any silence."""
    before = b - 1 if kind == "bg" else b

    def odds(x: NDArray[Any]) -> FloatArray:
        stayed = a / np.maximum(x + before, SMALLEST)
        return np.asarray(stayed * (x > 0) if kind == "bg" else stayed)

    return _Table(repeat, odds)


def _alive(power: FloatArray, odds: FloatArray, out: FloatArray) -> FloatArray:
    """Return P(alive) from ``(r+x) ln((alpha+T)/(alpha+t_x))``, which is overwritten."""
    # e^690 is as good as certain, and leaves room for the factor that follows.
    np.exp(np.minimum(power, 690.0, out=power), out=power)
    power *= odds
    power += 1.0
    return np.reciprocal(power, out=out)
