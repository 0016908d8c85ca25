"""Median and maximum of a client's last 8 gaps, by a sorting network over whole columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW = 8
"""How many of the latest gaps speak for a client."""

_LOW, _HIGH = -1, np.iinfo(np.int32).max // 2
# Sorting network for eight values (19 comparators, Batcher's odd-even merge sort).
_NETWORK = (
    *((0, 1), (2, 3), (4, 5), (6, 7)),
    *((0, 2), (1, 3), (4, 6), (5, 7)),
    *((1, 2), (5, 6)),
    *((0, 4), (1, 5), (2, 6), (3, 7)),
    *((2, 4), (3, 5)),
    *((1, 2), (3, 4), (5, 6)),
)
# What fills lag k of a window with m real gaps: as many low as high values (one more high
# if m is odd), so the median of the real gaps stands in the middle of all eight.
_PADDING = np.array(
    [
        [_LOW if lag - m < (WINDOW - m) // 2 else _HIGH for m in range(WINDOW + 1)]
        for lag in range(WINDOW)
    ],
    dtype=np.int32,
)


def recent_gaps(
    gaps: NDArray[np.int32], n_gaps: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return twice the median, and the maximum, of each row's last 8 gaps.

    Parameters
    ----------
    gaps : ndarray of int32, shape (n,)
        Gap before each purchase, rows by client and day.
    n_gaps : ndarray of int32, shape (n,)
        Gaps the client has had up to each row.

    Returns
    -------
    twice_median, largest : ndarray of int32, shape (n,)
        0 without gaps; twice the median is a whole number.

    Examples
    --------
    >>> twice, largest = recent_gaps(np.int32([0, 3, 8]), np.int32([0, 1, 2]))
    >>> twice.tolist(), largest.tolist()
    ([0, 6, 11], [0, 3, 8])
    """
    size = len(gaps)
    real = np.minimum(n_gaps, WINDOW)
    window = padded_window(real)
    largest = np.zeros(size, dtype=np.int32)
    for lag in range(min(WINDOW, int(real.max(initial=0)))):
        has = n_gaps[lag:] > lag
        np.copyto(window[lag][lag:], gaps[: size - lag], where=has)
        np.maximum(largest[lag:], gaps[: size - lag], out=largest[lag:], where=has)
    return twice_median(window, real), largest


def padded_window(real: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Return eight columns of padding for rows with ``real`` gaps (0 to 8) each.

    Column k is to be overwritten with the gap k purchases ago where ``real > k``.
    """
    return [np.take(_PADDING[lag], real) for lag in range(WINDOW)]


def twice_median(window: list[NDArray[np.int32]], real: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return twice the median of filled columns (in place), 0 where ``real`` is 0."""
    for low, high in _NETWORK:
        smaller = np.minimum(window[low], window[high])
        np.maximum(window[low], window[high], out=window[high])
        window[low] = smaller
    twice = window[3] + np.where(real % 2 == 1, window[3], window[4])
    twice[real == 0] = 0
    return twice
