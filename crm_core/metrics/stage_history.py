"""How the stages were filled month by month: counted by intervals, not looked up day by day."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import (
    AWARENESS,
    NONE,
    TERMINATION,
    History,
    history_at,
    purchase_history,
)
from crm_core.metrics.history_parts import measure_with_history
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.months import Calendar, calendar
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.purchases import live_days
from crm_core.metrics.spells import next_days
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.standings import LeadSignals, find_lead_signals
from crm_core.tables import NEVER, STAGES, BoolArray, DayArray, IntArray, Purchases


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
    ends = MonthEnds(months)
    by_hand = (np.diff(part.contracts.offsets) > 0) | (np.diff(part.overrides.offsets) > 0)
    first = np.full(part.n_clients, NEVER, dtype=np.int32)
    bought = history.offsets[1:] > history.offsets[:-1]
    first[bought] = history.day[history.offsets[:-1][bought]]
    counts = np.zeros((len(STAGES), len(ends)), dtype=np.int64)
    _count_purchases(counts, ends, history, ~by_hand)
    signals = find_lead_signals(part, parameters, months.as_of)
    given_up = _count_leads(counts, ends, signals, first, ~by_hand)
    given_up += _look_up(counts, ends, part.select(by_hand), parameters)
    counts[NONE] = part.n_clients - counts.sum(axis=0)
    return counts, given_up


def _count_purchases(
    counts: IntArray, ends: MonthEnds, history: History, counted: BoolArray
) -> None:
    """Add the stages after each purchase (in place): until it is gone, then termination."""
    client = history.clients()
    rows = np.flatnonzero((history.day <= ends.as_of) & counted[client])
    following = next_days(history, client)[rows]
    start, stop = ends.reach(history.day[rows]), ends.reach(following)
    over = ends.reach(np.minimum(history.gone_on[rows], following))
    width = len(ends) + 1
    code = history.stage[rows].astype(np.int64) * width
    size = len(STAGES) * width
    steps = np.bincount(code + start, minlength=size) - np.bincount(code + over, minlength=size)
    counts += np.cumsum(steps.reshape(len(STAGES), width), axis=1)[:, :-1]
    gone = over < stop
    counts[TERMINATION] += ends.count(over[gone], stop[gone])


def _count_leads(
    counts: IntArray,
    ends: MonthEnds,
    signals: LeadSignals,
    first_purchase: DayArray,
    counted: BoolArray,
) -> IntArray:
    """Add the leads until their first purchase (in place); return those given up."""
    at = np.flatnonzero(counted[signals.client])
    client, day = signals.client[at], signals.day[at]
    until = first_purchase[client]
    same = client[1:] == client[:-1]
    until[:-1][same] = np.minimum(until[:-1][same], day[1:][same])
    start, stop = ends.reach(day), ends.reach(until)
    over = ends.reach(np.minimum(signals.gone_on[at], until))
    # A signal after the first purchase says nothing any more: its range is empty.
    over, stop = np.maximum(over, start), np.maximum(stop, start)
    given_up = ends.count(over, stop)
    counts[AWARENESS] += ends.count(start, over)
    counts[TERMINATION] += given_up
    return given_up


def _look_up(
    counts: IntArray, ends: MonthEnds, special: Ledger, parameters: Parameters
) -> IntArray:
    """Add clients with contracts or overrides, looked up on every day; return leads given up."""
    given_up = np.zeros(len(ends), dtype=np.int64)
    if not special.n_clients:
        return given_up
    days = live_days(special, ends.as_of)
    never = np.full(len(days.day), NEVER, dtype=np.int32)
    drawn = replace(special, purchases=Purchases(days.offsets, days.day, never))
    history = purchase_history(drawn, parameters)
    for month, day in enumerate(ends.days):
        stages = assign_stages(drawn, parameters, int(day), history=history)
        found = np.bincount(stages.stage, minlength=len(STAGES))
        counts[NONE + 1 :, month] += found[NONE + 1 :]
        given_up[month] = stages.never_bought.sum()
    return given_up


def conclude(parts: list[tuple[IntArray, IntArray]], months: Calendar) -> StageMonths:
    """Add up the counts of all parts."""
    counts, never_bought = zip(*parts, strict=True)
    return StageMonths(months, np.sum(counts, axis=0), np.sum(never_bought, axis=0))
