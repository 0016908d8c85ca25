"""What a report for somebody who may not see names leaves out: what tells of a few clients."""

from __future__ import annotations

from collections.abc import Sequence

from crm_core.charts.balance import hidden_terms
from crm_core.charts.bridge import few_causes, is_of_few
from crm_core.metrics.cadence import COMMITMENT, TERMINATION
from crm_core.metrics.churn_months import ChurnMonths, Term
from crm_core.metrics.rates import Rate
from crm_core.paper.material import Material
from crm_core.sentences.relations import last_whole_month
from crm_core.small_groups import hidden_parts, is_few, is_few_of
from crm_core.tables import BoolArray


def say_few(m: Material) -> str:
    """Return what stands in place of what is left out."""
    return f"What stands here would tell of fewer than {m.least} clients: it is not shown to you."


def causes_together(m: Material) -> tuple[str, ...]:
    """Return the causes that are drawn as one."""
    return few_causes(m.churn.bridge, least=m.least)


def few_in_bridge(m: Material) -> bool:
    """Return whether a few clients alone made the change of sales, or one of the two years."""
    return is_of_few(m.churn.bridge, m.churn.sales, least=m.least)


def few_regulars(m: Material) -> bool:
    """Return whether a few clients are regulars, or a few with sales are not."""
    regular = m.stages.stage == COMMITMENT
    return is_few(int(regular.sum()), int((~regular & (m.churn.sales > 0)).sum()), least=m.least)


def few_in_shares(m: Material) -> bool:
    """Return whether a few clients buy, bring 80 %, or are the first fifth."""
    result = m.pareto
    tops = (result.for80_clients, result.top20_clients)
    few = any(is_few_of(top, result.n, least=m.least) for top in tops)
    return few or is_few(result.n, least=m.least)


def hidden_stages(m: Material) -> list[str]:
    """Return the stages of a few clients, and those that would tell of them."""
    counts = m.stages.counts()
    hidden = hidden_parts(list(counts.values()), least=m.least)
    return [name for name, few in zip(counts, hidden, strict=True) if few]


def few_moved(m: Material) -> bool:
    """Return whether a few moved up or down, are newly known, or large among those down."""
    if m.moves is None:
        return False
    moves = m.moves
    masks = (moves.up, moves.down, moves.appeared, moves.down & moves.large)
    return is_few(*(int(mask.sum()) for mask in masks), least=m.least)


def few_late(m: Material) -> bool:
    """Return whether a few are late, not late, put off, or gone soon."""
    stages, n = m.stages, len(m.late)
    active = int(((stages.stage != TERMINATION) & (stages.all_purchases > 0)).sum())
    sizes = (n, active - n - m.n_snoozed, m.n_snoozed, m.late.n_soon, n - m.late.n_soon)
    return is_few(*sizes, least=m.least)


def few_last_month(m: Material) -> bool:
    """Return whether a few went or came back in the last whole month."""
    months = m.churn.months
    month = last_whole_month(months)
    if month is None:
        return False
    return is_few(int(months.lost[month]), int(months.back[month]), least=m.least)


def few_goodbyes(m: Material) -> bool:
    """Return whether a few were given up, came back since, or stayed away."""
    found = m.churn.goodbyes
    return found is not None and few_in(m, found.rate)


def few_again(m: Material) -> bool:
    """Return whether a few bought again, did not, or may do so now."""
    second = m.returning.second
    few = is_few_of(second.returned, second.buyers, least=m.least)
    return few or is_few(len(second.in_window), least=m.least)


def few_in(m: Material, rate: Rate) -> bool:
    """Return whether a rate tells of a few: counted, or left."""
    return is_few_of(rate.numerator, rate.denominator, least=m.least)


def few_in_months(m: Material, shown: Sequence[int]) -> bool:
    """Return whether a few bought in one of some months, anew or from before."""
    months = m.returning.months
    return any(
        is_few_of(int(months.new[at]), int(months.buyers[at]), least=m.least) for at in shown
    )


def few_terms(m: Material, months: ChurnMonths) -> dict[Term, BoolArray]:
    """Return the months in which each term of the balance is left out."""
    return hidden_terms(months, least=m.least)


def few_headlines(m: Material) -> frozenset[str]:
    """Return the titles of the headlines that would tell of a few clients."""
    found = {
        "Overview": few_in_bridge(m),
        "Who carries us": few_in_shares(m),
        "Stages": bool(hidden_stages(m)) or few_moved(m),
        "Late and gone": few_late(m) or few_last_month(m),
        "Coming back": few_again(m),
    }
    return frozenset(title for title, few in found.items() if few)
