"""Saved views in the sidebar: a name brings back page, filters, period and day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import streamlit as st
from sqlalchemy import Connection

from crm_core.access import Role
from crm_core.errors import CrmError
from crm_core.formatting import format_day, md_escape, one_line, say_name
from crm_core.records import saved_views as records
from crm_core.records.engine import reading, recording
from crm_core.records.saved_views import LATEST, KeptView, ViewState
from crm_core.tables import to_date, to_day
from crm_core.ui.filters import TITLES
from crm_core.ui.my_clients import WHOSE
from crm_core.ui.shell import page_asked, page_files
from crm_core.ui.small_groups import labels_shown
from crm_core.ui.view import View

GO_TO, ERROR, DONE = "_view_page", "_view_error", "_view_done"
NAME, RENAMED, RENAMING = "view_name", "view_renamed", "_view_renaming"
RENAME, SHARE, UNSHARE, DELETE = "Rename", "Share with all", "Keep to myself", "Delete"
FIELD_WIDTH = 176
"""Narrow enough that the browser draws no "Press Enter" over what is typed."""


def draw_saved_views(whole: View) -> None:
    """Draw the views kept under a name, and the field that keeps the present one.

    Parameters
    ----------
    whole : View
        All clients on the default day.
    """
    _go_where_asked()
    with reading(whole.engine) as connection:
        kept = [view for view in records.list_views(connection) if _is_of_use(whole, view)]
    if done := st.session_state.pop(DONE, None):
        st.toast(md_escape(done), icon=":material/check:")
    error = st.session_state.pop(ERROR, None)
    label = f"Saved views ({len(kept)})" if kept else "Saved views"
    with st.expander(label, icon=":material/bookmark:", key="saved_views"):
        if error:
            st.error(md_escape(error))
        for view in kept:
            _draw_view(whole, view)
        with st.form("view_form", border=False, clear_on_submit=True):
            st.text_input(
                "Save this view as",
                key=NAME,
                max_chars=records.LONGEST_NAME,
                placeholder="Late in Bonn",
                width=FIELD_WIDTH,
                help="Keeps the page, the filters, the period and the day; the latest day "
                "stays the latest.",
            )
            # Asked while the page is drawn: a callback runs before there is a page.
            how = (whole, page_asked())
            st.form_submit_button("Save", icon=":material/add:", on_click=_save, args=how)


def _draw_view(whole: View, kept: KeptView) -> None:
    if st.session_state.get(RENAMING) == kept.id:
        longest = records.LONGEST_NAME
        st.text_input(
            "New name", value=kept.name, key=RENAMED, max_chars=longest, width=FIELD_WIDTH
        )
        st.button("Rename", key="view_rename", on_click=_rename, args=(whole, kept.id))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            say_name(kept.name),
            key=f"view_{kept.id}",
            type="tertiary",
            icon=":material/group:" if kept.shared else ":material/bookmark:",
            help=_say_state(whole, kept),
            on_click=_open,
            args=(whole, kept),
        )
        choices = _choices(whole, kept)
        if choices:
            name = f"view_more_{kept.id}"
            st.menu_button(
                "",
                choices,
                icon=":material/more_vert:",
                type="tertiary",
                key=name,
                on_click=_do,
                args=(whole, kept, name),
            )


def _choices(whole: View, kept: KeptView) -> list[str]:
    if not kept.mine:
        return [DELETE] if whole.who.role is Role.OWNER else []
    if whole.who.member_id is None:
        return [RENAME, DELETE]
    return [RENAME, UNSHARE if kept.shared else SHARE, DELETE]


def _shown_labels(whole: View, kept: KeptView) -> dict[str, list[str]]:
    """Return the filters of a view with those of their labels that may be shown here."""
    day = to_day(_day_of(whole, kept.state.as_of))
    shown = {}
    for name, labels in kept.state.filters.items():
        known = labels_shown(whole, name, day) if name in TITLES else labels
        shown[name] = [label for label in labels if label in known]
    return shown


def _is_of_use(whole: View, kept: KeptView) -> bool:
    """Return whether a view is one's own, or filters by nothing that is not shown here.

    Others may have shared a group of clients, by its name, that somebody may not see.
    """
    return kept.mine or all(_shown_labels(whole, kept).values())


def _say_state(whole: View, kept: KeptView) -> str:
    """Return what a view brings back, for its tooltip."""
    state, parts = kept.state, []
    for name, labels in _shown_labels(whole, kept).items():
        chosen = ", ".join(one_line(label, 40) for label in labels) or "not shown to you"
        parts.append(f"{TITLES.get(name, 'Whose clients')}: {chosen}")
    day = state.as_of
    parts.append("latest day" if day == LATEST else f"as of {format_day(date.fromisoformat(day))}")
    parts.append("all time" if state.period == "all" else "last 12 months")
    whose = "" if kept.mine else "Shared by somebody else. "
    return md_escape(f"{whose}{'; '.join(parts)}")


def state_now(whole: View, page: str) -> ViewState:
    """Return the state of the sidebar and of a page, as it would be kept."""
    held = st.session_state
    filters = {name: tuple(held[name]) for name in TITLES if held.get(name)}
    if page == "my_clients" and held.get(WHOSE):
        filters[WHOSE] = (held[WHOSE],)
    day = held.get("as_of") or to_date(whole.latest_day)
    as_of = LATEST if to_day(day) >= whole.latest_day else day.isoformat()
    # A card is somebody's: what is kept of it is the way the pages are looked at.
    return ViewState(
        "overview" if page == "client" else page, filters, held.get("period") or "12m", as_of
    )


def _open(whole: View, kept: KeptView) -> None:
    """Put a view's choices into the session (a callback): the next run draws them."""
    state, held = kept.state, st.session_state
    held["as_of"] = day = _day_of(whole, state.as_of)
    held["period"] = state.period if state.period in ("12m", "all") else "12m"
    for name in TITLES:
        labels = labels_shown(whole, name, to_day(day))
        chosen = [label for label in state.filters.get(name, ()) if label in labels]
        if chosen or held.get(name):
            held[name] = chosen
    if state.filters.get(WHOSE):
        held[WHOSE] = state.filters[WHOSE][0]
    held[GO_TO] = state.page


def _day_of(whole: View, as_of: str) -> date:
    """Return the day of a view within what can be chosen now."""
    latest = whole.latest_day
    if as_of == LATEST:
        return to_date(latest)
    span = whole.full_ledger.span(whole.today)
    first = min(span[0], latest) if span else latest
    return to_date(min(max(to_day(date.fromisoformat(as_of)), first), max(whole.today, latest)))


def _go_where_asked() -> None:
    page = st.session_state.pop(GO_TO, None)
    files = page_files()
    if page in files and page != page_asked():
        st.switch_page(files[page], query_params={})


def _save(whole: View, page: str) -> None:
    name, state = st.session_state[NAME], state_now(whole, page)
    _write(whole, lambda held: records.save_view(held, name, state), "View saved.")


def _do(whole: View, kept: KeptView, name: str) -> None:
    what = st.session_state[name]
    if what == RENAME:
        st.session_state[RENAMING] = kept.id
    elif what == DELETE:
        _write(whole, lambda held: records.delete_view(held, kept.id), "View deleted.")
    else:
        share = what == SHARE
        done = "Everybody sees this view now." if share else "Only you see this view now."
        _write(whole, lambda held: records.share_view(held, kept.id, shared=share), done)


def _rename(whole: View, view_id: int) -> None:
    name = st.session_state[RENAMED]
    _write(whole, lambda held: records.rename_view(held, view_id, name), "View renamed.")
    if ERROR not in st.session_state:
        st.session_state.pop(RENAMING, None)


def _write(whole: View, work: Callable[[Connection], object], done: str) -> None:
    try:
        with recording(whole.engine) as connection:
            work(connection)
    except CrmError as error:
        st.session_state[ERROR] = str(error)
    else:
        st.session_state[DONE] = done
