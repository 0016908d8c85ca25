"""The one rule for groups of a few clients: what is hidden together is never fewer than five.

A number that stands for one to four clients is hidden from whoever may not see
names. Where the parts of something are shown whose sum is known, hiding one of them
hides nothing: it is what is left. So the next smallest parts are hidden with it,
until those hidden together are five clients or more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from crm_core.access import LEAST_GROUP
from crm_core.tables import BoolArray


def is_few(*counts: int, least: int = LEAST_GROUP) -> bool:
    """Return whether any of some groups is too small to be shown.

    Parameters
    ----------
    *counts : int
        Clients of each group; nobody says nothing about anybody.
    least : int, default 5
        The fewest clients that may be shown; 1 hides nothing.

    Examples
    --------
    >>> is_few(4), is_few(0, 5), is_few(40, 2)
    (True, False, True)
    """
    return any(0 < int(n) < least for n in counts)


def is_few_of(n: int, total: int, *, least: int = LEAST_GROUP) -> bool:
    """Return whether a part, or what is left beside it, is too small to be shown.

    Examples
    --------
    >>> is_few_of(3, 40), is_few_of(37, 40), is_few_of(40, 40), is_few_of(0, 3)
    (True, True, False, True)
    """
    return is_few(n, total - n, least=least)


def hidden_parts(counts: ArrayLike, *, least: int = LEAST_GROUP) -> BoolArray:
    """Return which parts of a known whole are hidden.

    Parameters
    ----------
    counts : array_like of int, shape (n,)
        Clients of each part.
    least : int, default 5
        The fewest clients that may be shown, and that may be hidden together.

    Returns
    -------
    ndarray of bool, shape (n,)
        Parts of fewer, and the next smallest ones until all hidden ones together are
        ``least`` or more; all that have clients where they never are. Of equal parts the
        first is taken.

    Examples
    --------
    >>> hidden_parts([40, 2, 7, 0, 30]).tolist()
    [False, True, True, False, False]
    >>> hidden_parts([40, 2, 3, 7]).tolist()
    [False, True, True, False]
    >>> hidden_parts([40, 2], least=1).any()
    np.False_
    """
    sizes = np.asarray(counts, dtype=np.int64)
    hidden = np.asarray((sizes > 0) & (sizes < least))
    _hide_more(sizes, hidden, least)
    return hidden


def hidden_cells(counts: ArrayLike, *, least: int = LEAST_GROUP) -> BoolArray:
    """Return which cells of a table are hidden whose rows and columns have known sums.

    Parameters
    ----------
    counts : array_like of int, shape (n, m)
        Clients of each cell.
    least : int, default 5
        As in :func:`hidden_parts`, which holds in every row and every column.

    Returns
    -------
    ndarray of bool, shape (n, m)

    Examples
    --------
    >>> hidden_cells([[30, 2], [9, 8]]).tolist()
    [[True, True], [True, True]]
    """
    sizes = np.asarray(counts, dtype=np.int64)
    hidden = np.asarray((sizes > 0) & (sizes < least))
    while True:
        before = hidden.copy()
        for lines, held in ((sizes, hidden), (sizes.T, hidden.T)):
            for line, mask in zip(lines, held, strict=True):
                _hide_more(line, mask, least)
        if np.array_equal(before, hidden):
            return hidden


def _hide_more(line: np.ndarray, mask: np.ndarray, least: int) -> None:
    """Hide the next smallest of a line until those hidden are enough, and two, in place."""
    order = np.argsort(line, kind="stable") if mask.any() else np.empty(0, dtype=np.int64)
    for part in order.tolist():
        if line[mask].sum() >= least and mask.sum() > 1:
            return
        mask[part] |= line[part] > 0
