"""Buying again within a part of the history: what the headline rates would be in a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.gaps import Gaps, count_days
from crm_core.metrics.gaps import conclude as conclude_gaps
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import live_days
from crm_core.metrics.rates import Rate
from crm_core.tables import IntArray, sum_segments


@dataclass(frozen=True)
class Since:
    """What the purchases after a day say.

    Attributes
    ----------
    since, as_of : int
        The window is (since, as_of].
    repeat : Rate
        Clients with at least two purchases in it among those with at least one.
    gaps : Gaps
        Gaps that a purchase in it closed, those begun before it too.
    """

    since: int
    as_of: int
    repeat: Rate
    gaps: Gaps


def measure(part: Ledger, as_of: int, since: int) -> tuple[int, int, IntArray]:
    """Measure :func:`bought_since` on a part: buyers, those who bought twice, and gaps."""
    days = live_days(part, as_of)
    inside = days.day > since
    counts = sum_segments(inside, days.offsets)
    closing = inside.copy()
    closing[days.firsts()] = False
    rows = np.flatnonzero(closing)
    gaps = count_days(days.day[rows] - days.day[rows - 1])
    return int((counts > 0).sum()), int((counts > 1).sum()), gaps


def bought_since(ledger: Ledger, as_of: int, since: int) -> Since:
    """Return repeat rate and gaps of the purchases in (since, as_of].

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted.
    since : int
        The day before the window.

    Returns
    -------
    Since
        Without purchases in the window the rate is withheld and there are no gaps.
    """
    parts = measure_parts(ledger, measure, as_of, since)
    buyers, twice, gaps = zip(*parts, strict=True)
    return Since(since, as_of, Rate(sum(twice), sum(buyers)), conclude_gaps(list(gaps)))
