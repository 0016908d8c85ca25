"""Naming a client key from the page: chosen by name, then the same dialogs as on its card."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.access import Right
from crm_core.formatting import one_line
from crm_core.ui.actions import MOST_OFFERED
from crm_core.ui.clients import find_by_text
from crm_core.ui.key_accounts import KeyBook
from crm_core.ui.key_dialogs import draw_open, offer

MOST_HITS = 50


def draw_naming(book: KeyBook) -> None:
    """Draw the choice of a client and what can be noted about it."""
    view = book.view
    if not view.may(Right.EDIT):
        return
    with st.expander("Name a key client, or note something about one", icon=":material/key:"):
        st.caption(
            "Sales name only the large ones. Others are key because of what they could become, "
            "their name, their ideas or their demands."
        )
        text = st.text_input("Find a client", key="key_search", placeholder="Name or number")
        if text and text.strip():
            found = find_by_text(view.ledger, text, most=MOST_HITS)[0]
        else:
            found = np.concatenate([book.positions, view.pareto.order[:MOST_OFFERED]])
        offered = list(dict.fromkeys(found.tolist()))
        if not offered:
            st.caption("Nobody by that name or number.")
            return
        names = dict(zip(offered, view.names(np.array(offered, dtype=np.int64)), strict=True))
        position = st.selectbox(
            "Client", offered, format_func=lambda at: one_line(names[at]), key="key_about"
        )
        with st.container(horizontal=True):
            offer("name")
    if position is not None:
        draw_open(view, int(position))
