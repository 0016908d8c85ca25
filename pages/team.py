"""Team: who may come in, what each may do, and who did what."""

from __future__ import annotations

import streamlit as st

from crm_core.access import signs_in
from crm_core.ui.audit import draw_audit
from crm_core.ui.shell import page_header, quiet_reason, require_app
from crm_core.ui.team import (
    draw_change,
    draw_invitation,
    draw_members,
    draw_outcome,
    draw_rights,
    members,
    team_sentence,
)

require_app()
team = members()
page_header("Team", team_sentence(team))
draw_outcome()

if not signs_in():
    quiet_reason(
        "To share this dashboard, set up sign-in first: docs/sign_in.md says how, with Microsoft "
        "365, Google or a sign-in page of your own. People are invited here afterwards."
    )
if team:
    st.subheader("Who may come in")
    draw_members(team)
if signs_in():
    inviting, changing = st.columns(2, gap="large")
    with inviting:
        st.subheader("Invite somebody")
        draw_invitation()
    with changing:
        st.subheader("Change what somebody may do")
        draw_change(team)

with st.expander("What each role may do", icon=":material/key:", key="roles"):
    draw_rights()

st.subheader("Who did what")
draw_audit()
