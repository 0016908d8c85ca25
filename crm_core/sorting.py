"""Sorting rows and finding keys among them, the way that is fast: whole numbers, sorted as such.

NumPy sorts plain 64-bit numbers some ten times as fast as it finds the order that would
sort them. So what is to be sorted goes into the upper bits of a number and the place of its row
into the lower ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.tables import IntArray

BLOCK = 1 << 16
"""Rows packed and unpacked at a time: their temporaries stay in the processor's cache."""

_WORD = 63
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so a product modulo 2⁶⁴ loses nothing; its upper bits tell keys apart that differ little."""


def sort_by_client_and_day(client: NDArray[Any], day: NDArray[Any]) -> IntArray:
    """Sort two columns in place and return which row stood where: stable.

    Parameters
    ----------
    client : ndarray of int32, shape (n,)
        First key, -1 or more.
    day : ndarray of int32, shape (n,)
        Second key.

    Returns
    -------
    ndarray of int64, shape (n,)
        For every place the row that belongs there; rows alike keep their order.

    Notes
    -----
    Needs 8 bytes a row beside the columns. Where client, day and row together need more
    than 63 bits (days centuries apart), it takes the slower way.

    Examples
    --------
    >>> client, day = np.array([1, 0, 1], np.int32), np.array([7, 9, 5], np.int32)
    >>> sort_by_client_and_day(client, day).tolist(), client.tolist(), day.tolist()
    ([1, 2, 0], [0, 1, 1], [9, 5, 7])
    """
    n = len(day)
    first = int(day.min()) if n else 0
    day_bits = (int(day.max()) - first).bit_length() if n else 0
    row_bits = n.bit_length()
    if day_bits + row_bits + (int(client.max(initial=0)) + 1).bit_length() > _WORD:
        order: IntArray = np.lexsort((day, client))
        client[:], day[:] = client[order], day[order]
        return order
    packed = np.empty(n, dtype=np.int64)
    for start in range(0, n, BLOCK):
        here = slice(start, start + BLOCK)
        part = packed[here]
        part[:] = client[here]
        part += 1
        part <<= day_bits
        part += day[here]
        part -= first
        part <<= row_bits
        part += np.arange(start, start + len(part))
    packed.sort()
    for start in range(0, n, BLOCK):
        here = slice(start, start + BLOCK)
        part = packed[here]
        keys = part >> row_bits
        client[here] = (keys >> day_bits) - 1
        day[here] = (keys & ((1 << day_bits) - 1)) + first
        part &= (1 << row_bits) - 1
    return packed


def first_of_each(keys: IntArray) -> IntArray:
    """Return the position of the first row of every key, in no particular order.

    Parameters
    ----------
    keys : ndarray of int64, shape (n,)
        Any numbers.

    Returns
    -------
    ndarray of int64
        One position a distinct key.

    Examples
    --------
    >>> sorted(first_of_each(np.array([5, 3, 5, 3, 8])).tolist())
    [0, 1, 4]
    """
    low = np.uint64((1 << len(keys).bit_length()) - 1)
    mixed = keys.view(np.uint64) * _SPREAD
    mixed &= ~low
    mixed |= np.arange(len(keys), dtype=np.uint64)
    mixed.sort()
    position = (mixed & low).view(np.int64)
    mixed &= ~low
    fresh = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(mixed[1:], mixed[:-1], out=fresh[1:])
    again = np.flatnonzero(~fresh)
    if (keys[position[again]] != keys[position[again - 1]]).any():
        # Different keys whose upper bits are the same: rare, and then compared in full.
        return np.unique(keys, return_index=True)[1]
    return position[fresh]


def likely_among(keys: IntArray, wanted: IntArray) -> IntArray:
    """Return where keys stand that may be among the wanted: all that are, and a few others.

    Parameters
    ----------
    keys : ndarray of int64, shape (n,)
        Any numbers.
    wanted : ndarray of int64
        The few that are looked for.

    Returns
    -------
    ndarray of int64
        Positions in ``keys``, rising: the caller compares these few in full.

    Examples
    --------
    >>> likely_among(np.array([5, 3, 5]), np.array([5])).tolist()
    [0, 2]
    """
    shift = np.uint64(64 - max(10, len(wanted).bit_length() + 5))
    seen = np.zeros(1 << (64 - int(shift)), dtype=np.bool_)
    seen[(wanted.view(np.uint64) * _SPREAD) >> shift] = True
    return np.flatnonzero(seen[(keys.view(np.uint64) * _SPREAD) >> shift])
