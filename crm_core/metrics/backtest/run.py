"""The whole backtest: cuts, what was known on each, every rule, and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.backtest.adopting import clock_of, group_names, rule_settings
from crm_core.metrics.backtest.candidates import Candidate, all_candidates, candidate_of
from crm_core.metrics.backtest.choosing import choose, judge, pool_cuts, says_little
from crm_core.metrics.backtest.cut_days import CUTS, choose_cuts
from crm_core.metrics.backtest.flags import Rules
from crm_core.metrics.backtest.known import known_at
from crm_core.metrics.backtest.refits import learn
from crm_core.metrics.backtest.results import Backtest, CutFacts, RuleScore, Verdict
from crm_core.metrics.backtest.scores import score_rules
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import first_sale_day
from crm_core.metrics.rates import LEAST_DENOMINATOR, THIN_DENOMINATOR, Rate


def run_backtest(
    ledger: Ledger, as_of: int, parameters: Parameters, *, cuts: int = CUTS
) -> Backtest:
    """Try every rule of goodbye on past days and say which one to believe.

    Parameters
    ----------
    ledger : Ledger
        The ledger; read in parts, never copied.
    as_of : int
        The day up to which the truth is known; nothing later is seen.
    parameters : Parameters
        Those in force: the current rule, floor, cap, wait, closed months, horizon.
    cuts : int, default 6
        Days to try the rules on, the outer one included; at least 2 are taken.

    Returns
    -------
    Backtest
        With a reason where there is too little history or too few clients.

    Notes
    -----
    Each cut is one pass over the ledger. A rule sees only what was known on the cut:
    purchases live on it, typical gaps and models estimated from them. The choice and
    the verdict are this project's own (``docs/methods.md``, backtest).
    """
    first = first_sale_day(ledger, as_of)
    n_rows = sum(measure_parts(ledger, lambda part: int((part.sales.day <= as_of).sum())))
    blank = Backtest(as_of, first, n_rows, parameters.horizon_days)
    if first is None or not n_rows:
        return replace(blank, reason="there are no sales with a client yet")
    chosen_days = choose_cuts(first, as_of, parameters.horizon_days, cuts=cuts)
    blank = replace(blank, horizon_days=chosen_days.horizon_days, reason=chosen_days.reason)
    if not chosen_days.days:
        return blank
    trial = _Trial(ledger, as_of, parameters, chosen_days.horizon_days)
    # The outer cut goes first: where no group has a gap of its own yet none is tried.
    for day in reversed(chosen_days.days):
        trial.try_on(day)
    rows = tuple(row for scores in reversed(trial.rows) for row in scores)
    found = replace(blank, cuts=tuple(reversed(trial.facts)), rows=rows)
    return _conclude(found, trial)


class _Trial:
    """Tries the rules cut by cut, and keeps what they scored."""

    def __init__(self, ledger: Ledger, as_of: int, parameters: Parameters, horizon: int) -> None:
        self.ledger, self.as_of, self.parameters = ledger, as_of, parameters
        self.horizon = horizon
        self.clock = clock_of(ledger, parameters, as_of)
        self.grouped = len(group_names(ledger)) > 1
        self.candidates: tuple[Candidate, ...] | None = None
        self.facts: list[CutFacts] = []
        self.rows: list[list[RuleScore]] = []

    def try_on(self, cut: int) -> None:
        """Score every rule on a cut."""
        known = known_at(self.ledger, cut, self.as_of, self.horizon, self.clock)
        learned = learn(known, grouped=self.grouped)
        if self.candidates is None:
            self.candidates = all_candidates(self.parameters, grouped=bool(learned.by_group))
        counted = known.without_ended()
        rules = Rules(cut, self.parameters, learned, self.clock)
        self.rows.append(score_rules(rules, counted, self.candidates, self.horizon))
        self.facts.append(
            CutFacts(
                day=cut,
                n=len(counted),
                n_bought=int(np.count_nonzero(counted.bought)),
                n_ended=len(known) - len(counted),
                m0=learned.m0,
                n_groups=len(learned.by_group),
                model=learned.model,
                model_reason=learned.model_reason,
            )
        )


def _conclude(found: Backtest, trial: _Trial) -> Backtest:
    """Choose on the inner cuts, look at the outer one, and say what follows."""
    current = candidate_of(trial.parameters)
    outer = found.cuts[-1]
    found = replace(
        found,
        pooled=pool_cuts(found.rows, _days_to_choose_by(found.cuts[:-1])),
        current=found.score_of(current),
        silence_says_little=says_little(found.outer),
    )
    best = choose(found.pooled, current)
    chosen = None if best is None else found.score_of(best.rule)
    reason = _why_not(outer, chosen)
    if chosen is None or reason is not None:
        return replace(found, reason=_join(reason, found.reason))
    thin = outer.n < THIN_DENOMINATOR
    few = f"only {outer.n} clients on the outer cut, fewer than {THIN_DENOMINATOR}"
    reasons = _join(few if thin else None, found.reason)
    verdict: Verdict = "keep"
    if not reasons and found.current is not None:
        verdict = judge(chosen, found.current)
    if found.silence_says_little:
        verdict = "says little"
    return replace(
        found,
        chosen=chosen,
        verdict=verdict,
        status="thin" if thin or found.reason else "ok",
        reason=reasons,
        settings=rule_settings(trial.ledger, chosen.rule, found.as_of, trial.parameters),
    )


def _days_to_choose_by(inner: Sequence[CutFacts]) -> list[int]:
    """Return the inner cuts with enough clients; all of them where none has."""
    enough = [cut.day for cut in inner if cut.n >= THIN_DENOMINATOR]
    return enough or [cut.day for cut in inner]


def _why_not(outer: CutFacts, chosen: RuleScore | None) -> str | None:
    """Say why nothing can be compared, None where it can."""
    if outer.n < LEAST_DENOMINATOR:
        return Rate(0, outer.n).reason
    if not outer.n_bought:
        return "nobody bought in the days after the outer cut: every goodbye was right"
    if outer.n_bought == outer.n:
        return "everybody bought again after the outer cut: every goodbye was wrong"
    if chosen is None:
        return "on the inner cuts nobody, or everybody, came back: nothing to choose by"
    return None


def _join(*reasons: str | None) -> str | None:
    """Join reasons, those there are."""
    return "; ".join(filter(None, reasons)) or None
