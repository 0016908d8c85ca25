"""The main picture: past months as they were expected and as they came, and the coming one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from crm_core.charts.worth import describe_outlook, outlook_chart
from crm_core.formatting import md_escape
from crm_core.metrics.lifetime.outlook import SalesOutlook
from crm_core.metrics.months import month_labels
from crm_core.metrics.returning import returning
from crm_core.sentences.worth import say_record
from crm_core.small_groups import is_few_of
from crm_core.ui.numbers import number_row
from crm_core.ui.shell import picture
from crm_core.ui.small_groups import least_of, say_hidden
from crm_core.ui.view import View
from crm_core.ui.worth import Worth, outlook_of
from crm_core.ui.worth_record_numbers import (
    shown_band,
    shown_months,
    shown_record,
    shown_tracking,
)

MOST_AT_ONCE = 30_000
"""From so many clients on the look back, which fits a model for each quarter, is on request."""

ASKED = "worth_looked_back"


def draw_record(view: View, worth: Worth) -> None:
    """Draw what was expected of the past months beside what came, and the coming month."""
    st.subheader("Next month, and how such words held")
    many = worth.values.models.basis.n_clients > MOST_AT_ONCE
    if many and st.session_state.get(ASKED) != view.whole.key:
        st.caption(
            "Looking back means to learn anew what was known before each of the last months; with "
            "this many clients that takes a while, once."
        )
        st.button("Look back twelve months", key="look_back", on_click=_ask, args=(view,))
        return
    with st.spinner("Looking at each past month from the day before it …"):
        outlook = outlook_of(view)
    if not outlook.past and outlook.coming.expected is None:
        st.caption(md_escape(say_record(outlook, view.currency)))
        return
    shown = known_months(view, outlook)
    picture(
        outlook_chart(shown, view.currency),
        key="outlook",
        alt=describe_outlook(outlook, view.currency),
        numbers=["worth.month_expected", "worth.month_actual", "worth.month_new"],
    )
    say_hidden(view, "Months with such a group are left out.")
    st.markdown(md_escape(say_record(outlook, view.currency)))
    if view.filters:
        st.caption("Of all clients, whatever the filters leave.")
    row, band = shown_record(view, outlook), shown_band(view, outlook)
    also = [*band, *shown_months(view, shown), shown_tracking(view, outlook)]
    number_row(row, key="record", also=also)


def known_months(view: View, outlook: SalesOutlook) -> SalesOutlook:
    """Return the outlook without the past months in which few bought, or few of them anew."""
    if least_of(view) == 1:
        return outlook
    whole = view.whole
    result = whole.remember("returning", lambda: returning(whole.ledger, whole.as_of))
    months = result.months
    held = zip(months.calendar.labels, months.new.tolist(), months.buyers.tolist(), strict=True)
    few = {label for label, new, buyers in held if is_few_of(new, buyers)}
    past = tuple(one for one in outlook.past if month_labels([one.month])[0] not in few)
    return replace(outlook, past=past)


def _ask(view: View) -> None:
    st.session_state[ASKED] = view.whole.key
