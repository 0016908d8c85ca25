"""Runs a measure over ranges of clients together with their history."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History
from crm_core.metrics.parts import ROWS_PER_PART, THREADED_FROM

T = TypeVar("T")
P = ParamSpec("P")


def cut_history(parts: list[Ledger], history: History) -> list[History]:
    """Return the history of each part of a ledger, as views.

    Parameters
    ----------
    parts : list of Ledger
        From :meth:`Ledger.parts <crm_core.ledger.Ledger.parts>`, all of them.
    history : History
        Of the whole ledger.
    """
    edges = accumulate((part.n_clients for part in parts), initial=0)
    return [history.part(start, stop) for start, stop in pairwise(edges)]


def join_positions(found: list[NDArray[Any]], sizes: list[int]) -> NDArray[Any]:
    """Join client positions within parts to positions within the whole.

    Parameters
    ----------
    found : list of ndarray of int
        Positions of each part.
    sizes : list of int
        Number of clients of each part.

    Examples
    --------
    >>> join_positions([np.array([0, 2]), np.array([1])], [3, 2]).tolist()
    [0, 2, 4]
    """
    bases = np.cumsum([0, *sizes[:-1]])
    return np.concatenate(
        [own + own.dtype.type(base) for own, base in zip(found, bases, strict=True)]
    )


def measure_with_history(
    ledger: Ledger,
    history: History,
    measure: Callable[Concatenate[Ledger, History, P], T],
    /,
    *args: P.args,
    **options: P.kwargs,
) -> list[T]:
    """Return what a measure gives for each range of clients, in the order of the clients.

    Parameters
    ----------
    ledger : Ledger
        The whole.
    history : History
        Of the whole.
    measure : callable
        Takes a part of the ledger and its history first, then ``args`` and
        ``options``; must not depend on how the ledger is cut.
    """
    count = max(1, len(ledger.sales) // ROWS_PER_PART)
    parts = list(ledger.parts(count))
    pairs = list(zip(parts, cut_history(parts, history), strict=True))
    if count < THREADED_FROM:
        return [measure(part, own, *args, **options) for part, own in pairs]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda pair: measure(*pair, *args, **options), pairs))
