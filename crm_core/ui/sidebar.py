"""The sidebar all pages share: find a client, as-of day, period, filters.

Every choice lives in the link, so it stays across pages, reloads and shared
addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

import streamlit as st

from crm_core.access import Right
from crm_core.formatting import format_count, format_day, md_escape, say_name
from crm_core.metrics.months import same_day_years_before
from crm_core.tables import to_date, to_day
from crm_core.ui.clients import card_query, find_by_text
from crm_core.ui.filters import TITLES
from crm_core.ui.phone import on_a_phone
from crm_core.ui.saved_views import draw_saved_views
from crm_core.ui.shell import CLIENT, page_asked
from crm_core.ui.small_groups import FEWER, is_small, labels_shown
from crm_core.ui.start import leave_demo
from crm_core.ui.view import View, current_view, whole_view

PERIODS = {"12m": "Last 12 months", "all": "All time"}
MOST_HITS = 6
SEARCHED_ON = "_searched_on"


def draw_sidebar() -> None:
    """Draw what all pages share; nothing while nothing is stored."""
    whole = whole_view()
    if whole is None:
        return
    if on_a_phone():
        # A client tapped in the sidebar would lie under it: Streamlit leaves it open.
        _forget_search_elsewhere()
        if whole.full_ledger.n_clients:
            _draw_search(whole, label="collapsed", placeholder="Find a client")
    # Close together: below the menu all of it is in sight on a laptop.
    with st.sidebar, st.container(gap="xsmall"):
        if not on_a_phone():
            _draw_search(whole)
        _draw_day(whole)
        st.segmented_control(
            "Shares count",
            list(PERIODS),
            format_func=PERIODS.__getitem__,
            default="12m",
            required=True,
            key="period",
            bind="query-params",
            help="Which sales the shares and the Pareto figures are made of.",
        )
        _draw_filters(whole)
        draw_saved_views(whole)
        _draw_footer(whole)


def _forget_search_elsewhere() -> None:
    """Empty the search once it led to another page: what it found would stand above that."""
    here = (page_asked(), st.query_params.get("client"))
    if st.session_state.get(SEARCHED_ON, here) != here:
        st.session_state["find"] = ""
    st.session_state[SEARCHED_ON] = here


def _draw_search(
    whole: View,
    *,
    label: Literal["visible", "collapsed"] = "visible",
    placeholder: str = "Name or number",
) -> None:
    text = st.text_input(
        "Find a client",
        key="find",
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility=label,
        persist_state="session",
    )
    if not text or not text.strip():
        return
    positions, n_found = find_by_text(whole.full_ledger, text, most=MOST_HITS)
    if not n_found:
        st.caption("Nobody by that name or number.")
    for position in positions:
        st.page_link(
            CLIENT,
            label=say_name(whole.name(position)),
            query_params=card_query(whole.full_ledger, position),
        )
    if n_found > len(positions):
        st.caption(f"and {format_count(n_found - len(positions))} more: type more of the name")


def _draw_day(whole: View) -> None:
    latest = to_date(whole.latest_day)
    _follow_new_sales(latest)
    span = whole.full_ledger.span(whole.today)
    st.date_input(
        "As of",
        value=latest,
        min_value=min(to_date(span[0]), latest) if span else latest,
        max_value=max(to_date(whole.today), latest),
        format="DD.MM.YYYY",
        key="as_of",
        bind="query-params",
        help="The whole app as it stood on the evening of this day: later sales are not seen.",
    )
    with st.container(horizontal=True, gap="small"):
        for label, day in quick_days(latest).items():
            st.button(
                f":blue[{label}]",
                key=f"quick_{label}",
                type="tertiary",
                help=f"Show everything as of {format_day(day)}",
                on_click=_go_to_day,
                args=(day,),
            )


def quick_days(latest: date) -> dict[str, date]:
    """Return the quick choices of the as-of day.

    Examples
    --------
    >>> quick_days(date(2024, 2, 29))["A year ago"]
    datetime.date(2023, 2, 28)
    """
    return {
        "Latest": latest,
        "Last month": latest.replace(day=1) - timedelta(days=1),
        "A year ago": to_date(int(same_day_years_before(to_day(latest)))),
    }


def _go_to_day(day: date) -> None:
    st.session_state["as_of"] = day


def _follow_new_sales(latest: date) -> None:
    """Move a day nobody chose on to the latest when an import brings newer sales."""
    before = st.session_state.get("_latest_day")
    if before is not None and before != latest and st.session_state.get("as_of") == before:
        st.session_state["as_of"] = latest
    st.session_state["_latest_day"] = latest


def _draw_filters(whole: View) -> None:
    as_of = to_day(st.session_state.get("as_of") or to_date(whole.as_of))
    found = {name: labels_shown(whole, name, as_of) for name in TITLES}
    offered = {name: counts for name, counts in found.items() if len(counts) > 1}
    if not offered:
        return
    n_held = sum(_is_held(name, counts) for name, counts in offered.items())
    label = f"Filters ({n_held} on)" if n_held else "Filters"
    with st.expander(label, icon=":material/filter_list:", key="filters"):
        for name, counts in offered.items():
            top = ", ".join(
                f"{md_escape(key)} {count:,}" for key, count in list(counts.items())[:8]
            )
            st.multiselect(
                TITLES[name],
                list(counts),
                key=name,
                bind="query-params",
                placeholder="All",
                help=f"Clients: {', '.join(top)}",
            )
        st.caption(
            "Filters choose clients, with all their sales. Attributes are today's; the manager "
            "is who looked after the client on the as-of day."
        )


def _is_held(name: str, offered: Iterable[str]) -> bool:
    """Return whether a filter holds anything; a link says so before the filter is drawn."""
    if name in st.session_state:
        return bool(st.session_state[name])
    return not set(st.query_params.get_all(name)).isdisjoint(offered)


def _draw_footer(whole: View) -> None:
    view = current_view() or whole
    n_known = int(view.ledger.known_at(view.as_of).sum())
    n_all = int(view.full_ledger.known_at(view.as_of).sum())
    known = FEWER if is_small(view, n_all) else format_count(n_all)
    n_left = "some" if is_small(view, n_known, n_all - n_known) else format_count(n_known)
    who = f"{n_left} of {known}" if view.filters else known
    who += " client" if n_all == 1 and known == "1" else " clients"
    money = f"amounts in {md_escape(view.currency)}" if view.currency else "no currency named"
    st.caption(f"{who} known, {money}.")
    if view.demo:
        st.caption("This is a made-up business to look around in.")
        if not view.may(Right.IMPORT):
            return
        st.button("Remove the demo data", on_click=leave_demo, icon=":material/delete:")
