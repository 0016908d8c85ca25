"""Runs a measure over ranges of clients: who runs the map, not what is measured."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from crm_core.ledger import Ledger

T = TypeVar("T")
P = ParamSpec("P")

ROWS_PER_PART = 1 << 17
"""Rows of sales in one part: its columns and their temporaries stay in a processor's cache."""

THREADED_FROM = 4
"""From so many parts on threads are worth their start; NumPy lets them run side by side."""


def measure_parts(
    ledger: Ledger,
    measure: Callable[Concatenate[Ledger, P], T],
    /,
    *args: P.args,
    **options: P.kwargs,
) -> list[T]:
    """Return what a measure gives for each range of clients, in the order of the clients.

    Parameters
    ----------
    ledger : Ledger
        The whole.
    measure : callable
        Takes a part of the ledger first, then ``args`` and ``options``; must not
        depend on how the ledger is cut.

    Returns
    -------
    list
        At least one result.
    """
    count = max(1, len(ledger.sales) // ROWS_PER_PART)
    parts = ledger.parts(count)
    if count < THREADED_FROM:
        return [measure(part, *args, **options) for part in parts]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(lambda part: measure(part, *args, **options), parts))
