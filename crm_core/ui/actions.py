"""What a person does about a client: log a call, snooze, note that it ended, set things right.

Every action is a dialog whose button writes in a callback: what the inputs hold
is read from the session by key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
import streamlit as st
from sqlalchemy import Connection

from crm_core.access import Right, actor, signs_in
from crm_core.errors import CrmError
from crm_core.explanations import WORDS
from crm_core.formatting import format_day, md_escape, one_line
from crm_core.records import clients, people
from crm_core.records.engine import reading, writing
from crm_core.records.models_people import CONTACT_KINDS, NOT_CLIENT_KINDS
from crm_core.records.presence import check_nobody_was_faster, newest_line
from crm_core.tables import END_REASONS, STAGES, WHO_ENDED, IntArray, to_date
from crm_core.ui.view import View

MOST_OFFERED = 500
"""Clients a choice offers at most; the others are opened from the list."""

SNOOZE_DAYS = 14
CONTRACT_DAYS = 365
WHO_WORDS = {"client": "The client", "us": "We", "both": "Both", "unknown": "Not known"}
KIND_WORDS = {"till": "Till", "marketplace": "Marketplace", "branch": "Own branch"}

OFFERS = {
    "Log a contact": ":material/call:",
    "Snooze": ":material/snooze:",
    "Ended": ":material/logout:",
}
MORE = ("Set the stage by hand", "Note a contract", "Hand over", "This is not a client")

Work = Callable[[Connection], object]

SINCE = "act_since"
"""Session key: the client of the open dialog, and the newest audit line about it by then."""


def snoozed_clients(view: View) -> IntArray:
    """Return the positions of the clients somebody snoozed over the view's day.

    A day up to the last sale is asked about as it is; the latest day means today.
    """
    day = max(view.as_of, view.today) if is_latest(view) else view.as_of
    with reading(view.engine) as connection:
        ids = clients.snoozed_clients(connection, to_date(day))
    return np.flatnonzero(np.isin(view.ledger.clients.record_id, list(ids)))


def is_latest(view: View) -> bool:
    """Return whether the page looks at the latest day there is."""
    return view.as_of >= view.latest_day


def act_on_one_of(view: View, positions: IntArray, *, key: str) -> None:
    """Offer the actions for one of several clients, chosen by name.

    Parameters
    ----------
    view : View
        Its ledger is what ``positions`` count in.
    positions : ndarray of int64, shape (n,)
        The clients; the first 500 are offered.
    key : str
        Unique on the page.
    """
    if not view.may(Right.EDIT):
        return
    offered = positions[:MOST_OFFERED].tolist()
    names = dict(zip(offered, view.names(positions[:MOST_OFFERED]), strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Do something about",
            offered,
            format_func=lambda position: one_line(names[position]),
            key=f"{key}_act_on",
            width=320,
        )
        if chosen is not None:
            act_on(view, int(chosen), key=key)


def act_on(view: View, position: int, *, key: str) -> None:
    """Draw the three buttons for a client: log a call, snooze, ended; none for who may only look.

    Parameters
    ----------
    view : View
        Its ledger is what ``position`` counts in.
    position : int
        The client.
    key : str
        Unique on the page.
    """
    if not view.may(Right.EDIT):
        return
    for label, icon in OFFERS.items():
        st.button(label, icon=icon, key=f"{key}_{label}", on_click=_open, args=(label,))
    _draw_open(view, position)


def act_more(*, key: str) -> None:
    """Draw what is needed less often; :func:`act_on` beside it opens the dialog chosen."""
    if not actor().may(Right.EDIT):
        return
    name = f"{key}_more"
    icon = ":material/more_horiz:"
    st.menu_button("More", list(MORE), icon=icon, key=name, on_click=_open_chosen, args=(name,))


def _open(label: str) -> None:
    st.session_state["act_open"] = label
    st.session_state.pop(SINCE, None)


def _open_chosen(name: str) -> None:
    _open(st.session_state[name])


def _draw_open(view: View, position: int) -> None:
    """Open the dialog a button asked for, or say how the last one went.

    Buttons ask in a callback: a page may start over before it comes here, and what a
    button returns would be lost then.
    """
    if done := st.session_state.pop("act_done", None):
        st.toast(md_escape(done), icon=":material/check:")
    if error := st.session_state.pop("act_error", None):
        st.error(md_escape(error))
    from crm_core.ui.handing_over import hand_over_one  # noqa: PLC0415  (it stands on this)

    dialogs = {
        "Log a contact": log_contact,
        "Snooze": snooze,
        "Ended": end_relationship,
        "Set the stage by hand": override_stage,
        "Note a contract": add_contract,
        "Hand over": hand_over_one,
        "This is not a client": mark_not_client,
    }
    asked = st.session_state.pop("act_open", None)
    if asked in dialogs:
        dialogs[asked](view, position)


@st.dialog("Log a contact", icon=":material/call:")
def log_contact(view: View, position: int) -> None:
    """Ask what happened between us and the client, and note it."""
    say_who(view, position)
    st.segmented_control(
        "What it was",
        CONTACT_KINDS,
        default="call",
        required=True,
        format_func=str.capitalize,
        key="act_kind",
    )
    st.toggle(
        "They answered, called or came",
        value=True,
        key="act_inbound",
        help="A sign of life of their own: it moves the day from which they count as gone.",
    )
    ask_day(view)
    ask_note("What was said")

    def work(connection: Connection) -> None:
        held = st.session_state
        people.log_contact(
            connection,
            record_of(view, position),
            day=held["act_day"],
            kind=held["act_kind"],
            inbound=held["act_inbound"],
            created_at=datetime.now().astimezone(),
            note=held["act_note"],
        )

    save_button(view, work, "Contact noted.")


@st.dialog("Snooze", icon=":material/snooze:")
def snooze(view: View, position: int) -> None:
    """Ask until when a client stays off the list of late ones."""
    say_who(view, position)
    st.date_input(
        "Leave off the list until",
        value=to_date(view.today) + timedelta(days=SNOOZE_DAYS),
        min_value=to_date(view.today),
        format="DD.MM.YYYY",
        key="act_day",
    )
    ask_note("Why")

    def work(connection: Connection) -> None:
        people.snooze(
            connection,
            record_of(view, position),
            from_day=min(to_date(view.today), st.session_state["act_day"]),
            until=st.session_state["act_day"],
            note=st.session_state["act_note"],
        )

    save_button(view, work, "Snoozed: back on the list the day after.", sales=False)


@st.dialog("The relationship ended", icon=":material/logout:")
def end_relationship(view: View, position: int) -> None:
    """Ask who ended the relationship, why and when."""
    say_who(view, position)
    st.segmented_control(
        "Who ended it",
        WHO_ENDED,
        default="client",
        required=True,
        format_func=WHO_WORDS.__getitem__,
        key="act_who",
    )
    st.selectbox("Why", END_REASONS, format_func=str.capitalize, key="act_reason")
    ask_day(view)
    ask_note("In their words")

    def work(connection: Connection) -> None:
        held = st.session_state
        people.end_relationship(
            connection,
            record_of(view, position),
            day=held["act_day"],
            who=held["act_who"],
            reason=held["act_reason"],
            note=held["act_note"],
        )

    save_button(view, work, "Noted: gone. A later purchase opens the relationship again.")


@st.dialog("Set the stage by hand", icon=":material/edit:")
def override_stage(view: View, position: int) -> None:
    """Ask for a stage, the reason, and until when it holds."""
    say_who(view, position)
    st.selectbox("Stage", STAGES[1:], format_func=WORDS.__getitem__, key="act_stage")
    st.text_input("Reason", key="act_note", placeholder="What you know and the sales do not show")
    first = to_date(view.today)
    st.date_input(
        "Holds until",
        value=first + timedelta(days=people.OVERRIDE_DAYS),
        min_value=first,
        format="DD.MM.YYYY",
        key="act_day",
    )

    def work(connection: Connection) -> None:
        held = st.session_state
        people.override_stage(
            connection,
            record_of(view, position),
            stage=held["act_stage"],
            reason=held["act_note"],
            author="",
            set_on=first,
            expires_on=held["act_day"],
        )

    save_button(view, work, "Stage set. The computed one stays visible.")


@st.dialog("Note a contract", icon=":material/contract:")
def add_contract(view: View, position: int) -> None:
    """Ask for the days of a contract or trial."""
    say_who(view, position)
    first = to_date(view.today)
    st.toggle("Trial", key="act_trial")
    st.date_input("First day", value=first, format="DD.MM.YYYY", key="act_day")
    last = first + timedelta(days=CONTRACT_DAYS - 1)
    st.date_input("Last day covered", value=last, format="DD.MM.YYYY", key="act_end")
    st.date_input("Notice given on", value=None, format="DD.MM.YYYY", key="act_notice")

    def work(connection: Connection) -> None:
        held = st.session_state
        people.add_contract(
            connection,
            record_of(view, position),
            start=held["act_day"],
            end=held["act_end"],
            trial=held["act_trial"],
            notice_day=held["act_notice"],
        )

    save_button(view, work, "Contract noted.")


@st.dialog("This is not a client", icon=":material/storefront:")
def mark_not_client(view: View, position: int) -> None:
    """Ask what the "client" is instead; its sales then belong to nobody."""
    say_who(view, position)
    st.segmented_control(
        "It is",
        NOT_CLIENT_KINDS,
        default="till",
        required=True,
        format_func=KIND_WORDS.__getitem__,
        key="act_kind",
    )
    st.caption("Its sales then count as sales without a client. You can take this back later.")

    def work(connection: Connection) -> None:
        clients.mark_not_client(connection, record_of(view, position), st.session_state["act_kind"])

    save_button(view, work, "Noted: not a client.")


def withdraw(view: View, kind: str, record_id: int) -> None:
    """Take back a note made by mistake (a callback)."""
    write(view, lambda held: people.withdraw(held, kind, record_id), "Taken back.", sales=True)


def record_of(view: View, position: int) -> int:
    """Return the id of a client's record."""
    return int(view.ledger.clients.record_id[position])


def say_who(view: View, position: int) -> None:
    """Say in a dialog whom it is about, and that notes belong to their own day.

    From here on :func:`save_button` knows what others did to the client meanwhile.
    """
    if signs_in() and SINCE not in st.session_state:
        record = record_of(view, position)
        with reading(view.engine) as connection:
            st.session_state[SINCE] = (record, newest_line(connection, record))
    st.text(one_line(view.name(position), 80))
    if not is_latest(view):
        st.caption(f"You are looking at {format_day(view.as_of)}; this is noted for the day below.")


def ask_day(view: View, label: str = "Day") -> None:
    """Ask for a day (``act_day`` of the session), today unless changed."""
    day: date = to_date(view.today)
    st.date_input(label, value=day, format="DD.MM.YYYY", key="act_day")


def ask_note(label: str) -> None:
    """Ask for a text (``act_note`` of the session)."""
    st.text_area(label, key="act_note", max_chars=4_000, height=90)


def save_button(view: View, work: Work, done: str, *, sales: bool = True) -> None:
    """Draw a dialog's button, which does the work in a callback; on success the dialog closes."""
    pressed = st.button(
        "Save",
        type="primary",
        key="act_save",
        on_click=write,
        args=(view, partial(_first_look, work), done, sales),
    )
    if error := st.session_state.pop("act_error", None):
        st.error(md_escape(error))
    elif pressed:
        st.rerun()


def _first_look(work: Work, connection: Connection) -> None:
    """Do a dialog's work unless somebody else was faster; saving once more does it then."""
    if begun := st.session_state.pop(SINCE, None):
        check_nobody_was_faster(connection, begun[0], since=begun[1])
    work(connection)


def write(view: View, work: Work, done: str, sales: bool) -> None:
    """Do work that writes (a callback) and leave for the next run how it went."""
    try:
        with writing(view.engine, sales=sales) as connection:
            work(connection)
    except CrmError as error:
        st.session_state["act_error"] = str(error)
    else:
        st.session_state["act_done"] = done
