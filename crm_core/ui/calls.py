"""A few clients to call, each with the reason and the money."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.formatting import format_count, say_name
from crm_core.metrics.late import LateList, late_clients, pick_late
from crm_core.sentences.answers import call_reason
from crm_core.ui.actions import snoozed_clients
from crm_core.ui.clients import card_query
from crm_core.ui.shell import CLIENT, LATE
from crm_core.ui.small_groups import FEWER, HIDDEN, is_small
from crm_core.ui.view import View

FIRST = 5


def to_call(view: View) -> LateList:
    """Return the late clients nobody snoozed, most at stake first."""
    every: LateList = view.remember("late", lambda: late_clients(view.stages, view.trailing))
    return pick_late(every, ~np.isin(every.client, snoozed_clients(view)))


def call_list(view: View, late: LateList, *, most: int = FIRST) -> None:
    """Draw the late clients with most at stake; names lead to their cards.

    Parameters
    ----------
    view : View
        What the page looks at.
    late : LateList
        Of the view's ledger, largest sales first.
    most : int, default 5
        Clients shown.
    """
    if is_small(view, len(late)):
        st.caption(HIDDEN)
        return
    if not len(late):
        st.caption("Nobody to call: everybody bought within the usual time, or is put off.")
    for row, position in enumerate(late.client[:most].tolist()):
        with st.container(gap=None):
            _draw_name(view, position)
            st.caption(
                call_reason(
                    late_on=int(late.late_on[row]),
                    gone_on=int(late.gone_on[row]),
                    usual_gap=float(view.stages.usual_gap_days[position]),
                    sales=int(late.sales[row]),
                    currency=view.currency,
                    doubt=view.doubt,
                )
            )
    more = len(late) - most
    if more > 0:
        label = f"{FEWER if is_small(view, more) else format_count(more)} more are late"
        st.page_link(LATE, label=label, icon=":material/arrow_forward:")


def _draw_name(view: View, position: int) -> None:
    name = f"**{say_name(view.name(position))}**"
    st.page_link(CLIENT, label=name, query_params=card_query(view.ledger, position))
