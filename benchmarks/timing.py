"""Taking turns and taking times."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

PATIENCE_SECONDS = 20.0
"""A run that takes longer than this is not repeated."""


def time_once(run: Callable[[], Any]) -> float:
    """Return the seconds one run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def median_times(runs: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Return the median seconds of each contender, who take turns so that noise hits all alike.

    Parameters
    ----------
    runs : mapping of str to callable
        What to time, by contender.
    repeats : int
        Rounds; whoever needs longer than 20 seconds runs once.
    """
    taken: dict[str, list[float]] = {name: [] for name in runs}
    gc.collect()
    for _ in range(repeats):
        for name, run in runs.items():
            if not taken[name] or taken[name][0] < PATIENCE_SECONDS:
                taken[name].append(time_once(run))
    return {name: statistics.median(times) for name, times in taken.items()}
