"""The numbers of the page about late and gone, each with its value at other settings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from crm_core.access import LEAST_GROUP
from crm_core.charts.balance import hidden_terms
from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_share,
    plural,
)
from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.churn import Churn
from crm_core.metrics.churn_months import ChurnMonths, Term, churn_months
from crm_core.metrics.goodbyes import (
    FalseGoodbyes,
    RuleFigures,
    false_goodbyes,
    relation_survival,
)
from crm_core.metrics.late import LateList, gone_clients
from crm_core.metrics.shrinking import Shrinking, shrinking_clients
from crm_core.metrics.survival import Survival
from crm_core.sentences.relations import last_whole_month, late_opening, late_sentence
from crm_core.small_groups import is_few, is_few_of
from crm_core.ui.calls import to_call
from crm_core.ui.definitions import Elsewhere, Others, Shown
from crm_core.ui.elsewhere import GONE_ONLY, at_settings
from crm_core.ui.numbers import few_in, rate_shown, said_rate
from crm_core.ui.small_groups import is_small, told_most
from crm_core.ui.view import View

TERMS: tuple[Term, ...] = ("start", "new", "back", "lost", "end")
DUE_NUMBERS = ("client.last_purchase", "client.late_on", "client.gone_on")
"""What the picture of the late clients shows."""

BALANCE_NUMBERS = tuple(f"churn.{term}" for term in TERMS)
"""What the picture of the balance shows."""


def late_numbers(view: View, late: LateList, snoozed: int) -> list[Shown]:
    """Return how many are late, what is at stake, and how many go soon.

    Parameters
    ----------
    view : View
        What the page looks at.
    late : LateList
        Those to be called.
    snoozed : int
        Those put off, who are not among them.
    """
    others = at_settings(
        view,
        "late",
        {
            "churn.late": lambda tried: format_count(len(to_call(tried))),
            "churn.at_stake": lambda tried: format_money(to_call(tried).total, view.currency),
            "churn.due_soon": lambda tried: format_count(to_call(tried).n_soon),
        },
        str(view.versions.data_version),
    )
    stages = view.stages
    active = int(((stages.stage != TERMINATION) & (stages.all_purchases > 0)).sum())
    n_late, of_active = len(late), plural(active, "active client")
    if not is_small(view, snoozed, active - n_late - snoozed):
        of_active += f"; {format_count(snoozed)} more snoozed" if snoozed else "; nobody snoozed"
    proofs = {
        "churn.late": (format_count(len(late)), of_active),
        "churn.at_stake": (format_money(late.total, view.currency), plural(len(late), "client")),
        "churn.due_soon": (
            format_count(late.n_soon),
            f"{format_money(late.total_soon, view.currency)} at stake",
        ),
    }
    few = {
        "churn.late": is_few(n_late, active - n_late),
        "churn.at_stake": is_few(n_late),
        "churn.due_soon": is_few_of(late.n_soon, n_late),
    }
    return [Shown(key, *proof, others[key], few[key]) for key, proof in proofs.items()]


def answer(view: View, late: LateList, months: ChurnMonths) -> str:
    """Return the page's sentence, or as much of it as may be told here."""
    sizes = groups_told(view, late, months)
    full = late_sentence(late, months, currency=view.currency, doubt=view.doubt)
    opening = f"{late_opening(late, currency=view.currency)}."
    return told_most(view, (full, sizes), (opening, sizes[:2]))


def groups_told(view: View, late: LateList, months: ChurnMonths) -> tuple[int, ...]:
    """Return the sizes of the groups the page's sentence tells of."""
    stages = view.stages
    active = int(((stages.stage != TERMINATION) & (stages.all_purchases > 0)).sum())
    sizes = [len(late), active - len(late), late.n_soon, len(late) - late.n_soon]
    month = last_whole_month(months)
    if month is not None:
        sizes += [int(column[month]) for column in (months.lost, months.back)]
    return tuple(sizes)


def late_beside(view: View, late: LateList, months: ChurnMonths) -> list[Shown]:
    """Return what the headline and the picture of the late clients show, for the drawer."""
    shown = due_days(view, late)
    month = last_whole_month(months)
    if month is None:
        return shown
    balance = {one.id: one for one in balance_numbers(view, months, month, money=False)}
    last = [balance["churn.lost"], balance["churn.back"], month_numbers(view, months, month)[0]]
    # What they would be elsewhere stands with the balance: trying every month takes a while.
    return [*shown, *(replace(one, elsewhere=()) for one in last)]


def due_days(view: View, late: LateList) -> list[Shown]:
    """Return the days the picture of the late clients is drawn from: those of the first one."""
    if not len(late):
        return []
    first = int(late.client[0])
    others = at_settings(
        view,
        "due",
        {
            "client.late_on": lambda alone: format_day(int(alone.stages.late_on[0])),
            "client.gone_on": lambda alone: format_day(int(alone.stages.gone_on[0])),
        },
        str(first),
        on=partial(view.alone, first),
    )
    days = (late.last_purchase[0], late.late_on[0], late.gone_on[0])
    rows = f"the client with most at stake, of {plural(len(late), 'late client')}"
    return [
        Shown(key, format_day(int(day)), rows, others.get(key, ()), is_few(len(late)))
        for key, day in zip(DUE_NUMBERS, days, strict=True)
    ]


def months_of(view: View) -> ChurnMonths:
    """Return the balance of every month under the settings of a view."""
    return view.remember(
        "churn_months",
        lambda: churn_months(view.ledger, view.history, view.values, view.as_of),
    )


def _month_elsewhere(view: View, month: int, *, money: bool) -> dict[str, Callable[[], Others]]:
    """Return what gives rates and terms of a month at other settings, tried together."""

    def term_at(term: Term, tried: View) -> str:
        return _term(tried, months_of(tried), term, month, money=money)

    return at_settings(
        view,
        "month",
        {
            "churn.rate": lambda tried: said_rate(months_of(tried).rate(month)),
            "churn.revenue_rate": lambda tried: format_share(months_of(tried).sales_rate(month)),
            "churn.reactivation": lambda tried: said_rate(months_of(tried).reactivation(month)),
            **{f"churn.{term}": partial(term_at, term) for term in TERMS},
        },
        str(month),
        str(money),
        which=GONE_ONLY,
    )


def _term(view: View, months: ChurnMonths, term: Term, month: int, *, money: bool) -> str:
    """Return a term of a month's balance in clients or in money."""
    amount = int(getattr(months, f"sales_{term}" if money else term)[month])
    return format_money(amount, view.currency) if money else format_count(amount)


def month_numbers(
    view: View, months: ChurnMonths, month: int, *, money: bool = False
) -> list[Shown]:
    """Return the share lost of clients and of sales, and of the gone who came back.

    Parameters
    ----------
    view : View
        What the page looks at.
    months : ChurnMonths
        The balance.
    month : int
        Position of the month.
    money : bool, default False
        As the balance beside them is told.
    """
    name = format_month(months.calendar.labels[month])
    others = _month_elsewhere(view, month, money=money)
    lost = rate_shown("churn.rate", months.rate(month), elsewhere=others["churn.rate"])
    if months.rate(month).value is None:
        lost = replace(lost, rows=months.reason(month) or "nobody was active at the start")
    back = months.reactivation(month)
    shown = [
        lost,
        _revenue_rate(view, months, month, others["churn.revenue_rate"]),
        rate_shown("churn.reactivation", back, elsewhere=others["churn.reactivation"]),
    ]
    return [replace(one, rows=f"{name}: {one.rows}") for one in shown]


def _revenue_rate(view: View, months: ChurnMonths, month: int, elsewhere: Elsewhere) -> Shown:
    lost, start = (
        format_money(int(column[month]), view.currency)
        for column in (months.sales_lost, months.sales_start)
    )
    share = months.sales_rate(month)
    reason = months.reason(month) or "nobody was active at the start"
    rows = f"{lost} of {start}" if share is not None else reason
    few = few_in(months.rate(month)) or bool(hidden_terms(months, least=LEAST_GROUP)["lost"][month])
    return Shown("churn.revenue_rate", format_share(share), rows, elsewhere, few)


def balance_numbers(view: View, months: ChurnMonths, month: int, *, money: bool) -> list[Shown]:
    """Return the terms of a month's balance for the drawer.

    Parameters
    ----------
    view : View
        What the page looks at.
    months : ChurnMonths
        The balance.
    month : int
        Position of the month.
    money : bool
        Sales of twelve months instead of clients.
    """
    others = _month_elsewhere(view, month, money=money)
    said = {term: _term(view, months, term, month, money=money) for term in TERMS}
    name = format_month(months.calendar.labels[month])
    first = " + ".join(said[term] for term in TERMS[:3])
    sum_ = f"{name}: {first} − {said['lost']} = {said['end']}"
    if money:
        stayed = format_money(int(months.sales_stayed[month]), view.currency, signed=True)
        sum_ += f", with {stayed} by those who stayed"
    keys = {term: f"churn.{term}" for term in TERMS}
    hidden = hidden_terms(months, least=LEAST_GROUP)
    terms = [
        Shown(key, said[term], name, others[key], bool(hidden[term][month]))
        for term, key in keys.items()
    ]
    few = any(bool(column[month]) for column in hidden.values())
    return [Shown("churn.months", said["end"], sum_, others["churn.end"], few), *terms]


def gone_numbers(view: View, churn: Churn) -> list[Shown]:
    """Return who is gone, and how often a goodbye was wrong."""
    gone, goodbyes = churn.gone, churn.goodbyes
    others = at_settings(
        view,
        "gone",
        {
            "churn.gone": lambda tried: format_count(len(gone_clients(tried.ledger, tried.stages))),
            "churn.false_goodbyes": _goodbyes_at,
        },
        which=GONE_ONLY,
    )
    silent = len(gone) - gone.n_ended
    shown = Shown(
        "churn.gone",
        format_count(len(gone)),
        f"{format_count(silent)} probably, {format_count(gone.n_ended)} said so; "
        f"{format_money(gone.total, view.currency)} in their last years",
        others["churn.gone"],
        is_few(len(gone), silent, gone.n_ended),
    )
    return [shown, _wrong(goodbyes, others["churn.false_goodbyes"])]


def _wrong(goodbyes: FalseGoodbyes | None, elsewhere: Elsewhere) -> Shown:
    if goodbyes is None:
        return Shown("churn.false_goodbyes", DASH, "the history is too short", elsewhere)
    wrong = rate_shown("churn.false_goodbyes", goodbyes.rate, elsewhere=elsewhere)
    return replace(wrong, rows=f"{wrong.rows}; given up by {format_day(goodbyes.cut)}")


def _goodbyes_at(view: View) -> str:
    found = false_goodbyes(view.ledger, view.history, view.values, view.as_of)
    return DASH if found is None else said_rate(found.rate)


def shrinking_numbers(view: View, shrinking: Shrinking) -> list[Shown]:
    """Return how many buy less than half of before, and how much less."""
    others = at_settings(view, "shrinking", {"churn.shrinking": _shrinking_at}, which=GONE_ONLY)
    judged = plural(shrinking.n_judged, "active client")
    less = format_money(shrinking.total_lost, view.currency)
    rows = f"of {judged} with enough history; {less} less than in the windows before"
    value = format_count(len(shrinking))
    few = is_few_of(len(shrinking), shrinking.n_judged)
    return [Shown("churn.shrinking", value, rows, others["churn.shrinking"], few)]


def _shrinking_at(view: View) -> str:
    return format_count(len(shrinking_clients(view.ledger, view.history, view.values, view.as_of)))


def relation_numbers(
    view: View, relations: Survival, figures: Sequence[RuleFigures], rule_words: Sequence[str]
) -> list[Shown]:
    """Return the age at which half of all relationships are over, and the rules compared.

    Parameters
    ----------
    view : View
        What the page looks at.
    relations : Survival
        From first purchase to gone.
    figures : sequence of RuleFigures
        Of the rules beside each other, the personal one first.
    rule_words : sequence of str
        What the screen calls each rule.
    """
    others = at_settings(view, "survival", {"churn.survival": _survival_at}, which=GONE_ONLY)
    n = plural(relations.n, "relationship")
    reached = n if relations.median is not None else f"not half of {n} over so far"
    gone = [(word, format_count(one.gone)) for word, one in zip(rule_words, figures, strict=True)]
    return [
        Shown(
            "churn.survival",
            _half(relations),
            relations.reason or reached,
            others["churn.survival"],
            is_few_of(relations.n_events, relations.n),
        ),
        Shown(
            "churn.rules",
            gone[0][1] if gone else DASH,
            "gone by own rhythm",
            gone[1:],
            is_few(*(one.gone for one in figures)),
        ),
    ]


def _survival_at(view: View) -> str:
    return _half(relation_survival(view.ledger, view.history, view.values, view.as_of))


def _half(relations: Survival) -> str:
    half = relations.median
    return DASH if half is None else f"half by day {format_count(half)}"
