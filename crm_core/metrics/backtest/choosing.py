"""Which rule to take: chosen on the inner cuts, held to account on the outer one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import (
    MOST_FALSE_GOODBYES,
    WORTH_A_SWITCH,
    RuleScore,
    Verdict,
)
from crm_core.metrics.rates import THIN_DENOMINATOR

COUNTS = (
    *("n", "n_bought", "n_flagged", "n_flagged_bought"),
    *("money", "money_bought", "money_flagged", "money_flagged_bought"),
)
MEANS = ("auc", "money_auc", "brier", "money_brier")


def pool_cuts(rows: Iterable[RuleScore], cuts: Sequence[int]) -> tuple[RuleScore, ...]:
    """Return every rule that was tried on all of some cuts, its counts added up.

    Parameters
    ----------
    rows : iterable of RuleScore
        Every rule at every cut.
    cuts : sequence of int
        The cuts to add up.

    Returns
    -------
    tuple of RuleScore
        With ``cut`` None; AUC and Brier are means over the cuts.
    """
    by_rule: dict[Candidate, list[RuleScore]] = {}
    for row in rows:
        if row.cut in cuts:
            by_rule.setdefault(row.rule, []).append(row)
    return tuple(_add(rule, own) for rule, own in by_rule.items() if len(own) == len(cuts))


def _add(rule: Candidate, rows: list[RuleScore]) -> RuleScore:
    counts = {name: sum(getattr(row, name) for row in rows) for name in COUNTS}
    means = {name: _mean([getattr(row, name) for row in rows]) for name in MEANS}
    columns: dict[str, Any] = {**counts, **means}
    return RuleScore(rule=rule, cut=None, **columns)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def choose(pooled: Sequence[RuleScore], current: Candidate) -> RuleScore | None:
    """Return the rule with the smallest error sum; of equal ones the simplest.

    Parameters
    ----------
    pooled : sequence of RuleScore
        From :func:`pool_cuts`.
    current : Candidate
        The rule in force: it wins every tie.
    """
    judged = [row for row in pooled if row.error_sum is not None]
    return min(judged, key=lambda row: (row.error_sum, _burden(row.rule, current)), default=None)


def _burden(rule: Candidate, current: Candidate) -> tuple[float, ...]:
    """How much a rule asks to be understood: what is in force nothing, a model most."""
    return (
        rule != current,
        ("fixed", "personal", "bgnbd").index(rule.kind),
        rule.per_group,
        not rule.same_weeks,
        abs((rule.kappa or 4.0) - 4.0),
        abs((rule.k_gone or 4.0) - 4.0),
    )


def says_little(outer: Iterable[RuleScore]) -> bool:
    """Return whether no rule has at most one in three of its goodbyes come back.

    Rules with fewer than 30 goodbyes are not asked, and without any that can be
    asked the answer is no.

    Parameters
    ----------
    outer : iterable of RuleScore
        Every rule on the outer cut.
    """
    shares = [
        row.false_goodbyes.value
        for row in outer
        if row.n_flagged >= THIN_DENOMINATOR and row.false_goodbyes.value is not None
    ]
    return bool(shares) and min(shares) > MOST_FALSE_GOODBYES


def judge(chosen: RuleScore, current: RuleScore) -> Verdict:
    """Return whether the rule chosen is worth a switch, by both on the outer cut."""
    if chosen.error_sum is None or current.error_sum is None or chosen.rule == current.rule:
        return "keep"
    gained = current.error_sum - chosen.error_sum
    return "switch" if gained >= WORTH_A_SWITCH else "keep"
