"""The groups of clients of the segments page: segments, cells and switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_core.charts.segments import NOBODY, cell_key, hidden_grid, hidden_segments, switches
from crm_core.formatting import format_count
from crm_core.metrics.late import by_money
from crm_core.metrics.rfm import DIMENSIONS, PARTS_OF
from crm_core.metrics.segments import (
    BEST,
    GRID,
    SEGMENTS,
    SLIPPING,
    TITLES,
    SegmentMoves,
    SegmentResult,
)
from crm_core.sentences.segments import ADVICE
from crm_core.small_groups import is_few_of
from crm_core.tables import BoolArray, IntArray
from crm_core.ui.lists import Column
from crm_core.ui.segments import Look
from crm_core.ui.view import View

WAYS = {
    "left_best": "Fell out of the best two",
    "joined_best": "Came into the best two",
    "down": "Moved down",
    "up": "Moved up",
    "switched": "All who changed",
    "appeared": "First purchase since",
}
"""Groups of those who changed, by their name in ``SegmentMoves``."""


LATE_BEST = "late_best"
LATE_BEST_TITLE = "Best clients who are late"
LATE_BEST_ADVICE = (
    "Your best, and silent longer than is usual for them: call before they get used to "
    "being without you."
)


def groups_of(look: Look, *, least: int = 1) -> dict[str, str]:
    """Return what can be listed, by key, with its count: segments, cells, and two more.

    The two are the late among the best, and everybody. Groups of fewer than ``least``
    clients are left out, and those that would tell of them.
    """
    now = look.now
    n_late = int(np.count_nonzero(look.late_best))
    n_best = sum(now.counts[name] for name in BEST)
    hidden, cells = hidden_segments(now, least=least), hidden_grid(now, least=least)
    shown = n_late > 0 and not is_few_of(n_late, n_best, least=least)
    options = {LATE_BEST: f"{LATE_BEST_TITLE} ({format_count(n_late)})"} if shown else {}
    options |= {
        name: f"{TITLES[name]} ({format_count(n)})"
        for name, n in now.counts.items()
        if n and name not in hidden
    }
    for recency in range(PARTS_OF, 0, -1):
        for both in range(PARTS_OF, 0, -1):
            n = int(now.cell_counts[recency - 1, both - 1])
            title = TITLES[SEGMENTS[int(GRID[recency - 1, both - 1])]]
            if n and not cells[recency - 1, both - 1]:
                options[cell_key(recency, both)] = (
                    f"{title}, R {recency}, FM {both} ({format_count(n)})"
                )
    return options | {"all": f"All buying clients ({format_count(now.n)})"}


def first_choice(options: Mapping[str, str]) -> str:
    """Return the group listed at first: the best who are late, else who slips, else the best."""
    return next((name for name in (LATE_BEST, *SLIPPING, *SEGMENTS) if name in options), "all")


def advice_on(key: str) -> str | None:
    """Return what to do about a group, None for everybody."""
    if key == LATE_BEST:
        return LATE_BEST_ADVICE
    name = segment_of(key)
    return None if name is None else ADVICE[name]


def segment_of(key: str) -> str | None:
    """Return the segment a group belongs to, None for everybody."""
    if key.startswith("cell"):
        return SEGMENTS[int(GRID[int(key[4]) - 1, int(key[5]) - 1])]
    return key if key in TITLES else None


def placed(now: SegmentResult, key: str) -> BoolArray:
    """Return who stands in a segment, a cell, or anywhere, on a day, shape (n_clients,)."""
    if key.startswith("cell"):
        return np.asarray(now.cell == PARTS_OF * (int(key[4]) - 1) + int(key[5]) - 1)
    return now.is_in(key) if key in TITLES else now.scores.values.bought


@dataclass(frozen=True)
class Group:
    """The clients of one choice and what they come to.

    Attributes
    ----------
    key : str
        Of :func:`groups_of`.
    clients : ndarray of int64, shape (n,)
        Those who brought most so far first.
    sales, brought : int
        Net sales above zero in the period, and all so far, ten-thousandths.
    """

    key: str
    clients: IntArray
    sales: int
    brought: int

    @property
    def n(self) -> int:
        """Clients of the group."""
        return len(self.clients)


def group_at(view: View, look: Look, key: str) -> Group:
    """Return a group of :func:`groups_of`."""

    def make() -> Group:
        found = np.flatnonzero(look.late_best if key == LATE_BEST else placed(look.now, key))
        money = look.now.scores.values.money[found]
        sales = int(np.maximum(look.sales[found], 0).sum())
        return Group(key, found[by_money(money)], sales, int(money.sum()))

    return view.remember("segment_group", make, key, view.period, repr(look.own))


def columns_of(look: Look, positions: IntArray, *, parted: bool = True) -> list[Column]:
    """Return what the lists of this page show of each client, scores where there are any."""
    scores, values = look.now.scores, look.now.scores.values
    recency, frequency, money = (
        getattr(scores, name)[positions].astype(np.int64) for name in DIMENSIONS
    )
    digits = 100 * recency + 10 * frequency + money
    columns = [
        segment_column(look.now, positions),
        Column("Scores", digits, "count", definition="segments.score"),
    ]
    return [
        *(columns if parted else ()),
        Column("Days since", values.recency[positions], "count", definition="segments.recency"),
        Column("Purchases", values.frequency[positions], "count", definition="segments.frequency"),
        Column("Brought so far", values.money[positions], "money", definition="segments.money"),
    ]


def segment_column(result: SegmentResult, positions: IntArray, title: str = "Segment") -> Column:
    """Return the segment of each client on a day."""
    return Column(
        title,
        result.segment[positions].astype(np.int64),
        labels=tuple(TITLES.values()),
        help="By recency, frequency and money on that day",
    )


def title_of_group(key: str) -> str:
    """Return the heading of a group's list."""
    name = segment_of(key)
    if name is None:
        return LATE_BEST_TITLE if key == LATE_BEST else "All buying clients"
    cell = f": recency {key[4]}, frequency and money {key[5]}" if key != name else ""
    return f"{TITLES[name]}{cell}"


def ways_of(moves: SegmentMoves, *, least: int = 1) -> dict[str, str]:
    """Return how clients changed segment, by key, with their count: in kinds, then each switch."""
    sizes = {key: int(np.count_nonzero(getattr(moves, key))) for key in WAYS}
    options = {key: f"{WAYS[key]} ({format_count(n)})" for key, n in sizes.items() if n >= least}
    for before, after, n in switches(moves, least=least):
        options[f"{before}>{after}"] = f"{_way(before, after)} ({format_count(n)})"
    return options


def _way(before: str, after: str) -> str:
    return " → ".join(TITLES.get(key, "Not bought yet") for key in (before, after))


def title_of_way(key: str) -> str:
    """Return the heading of a list of those who changed."""
    return _way(*key.split(">")) if ">" in key else WAYS[key]


def changed_clients(view: View, look: Look, moves: SegmentMoves, key: str) -> IntArray:
    """Return the clients of a way, those who brought most before first."""

    def make() -> IntArray:
        if ">" in key:
            before, after = (None if name == NOBODY else name for name in key.split(">"))
            return moves.flow(before, after)
        return moves.clients(getattr(moves, key))

    return view.remember("segment_way", make, key, str(moves.before.as_of), repr(look.own))
