"""Who moved between two days, how long clients stay in a stage, and what each stage brings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.cadence import (
    COMMITMENT,
    EXPLORATION,
    NONE,
    History,
)
from crm_core.metrics.concentration import class_counts
from crm_core.metrics.late import by_money
from crm_core.metrics.rates import Rate, Status, status_of
from crm_core.metrics.stages import StageResult
from crm_core.tables import STAGES, BoolArray, IntArray

RANK = np.array([-1, 1, 2, 3, 4, 0])
"""Height of a stage by code: termination lies below awareness, ``none`` has no height."""


@dataclass(frozen=True)
class StageMoves:
    """Where every client stood on two days.

    Attributes
    ----------
    before_day, after_day : int
        The days.
    before, after : ndarray of int8, shape (n_clients,)
        Stage codes (``tables.STAGES``).
    matrix : ndarray of int64, shape (6, 6)
        Clients by stage before (row) and after (column), ``none`` included.
    up, down : ndarray of bool, shape (n_clients,)
        Known on both days and in a higher, or lower, stage; termination is the lowest.
    appeared : ndarray of bool, shape (n_clients,)
        Not known before, known after.
    sales : ndarray of int64, shape (n_clients,)
        Trailing sales by which clients are sorted and large ones told, ten-thousandths.
    """

    before_day: int
    after_day: int
    before: NDArray[np.int8]
    after: NDArray[np.int8]
    matrix: IntArray
    up: BoolArray
    down: BoolArray
    appeared: BoolArray
    sales: IntArray

    @property
    def large(self) -> BoolArray:
        """Clients of class A: the largest that bring 80 % of these sales, shape (n_clients,)."""
        order = self.clients(self.sales > 0)
        large = np.zeros(len(self.sales), dtype=np.bool_)
        large[order[: class_counts(np.cumsum(self.sales[order]))[0]]] = True
        return large

    def clients(self, mask: BoolArray) -> IntArray:
        """Return the positions where ``mask`` holds (say ``up``), largest sales first."""
        found = np.flatnonzero(mask)
        return found[by_money(self.sales[found])]

    def flow(self, before: str, after: str) -> IntArray:
        """Return the positions of those who went from one stage to another, largest first."""
        codes = STAGES.index(before), STAGES.index(after)
        return self.clients((self.before == codes[0]) & (self.after == codes[1]))


def moves_between(
    before: StageResult, after: StageResult, *, sales: IntArray | None = None
) -> StageMoves:
    """Return who moved between two days.

    Parameters
    ----------
    before, after : StageResult
        Of the same clients.
    sales : ndarray of int64, shape (n_clients,), optional
        Say :func:`~crm_core.metrics.trailing.trailing_sales` on ``before.as_of``, so
        that those who went are weighed by what they brought; zeros when missing.

    Raises
    ------
    ParameterError
        If the results are not of the same clients.
    """
    if len(before.stage) != len(after.stage):
        raise ParameterError(
            f"Wanted two days of the same clients, found {len(before.stage)} and "
            f"{len(after.stage)} clients; take both from one ledger."
        )
    size = len(STAGES)
    flat = before.stage.astype(np.int64) * size + after.stage
    rank_before, rank_after = RANK[before.stage], RANK[after.stage]
    both = (rank_before >= 0) & (rank_after >= 0)
    return StageMoves(
        before_day=before.as_of,
        after_day=after.as_of,
        before=before.stage,
        after=after.stage,
        matrix=np.bincount(flat, minlength=size * size).reshape(size, size),
        up=both & (rank_after > rank_before),
        down=both & (rank_after < rank_before),
        appeared=(before.stage == NONE) & (after.stage != NONE),
        sales=np.zeros(len(flat), dtype=np.int64) if sales is None else sales,
    )


@dataclass(frozen=True)
class TimeInStage:
    """Days since the clients of one stage entered it.

    Attributes
    ----------
    stage : str
        The stage.
    n : int
        Its clients.
    quartile, median, upper_quartile : float or None
        Type-7 quantiles of ``as_of - since`` in days, None without clients.
    """

    stage: str
    n: int
    quartile: float | None
    median: float | None
    upper_quartile: float | None

    @property
    def status(self) -> Status:
        """``thin`` below 30 clients, not computable without any."""
        return status_of(self.n, least=1)


def time_in_stage(stages: StageResult) -> tuple[TimeInStage, ...]:
    """Return how long the clients of each of the five stages have been in it, in order."""
    times = []
    for code, name in enumerate(STAGES[1:], start=1):
        days = stages.as_of - stages.since[stages.stage == code].astype(np.int64)
        low, middle, high = (
            (float(q) for q in np.quantile(days, [0.25, 0.5, 0.75]))
            if len(days)
            else (None, None, None)
        )
        times.append(TimeInStage(name, len(days), low, middle, high))
    return tuple(times)


def straight_to_termination(history: History, as_of: int) -> Rate:
    """Return the ended spells that never got past exploration among all ended spells.

    Parameters
    ----------
    history : History
        As drawn on ``as_of`` (:func:`~crm_core.metrics.cadence.history_at`).
    as_of : int
        Spells with a gone day up to it have ended, those of clients who came back too.
    """
    seen = np.flatnonzero(history.day <= as_of)
    opens = history.n_in_spell[seen] == 1
    last = np.ones(len(seen), dtype=np.bool_)
    client = history.clients()[seen]
    last[:-1] = opens[1:] | (client[1:] != client[:-1])
    ended = seen[last & (history.gone_on[seen] <= as_of)]
    # Within a spell nothing falls below expansion again, so its last stage tells.
    return Rate(int((history.stage[ended] == EXPLORATION).sum()), len(ended))


def stage_sales(stages: StageResult, sales: IntArray) -> IntArray:
    """Return the trailing sales of each stage's clients, exactly.

    Parameters
    ----------
    stages : StageResult
        Of the day.
    sales : ndarray of int64, shape (n_clients,)
        From :func:`~crm_core.metrics.trailing.trailing_sales` of the same day.

    Returns
    -------
    ndarray of int64, shape (6,)
        Ten-thousandths by stage code; entry 0 (not known yet) is 0.
    """
    return np.array(
        [int(sales[stages.stage == code].sum()) for code in range(len(STAGES))], dtype=np.int64
    )


def share_of_regulars(stages: StageResult, sales: IntArray) -> float | None:
    """Return what the clients in commitment bring of all sales above zero.

    Parameters
    ----------
    stages : StageResult
        Of the day.
    sales : ndarray of int64, shape (n_clients,)
        From :func:`~crm_core.metrics.trailing.trailing_sales` of the same day.

    Returns
    -------
    float or None
        From 0 to 1; None where nobody has sales above zero.
    """
    total = int(sales[sales > 0].sum())
    if not total:
        return None
    return int(sales[(stages.stage == COMMITMENT) & (sales > 0)].sum()) / total
