"""Whom each rule gives up on a cut: every rule as a vector operation on what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.known import ROW_COLUMNS, Known
from crm_core.metrics.backtest.refits import Learned
from crm_core.metrics.clock import Clock
from crm_core.metrics.lifetime.chances import chance_to_buy
from crm_core.metrics.limits import (
    BACK_GONE_DAYS,
    BACK_LATE_DAYS,
    DAYS_A_WEEK,
    EVEN_CHANCE,
    TOLERANCE,
    cap_of,
    draw_cadence,
    silence_allowed,
)
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.signals import day_of, join_keys
from crm_core.tables import BoolArray, DayArray, IntArray

BLOCK_CLIENTS = 1 << 15
"""Clients looked at together: their columns stay in a processor's cache."""


def blocks(known: Known) -> Iterator[Known]:
    """Yield what is known in ranges of clients, as views; at least one."""
    owner = known.contacts >> 32
    for start in range(0, max(len(known), 1), BLOCK_CLIENTS):
        stop = start + BLOCK_CLIENTS
        some = slice(*np.searchsorted(owner, (start, stop)))
        columns = {name: getattr(known, name)[start:stop] for name in ROW_COLUMNS}
        yield Known(contacts=known.contacts[some] - (start << 32), **columns)


@dataclass(frozen=True)
class Rules:
    """The rules on one cut, with what they share.

    Attributes
    ----------
    cut : int
        The day.
    parameters : Parameters
        Floor, cap, own maximum and wait are those in force.
    learned : Learned
        From the sales up to the cut.
    clock : Clock
        What silence is counted on.
    """

    cut: int
    parameters: Parameters
    learned: Learned
    clock: Clock

    def on(self, known: Known) -> Flags:
        """Return the flags of some clients, those of each rule worked out when asked for."""
        return Flags(self, known)

    def scores(
        self, candidate: Candidate
    ) -> tuple[tuple[object, ...], Callable[[Known], NDArray[np.float32]]]:
        """Return the name of a rule's score and how to compute it: higher is more surely gone.

        Silence for a fixed rule, silence as a multiple of the rhythm for a personal one,
        and the chance not to buy for the model. Rules that differ only in their limits
        share a score.
        """
        if candidate.kind == "fixed":
            return ("silence",), lambda known: known.silence.astype(np.float32)
        kappa, per_group = candidate.kappa or 0.0, candidate.per_group

        def multiple(known: Known) -> NDArray[np.float32]:
            return (known.silence / self.on(known).cadence(kappa, per_group)).astype(np.float32)

        return ("rhythm", kappa, per_group), multiple

    def chance(self, known: Known, horizon_days: float) -> NDArray[np.float64]:
        """Return the model's chance of a purchase within a horizon from the cut on."""
        return self._chance(known, horizon_days / DAYS_A_WEEK)

    def chance_of_rule(self, known: Known) -> NDArray[np.float64]:
        """Return the chance by which the model's rule gives up."""
        if self.learned.model is None:
            return np.full(len(known), np.nan)
        return self._chance(known, self.learned.model[-1])

    def _chance(self, known: Known, weeks: float) -> NDArray[np.float64]:
        r, alpha, a, b, _ = self.learned.model or (1.0, 1.0, 1.0, 1.0, 1.0)
        recency = known.recency / DAYS_A_WEEK
        age = recency + known.silence / DAYS_A_WEEK
        return chance_to_buy(r, alpha, a, b, known.n_gaps, recency, age, weeks)


class Flags:
    """Whom the rules give up among some clients; shared steps are taken once."""

    def __init__(self, rules: Rules, known: Known) -> None:
        self.rules, self.known = rules, known
        self._cadences: dict[tuple[float, bool], NDArray[np.float64]] = {}

    def of(self, candidate: Candidate) -> BoolArray:
        """Return whom a rule has given up on the cut, shape (n,).

        Parameters
        ----------
        candidate : Candidate
            The rule; the model's only where one was fitted.
        """
        known = self.known
        if len(known.contacts):
            wait, limit = self.wait_and_limit(candidate)
            return self._unless_in_touch(known.silence > limit, wait, limit)
        if candidate.kind == "personal":
            return self._beyond_rhythm(candidate)
        if candidate.window is not None:
            return np.asarray(known.silence > candidate.window)
        # The chance never rises in silence: no need to find the day it fell.
        return np.asarray((known.silence > 0) & (self.rules.chance_of_rule(known) < EVEN_CHANCE))

    def wait_and_limit(self, candidate: Candidate) -> tuple[DayArray, DayArray]:
        """Return the whole days of silence in time, and at all, by a rule."""
        p = self.rules.parameters
        if candidate.kind == "personal":
            return self._personal(candidate)
        own = Candidate.personal(p.kappa, p.k_gone, same_weeks=p.same_weeks)
        if candidate.window is not None:
            limit = np.full(len(self.known), candidate.window, dtype=np.int32)
            # The wait plays a part only where a contact moves the day.
            wait = self._personal(own)[0] if len(self.known.contacts) else limit
            return np.minimum(wait, limit), limit
        model = self.rules.learned.model or (1.0, 1.0, 1.0, 1.0, 1.0)
        limit = silence_allowed(model, self.known.n_gaps, self.known.recency)
        return np.minimum(self._personal(own)[0], limit), limit

    def _personal(self, candidate: Candidate) -> tuple[DayArray, DayArray]:
        p, known = self.rules.parameters, self.known
        cadence = self.cadence(candidate.kappa or 0.0, candidate.per_group)
        limit = (candidate.k_gone or 0.0) * cadence
        np.maximum(limit, self._least, out=limit)
        np.minimum(limit, cap_of(p, self._m0(candidate.per_group)), out=limit)
        wait_days = np.floor(np.minimum(p.k_late * cadence, limit) + TOLERANCE).astype(np.int32)
        limit_days = np.floor(limit + TOLERANCE).astype(np.int32)
        if candidate.same_weeks:
            at = self._with_last_year
            at = at[known.quiet[at] > wait_days[at]]
            wait_days[at] = np.maximum(wait_days[at], known.back[at] + BACK_LATE_DAYS)
            limit_days[at] = np.maximum(limit_days[at], known.back[at] + BACK_GONE_DAYS)
        return wait_days, limit_days

    def _beyond_rhythm(self, candidate: Candidate) -> BoolArray:
        """Return ``silence > limit`` of a personal rule, without working the limits out.

        A whole number lies above a rounded-down limit where it lies above the limit.
        """
        p, known = self.rules.parameters, self.known
        k_gone = candidate.k_gone or 0.0
        cadence = self.cadence(candidate.kappa or 0.0, candidate.per_group)
        cap = cap_of(p, self._m0(candidate.per_group))
        flags: BoolArray = k_gone * cadence + TOLERANCE < self._silence
        flags &= self._beyond_least
        flags |= cap + TOLERANCE < self._silence
        if candidate.same_weeks and len(self._with_last_year):
            at = self._with_last_year
            at = at[flags[at]]
            cap = cap[at] if isinstance(cap, np.ndarray) else cap
            limit = np.minimum(np.maximum(k_gone * cadence[at], self._least[at]), cap)
            wait = np.floor(np.minimum(p.k_late * cadence[at], limit) + TOLERANCE)
            quiet = known.quiet[at] > wait
            flags[at[quiet & (known.silence[at] <= known.back[at] + BACK_GONE_DAYS)]] = False
        return flags

    def cadence(self, kappa: float, per_group: bool) -> NDArray[np.float64]:
        """Return each client's rhythm by a weight of the typical gap, days."""
        key = (kappa, per_group)
        if key not in self._cadences:
            known = self.known
            self._cadences[key] = draw_cadence(
                kappa, self._m0(per_group), known.n_gaps, known.twice_median
            )
        return self._cadences[key]

    def _m0(self, per_group: bool) -> float | NDArray[np.float64]:
        learned = self.rules.learned
        return learned.gaps(self.known.group) if per_group else learned.m0_days

    @cached_property
    def _least(self) -> NDArray[np.float64]:
        """The limit that the own maximum and the floor leave at least."""
        p = self.rules.parameters
        least: NDArray[np.float64] = np.maximum(p.own_max_factor * self.known.largest, p.floor)
        return least

    @cached_property
    def _silence(self) -> NDArray[np.float64]:
        return self.known.silence.astype(np.float64)

    @cached_property
    def _beyond_least(self) -> BoolArray:
        return np.asarray(self._least + TOLERANCE < self._silence)

    @cached_property
    def _with_last_year(self) -> IntArray:
        return np.flatnonzero(self.known.quiet >= 0)

    def _unless_in_touch(self, flags: BoolArray, wait: DayArray, limit: DayArray) -> BoolArray:
        """Return the flags without clients whose last call still keeps them.

        The last contact before the unmoved gone day moves it to contact + wait + 1.
        """
        known, rules = self.known, self.rules
        if not len(known.contacts):
            return flags
        row = np.flatnonzero(flags)
        ticks = rules.clock.ticks(known.last[row])
        gone_on = rules.clock.days(ticks + limit[row] + 1)
        at = np.searchsorted(known.contacts, join_keys(row, gone_on - 1), "right") - 1
        contact = known.contacts[np.maximum(at, 0)]
        called = (at >= 0) & (contact >> 32 == row)
        row, contact = row[called], contact[called]
        since = rules.clock.ticks(rules.cut) - rules.clock.ticks(day_of(contact))
        kept = flags.copy()
        kept[row[since <= wait[row]]] = False
        return kept
