"""How the stages were filled month by month: counted by intervals, not looked up day by day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import (
    AWARENESS,
    EXPLORATION,
    NONE,
    TERMINATION,
    History,
    history_at,
    purchase_history,
)
from crm_core.metrics.history_parts import measure_with_history
from crm_core.metrics.month_ends import MonthArray, MonthEnds
from crm_core.metrics.months import Calendar, calendar
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.rates import Rate
from crm_core.metrics.spells import find_spells, next_days
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.standings import lead_signals
from crm_core.tables import NEVER, STAGES, BoolArray, DayArray, IntArray


@dataclass(frozen=True)
class StageMonths:
    """Clients per stage at each month end.

    Attributes
    ----------
    calendar : Calendar
        The months; the last one is cut at the as-of day, which is its end.
    counts : ndarray of int64, shape (6, n_months)
        Clients by stage code (``tables.STAGES``); row 0 are those not known yet, so
        every column sums to all clients of the ledger.
    never_bought : ndarray of int64, shape (n_months,)
        Those in termination who are leads given up.
    """

    calendar: Calendar
    counts: IntArray
    never_bought: IntArray

    def of(self, stage: str) -> IntArray:
        """Return the clients of a stage at each month end, shape (n_months,)."""
        column: IntArray = self.counts[STAGES.index(stage)]
        return column


def stage_months(
    ledger: Ledger, history: History, parameters: Parameters, as_of: int
) -> StageMonths:
    """Return how many clients stood in each stage at each month end.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        Computed with ``parameters``.
    parameters : Parameters
        The parameters in force.
    as_of : int
        The last column; all columns are drawn from the purchases live on it.

    Returns
    -------
    StageMonths
        Months from the first stored row's to the as-of day's; without rows from the
        month in which the first client became known; without either none.
    """
    months = stage_calendar(ledger, as_of)
    drawn = history_at(ledger, history, as_of, parameters)
    parts = measure_with_history(ledger, drawn, measure, parameters, months)
    return conclude(parts, months)


def stage_calendar(ledger: Ledger, as_of: int) -> Calendar:
    """Return the months of :func:`stage_months`."""
    span = ledger.span(as_of)
    if span is not None:
        return calendar(span[0], as_of)
    known = ledger.clients.known_on[ledger.known_at(as_of)]
    return calendar(int(known.min()) if len(known) else None, as_of)


def measure(
    part: Ledger, history: History, parameters: Parameters, months: Calendar
) -> tuple[IntArray, IntArray]:
    """Measure :func:`stage_months` on a part: counts and leads given up, both additive."""
    raise NotImplementedError


def conclude(parts: list[tuple[IntArray, IntArray]], months: Calendar) -> StageMonths:
    """Add up the counts of all parts."""
    counts, never_bought = zip(*parts, strict=True)
    return StageMonths(months, np.sum(counts, axis=0), np.sum(never_bought, axis=0))
