"""Which page is for whom: the menu lists only those, and any other link says so plainly.

The functions behind a page ask again; this only spares people a page of refusals.
"""

from __future__ import annotations

import streamlit as st

from crm_core.access import Actor, Right, actor
from crm_core.formatting import md_escape

PAGE_RIGHTS = {
    "import": Right.IMPORT,
    "merge": Right.MERGE,
    "my_clients": Right.SEE_NAMES,
    "settings": Right.SETTINGS,
    "self_check": Right.MAINTAIN,
    "privacy": Right.PRIVACY,
    "team": Right.TEAM,
}
"""The right a page asks for, by its address; all others are for everybody who may come in."""

ROLE_WORDS = {
    "owner": "an owner",
    "manager": "a manager",
    "analyst": "an analyst",
    "viewer": "a viewer",
}


def may_open(url_path: str, who: Actor) -> bool:
    """Return whether somebody may open a page of the dashboard."""
    return who.may(PAGE_RIGHTS.get(url_path, Right.SEE))


def require_page(url_path: str, title: str) -> None:
    """Say that a page is not for whoever asked for it, and stop there."""
    who = actor()
    if may_open(url_path, who):
        return
    known = f"You are {ROLE_WORDS[who.role.value]}" if who.role else "Nobody has signed in"
    right = PAGE_RIGHTS.get(url_path, Right.SEE).value
    st.title(md_escape(title))
    st.markdown(f"#### {known}, and this page is for those who may {md_escape(right)}.")
    st.markdown("An owner of this dashboard can change what you may do, under Team.")
    st.stop()
