"""My clients: which of one's own clients to call, and how all of them stand."""

from __future__ import annotations

import streamlit as st

from crm_core.access import Role
from crm_core.ui import my_clients as parts
from crm_core.ui.calls import to_call
from crm_core.ui.handing_over import draw_handed_over, offer_handing_over
from crm_core.ui.late_lists import draw_due
from crm_core.ui.late_numbers import due_days
from crm_core.ui.lists import client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shell import page_header, require_app
from crm_core.ui.start import view_or_welcome
from crm_core.ui.visits import draw_since

require_app()
view = view_or_welcome()
head = st.container()
mine, whose = parts.own_view(view)
late = to_call(mine)
title = "My clients" if view.who.role is Role.MANAGER else "Clients by person"
with head:
    page_header(title, parts.my_sentence(mine, late, whose))

draw_since(mine)
coming = parts.coming_up(mine)
left, right = st.columns([2, 1], gap="large") if coming else (st.container(), None)
with left:
    if len(late):
        draw_due(mine, late)
    number_row(
        parts.my_numbers(mine, late),
        key="my",
        also=[*due_days(mine, late), *parts.coming_numbers(mine, coming)],
    )
if right is not None:
    with right:
        parts.draw_coming_up(mine, coming)

with st.container(horizontal=True):
    offer_handing_over(view, whose or view.who.manager)
draw_handed_over(view)
gone = st.toggle("Show those who are gone too", key="my_gone")
listed = parts.my_order(mine, late, gone=gone)
client_list(
    mine,
    listed,
    parts.my_columns(mine, listed),
    key="my",
    title="All of them",
    empty="Nobody yet: an owner can hand clients over to you, or set the manager on a card.",
    file_name="my-clients",
)
