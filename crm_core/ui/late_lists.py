"""The lists and numbers of the page about late and gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import streamlit as st

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_rate,
    format_share,
    plural,
)
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn import Churn
from crm_core.metrics.churn_months import ChurnMonths, Term
from crm_core.metrics.goodbyes import RuleFigures, compare_rules
from crm_core.metrics.late import GoneList, LateList, by_money
from crm_core.metrics.parameters import BGNBD, PERSONAL
from crm_core.metrics.shrinking import Shrinking
from crm_core.metrics.survival import Survival
from crm_core.sentences.relations import last_whole_month
from crm_core.tables import END_REASONS, WHO_ENDED, IntArray
from crm_core.ui.definitions import Shown
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import number_row, rate_shown
from crm_core.ui.shared_columns import (
    last_purchase_column,
    stage_column,
    trailing_column,
    why_column,
)
from crm_core.ui.shell import quiet_reason
from crm_core.ui.view import View

TERM_WORDS: dict[Term, str] = {
    "start": "Start",
    "new": "+ New",
    "back": "+ Came back",
    "lost": "− Gone",
    "end": "= End",
}
RULE_WORDS = {PERSONAL: "Own rhythm of each client", BGNBD: "Chance to buy again"}


def late_columns(view: View, late: LateList) -> list[Column]:
    """Return who is late, by how much, and what is at stake."""
    return [
        Column("Days late", late.days_late, "count"),
        Column("At stake", late.sales, "money", "Net sales of the last twelve months"),
        Column("Last purchase", late.last_purchase, "day"),
        Column("Late since", late.late_on, "day"),
        Column("Probably gone from", late.gone_on, "day"),
        stage_column(view, late.client),
        why_column(view, late.client),
    ]


def gone_columns(view: View, gone: GoneList) -> list[Column]:
    """Return who is gone since when, who ended it and why, and what they brought."""
    return [
        Column("Gone since", gone.gone_on, "day"),
        Column("How we know", lambda rows: ending_words(view, gone.ending[rows])),
        Column("Brought", gone.sales, "money", "Net sales of the year up to the last purchase"),
        Column("Last purchase", gone.last_purchase, "day"),
    ]


def ending_words(view: View, endings: Sequence[int] | IntArray) -> list[str]:
    """Return who ended each relationship and why; "probably" where nobody said so."""
    table = view.ledger.endings
    return [
        f"{WHO_ENDED[table.who[row]]}: {END_REASONS[table.reason[row]]}" if row >= 0 else "probably"
        for row in np.asarray(endings).tolist()
    ]


def shrinking_columns(view: View, shrinking: Shrinking) -> list[Column]:
    """Return who buys less than half of before."""
    return [
        Column("Lost", shrinking.lost, "money", "Less than in the window before"),
        Column("Now", shrinking.recent, "money", "Net sales of the last three rhythms"),
        Column("Before", shrinking.before, "money", "Net sales of the three rhythms before"),
        Column("Window, days", shrinking.window_days, "count", "Three of the client's own rhythms"),
        stage_column(view, shrinking.client),
        last_purchase_column(view, shrinking.client),
    ]


def late_numbers(late: LateList, snoozed: int, currency: str | None) -> list[Shown]:
    """Return how many are late, what is at stake, and how many go soon."""
    rest = f"{format_count(snoozed)} more snoozed" if snoozed else "nobody snoozed"
    return [
        Shown("churn.late", format_count(len(late)), rest),
        Shown("churn.at_stake", format_money(late.total, currency), plural(len(late), "client")),
        Shown(
            "churn.due_soon",
            format_count(late.n_soon),
            f"{format_money(late.total_soon, currency)} at stake",
        ),
    ]


def month_numbers(months: ChurnMonths, month: int, currency: str | None) -> list[Shown]:
    """Return the share lost of clients and of sales, and of the gone who came back."""
    lost, share = rate_shown("churn.rate", months.rate(month)), months.sales_rate(month)
    reason = months.reason(month)
    if months.rate(month).value is None:
        lost = replace(lost, rows=reason or "")
    money = [
        format_money(int(column[month]), currency)
        for column in (months.sales_lost, months.sales_start)
    ]
    return [
        lost,
        Shown(
            "churn.revenue_rate",
            format_share(share),
            f"{money[0]} of {money[1]}" if share is not None else reason or "",
        ),
        rate_shown("churn.reactivation", months.reactivation(month)),
    ]


def balance_words(months: ChurnMonths, month: int, *, money: bool) -> dict[str, str]:
    """Return the terms of a month's balance with their numbers, in the order they add up."""
    words = {}
    for term, word in TERM_WORDS.items():
        amount = int(getattr(months, f"sales_{term}" if money else term)[month])
        words[str(term)] = f"{word} {format_money(amount) if money else format_count(amount)}"
    return words


def month_words(months: ChurnMonths, month: int) -> str:
    """Return the month's name, with how far it is where it still runs."""
    name = format_month(months.calendar.labels[month])
    return f"{name} (so far)" if months.calendar.partial[month] else name


def rule_figures(view: View) -> tuple[RuleFigures, ...]:
    """Return what the personal rule, fixed windows and a model in force say."""
    values, history = view.values, view.history
    by_model: tuple[RuleFigures, ...] = ()
    if values.rule == BGNBD:
        by_model = compare_rules(view.ledger, history, values, view.as_of, rules=(BGNBD,))
    if values.rule != PERSONAL:
        values = replace(values, window=None, model=None)
        history = purchase_history(view.ledger, values)
    return (*compare_rules(view.ledger, history, values, view.as_of), *by_model)


def rule_table(figures: Sequence[RuleFigures]) -> dict[str, list[str]]:
    """Return the rules beside each other, column by column, as text."""
    rows: dict[str, list[str]] = {
        "Gone after": [],
        "Active": [],
        "Gone": [],
        "Given up and came back": [],
    }
    for one in figures:
        days = one.rule.removeprefix("fixed:")
        back = DASH
        if one.goodbyes is not None and one.goodbyes.rate.value is not None:
            rate = one.goodbyes.rate
            proof = format_rate(rate.numerator, rate.denominator, rate.interval)
            back = f"{format_share(rate.value)} ({proof})"
        rows["Gone after"].append(RULE_WORDS.get(one.rule, f"{days} days of silence"))
        rows["Active"].append(format_count(one.active))
        rows["Gone"].append(format_count(one.gone))
        rows["Given up and came back"].append(back)
    return rows


def gone_numbers(churn: Churn, currency: str | None) -> list[Shown]:
    """Return who is gone, and how often a goodbye was wrong."""
    gone, goodbyes = churn.gone, churn.goodbyes
    silent = len(gone) - gone.n_ended
    shown = [
        Shown(
            "churn.gone",
            format_count(len(gone)),
            f"{format_count(silent)} probably, {format_count(gone.n_ended)} said so; "
            f"{format_money(gone.total, currency)} in their last years",
        )
    ]
    if goodbyes is None:
        return [*shown, Shown("churn.false_goodbyes", DASH, "the history is too short")]
    wrong = rate_shown("churn.false_goodbyes", goodbyes.rate)
    return [*shown, replace(wrong, rows=f"{wrong.rows}; given up by {format_day(goodbyes.cut)}")]


def shrinking_numbers(shrinking: Shrinking, currency: str | None) -> list[Shown]:
    """Return how many buy less than half of before, and how much less."""
    judged = plural(shrinking.n_judged, "active client")
    less = format_money(shrinking.total_lost, currency)
    rows = f"of {judged} with enough history; {less} less than in the windows before"
    return [Shown("churn.shrinking", format_count(len(shrinking)), rows)]


def relation_numbers(relations: Survival, figures: Sequence[RuleFigures]) -> list[Shown]:
    """Return the age at which half of all relationships are over, and the rules compared."""
    half, n = relations.median, plural(relations.n, "relationship")
    reached = n if half is not None else f"not half of {n} over so far"
    value = DASH if half is None else f"half by day {format_count(half)}"
    gone = [
        (RULE_WORDS.get(one.rule, f"{one.rule.removeprefix('fixed:')} days"), str(one.gone))
        for one in figures
    ]
    return [
        Shown("churn.survival", value, relations.reason or reached),
        Shown("churn.rules", gone[0][1] if gone else DASH, "gone by own rhythm", gone[1:]),
    ]


def draw_balance(
    view: View, months: ChurnMonths, points: Sequence[dict[str, object]], *, money: bool
) -> None:
    """Draw one month's balance, its rates, and the clients behind the term chosen.

    Parameters
    ----------
    view : View
        Its ledger is what the clients count in.
    months : ChurnMonths
        The balance.
    points : sequence of dict
        What was clicked in the picture: the bar's term and month.
    money : bool
        Show sales of twelve months instead of clients.
    """
    if not len(months):
        quiet_reason("There are no sales up to this day.")
        return
    _follow_click(points[0].get("customdata") if points else None)
    whole = last_whole_month(months)
    newest = list(range(len(months)))[::-1]
    month = st.selectbox(
        "Month",
        newest,
        index=0 if whole is None else newest.index(whole),
        format_func=lambda at: month_words(months, at),
        key="balance_month",
        width=220,
    )
    words = balance_words(months, month, money=money)
    term = st.segmented_control(
        "Each term opens its clients",
        list(words),
        default="lost",
        required=True,
        format_func=words.__getitem__,
        key="balance_term",
    )
    if money:
        stayed = format_money(int(months.sales_stayed[month]), signed=True)
        st.caption(f"Sales of twelve months; those who stayed changed by {stayed}.")
    number_row(month_numbers(months, month, view.currency), key="balance")
    found = months.clients(cast(Term, term), month).astype(np.int64)
    found = found[by_money(view.trailing[found])]
    makers = (stage_column, last_purchase_column, trailing_column)
    columns = [make(view, found) for make in makers]
    title = f"{TERM_WORDS[cast(Term, term)].strip('+−= ')}, {month_words(months, month)}"
    client_list(view, found, columns, key="balance", title=title, file_name=f"balance-{term}")


def _follow_click(clicked: object) -> None:
    """Let a new click in the picture move the choices below it, and an old one rest."""
    if clicked == st.session_state.get("balance_clicked"):
        return
    st.session_state["balance_clicked"] = clicked
    if isinstance(clicked, list):
        st.session_state["balance_term"], st.session_state["balance_month"] = clicked
