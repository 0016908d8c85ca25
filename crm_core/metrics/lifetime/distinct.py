"""Distinct values and distinct rows of columns, by tables where numbers are small."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Codes = NDArray[np.intp]

CELLS_A_ROW = 4
"""A table of all possible numbers is used up to so many cells a row ..."""

FREE_CELLS = 1 << 12
"""... and always up to so many: it costs nothing."""

WIDEST_KEY = 1 << 62

ROWS_AT_ONCE = 1 << 13
"""Rows in one block: their columns stay in a processor's cache."""


def find_values(column: NDArray[Any]) -> tuple[NDArray[Any], Codes]:
    """Return the distinct values of a column, rising, and which each row has.

    Parameters
    ----------
    column : ndarray of int or float, shape (n,)
        Without NaN.

    Returns
    -------
    values : ndarray, shape (n_distinct,)
    code : ndarray of intp, shape (n,)
        ``values[code]`` is the column.

    Examples
    --------
    >>> values, code = find_values(np.array([30, 10, 30]))
    >>> values.tolist(), code.tolist()
    ([10, 30], [1, 0, 1])
    """
    if len(column) and np.issubdtype(column.dtype, np.integer):
        low, high = int(column.min()), int(column.max())
        cells = high - low + 1
        if _affordable(cells, len(column)):
            shifted = np.subtract(column, low, dtype=np.intp)
            seen, code = _look_up(shifted, cells)
            return (seen + low).astype(column.dtype), code
    values, code = np.unique(column, return_inverse=True)
    return values, code.astype(np.intp, copy=False)


def find_distinct(*columns: NDArray[Any]) -> tuple[Codes, Codes]:
    """Find the distinct rows of some columns of one length.

    Parameters
    ----------
    columns : ndarrays, each of shape (n,)
        Numbers without NaN; together they make a row.

    Returns
    -------
    rows : ndarray of intp, shape (n_distinct,)
        One row of each kind, kinds in rising order of the columns.
    inverse : ndarray of intp, shape (n,)
        The kind of each row.

    Examples
    --------
    >>> rows, inverse = find_distinct(np.array([2, 1, 2]), np.array([0.5, 0.0, 0.5]))
    >>> rows.tolist(), inverse.tolist()
    ([1, 2], [1, 0, 1])
    """
    key, cells, _ = _number_rows(columns)
    if _affordable(cells, len(key)):
        kinds, inverse = _look_up(key, cells)
    else:
        kinds, inverse = np.unique(key, return_inverse=True)
    rows = np.empty(len(kinds), dtype=np.intp)
    rows[inverse] = np.arange(len(key))
    return rows, inverse.astype(np.intp, copy=False)


def count_distinct(
    columns: tuple[NDArray[Any], ...], weight: FloatArray | None = None
) -> tuple[list[NDArray[Any]], FloatArray]:
    """Return the distinct rows of some columns and how often each occurs.

    Faster than :func:`find_distinct` where nothing need be joined back.

    Parameters
    ----------
    columns : tuple of ndarrays, each of shape (n,)
        Numbers without NaN.
    weight : ndarray of float64, shape (n,), optional
        What each row counts for; 1 without it.

    Returns
    -------
    distinct : list of ndarrays, each of shape (n_distinct,)
        The columns of the distinct rows, rising.
    count : ndarray of float64, shape (n_distinct,)

    Examples
    --------
    >>> distinct, count = count_distinct((np.array([2, 1, 2]), np.array([5, 5, 5])))
    >>> [column.tolist() for column in distinct], count.tolist()
    ([[1, 2], [5, 5]], [1.0, 2.0])
    """
    key, cells, values = _number_rows(columns)
    if values is None or weight is not None:
        rows, inverse = find_distinct(*columns)
        count = np.bincount(inverse, weights=weight, minlength=len(rows))
        return [column[rows] for column in columns], count.astype(np.float64)
    if _affordable(cells, len(key)):
        every = np.bincount(key, minlength=cells)
        kinds = np.flatnonzero(every)
        count = every[kinds]
    else:
        kinds, count = np.unique(key, return_counts=True)
    distinct = []
    for own in reversed(values):
        kinds, code = np.divmod(kinds, len(own))
        distinct.append(own[code])
    return distinct[::-1], count.astype(np.float64)


def map_pairs(
    x: NDArray[Any],
    y: NDArray[Any],
    function: Callable[[NDArray[Any], NDArray[Any]], FloatArray],
) -> FloatArray:
    """Return a function of two columns, worked out once for each distinct pair.

    Parameters
    ----------
    x, y : ndarray of int or float, shape (n,)
        Without NaN. Whole numbers from 0 on are looked up in a table of all pairs.
    function : callable
        Takes two columns of one length and returns another; each row by itself.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> map_pairs(np.array([1, 1, 3]), np.array([2, 2, 0]), lambda x, y: x + 0.5 * y).tolist()
    [2.0, 2.0, 3.0]
    """
    width = _table_width(x, y)
    if width is None:
        rows, inverse = find_distinct(x, y)
        return function(x[rows], y[rows]).take(inverse)
    occurs = np.zeros((int(x.max()) + 1) * width, dtype=np.bool_)
    blocks = [slice(i, i + ROWS_AT_ONCE) for i in range(0, len(x), ROWS_AT_ONCE)]
    for part in blocks:
        occurs[np.multiply(x[part], width, dtype=np.intp) + y[part]] = True
    pairs = np.flatnonzero(occurs)
    table = np.empty(len(occurs))
    table[pairs] = function(*np.divmod(pairs, width))
    result = np.empty(len(x))
    for part in blocks:
        result[part] = table.take(np.multiply(x[part], width, dtype=np.intp) + y[part])
    return result


def _table_width(x: NDArray[Any], y: NDArray[Any]) -> int | None:
    """Return how many values of y a table of all pairs needs; None where it would not do."""
    for column in (x, y):
        if not len(column) or not np.issubdtype(column.dtype, np.integer) or column.min() < 0:
            return None
    width = int(y.max()) + 1
    return width if _affordable((int(x.max()) + 1) * width, len(x)) else None


def _affordable(cells: int, rows: int) -> bool:
    return cells <= max(FREE_CELLS, CELLS_A_ROW * rows)


def _look_up(key: Codes, cells: int) -> tuple[Codes, Codes]:
    """Return the keys that occur, rising, and the position of each row's among them."""
    occurs = np.zeros(cells, dtype=np.bool_)
    occurs[key] = True
    kinds = np.flatnonzero(occurs)
    position = np.empty(cells, dtype=np.intp)
    position[kinds] = np.arange(len(kinds))
    return kinds, position.take(key)


def _number_rows(
    columns: tuple[NDArray[Any], ...],
) -> tuple[Codes, int, list[NDArray[Any]] | None]:
    """Return a number for each row, equal for equal rows, and how many there may be.

    Also the values of each column by the digits of that number, None where the number
    had to be shortened on the way.
    """
    key, cells = np.zeros(len(columns[0]), dtype=np.intp), 1
    values: list[NDArray[Any]] | None = []
    for column in columns:
        own, code = find_values(column)
        if cells * len(own) > WIDEST_KEY:
            kinds, key = np.unique(key, return_inverse=True)
            cells, values = len(kinds), None
        key *= len(own)
        key += code
        cells *= max(len(own), 1)
        if values is not None:
            values.append(own)
    return key, cells, values
