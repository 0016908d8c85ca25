"""The lists of the page about late and gone, and the balance that opens into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from crm_core.charts.balance import balance_bars, hidden_terms
from crm_core.charts.due import MOST_LINES, due_lines
from crm_core.explanations import guess_words
from crm_core.formatting import (
    DASH,
    format_count,
    format_money,
    format_month,
    format_rate,
    format_share,
)
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn_months import ChurnMonths, Term
from crm_core.metrics.goodbyes import RuleFigures, compare_rules
from crm_core.metrics.late import GoneList, LateList, by_money
from crm_core.metrics.parameters import BGNBD, PERSONAL
from crm_core.metrics.shrinking import Shrinking
from crm_core.sentences.relations import last_whole_month
from crm_core.small_groups import is_few, is_few_of
from crm_core.tables import END_REASONS, WHO_ENDED, IntArray
from crm_core.ui.clients import open_card
from crm_core.ui.consents import refusal_columns
from crm_core.ui.definitions import number_columns
from crm_core.ui.goodbye_line import draw_goodbye_line
from crm_core.ui.late_numbers import DUE_NUMBERS, balance_numbers, month_numbers
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.phone import draw_table
from crm_core.ui.shared_columns import (
    last_purchase_column,
    money_column,
    stage_column,
    trailing_column,
    why_column,
)
from crm_core.ui.shell import first_customdata, picture, quiet_reason
from crm_core.ui.small_groups import HIDDEN, is_small, least_of, say_hidden
from crm_core.ui.view import View

TERM_WORDS: dict[Term, str] = {
    "start": "Start",
    "new": "+ New",
    "back": "+ Came back",
    "lost": "− Gone",
    "end": "= End",
}
RULE_WORDS = {PERSONAL: "Own rhythm of each client", BGNBD: "Chance to buy again"}


def draw_due(view: View, late: LateList) -> None:
    """Draw a line a late client; a click on one opens the client's card.

    Parameters
    ----------
    view : View
        Its ledger is what ``late`` counts in.
    late : LateList
        At least one client.
    """
    if is_small(view, len(late)):
        return
    figure = due_lines(
        view.names(late.client[:MOST_LINES]),
        late.last_purchase,
        late.late_on,
        late.gone_on,
        late.sales,
        as_of=view.as_of,
        currency=view.currency,
    )
    alt = "One line a late client: last purchase, late day, gone day"
    points = picture(figure, key="due", alt=alt, clickable=True, numbers=DUE_NUMBERS)
    clicked = first_customdata(points)
    if isinstance(clicked, int):
        open_card(view.ledger, int(late.client[clicked]))


def late_columns(view: View, late: LateList) -> list[Column]:
    """Return who is late, by how much, and what is at stake."""
    return [
        *refusal_columns(view, late.client),
        Column("Days late", late.days_late, "count", definition="client.days_late"),
        money_column("At stake", late.sales, "client.trailing"),
        Column("Last purchase", late.last_purchase, "day", definition="client.last_purchase"),
        Column("Late since", late.late_on, "day", definition="client.late_on"),
        Column(
            _first_big(guess_words(doubt=view.doubt)) + " from",
            late.gone_on,
            "day",
            definition="client.gone_on",
        ),
        stage_column(view, late.client),
        why_column(view, late.client),
    ]


def _first_big(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def gone_columns(view: View, gone: GoneList) -> list[Column]:
    """Return who is gone since when, who ended it and why, and what they brought."""
    return [
        Column(
            f"{view.stage_names['termination']} since",
            gone.gone_on,
            "day",
            definition="client.gone_since",
        ),
        Column("How we know", lambda rows: ending_words(view, gone.ending[rows])),
        money_column("Brought", gone.sales, "client.brought"),
        Column("Last purchase", gone.last_purchase, "day", definition="client.last_purchase"),
    ]


def ending_words(view: View, endings: Sequence[int] | IntArray) -> list[str]:
    """Return who ended each relationship and why; a guess where nobody said so."""
    table, guess = view.ledger.endings, "silent" if view.doubt else "probably"
    return [
        f"{WHO_ENDED[table.who[row]]}: {END_REASONS[table.reason[row]]}" if row >= 0 else guess
        for row in np.asarray(endings).tolist()
    ]


def shrinking_columns(view: View, shrinking: Shrinking) -> list[Column]:
    """Return who buys less than half of before."""
    return [
        money_column("Lost", shrinking.lost, "client.lost"),
        money_column("Now", shrinking.recent, "client.window_sales"),
        money_column("Before", shrinking.before, "client.window_sales"),
        Column("Window, days", shrinking.window_days, "count", definition="client.window_days"),
        stage_column(view, shrinking.client),
        last_purchase_column(view, shrinking.client),
    ]


def balance_words(
    months: ChurnMonths, month: int, *, money: bool, least: int = 1
) -> dict[str, str]:
    """Return the terms of a month's balance with their numbers, in the order they add up.

    Terms of fewer than ``least`` clients stand without one, and those that would tell of them.
    """
    words, hidden = {}, hidden_terms(months, least=least)
    for term, word in TERM_WORDS.items():
        if hidden[term][month]:
            words[str(term)] = f"{word} {DASH}"
            continue
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


RULE_COLUMNS = {
    "Gone after": "churn.rules",
    "Active": "churn.end",
    "Gone": "churn.rules",
    "Given up and came back": "churn.false_goodbyes",
}
"""Key of the definition by heading of the table of rules."""


def rule_table(figures: Sequence[RuleFigures], *, least: int = 1) -> dict[str, list[str]]:
    """Return the rules beside each other, column by column, as text.

    A dash stands for numbers of fewer than ``least`` clients.
    """
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
            few = is_few_of(rate.numerator, rate.denominator, least=least)
            back = DASH if few else f"{format_share(rate.value)} ({proof})"
        rows["Gone after"].append(RULE_WORDS.get(one.rule, f"{days} days of silence"))
        few = is_few(one.active, one.gone, least=least)
        rows["Active"].append(DASH if few else format_count(one.active))
        rows["Gone"].append(DASH if few else format_count(one.gone))
        rows["Given up and came back"].append(back)
    return rows


def draw_rule_table(rules: dict[str, list[str]]) -> None:
    """Draw the rules beside each other."""
    defined = number_columns(RULE_COLUMNS)
    draw_table(rules, hide_index=True, column_config=defined, alt="Rules beside each other")


def balance_of(view: View, months: ChurnMonths, *, money: bool) -> go.Figure:
    """Return the picture of the balance, without what would tell of a few clients."""
    return balance_bars(months, unit="money" if money else "clients", least=least_of(view))


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
    say_hidden(view)
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
    words = balance_words(months, month, money=money, least=least_of(view))
    term = st.segmented_control(
        "Each term opens its clients",
        list(words),
        default="lost",
        required=True,
        format_func=words.__getitem__,
        key="balance_term",
    )
    concealed = {
        t for t, hidden in hidden_terms(months, least=least_of(view)).items() if hidden[month]
    }
    if money and not concealed:
        stayed = format_money(int(months.sales_stayed[month]), signed=True)
        st.caption(f"Sales of twelve months; those who stayed changed by {stayed}.")
    balance = balance_numbers(view, months, month, money=money)
    rates = month_numbers(view, months, month, money=money)
    number_row(rates, key="balance", also=balance)
    found = months.clients(cast(Term, term), month).astype(np.int64)
    found = found[by_money(view.trailing[found])]
    makers = (stage_column, last_purchase_column, trailing_column)
    columns = [make(view, found) for make in makers]
    title = f"{TERM_WORDS[cast(Term, term)].strip('+−= ')}, {month_words(months, month)}"
    if term in concealed:
        st.caption(HIDDEN)
        return
    if term == "lost":
        draw_goodbye_line(view)
    client_list(view, found, columns, key="balance", title=title, file_name=f"balance-{term}")


def _follow_click(clicked: object) -> None:
    """Let a new click in the picture move the choices below it, and an old one rest."""
    if clicked == st.session_state.get("balance_clicked"):
        return
    st.session_state["balance_clicked"] = clicked
    if isinstance(clicked, list):
        st.session_state["balance_term"], st.session_state["balance_month"] = clicked
