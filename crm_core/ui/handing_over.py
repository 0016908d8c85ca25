"""Clients change hands: one from its card, all of somebody's, for good or for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import streamlit as st
from sqlalchemy import Connection

from crm_core.access import Right
from crm_core.formatting import format_day, format_money, md_escape, one_line, plural, say_name
from crm_core.metrics.carers import carers, handed_over_by
from crm_core.records import handing_over as records
from crm_core.records import people
from crm_core.records.engine import reading
from crm_core.sentences.places import handing_sentence
from crm_core.tables import IntArray, to_date, to_day
from crm_core.ui.actions import record_of, save_button, say_who, write
from crm_core.ui.definitions import Shown, definition_drawer
from crm_core.ui.view import View

OPEN, COVER_DAYS = "hand_open", 14
GOOD, WHILE = "For good", "For a while"


def names_to_choose(view: View, but: str) -> list[str]:
    """Return who may get clients: those who look after some or sold, and managers of the team."""
    with reading(view.engine) as connection:
        team = records.names_in_team(connection)
    return sorted({*view.full_ledger.managers, *team} - {but, ""}, key=str.casefold)


@st.dialog("Hand over", icon=":material/handshake:")
def hand_over_one(view: View, position: int) -> None:
    """Ask who gets a client, from when until when, and say first what that means."""
    say_who(view, position)
    code = int(carers(view.ledger, view.today)[position])
    giver = view.ledger.managers[code] if code >= 0 else ""
    st.caption(f"Looked after by {say_name(giver)} today." if giver else "Nobody looks after them.")
    to = _ask_whom(view, giver, nobody=bool(giver))
    from_day, until = _ask_days(view)

    def work(connection: Connection) -> None:
        if to is None:
            people.set_manager(connection, record_of(view, position), "", from_day=from_day)
        else:
            ids = [record_of(view, position)]
            records.hand_over(connection, ids, to=to, from_day=from_day, until=until)

    if to is not None:
        _preview(view, np.array([position]), (giver, to), from_day, until)
    save_button(view, work, "Handed over." if to else "Nobody looks after them from then on.")


@st.dialog("Hand over all clients", icon=":material/handshake:")
def hand_over_all(view: View, giver: str) -> None:
    """Ask who gets all clients of somebody, from when until when, and count them first."""
    st.caption(
        f"All clients of {say_name(giver)}, whatever the filters, leads and those who are gone "
        "too; history stays."
    )
    to = _ask_whom(view, giver, nobody=False)
    from_day, until = _ask_days(view)
    last = None if until is None else to_day(until)
    whole = view.whole
    mask = handed_over_by(whole.ledger, giver, to_day(from_day), last)
    found = np.flatnonzero(mask)
    if to is None:
        st.caption(f"{plural(len(found), 'client')} to hand over: choose who gets them.")
        return
    _preview(whole, found, (giver, to), from_day, until)
    ids = whole.ledger.clients.record_id[found].tolist()

    def work(connection: Connection) -> None:
        records.hand_over(connection, ids, giver=giver, to=to, from_day=from_day, until=until)

    done = f"{plural(len(found), 'client')} handed over to {one_line(to, 60)}."
    save_button(view, work, f"{done} “Handed over lately” takes it back.")


def _ask_whom(view: View, giver: str, *, nobody: bool) -> str | None:
    to = st.selectbox(
        "To",
        names_to_choose(view, giver),
        index=None,
        format_func=one_line,
        accept_new_options=True,
        placeholder="Nobody, or choose or type a name" if nobody else "Choose or type a name",
        key="hand_to",
    )
    return str(to).strip() or None if to else None


def _ask_days(view: View) -> tuple[date, date | None]:
    today = to_date(view.today)
    how = st.segmented_control(
        "How long", (GOOD, WHILE), default=GOOD, required=True, key="hand_how", width="content"
    )
    left, right = st.columns(2)
    with left:
        first = st.date_input("From", value=today, format="DD.MM.YYYY", key="hand_from")
    from_day: date = first or today
    if how == GOOD:
        return from_day, None
    with right:
        until = st.date_input(
            "Until, last day included",
            value=from_day + timedelta(days=COVER_DAYS - 1),
            min_value=from_day,
            format="DD.MM.YYYY",
            key=f"hand_until_{from_day}",
        )
    return from_day, until or from_day


def _preview(
    view: View, found: IntArray, names: tuple[str, str], from_day: date, until: date | None
) -> None:
    giver, to = names
    sales = int(view.trailing[found].sum())
    said = handing_sentence(
        len(found), sales, to, from_day, until, giver=giver or None, currency=view.currency
    )
    st.markdown(f"**{md_escape(said)}**")
    if until is not None:
        st.caption(f"On {format_day(until + timedelta(days=1))} each is back where it was before.")
    if to not in view.full_ledger.managers:
        st.caption("A name nobody had so far: check the spelling.")
    shown = [
        Shown("handing.clients", plural(len(found), "client"), f"from {format_day(from_day)} on"),
        Shown("handing.sales", format_money(sales, view.currency), plural(len(found), "client")),
    ]
    definition_drawer(shown, key="hand_meaning")


def offer_handing_over(view: View, giver: str | None) -> None:
    """Draw the button that hands over all clients of somebody, and what was handed over lately.

    Parameters
    ----------
    view : View
        What the page looks at.
    giver : str or None
        Whose clients; nothing is offered without a name, or to whoever may only look.
    """
    if not view.may(Right.EDIT):
        return
    if done := st.session_state.pop("act_done", None):
        st.toast(md_escape(done), icon=":material/check:")
    if error := st.session_state.pop("act_error", None):
        st.error(md_escape(error))
    if giver:
        label = "Hand over all clients"
        st.button(label, icon=":material/handshake:", key="hand_all", on_click=_ask_to_open)
        if st.session_state.pop(OPEN, False):
            hand_over_all(view, giver)


def _ask_to_open() -> None:
    st.session_state[OPEN] = True


def draw_handed_over(view: View) -> None:
    """Draw what whoever is at the page may take back; nothing where there is nothing."""
    if not view.may(Right.EDIT):
        return
    with reading(view.engine) as connection:
        past = records.list_hand_overs(connection)
    if not past:
        return
    with st.expander(f"Handed over lately ({len(past)})", icon=":material/history:", key="handed"):
        _draw_past(view, past)


def _draw_past(view: View, past: Sequence[records.PastHandOver]) -> None:
    for one in past:
        until = f" until {format_day(one.until)}" if one.until else ""
        said = f"{plural(one.n_clients, 'client')} to {one_line(one.to, 60)} from "
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{said}{format_day(one.from_day)}{until}", width="stretch")
            st.button(
                "Take back",
                key=f"hand_back_{one.first_row}",
                type="tertiary",
                on_click=_take_back,
                args=(view, one.first_row),
            )


def _take_back(view: View, first_row: int) -> None:
    write(view, lambda held: records.take_back(held, first_row), "Taken back.", sales=True)
