"""What clients allow: on the card, in a dialog, and as a mark on lists of whom to call."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from sqlalchemy import Connection

from crm_core.access import Right, actor
from crm_core.formatting import format_day, one_line
from crm_core.records.consents import (
    ConsentHeld,
    latest_consents,
    list_consents,
    record_consent,
    refused_channels,
    take_back_consent,
)
from crm_core.records.engine import reading
from crm_core.records.models_privacy import CONSENT_CHANNELS, CONSENT_STATES, LAWFUL_BASES
from crm_core.tables import IntArray
from crm_core.ui.actions import ask_day, record_of, save_button, say_who, write
from crm_core.ui.lists import Column
from crm_core.ui.phone import draw_table
from crm_core.ui.view import View

CHANNEL_WORDS = {
    "email": "E-mail",
    "phone": "Phone",
    "post": "Post",
    "message": "Messages",
    "visit": "Visits",
}
SAID_NO = ("refused", "withdrawn")
"""Answers that allow nothing: there is no ground to ask for."""

OPEN = "consent_asked"
MARK_TITLE = "Do not use"
MARK_HELP = "Channels this client refused or took the consent back for."


def consents_of(view: View) -> dict[int, dict[str, ConsentHeld]]:
    """Return what holds now, by record of the client and channel."""

    def read() -> dict[int, dict[str, ConsentHeld]]:
        with reading(view.engine) as connection:
            return latest_consents(connection)

    return view.whole.remember("consents", read, view.versions.data_id)


def refusals(view: View, positions: IntArray) -> list[str]:
    """Return in words what each client refused, empty where nothing."""
    held = consents_of(view)
    if not held:
        return [""] * len(positions)
    return [
        ", ".join(CHANNEL_WORDS[name].lower() for name in refused_channels(held.get(number)))
        for number in view.ledger.clients.record_id[positions].tolist()
    ]


def refusal_columns(view: View, positions: IntArray) -> list[Column]:
    """Return the mark for a list of whom to call; nothing where nobody in it refused."""
    words = refusals(view, positions)
    return [Column(MARK_TITLE, words, help=MARK_HELP)] if any(words) else []


def draw_refusals(view: View, position: int) -> None:
    """Say in red what the client refused, beside the labels of the card."""
    held = consents_of(view).get(record_of(view, position))
    channels = refused_channels(held)
    if channels:
        words = ", ".join(CHANNEL_WORDS[name].lower() for name in channels)
        st.badge(f"Do not use: {words}", color="red", icon=":material/do_not_disturb_on:")


def draw_consents(view: View, position: int, members: list[int]) -> None:
    """Draw what a client allows, and the way to write down another answer.

    Parameters
    ----------
    view : View
        Its ledger is what ``position`` counts in.
    position : int
        The client.
    members : list of int
        Its records, those merged into it included.
    """
    with reading(view.engine) as connection:
        rows = list_consents(connection, members)[::-1]
    if not rows:
        st.caption("Nothing is written down about how this client may be reached.")
    else:
        table = {
            "Channel": [CHANNEL_WORDS[row.channel] for row in rows],
            "They said": [row.state.capitalize() for row in rows],
            "Ground": ["" if row.state in SAID_NO else row.basis.capitalize() for row in rows],
            "Since": [format_day(row.day) for row in rows],
            "How we know": [one_line(row.source, 200) for row in rows],
        }
        draw_table(table, hide_index=True, height="content", alt="Consent, newest first")
        st.caption("Of each channel the newest line holds.")
    if not actor().may(Right.EDIT):
        return
    with st.container(horizontal=True):
        icon = ":material/edit_note:"
        st.button("Write down an answer", icon=icon, key="consent_new", on_click=_open)
        if rows:
            newest = int(rows[0].id)
            st.button(
                "Take the newest line back",
                type="tertiary",
                key=f"consent_back_{newest}",
                on_click=_take_back,
                args=(view, newest),
                help="For a line written by mistake. A consent withdrawn is a new line.",
            )

    if st.session_state.pop(OPEN, False):
        ask_consent(view, position)


def _open() -> None:
    # In a callback: a page may start over before it comes to its button.
    st.session_state[OPEN] = True


@st.dialog("What did they say?", icon=":material/edit_note:")
def ask_consent(view: View, position: int) -> None:
    """Ask for channel, answer, ground, day and how we know, and write it down."""
    say_who(view, position)
    st.segmented_control(
        "Channel",
        CONSENT_CHANNELS,
        default="email",
        required=True,
        format_func=CHANNEL_WORDS.__getitem__,
        key="act_channel",
    )
    state = st.segmented_control(
        "They said",
        CONSENT_STATES,
        default="given",
        required=True,
        format_func=str.capitalize,
        key="act_state",
    )
    if state not in SAID_NO:
        grounds = LAWFUL_BASES[1:] if state == "not needed" else LAWFUL_BASES
        st.selectbox(
            "Ground",
            grounds,
            format_func=str.capitalize,
            key=f"act_basis_{state}",
            help="Why you may reach them this way: they consented, or the law allows it without.",
        )
    ask_day(view, "Since")
    st.text_input(
        "How we know", key="act_note", max_chars=500, placeholder="Form on the web site, letter …"
    )

    def work(connection: Connection) -> None:
        held = st.session_state
        record_consent(
            connection,
            record_of(view, position),
            channel=held["act_channel"],
            state=held["act_state"],
            basis=held.get(f"act_basis_{held['act_state']}", LAWFUL_BASES[0]),
            day=held["act_day"],
            source=held["act_note"],
            created_at=datetime.now().astimezone(),
            by=actor().name or actor().label,
        )

    save_button(view, work, "Written down.", sales=False)


def _take_back(view: View, consent_id: int) -> None:
    write(view, lambda held: take_back_consent(held, consent_id), "Taken back.", False)
