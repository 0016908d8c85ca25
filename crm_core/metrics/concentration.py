"""How much of a total few carry: shares, classes, Gini, HHI, on plain sorted amounts.

"Pareto" here is the 80/20 rule; the Pareto/NBD model is something else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.tables import IntArray

CLASSES = ("A", "B", "C")
"""What the class codes 0, 1 and 2 stand for."""

CLASS_MARKS = (80, 95)
"""A client is A while those before them bring less than the first share (in percent),
B while less than the second, else C."""

MOST_POINTS = 2_000
"""Points of a drawn curve."""


def count_for(cumulative: IntArray, percent: int) -> int:
    """Return how many of the largest bring ``percent`` of the total, compared exactly.

    The smallest k with ``cumulative[k] * 100 >= total * percent``.

    Parameters
    ----------
    cumulative : ndarray of int64, shape (n,)
        Running sums of amounts above zero, largest first.
    percent : int
        Share of the total, 1 to 100.

    Examples
    --------
    >>> count_for(np.array([40, 70, 90, 100]), 80)
    3
    """
    if not len(cumulative):
        return 0
    # Python integers cannot overflow; the ceiling turns the comparison into a whole number.
    needed = -(-int(cumulative[-1]) * percent // 100)
    return int(np.searchsorted(cumulative, needed, side="left")) + 1


def class_counts(cumulative: IntArray) -> tuple[int, int, int]:
    """Return the number of clients in the classes A, B and C.

    Examples
    --------
    >>> class_counts(np.array([50, 80, 90, 95, 100]))
    (2, 2, 1)
    """
    a, ab = (count_for(cumulative, percent) for percent in CLASS_MARKS)
    return a, ab - a, len(cumulative) - ab


def gini(amounts: NDArray[np.int64]) -> float:
    """Return the Gini coefficient of amounts sorted largest first.

    ``2 * sum(i * x_i) / (n * sum(x)) - (n + 1) / n`` with ``i`` rising from the
    smallest; from 0 (all equal) to ``1 - 1/n`` (one has all).

    Parameters
    ----------
    amounts : ndarray of int64, shape (n,)
        Amounts of at least zero, largest first, with a sum above zero.

    Examples
    --------
    >>> round(gini(np.array([40, 30, 20, 10])), 6), gini(np.array([100, 0, 0, 0]))
    (0.25, 0.75)
    """
    n = len(amounts)
    shares = amounts / float(amounts.sum())
    ranks = np.arange(n, 0, -1, dtype=np.float64)
    return float(2 * (ranks * shares).sum() / n - (n + 1) / n)


def hhi(amounts: NDArray[np.int64]) -> float:
    """Return the Herfindahl-Hirschman index, the sum of squared shares (0 to 1).

    Examples
    --------
    >>> round(hhi(np.array([40, 30, 20, 10])), 6)
    0.3
    """
    shares = amounts / float(amounts.sum())
    return float((shares * shares).sum())


@dataclass(frozen=True)
class Curve:
    """Cumulative sales of the largest clients, thinned for drawing.

    Attributes
    ----------
    rank : ndarray of int64, shape (m,)
        Number of largest clients, from 0; ``m`` is at most 2,000.
    cumulative : ndarray of int64, shape (m,)
        What they bring together, ten-thousandths.
    """

    rank: IntArray
    cumulative: IntArray

    def shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return share of clients and share of sales, largest first, from (0, 0)."""
        return self.rank / max(self.rank[-1], 1), self.cumulative / max(self.cumulative[-1], 1)

    def lorenz(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the Lorenz curve: the same, smallest first, from (0, 0)."""
        clients, sales = self.shares()
        return 1.0 - clients[::-1], 1.0 - sales[::-1]


def thin_curve(cumulative: IntArray, marks: tuple[int, ...], *, most: int = MOST_POINTS) -> Curve:
    """Pick evenly spaced points of the cumulative curve and all ``marks``.

    Parameters
    ----------
    cumulative : ndarray of int64, shape (n,)
        Running sums, largest first.
    marks : tuple of int
        Ranks that must be points of the curve.
    most : int, default 2000
        Most points.

    Examples
    --------
    >>> thin_curve(np.arange(1, 1001), (333,), most=5).rank.tolist()
    [0, 333, 500, 1000]
    """
    n = len(cumulative)
    spaced = np.linspace(0, n, min(n + 1, most - len(marks) - 1)).astype(np.int64)
    rank = np.unique(np.concatenate((spaced, np.array(marks, dtype=np.int64), [0, n])))
    return Curve(rank, np.concatenate(([0], cumulative))[rank])
