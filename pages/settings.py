"""Settings: what holds, since when, and what changing one would do."""

from __future__ import annotations

import streamlit as st

from crm_core.ui.definitions import definition_drawer
from crm_core.ui.format import md_escape
from crm_core.ui.lists import client_list
from crm_core.ui.setting_words import TITLES
from crm_core.ui.settings import (
    draw_choice,
    draw_effect,
    link_to_rules,
    proposal,
    save_change,
    settings_sentence,
    settings_table,
    shown_settings,
    try_change,
)
from crm_core.ui.shared_columns import share_column, stage_column, trailing_column
from crm_core.ui.shell import page_header, require_app
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
page_header("Settings", settings_sentence(view))
refused = st.session_state.pop("settings_error", None)
if refused:
    st.error(md_escape(refused))

link_to_rules(view)
st.subheader("In force")
settings_table(view)
definition_drawer(shown_settings(view), key="settings_meaning")
proposal(view)

st.subheader("Change one")
st.caption("Nothing is saved before you have seen what it would do.")
change = draw_choice(view)
if change is None:
    st.caption("Enter another value to see which clients would move.")
else:
    name, value = change
    moves = try_change(view, name, value)
    if moves is not None:
        draw_effect(moves, view.stage_names)
        st.button(
            "Save this change",
            type="primary",
            on_click=save_change,
            args=(view, name, value),
            key="save_setting",
        )
        moved = moves.clients(moves.up | moves.down)
        whole = view.whole
        columns = [
            stage_column(whole, moved),
            share_column(whole, moved),
            trailing_column(whole, moved),
        ]
        client_list(whole, moved, columns, key="would_move", title="Who would move")

own = [name for name in view.parameters.origins if name in TITLES]
if own:
    st.subheader("Back to the default")
    with st.container(horizontal=True):
        for name in own:
            st.button(
                TITLES[name], key=f"reset_{name}", on_click=save_change, args=(view, name, None)
            )
