"""What is asked of everybody, and how fast it has to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.answers import find_difference
from benchmarks.generated import LAST_DAY, Rows
from benchmarks.ours import Regulars
from benchmarks.peer_duckdb import DuckDB
from benchmarks.peer_pandas import Pandas
from benchmarks.peer_polars import Polars
from benchmarks.timing import median_times
from crm_core.metrics.pareto import period_days

START = period_days("12m", LAST_DAY)[0]
BEGINNING = -(10**6)


@dataclass(frozen=True)
class Question:
    """One line of the table.

    Attributes
    ----------
    name : str
        As shown.
    ask : callable
        Runs the question on a contender.
    floor : float
        Times the best peer's speed that we must reach at 10 M sales.
    show : callable or None
        Gets the answer where running only makes it.
    """

    name: str
    ask: Callable[[Any], Any]
    floor: float
    show: Callable[[Any], Any] | None = None

    def answer(self, contender: Any) -> Any:
        """Return the answer to compare."""
        answer = self.ask(contender)
        return answer if self.show is None else self.show(contender)


QUESTIONS = (
    Question("client summary", lambda peer: peer.client_summary(LAST_DAY), 5),
    Question("cohort matrix", lambda peer: peer.cohort_matrix(LAST_DAY), 5),
    Question("gaps", lambda peer: peer.gaps(LAST_DAY), 10),
    Question("Pareto, 12 months", lambda peer: peer.pareto(START, LAST_DAY), 2),
    Question("Pareto, all time", lambda peer: peer.pareto(BEGINNING, LAST_DAY), 2),
    Question("stage states", lambda peer: peer.stage_states(), 5, lambda peer: peer.shown_states()),
)


@dataclass(frozen=True)
class Line:
    """Seconds of every contender for one question on one size of data."""

    question: str
    n_sales: int
    presorted: bool
    seconds: dict[str, float]
    floor: float

    @property
    def best_peer(self) -> tuple[str, float]:
        """The fastest of the others and its seconds."""
        peers = {name: s for name, s in self.seconds.items() if name != Regulars.name}
        name = min(peers, key=peers.__getitem__)
        return name, peers[name]

    @property
    def ratio(self) -> float:
        """How many times faster than the best peer we are."""
        return self.best_peer[1] / self.seconds[Regulars.name]


def compare(
    rows: Rows, ours: Regulars, *, presorted: bool, repeats: int, only: str = ""
) -> Iterator[Line]:
    """Ask every question of everybody: answers first, then times.

    Raises
    ------
    SystemExit
        If an answer of a peer differs from ours.
    """
    peers = [peer(rows) for peer in (DuckDB, Polars, Pandas)]
    for question in QUESTIONS:
        if only not in question.name:
            continue
        asked = [p for p in peers if question.show is None or isinstance(p, DuckDB)]
        own = question.answer(ours)
        for peer in asked:
            wrong = find_difference(question.name, own, question.answer(peer))
            if wrong:
                raise SystemExit(f"{question.name}: {peer.name} differs from us in {wrong}")
        runs = {p.name: _asking(question, p) for p in (ours, *asked)}
        seconds = median_times(runs, repeats)
        yield Line(question.name, len(rows), presorted, seconds, question.floor)


def _asking(question: Question, contender: Any) -> Callable[[], Any]:
    return lambda: question.ask(contender)


def megabytes(arrays: Any) -> float:
    """Return the size of some arrays in bytes / 10**6."""
    return float(np.sum([array.nbytes for array in arrays])) / 1e6
