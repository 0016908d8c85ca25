"""The state after each purchase: cadence, late day, gone day, spell and stage.

A client's state depends on their own past only, so it is computed once for all
purchases, in blocks of clients small enough for the processor's cache; the
state on any day is a look-up (:mod:`crm_core.metrics.stages`). The rule stands
in ``docs/methods.md`` under stages; it is this product's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.clock import Clock
from crm_core.metrics.limits import Limits
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.signals import Signals
from crm_core.tables import NEVER, STAGES, BoolArray, ByClient, DayArray, IntArray

NONE, AWARENESS, EXPLORATION, EXPANSION, COMMITMENT, TERMINATION = range(len(STAGES))

BLOCK_ROWS = 1 << 16


@dataclass(frozen=True)
class History(ByClient):
    """One row a live purchase: where the relationship stands once it is made.

    Attributes
    ----------
    day : ndarray of int32
        Day of the purchase.
    cadence_days : ndarray of float32
        The cadence c: the client's own rhythm drawn towards ``m0``.
    usual_gap_days : ndarray of float32
        Median of the client's last 8 gaps, NaN before the second purchase.
    wait_days : ndarray of int32
        Whole days of silence that are still in time (on the clock of open days).
    late_on, quiet_gone_on : ndarray of int32
        First day late, and first day gone by silence alone.
    gone_on : ndarray of int32
        First day gone once inbound contacts have moved it or an ending has come.
    spell : ndarray of int32
        Number of the spell, from 1; from 2 on the client has come back (re-entry).
    n_in_spell : ndarray of int32
        Purchases of the spell so far.
    stage : ndarray of int8
        ``EXPLORATION``, ``EXPANSION`` or ``COMMITMENT``.
    since : ndarray of int32
        First day of the current run of that stage within the spell.
    streak : ndarray of int32
        Latest gaps on time in a row; negative: late in a row.
    """

    day: DayArray
    cadence_days: NDArray[np.float32]
    usual_gap_days: NDArray[np.float32]
    wait_days: DayArray
    late_on: DayArray
    quiet_gone_on: DayArray
    gone_on: DayArray
    spell: NDArray[np.int32]
    n_in_spell: NDArray[np.int32]
    stage: NDArray[np.int8]
    since: DayArray
    streak: NDArray[np.int32]


def purchase_history(
    ledger: Ledger, parameters: Parameters, *, as_of: int | None = None
) -> History:
    """Compute the state after each live purchase.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    parameters : Parameters
        The parameters in force.
    as_of : int, optional
        Take the purchases live on that day, those voided later included;
        without it, those never voided. Purchases after the day stay in:
        they do not change the state after earlier ones.

    Returns
    -------
    History
        Sorted by client and day; empty ledger, empty history.

    Notes
    -----
    Gaps are whole days between consecutive purchases, gaps between spells
    included. With closed months all silence is counted on the clock of open
    days (at least one day a gap).
    """
    purchases = ledger.purchases
    live = purchases.void_on == NEVER
    if as_of is not None:
        live |= ledger.live_purchases(as_of)
    offsets, day = purchases.offsets, purchases.day
    if not live.all():
        kept = np.concatenate(([0], np.cumsum(live)))
        offsets, day = kept[offsets], day[live]
    rule = _Rule(ledger, parameters, day)
    blocks = list(_blocks(offsets))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(lambda b: rule.block(b[0], offsets[b[0] : b[1] + 1], day), blocks))
    names = [name for name in History.__dataclass_fields__ if name not in ("offsets", "day")]
    columns = {name: np.concatenate([part[name] for part in done]) for name in names}
    return History(offsets=offsets, day=day, **columns)


def history_at(ledger: Ledger, base: History, as_of: int, parameters: Parameters) -> History:
    """Return the history as drawn on ``as_of``: ``base``, but for clients refunded since.

    Parameters
    ----------
    ledger : Ledger
        The ledger ``base`` was computed from.
    base : History
        From :func:`purchase_history` without a day.
    as_of : int
        The day.
    parameters : Parameters
        Those of ``base``.
    """
    purchases = ledger.purchases
    voided_later = np.flatnonzero((purchases.void_on != NEVER) & ledger.live_purchases(as_of))
    if not len(voided_later):
        return base
    owners = np.searchsorted(purchases.offsets, voided_later, side="right") - 1
    affected = np.zeros(ledger.n_clients, dtype=np.bool_)
    affected[owners] = True
    fresh = purchase_history(ledger.select(affected), parameters, as_of=as_of)
    return _splice(base, fresh, affected)


def _splice(base: History, fresh: History, affected: BoolArray) -> History:
    counts = np.where(affected, 0, np.diff(base.offsets))
    counts[affected] = np.diff(fresh.offsets)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    from_fresh = np.repeat(affected, counts)
    kept = np.repeat(~affected, np.diff(base.offsets))
    columns: dict[str, Any] = {}
    for name, column in base.columns().items():
        joined = np.empty(int(offsets[-1]), dtype=column.dtype)
        joined[from_fresh] = getattr(fresh, name)
        joined[~from_fresh] = column[kept]
        columns[name] = joined
    return History(offsets=offsets, **columns)


def _blocks(offsets: IntArray) -> Iterator[tuple[int, int]]:
    """Yield ranges of clients of about ``BLOCK_ROWS`` purchases; at least one range."""
    goals = np.arange(BLOCK_ROWS, offsets[-1], BLOCK_ROWS)
    cuts = np.unique(np.searchsorted(offsets, goals))
    edges = [0, *(int(cut) for cut in cuts if 0 < cut < len(offsets) - 1), len(offsets) - 1]
    yield from pairwise(edges)


class _Rule:
    """The rule with what all blocks share: parameters, clock, contacts and endings."""

    def __init__(self, ledger: Ledger, parameters: Parameters, day: DayArray) -> None:
        self.parameters = parameters
        span = (int(day.min()) - 1, int(day.max()) + 20_000) if len(day) else (0, 0)
        self.clock = Clock(parameters.closed_months, *span)
        self.signals = Signals(ledger, self.clock)
        self.limits = Limits(ledger, parameters, self.clock)

    def block(self, first_client: int, offsets: IntArray, days: DayArray) -> dict[str, Any]:
        """Return the columns of a range of clients."""
        day = days[offsets[0] : offsets[-1]]
        counts = np.diff(offsets)
        row = np.arange(len(day), dtype=np.int32)
        start = np.repeat((offsets[:-1] - offsets[0]).astype(np.int32), counts)
        client = np.repeat(np.arange(first_client, first_client + len(counts)), counts)
        cadence, usual_gap, wait, limit = self.limits.of(client, row, start, day)
        ticks = self.clock.ticks(day)
        late_on = self.clock.days(ticks + wait + 1).astype(np.int32)
        quiet_gone_on = self.clock.days(ticks + limit + 1).astype(np.int32)
        next_day = np.append(np.where(client[1:] == client[:-1], day[1:], NEVER), NEVER)[: len(day)]
        ended_on, _ = self.signals.first_ending(client, day, next_day)
        moved = self.signals.move_gone(client, day, quiet_gone_on, wait)
        gone_on = np.minimum(moved, ended_on).astype(np.int32)
        columns = self._stages(row, start, day, late_on, gone_on)
        return columns | {
            "cadence_days": cadence,
            "usual_gap_days": usual_gap,
            "wait_days": wait,
            "late_on": late_on,
            "quiet_gone_on": quiet_gone_on,
            "gone_on": gone_on,
        }

    def _stages(
        self,
        row: NDArray[np.int32],
        start: NDArray[np.int32],
        day: DayArray,
        late_on: DayArray,
        gone_on: DayArray,
    ) -> dict[str, Any]:
        """Return spell, stage, since and streak: all "latest row where" by running maxima."""
        p = self.parameters
        first = row == start
        opens = np.ones(len(day), dtype=np.bool_)
        opens[1:] = first[1:] | (day[1:] >= gone_on[:-1])
        in_time = np.zeros(len(day), dtype=np.bool_)
        in_time[1:] = ~opens[1:] & (day[1:] < late_on[:-1])
        spells = np.cumsum(opens, dtype=np.int32)
        spell = spells - spells[start] + 1
        spell_start = _latest(opens, row)
        n_in_spell = row - spell_start + 1
        on_time = row - _latest(~in_time, row)
        late = row - _latest(in_time | opens, row)
        credited = n_in_spell + np.where(spell > 1, np.int32(p.reentry_credit), np.int32(0))
        sets = (
            (credited >= p.resolved_n_commit)
            & (day - day[spell_start] >= p.t_commit)
            & (on_time >= p.on_time_streak)
        )
        latest_set = _latest(sets, row)
        committed = (latest_set >= spell_start) & (latest_set > _latest(late >= p.late_streak, row))
        stage = np.where(credited >= p.n_expand, np.int8(EXPANSION), np.int8(EXPLORATION))
        stage[committed] = COMMITMENT
        change = opens.copy()
        change[1:] |= stage[1:] != stage[:-1]
        return {
            "spell": spell,
            "n_in_spell": n_in_spell,
            "stage": stage,
            "since": day[_latest(change, row)],
            "streak": np.where(late > 0, -late, on_time),
        }


def _latest(mask: BoolArray, row: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the latest row up to each row where ``mask`` holds, -1 before the first."""
    latest: NDArray[np.int32] = np.maximum.accumulate(np.where(mask, row, np.int32(-1)))
    return latest
