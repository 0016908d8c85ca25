"""The numbers of a rule of goodbye, each beside what other rules and other days give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crm_core.formatting import DASH, format_count, format_day, format_rate, format_share, plural
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import Backtest, RuleScore
from crm_core.metrics.rates import Rate
from crm_core.sentences.goodbyes import name_rule
from crm_core.small_groups import is_few_of
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.goodbyes import tells_of_few

Said = Callable[[RuleScore], str]

POINT_NUMBERS = ("goodbyes.false_alarms", "goodbyes.misses")
"""What the picture of the rules shows."""


def said_wrong(rate: Rate) -> str:
    r"""Return false goodbyes with their counts and range.

    Examples
    --------
    >>> said_wrong(Rate(13, 162)), said_wrong(Rate(1, 3))
    ('8\xa0% (13 of 162, 4.7–13\xa0%)', '— (1 of 3)')
    """
    counts = format_rate(rate.numerator, rate.denominator, rate.interval)
    return f"{format_share(rate.value)} ({counts})"


def _points(value: float | None) -> str:
    return DASH if value is None else f"{100 * value:.0f}"


def _three(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}"


SAID: dict[str, Said] = {
    "goodbyes.wrong": lambda score: said_wrong(score.false_goodbyes),
    "goodbyes.false_alarms": lambda score: format_share(score.type_1),
    "goodbyes.misses": lambda score: format_share(score.type_2),
    "goodbyes.error_sum": lambda score: _points(score.error_sum),
    "goodbyes.flagged": lambda score: plural(score.n_flagged, "client"),
    "goodbyes.came_back": lambda score: plural(score.n_flagged_bought, "client"),
    "goodbyes.auc": lambda score: _three(score.auc),
    "goodbyes.brier": lambda score: _three(score.brier),
}
"""How each number of a rule reads, by its key."""

IN_A_ROW = ("goodbyes.wrong", *POINT_NUMBERS, "goodbyes.error_sum")
"""The numbers that stand side by side; the others stand in the drawer."""


def rule_numbers(
    found: Backtest, score: RuleScore, rules: dict[Candidate, str]
) -> tuple[list[Shown], list[Shown]]:
    """Return what a rule did on the day reported on: numbers side by side, and the others.

    Parameters
    ----------
    found : Backtest
        With a result.
    score : RuleScore
        The rule in force, on the outer cut.
    rules : dict of Candidate to str
        The rules to compare with.
    """
    shown = {key: _shown(found, score, rules, key) for key in SAID}
    row = [shown[key] for key in IN_A_ROW]
    wrong = score.false_goodbyes
    row[0] = replace(row[0], value=format_share(wrong.value))
    rest = [shown[key] for key in SAID if key not in IN_A_ROW]
    return row, [*_advice(found, rules), *rest]


def _shown(found: Backtest, score: RuleScore, rules: dict[Candidate, str], key: str) -> Shown:
    said = SAID[key]
    days = [
        (f"on {format_day(cut.day)}", said(held))
        for cut in found.cuts[:-1]
        if (held := found.score_of(score.rule, cut.day)) is not None
    ]
    others: Others = [
        (name_rule(rule), said(held))
        for rule in rules
        if rule != score.rule and (held := found.score_of(rule)) is not None
    ]
    return Shown(key, said(score), _rows(score, key), [*others, *days], tells_of_few(score))


def _rows(score: RuleScore, key: str) -> str:
    """Return the counts a number of a rule rests on."""
    away = score.n - score.n_bought
    kept = away - (score.n_flagged - score.n_flagged_bought)
    wrong = score.false_goodbyes
    counts = {
        "goodbyes.wrong": f"{format_rate(wrong.numerator, wrong.denominator, wrong.interval)}"
        + (f": {wrong.reason}" if wrong.reason else ""),
        "goodbyes.false_alarms": (
            f"{format_count(score.n_flagged_bought)} of {format_count(score.n_bought)} who bought"
        ),
        "goodbyes.misses": f"{format_count(kept)} of {format_count(away)} who stayed away",
        "goodbyes.error_sum": f"{format_share(score.type_1)} + {format_share(score.type_2)}",
    }
    return counts.get(key, plural(score.n, "client"))


def _advice(found: Backtest, rules: dict[Candidate, str]) -> list[Shown]:
    """Return the recommendation and the days it rests on."""
    chosen, inner = found.chosen, found.cuts[:-1]
    tried = len({score.rule for score in found.rows})
    rows = (
        f"{plural(tried, 'rule')} on {plural(len(inner), 'earlier day')}; "
        f"{plural(found.n_rows, 'sale')}"
    )
    value = DASH if chosen is None else name_rule(chosen.rule)
    marked = [(mark, name_rule(rule)) for rule, mark in rules.items() if mark]
    return [Shown("goodbyes.recommended", value, rows, marked), shown_days(found)]


def shown_days(found: Backtest) -> Shown:
    """Return the days the rules were tried on; there must be one."""
    *inner, outer = found.cuts
    days = [
        (format_day(cut.day), f"{plural(cut.n, 'client')}, {format_count(cut.n_bought)} bought")
        for cut in inner
    ]
    told = f"{plural(outer.n, 'client')}, {format_count(outer.n_bought)} of whom bought within "
    watched = plural(found.horizon_days, "day")
    return Shown(
        "goodbyes.tried", format_day(outer.day), f"{told}{watched}", days, few_tried(found)
    )


def few_tried(found: Backtest) -> bool:
    """Return whether a few clients bought, or stayed away, after the day reported on."""
    return bool(found.cuts) and is_few_of(found.cuts[-1].n_bought, found.cuts[-1].n)
