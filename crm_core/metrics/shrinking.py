"""Clients who still buy, but less than half of what they bought before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, history_at
from crm_core.metrics.history_parts import join_positions, measure_with_history
from crm_core.metrics.late import by_money
from crm_core.metrics.limits import TOLERANCE
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.standings import last_rows
from crm_core.metrics.trailing import NetSales
from crm_core.tables import IntArray

RHYTHMS = 3
"""A window is so many cadences long."""


@dataclass(frozen=True)
class Shrinking:
    """Shrinking clients, the largest loss first.

    Attributes
    ----------
    as_of : int
        The day.
    client : ndarray of int64, shape (n,)
        Positions in the client table; ties by position.
    window_days : ndarray of int32, shape (n,)
        Whole days of one window: three of the client's cadences.
    recent, before : ndarray of int64, shape (n,)
        Net sales of the window up to ``as_of`` and of the one before it, ten-thousandths.
    n_judged : int
        Clients not gone with both windows inside their history: those it could be said of.
    """

    as_of: int
    client: IntArray
    window_days: NDArray[np.int32]
    recent: IntArray
    before: IntArray
    n_judged: int

    def __len__(self) -> int:
        return len(self.client)

    @property
    def lost(self) -> IntArray:
        """Money lost from one window to the next, ten-thousandths, shape (n,)."""
        return self.before - self.recent

    @property
    def total_lost(self) -> int:
        """Money lost by all of them, ten-thousandths."""
        return int(self.lost.sum())


@dataclass(frozen=True)
class Measures:
    """Windows and their sales of the clients of a part that can be judged."""

    n_clients: int
    client: IntArray
    window_days: NDArray[np.int32]
    recent: IntArray
    before: IntArray


def measure(part: Ledger, history: History, as_of: int) -> Measures:
    """Measure :func:`shrinking_clients` on a part of the ledger and its drawn history."""
    last = last_rows(history.offsets, history.day, as_of)
    client = np.flatnonzero(last >= 0)
    rows = last[client]
    cadence = history.cadence_days[rows].astype(np.float64)
    window = np.floor(RHYTHMS * cadence + TOLERANCE).astype(np.int32)
    first = history.day[history.offsets[:-1][client]]
    judged = (history.gone_on[rows] > as_of) & (first <= as_of - 2 * window + 1)
    client, window = client[judged], window[judged]
    net = NetSales(part.sales)
    middle = as_of - window
    recent = net.between(client, middle, np.full(len(client), as_of))
    before = net.between(client, middle - window, middle)
    return Measures(part.n_clients, client, window, recent, before)


def conclude(parts: list[Measures], as_of: int) -> Shrinking:
    """Join all parts, keep who fell below half and sort by the money lost."""
    client = join_positions([part.client for part in parts], [part.n_clients for part in parts])
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("window_days", "recent", "before")
    }
    fell = np.flatnonzero(2 * columns["recent"] < columns["before"])
    order = fell[by_money((columns["before"] - columns["recent"])[fell])]
    return Shrinking(
        as_of=as_of,
        client=client[order],
        n_judged=len(client),
        **{name: column[order] for name, column in columns.items()},
    )


def shrinking_clients(
    ledger: Ledger, history: History, parameters: Parameters, as_of: int
) -> Shrinking:
    """Return clients, not gone, whose sales of the last 3 cadences are below half of the 3 before.

    The cadence is that of the last purchase; both windows must lie inside the
    client's history. Sales are net, refunds on their own day.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        Computed with ``parameters``.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Last day counted.
    """
    drawn = history_at(ledger, history, as_of, parameters)
    return conclude(measure_with_history(ledger, drawn, measure, as_of), as_of)
