"""The four questions of a first import, answers filled in."""

from __future__ import annotations

import calendar

import streamlit as st

from crm_core.formatting import md_escape, say_name
from crm_core.intake.questions import (
    INCLUDED,
    NOT_CLIENTS,
    RHYTHMS,
    FirstAnswers,
    FirstQuestions,
)
from crm_core.ui.import_drafts import Draft

MOST_TILLS = 8
A_CLIENT = "a client"


def ask(draft: Draft, questions: FirstQuestions) -> FirstAnswers:
    """Draw the four questions, answers filled in, and return what is answered."""
    proposed, why = questions.proposed, questions.why
    st.markdown(
        "**Four questions, once.** The answers are filled in from your file; change what is wrong."
    )
    with st.grid(min_column_width=260, key=f"questions_{draft.number}"):
        rhythm = st.selectbox(
            "How often does a good client buy?",
            list(RHYTHMS),
            index=list(RHYTHMS).index(proposed.rhythm),
            key=f"rhythm_{draft.number}",
            help=md_escape(why["rhythm"]),
        )
        dead = st.multiselect(
            "Which months are dead?",
            list(range(1, 13)),
            default=list(proposed.dead_months),
            format_func=lambda month: calendar.month_name[month],
            key=f"dead_{draft.number}",
            placeholder="none",
            help=md_escape(why["dead_months"]),
        )
        included = st.multiselect(
            "What do the amounts include?",
            list(INCLUDED),
            default=list(proposed.amounts_include),
            key=f"included_{draft.number}",
            placeholder="goods and services only",
            help=md_escape(why["amounts_include"]),
        )
    not_clients = _ask_tills(draft, questions)
    return FirstAnswers(rhythm, tuple(dead), tuple(included), not_clients)


def _ask_tills(draft: Draft, questions: FirstQuestions) -> dict[str, str]:
    said: dict[str, str] = {}
    if not questions.tills:
        st.caption(f"A till among the clients? {md_escape(questions.why['not_clients'])}")
        return said
    proposed = questions.proposed.not_clients or {}
    st.markdown("Which of these is a till, a marketplace or an own branch, and no client?")
    with st.grid(min_column_width=260, key=f"tills_{draft.number}"):
        for one in questions.tills[:MOST_TILLS]:
            options = [A_CLIENT, *NOT_CLIENTS]
            kind = st.selectbox(
                say_name(one.name),
                options,
                index=options.index(proposed.get(one.name, A_CLIENT)),
                key=f"till_{draft.number}_{one.client}",
                help=md_escape(one.evidence),
            )
            if kind != A_CLIENT:
                said[one.name] = kind
    return said
