"""What the segments page looks at: the segments on two days, by the cut points in force."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from crm_core.charts.figure import Figure
from crm_core.charts.segments import segment_grid
from crm_core.metrics.parameters import Origin
from crm_core.metrics.rates import Rate
from crm_core.metrics.rfm import RfmCuts, RfmValues, quantile_cuts, rfm_values, score_values
from crm_core.metrics.rfm_cuts import OwnCuts, with_own
from crm_core.metrics.segments import (
    BEST,
    SLIPPING,
    SegmentMoves,
    SegmentResult,
    assign_segments,
    segment_moves,
)
from crm_core.metrics.stages import StageResult
from crm_core.policy import read_rfm_cuts
from crm_core.records.engine import reading
from crm_core.sentences.segments import best_and_slipping, best_sentence
from crm_core.tables import STAGES, BoolArray, IntArray
from crm_core.ui.small_groups import least_of, told_most
from crm_core.ui.view import View

GONE = STAGES.index("termination")


@dataclass(frozen=True)
class Look:
    """The segments of the page.

    Attributes
    ----------
    own : OwnCuts
        Cut points chosen by hand; empty while the quantiles hold.
    origin : Origin
        Since when.
    now : SegmentResult
        On the as-of day.
    moves : SegmentMoves or None
        Against the earlier day; None where there were no segments then.
    sales : ndarray of int64, shape (n_clients,)
        Net sales in the period of the sidebar, ten-thousandths.
    late, gone : ndarray of bool, shape (n_clients,)
        By the rule in force on the as-of day.
    churn : dict of str to Rate
        Of each segment's active clients on the earlier day, those gone since.
    """

    own: OwnCuts
    origin: Origin
    now: SegmentResult
    moves: SegmentMoves | None
    sales: IntArray
    late: BoolArray
    gone: BoolArray
    churn: dict[str, Rate]

    @cached_property
    def sums(self) -> dict[str, dict[str, int]]:
        """Of each segment: sales of the period, all brought so far, late and gone clients."""
        whole = {
            "sales": np.maximum(self.sales, 0),
            "brought": self.now.scores.values.money,
            "late": self.late.astype(np.int64),
            "gone": self.gone.astype(np.int64),
        }
        return {name: self.now.sums(amounts) for name, amounts in whole.items()}

    @cached_property
    def total(self) -> int:
        """Net sales of the period of all clients above zero, ten-thousandths: the base."""
        return int(np.maximum(self.sales, 0).sum())

    @cached_property
    def cells(self) -> IntArray:
        """Sales of the period in each cell, shape (5, 5)."""
        return self.now.cell_sums(self.sales)

    @cached_property
    def late_best(self) -> BoolArray:
        """Champions and loyal clients who are late, shape (n_clients,)."""
        return np.asarray(self.now.is_in(*BEST) & self.late)


def look_at(view: View, since: int) -> Look:
    """Return the segments on the as-of day and on an earlier one."""
    with reading(view.engine) as connection:
        own, origin = read_rfm_cuts(connection)

    def make() -> Look:
        now = segments_on(view, view.as_of, own)
        moves = moves_from(view, since, view.as_of, own)
        gone = is_gone(view.stages)
        churn = moves.churn(is_gone(view.stages_on(since)), gone) if moves else {}
        return Look(own, origin, now, moves, view.pareto.by_client, view.stages.late, gone, churn)

    # Remembered whole, so that what it works out when asked is worked out once.
    return view.remember("segments_look", make, str(since), view.period, repr((own, origin)))


def answer(view: View, look: Look) -> str:
    """Return the page's sentence, or as much of it as may be told here."""
    best = [look.now.counts[name] for name in BEST]
    sizes = (*best, *(look.now.n - n for n in best))
    short = best_sentence(look.now, look.sales)
    return told_most(view, (sentence_on(view, look), groups_told(look)), (short, sizes))


def sentence_on(view: View, look: Look) -> str:
    """Return all there is to say on the page."""

    def make() -> str:
        return best_and_slipping(
            look.now,
            look.sales,
            look.late,
            look.gone,
            moves=look.moves,
            currency=view.currency,
        )

    since = str(look.moves.before.as_of) if look.moves else ""
    return view.remember("segments_sentence", make, since, view.period, repr(look.own))


def groups_told(look: Look) -> tuple[int, ...]:
    """Return the sizes of the groups the page's sentence may tell of."""
    counts, late, gone = look.now.counts, look.sums["late"], look.sums["gone"]
    n_best, best_late = sum(counts[name] for name in BEST), int(np.count_nonzero(look.late_best))
    fallen = int(look.moves.left_best.sum()) if look.moves else 0
    slipping = [counts[name] for name in SLIPPING]
    lost = [n for name in SLIPPING for n in (gone[name], counts[name] - gone[name])]
    late_ones = [late[name] for name in (*BEST, *SLIPPING)]
    best = [counts[name] for name in BEST]
    return (*best, *slipping, *lost, *late_ones, best_late, n_best - best_late, fallen)


def grid_of(view: View, look: Look) -> Figure:
    """Return the picture of the page."""
    return view.remember(
        "segments_grid",
        lambda: segment_grid(look.now, look.cells, view.currency, least=least_of(view)),
        view.period,
        repr(look.own),
    )


def is_gone(stages: StageResult) -> BoolArray:
    """Return which buyers are gone by the rule in force, shape (n_clients,)."""
    return np.asarray((stages.stage == GONE) & (stages.all_purchases > 0))


def values_on(view: View, day: int) -> RfmValues:
    """Return recency, frequency and money of the clients looked at, on a day."""
    return view.remember("rfm_values", partial(rfm_values, view.ledger, day), str(day))


def cuts_on(view: View, day: int, own: OwnCuts) -> RfmCuts:
    """Return the cut points of a day: one's own, else quantiles of all clients, filters aside.

    A filter selects clients, it makes nobody better or worse.
    """
    whole = view.whole
    quantiles = whole.remember("rfm_cuts", lambda: quantile_cuts(values_on(whole, day)), str(day))
    return with_own(quantiles, own)


def segments_on(view: View, day: int, own: OwnCuts) -> SegmentResult:
    """Return the segments of the clients looked at, on a day and by its cut points."""

    def make() -> SegmentResult:
        return assign_segments(score_values(values_on(view, day), cuts_on(view, day, own)))

    return view.remember("segments", make, str(day), repr(own))


def moves_from(view: View, since: int, until: int, own: OwnCuts) -> SegmentMoves | None:
    """Return who changed segment between two days, None where there were no segments before.

    Clients are in the order of what they brought in the year up to the earlier day.
    """
    before, after = segments_on(view, since, own), segments_on(view, until, own)
    if before.scores.status == "not computable":
        return None
    return view.remember(
        "segment_moves",
        lambda: segment_moves(before, after, view.trailing_on(since)),
        str(since),
        str(until),
        repr(own),
    )
