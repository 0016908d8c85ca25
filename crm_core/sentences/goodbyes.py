"""Which goodbye to believe, in a sentence of Markdown, and every rule by a short name."""

from __future__ import annotations

from crm_core.formatting import (
    format_count,
    format_day,
    format_range,
    format_share,
    md_escape,
    plural,
)
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import WORTH_A_SWITCH, Backtest, RuleScore
from crm_core.metrics.rates import LEAST_DENOMINATOR, Rate

USUAL_WEIGHT = 4.0
"""The weight of the typical gap that goes without saying."""


LATE_NOT_GONE = "Speak of late clients, not of gone ones."


def name_rule(rule: Candidate) -> str:
    """Return a short name that tells every rule from every other; plain text.

    Examples
    --------
    >>> name_rule(Candidate.fixed(60)), name_rule(Candidate.personal(4, 4))
    ('60 days for everybody', '4 × own rhythm')
    >>> name_rule(Candidate.personal(16, 2.5, same_weeks=False, per_group=True))
    '2.5 × own rhythm, weight 16, by kind and channel, last year ignored'
    """
    if rule.kind == "fixed":
        return f"{rule.window} days for everybody"
    if rule.kind == "bgnbd":
        return "Chance to buy again (BG/NBD)"
    parts = (
        f"{rule.k_gone:g} × own rhythm",
        "" if rule.kappa == USUAL_WEIGHT else f"weight {rule.kappa:g}",
        "by kind and channel" if rule.per_group else "",
        "" if rule.same_weeks else "last year ignored",
    )
    return ", ".join(filter(None, parts))


def advice_sentence(found: Backtest) -> str:
    """Say which rule of goodbye to believe, with the counts it rests on.

    Parameters
    ----------
    found : Backtest
        Of any status: without a result the reason is said.
    """
    if _everybody_came_back(found):
        return (
            "In this business **silence says little**: on "
            f"{_day(found)} every goodbye would have been wrong, for all "
            f"{plural(found.cuts[-1].n, 'client')} bought again. {LATE_NOT_GONE}"
        )
    if found.status == "not computable":
        what = "The rules cannot be told apart yet" if found.cuts else "Too little history"
        to_do = "" if found.cuts else " to try any rule"
        return f"{what}{to_do}: {md_escape(found.reason or 'nobody has bought yet')}."
    if found.verdict == "says little":
        return _silence_sentence(found)
    if found.verdict == "switch" and found.chosen is not None:
        return _switch_sentence(found.chosen, found)
    return _keep_sentence(found)


def _everybody_came_back(found: Backtest) -> bool:
    outer = found.cuts[-1] if found.cuts else None
    return outer is not None and outer.n_bought == outer.n >= LEAST_DENOMINATOR


def _silence_sentence(found: Backtest) -> str:
    shown = found.current or found.chosen
    proof = f" ({md_escape(name_rule(shown.rule))}: {_proof(shown)})" if shown else ""
    return (
        "In this business **silence says little**: of those any rule gave up on "
        f"{_day(found)}, more than one in three came back{proof}. {LATE_NOT_GONE}"
    )


def _switch_sentence(chosen: RuleScore, found: Backtest) -> str:
    now = found.current
    text = (
        f"Switch to **{md_escape(_low(chosen))}**: {_counts(chosen, found)}, and of those who "
        f"stayed away it would have missed {format_share(chosen.type_2)}"
    )
    if now is None:
        return f"{text}."
    return f"{text}; the rule in force: {_proof(now)}, and {format_share(now.type_2)} missed."


def _keep_sentence(found: Backtest) -> str:
    now, chosen = found.current, found.chosen
    if now is None:
        return (
            "The rule in force cannot be tried on the past: "
            f"{md_escape(found.cuts[-1].model_reason or 'it fits no day')}."
        )
    text = f"Keep **{md_escape(_low(now))}**: {_counts(now, found)}; "
    if chosen is None or chosen.rule == now.rule:
        return f"{text}no other rule was wrong less often on the days before."
    return f"{text}{md_escape(_low(chosen))}, the best of the days before, {_beside(chosen, now)}."


def _beside(chosen: RuleScore, now: RuleScore) -> str:
    """Say how the best rule of the days before did beside the one in force."""
    gained = (now.error_sum or 0.0) - (chosen.error_sum or 0.0)
    if gained >= WORTH_A_SWITCH:
        return "was wrong less often, but the history is too thin to switch for it"
    return "was hardly better" if gained > 0 else "was wrong no less often"


def _counts(score: RuleScore, found: Backtest) -> str:
    """Return the counts of the goodbyes, with the share where it is shown."""
    rate = score.false_goodbyes
    given_up = f"of **{plural(rate.denominator, 'client')}** it would have given up on"
    return f"{given_up} {_day(found)}, **{format_count(rate.numerator)} came back**{_share(rate)}"


def _proof(score: RuleScore) -> str:
    rate = score.false_goodbyes
    counts = f"{format_count(rate.numerator)} of {format_count(rate.denominator)} came back"
    return f"{counts}{_share(rate)}"


def _share(rate: Rate) -> str:
    if rate.value is None:
        return ""
    return f" ({format_share(rate.value)}, {format_range(rate.interval)})"


def _low(score: RuleScore) -> str:
    name = name_rule(score.rule)
    return f"the {name[0].lower()}{name[1:]}" if score.rule.kind == "bgnbd" else name


def _day(found: Backtest) -> str:
    return format_day(found.outer_cut or found.as_of)


def say_basis(found: Backtest) -> str:
    """Say on which days the rules were chosen and reported, from which rows, and what they saw."""
    if not found.cuts or found.from_day is None:
        return ""
    inner = found.cuts[:-1]
    days = format_day(inner[0].day) if inner else ""
    if len(inner) > 1:
        days = f"{len(inner)} days from {days} to {format_day(inner[-1].day)}"
    outer = found.cuts[-1]
    return (
        f"Chosen on {days}; reported on {format_day(outer.day)} "
        f"({plural(outer.n, 'client')}, {format_count(outer.n_bought)} of whom bought in the "
        f"{found.horizon_days} days after). It rests on "
        f"{plural(found.n_rows, 'sale')} from {format_day(found.from_day)} to "
        f"{format_day(found.as_of)}, all clients. A rule sees only what was known on the day it "
        "is tried on: its typical gaps and models are learned from earlier sales alone."
    )
