"""The rule of the stages once more, slow and obvious: one client, one day, plain Python.

Written from the text of the rule, to be held against the vectorised pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from crm_core.metrics.parameters import Parameters
from crm_core.tables import NEVER, STAGES, to_date
from tests.metrics.lives import Life

ORDER = list(STAGES)


@dataclass
class After:
    """Where things stand after one purchase."""

    day: int
    wait: int
    late_on: int
    quiet_gone_on: int
    gone_on: int = NEVER
    spell: int = 1
    n: int = 1
    stage: str = "exploration"
    since: int = 0


@dataclass
class Standing:
    stage: str = "none"
    since: int = NEVER
    late: bool = False
    reentry: bool = False
    late_on: int = NEVER
    gone_on: int = NEVER
    purchases: int = 0
    ended: bool = field(default=False)


class PlainClient:
    def __init__(self, life: Life, as_of: int, parameters: Parameters) -> None:
        self.life, self.as_of, self.p = life, as_of, parameters
        self.inbound = sorted(day for day in life.inbound if day <= as_of)
        self.closed = sorted(day for day, _ in life.closed if day <= as_of)
        self.states = self._walk(self._live_days())

    # -- days -------------------------------------------------------------------------

    def _open_days(self, start: int, end: int) -> int:
        """Days after ``start`` through ``end`` on which the business is open."""
        if end < start:
            return -self._open_days(end, start)
        closed = self.p.closed_months
        return sum(to_date(day).month not in closed for day in range(start + 1, end + 1))

    def _due(self, day: int, open_days: int) -> int:
        """First day with more than ``open_days`` open days of silence after ``day``."""
        due = day
        passed = 0
        while passed <= open_days:
            due += 1
            passed += to_date(due).month not in self.p.closed_months
        return due

    def _live_days(self) -> list[int]:
        orders = {row[2]: row for row in self.life.orders if len(row) == 3}
        refunds = {row[3]: row[0] for row in self.life.orders if len(row) == 4}
        by_day: dict[int, list[str]] = {}
        for reference, row in orders.items():
            if row[0] <= self.as_of:
                by_day.setdefault(row[0], []).append(reference)
        return sorted(
            day
            for day, references in by_day.items()
            if not all(refunds.get(r, self.as_of + 1) <= self.as_of for r in references)
        )

    # -- purchases --------------------------------------------------------------------

    def _wait_and_limit(self, days: list[int]) -> tuple[int, int]:
        """Wait and limit in whole days after the last of ``days``."""
        p = self.p
        gaps = [max(1, self._open_days(a, b)) for a, b in pairwise(days)]
        cadence = p.m0
        if gaps:
            typical = median(gaps[-8:])
            n = len(gaps)
            cadence = math.exp((p.kappa * math.log(p.m0) + n * math.log(typical)) / (p.kappa + n))
        longest = max(gaps[-8:], default=0)
        limit = min(max(p.k_gone * cadence, p.own_max_factor * longest, p.floor), p.resolved_cap)
        wait, limit = _whole(min(p.k_late * cadence, limit)), _whole(limit)
        last = days[-1]
        for number in range(len(days) - 1, -1, -1) if p.same_weeks else ():
            if days[number] > last - 351:
                continue
            if days[number] >= last - 730:
                quiet = self._open_days(days[number], days[number + 1])
                if quiet > wait:
                    back = self._open_days(last, days[number + 1] + 365)
                    wait, limit = max(wait, back + 14), max(limit, back + 30)
            break
        if p.window is not None:
            return min(wait, p.window), p.window
        if p.model is not None:
            limit = self._still_even(days)
            return min(wait, limit), limit
        return wait, limit

    def _still_even(self, days: list[int]) -> int:
        """Days of silence after which buying within the horizon is still an even chance."""
        r, alpha, a, b, horizon = self.p.model or ()
        x, recency = len(days) - 1, (days[-1] - days[0]) / 7

        def chance(silence: int) -> float:
            age = recency + silence / 7
            odds = 0.0
            if x:
                odds = a / (b + x - 1) * ((alpha + age) / (alpha + recency)) ** (r + x)
            return (1 - ((alpha + age) / (alpha + age + horizon)) ** (r + x)) / (1 + odds)

        silence = 0
        while chance(silence + 1) >= 0.5:
            silence += 1
        return silence

    def _gone_on(self, after: After, next_day: int) -> int:
        """Gone day once contacts and endings before the next purchase are taken in."""
        gone_on = after.quiet_gone_on
        calls = [day for day in self.inbound if after.day <= day < after.quiet_gone_on]
        if calls:
            gone_on = max(gone_on, self._due(calls[-1], after.wait))
        left = [day for day in self.closed if after.day <= day < next_day]
        return min([gone_on, *left])

    def _walk(self, days: list[int]) -> list[After]:
        p = self.p
        states: list[After] = []
        on_time = late = 0
        committed, spell_start = False, 0
        for number, day in enumerate(days):
            wait, limit = self._wait_and_limit(days[: number + 1])
            after = After(day, wait, self._due(day, wait), self._due(day, limit))
            before = states[-1] if states else None
            if before is None or day >= before.gone_on:
                after.spell = before.spell + 1 if before else 1
                spell_start, committed, on_time, late = day, False, 0, 0
            else:
                after.spell, after.n = before.spell, before.n + 1
                if day < before.late_on:
                    on_time, late = on_time + 1, 0
                else:
                    on_time, late = 0, late + 1
            credited = after.n + (p.reentry_credit if after.spell > 1 else 0)
            if late >= p.late_streak:
                committed = False
            elif (
                credited >= p.resolved_n_commit
                and day - spell_start >= p.t_commit
                and on_time >= p.on_time_streak
            ):
                committed = True
            bought = "expansion" if credited >= p.n_expand else "exploration"
            after.stage = "commitment" if committed else bought
            same = before and before.spell == after.spell and before.stage == after.stage
            after.since = before.since if before and same else day
            next_day = days[number + 1] if number + 1 < len(days) else self.as_of + 1
            after.gone_on = self._gone_on(after, next_day)
            states.append(after)
        return states

    def by_purchases(self) -> Standing | None:
        if not self.states:
            return None
        last = self.states[-1]
        gone = last.gone_on <= self.as_of
        return Standing(
            stage="termination" if gone else last.stage,
            since=last.gone_on if gone else last.since,
            late=not gone and last.late_on <= self.as_of,
            reentry=last.spell > 1,
            late_on=last.late_on,
            gone_on=last.gone_on,
            purchases=last.n,
        )

    # -- leads and contracts ----------------------------------------------------------

    def known_on(self) -> int:
        days = [row[0] for row in self.life.orders] + list(self.life.inbound)
        days += [row[0] for row in self.life.contracts]
        return min([NEVER if self.life.created is None else self.life.created, *days])

    def as_lead(self) -> Standing:
        signals = [self.known_on(), *self.inbound]
        since = signals[0]
        reentry = False
        for day, following in pairwise([*signals, self.as_of + 1]):
            ended = [end for end in self.closed if day <= end < following]
            gone_on = min([day + self.p.lead_ttl + 1, *ended])
            if following <= self.as_of and following >= gone_on:
                since, reentry = following, True
        over = gone_on <= self.as_of
        return Standing(
            stage="termination" if over else "awareness",
            since=gone_on if over else since,
            reentry=reentry,
            gone_on=gone_on,
        )

    def by_contract(self) -> Standing | None:
        terms = sorted(row for row in self.life.contracts if row[0] <= self.as_of)
        side = None
        paid = 0
        for start, end, kind, notice in terms:
            noticed = notice is not None and notice <= self.as_of
            reentry = side is not None and (side.reentry or start >= side.gone_on)
            fresh = side is None or start >= side.gone_on
            paid = (0 if fresh else paid) + (kind == "paid")
            stage = ("exploration", "expansion", "commitment")[min(paid, 2)]
            side = Standing(
                stage=stage,
                since=side.since if side and not fresh and side.stage == stage else start,
                reentry=reentry,
                late_on=min(notice, end + 1) if noticed else end + 1,
                gone_on=end + 1 + (0 if noticed else self.p.contract_grace),
            )
        if side is None:
            return None
        side.ended = side.gone_on <= self.as_of
        if side.ended:
            side.stage, side.since = "termination", side.gone_on
        side.late = not side.ended and side.late_on <= self.as_of
        return side

    # -- together ---------------------------------------------------------------------

    def computed(self) -> Standing:
        if self.known_on() > self.as_of:
            return Standing()
        own, term = self.by_purchases(), self.by_contract()
        base = own or self.as_lead()
        if term is None:
            return base
        live = not term.ended
        own_live = own is not None and own.stage != "termination"
        if live and own_live and own:
            latest = max(own.gone_on, term.gone_on)
            since = min(own.since, term.since)
            if term.stage == own.stage:
                base, base.since = own, since
            else:
                base = max(own, term, key=lambda side: ORDER.index(side.stage))
            base.gone_on = latest
        elif live or (not own_live and (own is None or term.gone_on > own.gone_on)):
            gone_on = max(term.gone_on, own.gone_on if own else 0)
            base, base.gone_on = term, gone_on
        elif own is not None:
            base.gone_on = max(own.gone_on, term.gone_on)
        base.purchases = own.purchases if own else 0
        return base

    def standing(self) -> Standing:
        """Where the client stands on the day, an override in force counted."""
        side = self.computed()
        rows = [row for row in self.life.overrides if row[2] <= self.as_of <= row[3]]
        if side.stage == "none" or not rows:
            return side
        stage, _, set_on, _ = rows[-1]
        bought_since = any(after.day > set_on for after in self.states)
        went = set_on < side.gone_on <= self.as_of or any(
            now.spell > before.spell and set_on < before.gone_on
            for before, now in pairwise(self.states)
            if now.day > set_on
        )
        if bought_since if stage == "termination" else went:
            return side
        side.stage, side.since = stage, set_on
        side.late = stage != "termination" and side.late_on <= self.as_of
        return side


def _whole(value: float) -> int:
    return math.floor(value + 1e-9)
