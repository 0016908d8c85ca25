"""The first minute: nothing stored yet, so look around or bring sales."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from crm_core.access import Right, actor, signs_in
from crm_core.demo import fill_with_demo, remove_demo
from crm_core.errors import CrmError
from crm_core.formatting import md_escape
from crm_core.records.engine import database_url
from crm_core.ui.handing_over import draw_handed_over
from crm_core.ui.shell import IMPORT, page_title
from crm_core.ui.small_groups import FEWER, HIDDEN, is_small
from crm_core.ui.view import View, current_view, database, today

PROMISES = (
    ("Who carries us", "the clients that bring most of the sales, and how much hangs on one"),
    ("Stages", "where each relationship stands, since when and why"),
    ("Late and gone", "whom to call before they are gone"),
    ("Coming back", "how many buy again, and when"),
)


def view_or_welcome() -> View:
    """Return what the page looks at; greet and stop while nothing is stored."""
    try:
        view = current_view()
    except CrmError as error:
        refuse(error)
    if view is None:
        welcome()
        st.stop()
    _say_unseen(view)
    return view


def _say_unseen(view: View) -> None:
    """Stop with a sentence where nothing of what is stored may be shown."""
    if not view.who.sees_all and not view.full_ledger.n_clients:
        st.title(md_escape(page_title()))
        st.info(
            "No client is yours yet, or all of yours are in other hands for now. Ask an owner of "
            "this dashboard: under Team stands which department is yours or whom you look after.",
            icon=":material/info:",
        )
        # Whoever gave all clients into other hands for a while takes them back here.
        draw_handed_over(view)
        st.stop()
    known = int(view.ledger.known_at(view.as_of).sum())
    every = int(view.full_ledger.known_at(view.as_of).sum())
    if is_small(view, known, every - known):
        st.title(md_escape(page_title()))
        st.info(
            f"Filters and day leave {FEWER} clients, or all but so few. {HIDDEN} Take a filter "
            "away.",
            icon=":material/info:",
        )
        st.stop()
    if view.filters and not known:
        st.info(
            "The filters leave nobody on this day: take one away, or choose a later day.",
            icon=":material/filter_list_off:",
        )


def refuse(error: CrmError) -> NoReturn:
    """Show what the person can put right, and stop the page there."""
    st.error(md_escape(str(error)), icon=":material/error:")
    st.stop()


def welcome() -> None:
    """Greet on the first start: two ways in."""
    st.title("Welcome to Regulars")
    refused = st.session_state.pop("start_error", None)
    if refused:
        st.error(md_escape(refused), icon=":material/error:")
    st.markdown(
        "#### See which clients carry your business, who is leaving, who comes back, "
        "and whom to call today."
    )
    st.markdown(
        "It reads the sales files you already have: Excel, CSV, or an export of your shop or till. "
        f"Everything stays {where_it_stays()}."
    )
    if not actor().may(Right.IMPORT):
        st.info("No sales are stored yet. An owner of this dashboard can bring them in.")
        return
    with st.container(horizontal=True):
        # A callback: it is heard even when the click is the first thing a session does.
        st.button(
            "Look around with demo data",
            type="primary",
            icon=":material/visibility:",
            on_click=_fill_with_demo,
        )
        if st.button("Import my sales", icon=":material/upload_file:"):
            st.switch_page(IMPORT)
    st.markdown("\n".join(f"- **{title}**: {promise}" for title, promise in PROMISES))


def where_it_stays() -> str:
    """Return where the sales are kept, in the words of whoever opens the page."""
    alone = not signs_in() and database_url().get_backend_name() == "sqlite"
    return "on this computer" if alone else "on your own server"


def _fill_with_demo() -> None:
    try:
        fill_with_demo(database(), today=today())
    except CrmError as error:
        st.session_state["start_error"] = str(error)


def leave_demo() -> None:
    """Take the demo data out again, so that one's own sales can come in."""
    try:
        remove_demo(database())
    except CrmError as error:
        st.session_state["start_error"] = str(error)
