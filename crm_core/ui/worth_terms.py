"""The terms of a value: over how many months, what waiting costs, what is earned of a sale."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import streamlit as st

from crm_core.access import Right
from crm_core.formatting import format_day, md_escape
from crm_core.policy import MOST_VALUE_MONTHS, ValueTerms, write_value_terms
from crm_core.records.business_figures import MARGIN, write_figure
from crm_core.tables import to_date
from crm_core.ui.actions import write
from crm_core.ui.view import View
from crm_core.ui.worth import Entered
from crm_core.ui.worth_numbers import say_terms


def draw_terms(view: View, entered: Entered) -> None:
    """Draw the terms in force and the form that changes them, for whoever may."""
    if not view.may(Right.SETTINGS):
        if entered.margin is not None:
            st.caption(md_escape(say_label(entered)))
        return
    with st.expander(say_label(entered), icon=":material/tune:", key="worth_terms"):
        held = (entered.stored, entered.figures.margin)
        with st.form("worth_form", border=False):
            _draw_fields(entered)
            st.form_submit_button("Save", on_click=save_terms, args=(view, entered))
        if held[1] == 0:
            st.caption("With a margin of 0 % nothing is earned, so sales are shown.")
        st.caption(
            "A month is 4.345 weeks. The discount says how much less money is worth a month later: "
            "1 % a month is about 12.7 % a year. The margin is the one of the page Key accounts; "
            "without it only expected sales are shown. All are kept with the day they were entered."
        )
        if error := st.session_state.pop("act_error", None):
            st.error(md_escape(error))
    st.session_state.pop("act_done", None)


def say_label(entered: Entered) -> str:
    """Return the terms in force as the form's label."""
    months = entered.stored.months
    if entered.margin is None:
        over = "month" if months == 1 else f"{months} months"
        return f"Looking {over} ahead; enter your margin to see what clients are worth"
    return f"Terms: {say_terms(entered.terms)}"


def _draw_fields(entered: Entered) -> None:
    stored, margin = entered.stored, entered.figures.margin
    since = entered.figures.since.get(MARGIN)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Months ahead",
            min_value=1,
            max_value=MOST_VALUE_MONTHS,
            value=stored.months,
            key=f"worth_months_{stored.months}",
            width=160,
        )
        st.number_input(
            "Discount a month, %",
            min_value=0.0,
            max_value=50.0,
            value=round(100 * stored.discount_monthly, 4),
            step=0.1,
            key=f"worth_discount_{stored.discount_monthly}",
            width=200,
        )
        st.number_input(
            "Margin on sales, %",
            min_value=0.0,
            max_value=100.0,
            value=None if margin is None else margin / 100,
            placeholder="Not entered",
            help="What is left of 100 of sales after paying for the goods."
            + (f" Since {format_day(since)}." if since else ""),
            key=f"worth_margin_{margin}",
            width=200,
        )


def save_terms(view: View, entered: Entered) -> None:
    """Store what the form holds (a callback)."""
    stored, margin = entered.stored, entered.figures.margin
    state = st.session_state
    months = state.get(f"worth_months_{stored.months}", stored.months)
    percent = state.get(f"worth_discount_{stored.discount_monthly}", 0.0)
    asked = state.get(f"worth_margin_{margin}")
    since = to_date(view.today)

    def work(connection: Any) -> None:
        terms = ValueTerms(int(months), float(Decimal(str(percent)) / 100))
        write_value_terms(connection, terms, since=since, set_by="dashboard")
        if asked != (None if margin is None else margin / 100):
            text = None if asked is None else str(Decimal(str(asked)))
            write_figure(connection, MARGIN, text, since=since, set_by="dashboard")

    write(view, work, "Saved.", sales=False)
