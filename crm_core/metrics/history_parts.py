"""Runs a measure over ranges of clients together with their history."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from typing import Concatenate, ParamSpec, TypeVar

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
