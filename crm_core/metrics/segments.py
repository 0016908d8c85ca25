"""Eleven segments from the scores: every client that bought in exactly one, and who switched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.late import by_money
from crm_core.metrics.rates import Rate
from crm_core.metrics.rfm import PARTS_OF, RfmScores
from crm_core.tables import BoolArray, IntArray

TITLES = {
    "champions": "Champions",
    "loyal": "Loyal",
    "potential": "Potential",
    "new": "New",
    "promising": "Promising",
    "attention": "Need attention",
    "sleep": "About to sleep",
    "cant_lose": "Can’t lose",
    "at_risk": "At risk",
    "hibernating": "Hibernating",
    "lost": "Lost",
}
"""The segments by key, those to keep first; the names are the usual ones of the trade."""

SEGMENTS = tuple(TITLES)
"""A segment's code is its place here."""

NONE = -1
"""Code of clients that have not bought."""

BEST = ("champions", "loyal")
SLIPPING = ("cant_lose", "at_risk")

HEIGHT = np.array([5, 4, 3, 3, 3, 2, 2, 1, 1, 0, 0, NONE])
"""Height of a segment by code, so that a switch leads up, down or level; our own order."""

_BY_CELL = {
    5: ("new", "potential", "potential", "champions", "champions"),
    4: ("promising", "potential", "potential", "loyal", "loyal"),
    3: ("sleep", "sleep", "attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    1: ("lost", "lost", "at_risk", "at_risk", "cant_lose"),
}
GRID: NDArray[np.int8] = np.array(
    [[SEGMENTS.index(name) for name in _BY_CELL[r]] for r in range(1, PARTS_OF + 1)],
    dtype=np.int8,
)
"""Segment code by recency score (row 0 is 1) and by frequency and money score (column 0 is 1)."""


@dataclass(frozen=True)
class SegmentResult:
    """The segment of every client on a day.

    Attributes
    ----------
    scores : RfmScores
        The scores behind it.
    segment : ndarray of int8, shape (n_clients,)
        Position in :data:`SEGMENTS`, -1 for clients that have not bought.
    cell : ndarray of int8, shape (n_clients,)
        ``5 * (R - 1) + FM - 1``, -1 for clients that have not bought.
    """

    scores: RfmScores
    segment: NDArray[np.int8]
    cell: NDArray[np.int8]

    @property
    def as_of(self) -> int:
        """The day."""
        return self.scores.values.as_of

    @property
    def n(self) -> int:
        """Clients in a segment: those who bought."""
        return self.scores.values.n

    @cached_property
    def counts(self) -> dict[str, int]:
        """Clients by segment; they sum to the clients who bought."""
        found = np.bincount(self.segment + 1, minlength=len(SEGMENTS) + 1)
        return {name: int(found[code + 1]) for code, name in enumerate(SEGMENTS)}

    @cached_property
    def cell_counts(self) -> IntArray:
        """Clients by recency score (row) and frequency and money score (column), shape (5, 5)."""
        return _by_cell(self.cell, None)

    def is_in(self, *names: str) -> BoolArray:
        """Return who is in one of some segments, shape (n_clients,)."""
        wanted = np.zeros(len(SEGMENTS) + 1, dtype=np.bool_)
        wanted[[SEGMENTS.index(name) for name in names]] = True
        return np.asarray(wanted[self.segment])

    def cell_sums(self, amounts: IntArray) -> IntArray:
        """Return the sum of one amount a client in every cell, exactly, shape (5, 5)."""
        return _by_cell(self.cell, amounts)

    def sums(self, amounts: IntArray) -> dict[str, int]:
        """Return the sum of one amount a client in every segment, exactly."""
        cells = self.cell_sums(amounts)
        return {name: int(cells[code == GRID].sum()) for code, name in enumerate(SEGMENTS)}

    def rates(self, mask: BoolArray) -> dict[str, Rate]:
        """Return the share of each segment's clients for whom ``mask`` holds (say late)."""
        having = self.sums(mask.astype(np.int64))
        return {name: Rate(having[name], n) for name, n in self.counts.items()}


def _by_cell(cell: NDArray[np.int8], amounts: IntArray | None) -> IntArray:
    n_cells = PARTS_OF * PARTS_OF
    if amounts is None:
        found = np.bincount(cell + 1, minlength=n_cells + 1)[1:]
    else:
        found = _sum_by(cell, amounts, n_cells)
    return found.astype(np.int64).reshape(PARTS_OF, PARTS_OF)


def _sum_by(codes: NDArray[Any], amounts: IntArray, n_codes: int) -> IntArray:
    """Return the exact sum of the amounts of each code from 0; ``bincount`` adds floats."""
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(n_codes + 1))
    running = np.concatenate(([0], np.cumsum(amounts[order], dtype=np.int64)))
    return np.diff(running[edges])


def assign_segments(scores: RfmScores) -> SegmentResult:
    """Return the segment of every client.

    ``FM = floor((F + M + 1) / 2)``; recency and FM choose one of 25 cells, each cell
    belongs to exactly one of eleven segments (:data:`GRID`). The partition is this
    product's own; the usual segments overlap.

    Parameters
    ----------
    scores : RfmScores
        From :func:`~crm_core.metrics.rfm.score_rfm`.
    """
    both = (scores.frequency + scores.money + 1) // 2
    bought = scores.values.bought
    cell = np.where(bought, PARTS_OF * (scores.recency - 1) + both - 1, NONE).astype(np.int8)
    segment = np.where(bought, GRID.ravel()[cell], np.int8(NONE))
    return SegmentResult(scores, segment, cell)


@dataclass(frozen=True)
class SegmentMoves:
    """In which segment every client stood on two days.

    Attributes
    ----------
    before, after : SegmentResult
        Of the same clients.
    sales : ndarray of int64, shape (n_clients,)
        What puts the lists in order, largest first, ten-thousandths.
    """

    before: SegmentResult
    after: SegmentResult
    sales: IntArray

    @cached_property
    def _ways(self) -> NDArray[np.uint8]:
        size = np.uint8(len(SEGMENTS) + 1)
        before, after = (one.segment % np.int8(size) for one in (self.before, self.after))
        return np.asarray(before.astype(np.uint8) * size + after.astype(np.uint8))

    @cached_property
    def matrix(self) -> IntArray:
        """Clients by segment before (row) and after (column), shape (12, 12).

        The last row and column are the clients that had not bought.
        """
        size = len(SEGMENTS) + 1
        found: IntArray = np.bincount(self._ways, minlength=size * size).reshape(size, size)
        return found

    @cached_property
    def money(self) -> IntArray:
        """Sum of ``sales`` of the clients of :attr:`matrix`, exactly, shape (12, 12)."""
        size = len(SEGMENTS) + 1
        return _sum_by(self._ways, self.sales, size * size).reshape(size, size)

    @cached_property
    def switched(self) -> BoolArray:
        """Who had bought on both days and is in another segment, shape (n_clients,)."""
        both = (self.before.segment != NONE) & (self.after.segment != NONE)
        return np.asarray(both & (self.before.segment != self.after.segment))

    @cached_property
    def up(self) -> BoolArray:
        """Who switched to a higher segment (:data:`HEIGHT`)."""
        rises = HEIGHT[self.after.segment] > HEIGHT[self.before.segment]
        return np.asarray(self.switched & rises)

    @cached_property
    def down(self) -> BoolArray:
        """Who switched to a lower segment."""
        falls = HEIGHT[self.after.segment] < HEIGHT[self.before.segment]
        return np.asarray(self.switched & falls)

    @cached_property
    def left_best(self) -> BoolArray:
        """Who was a champion or loyal and is neither any more, shape (n_clients,)."""
        fell = self.before.is_in(*BEST) & self.switched & ~self.after.is_in(*BEST)
        return np.asarray(fell)

    @cached_property
    def joined_best(self) -> BoolArray:
        """Who is a champion or loyal and had been neither, new buyers included."""
        return self.after.is_in(*BEST) & ~self.before.is_in(*BEST)

    @property
    def appeared(self) -> BoolArray:
        """Who had not bought before."""
        return np.asarray((self.before.segment == NONE) & (self.after.segment != NONE))

    def clients(self, mask: BoolArray) -> IntArray:
        """Return the positions where ``mask`` holds, largest sales first."""
        found = np.flatnonzero(mask)
        return found[by_money(self.sales[found])]

    def flow(self, before: str | None, after: str | None) -> IntArray:
        """Return who went from one segment to another; None stands for not bought."""
        codes = [NONE if name is None else SEGMENTS.index(name) for name in (before, after)]
        return self.clients((self.before.segment == codes[0]) & (self.after.segment == codes[1]))

    def churn(self, gone_before: BoolArray, gone_after: BoolArray) -> dict[str, Rate]:
        """Return, of each segment's active clients before, the share gone after.

        Parameters
        ----------
        gone_before, gone_after : ndarray of bool, shape (n_clients,)
            Who is gone on the two days, by the rule in force.
        """
        active = ~gone_before
        start = self.before.sums(active.astype(np.int64))
        lost = self.before.sums((active & gone_after).astype(np.int64))
        return {name: Rate(lost[name], start[name]) for name in SEGMENTS}


def segment_moves(before: SegmentResult, after: SegmentResult, sales: IntArray) -> SegmentMoves:
    """Return who switched segment between two days.

    Parameters
    ----------
    before, after : SegmentResult
        Of the same clients, each by its own day's cut points.
    sales : ndarray of int64, shape (n_clients,)
        Say the trailing sales on the earlier day, so that those who fell are weighed by
        what they brought.

    Raises
    ------
    ParameterError
        If the two are not of the same clients.
    """
    if not len(before.segment) == len(after.segment) == len(sales):
        raise ParameterError(
            f"Wanted two days of the same clients, found {len(before.segment)} and "
            f"{len(after.segment)} clients; take both from one ledger."
        )
    return SegmentMoves(before, after, sales)
