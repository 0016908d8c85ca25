"""Dialogs about a key account: a reason, somebody who works there, a visit, an offer, a risk."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from crm_core.formatting import md_escape, one_line
from crm_core.records import key_accounts
from crm_core.records.models_key_accounts import CARE_KINDS, KEY_REASONS, ROLES
from crm_core.tables import to_date
from crm_core.ui.actions import ask_day, ask_note, record_of, save_button, say_who, write
from crm_core.ui.view import View

REASONS = {
    "potential": ("Potential", "could buy far more than it does"),
    "fame": ("Well known", "a name others trust: can be referred to"),
    "innovative": ("Innovative", "tries new things first, without a tender"),
    "demanding": ("Demanding", "makes you better, even if it buys little"),
}
"""Reasons on screen, each with what it means."""

CARE = {
    "head visit": "The head was there",
    "new offered": "Offered something new",
    "risk": "Noted a risk",
}
ROLE_WORDS = {
    "owner": "Owner",
    "head": "Head",
    "buyer": "Buyer",
    "accountant": "Accountant",
    "staff": "Staff",
    "other": "Other",
}
OFFERS = {
    "reason": ("Name as key", ":material/key:"),
    "person": ("Add a person", ":material/person_add:"),
    "care": ("Note a visit, offer or risk", ":material/event_available:"),
}
EARLIEST_BIRTHDAY = date(1900, 1, 1)


def offer(key: str) -> None:
    """Draw the buttons; :func:`draw_open` after them opens the dialog asked for."""
    for name, (label, icon) in OFFERS.items():
        st.button(label, icon=icon, key=f"{key}_{name}", on_click=ask_for, args=(name,))


def ask_for(name: str, row: Any = None) -> None:
    """Ask for a dialog (a callback): it opens in the run that follows."""
    st.session_state["key_open"] = (name, row)


def draw_open(view: View, position: int) -> None:
    """Open the dialog asked for, or say how the last one went."""
    if done := st.session_state.pop("act_done", None):
        st.toast(md_escape(done), icon=":material/check:")
    if error := st.session_state.pop("act_error", None):
        st.error(md_escape(error))
    name, row = st.session_state.pop("key_open", (None, None))
    if name == "reason":
        name_key(view, position)
    elif name == "person":
        note_person(view, position, row)
    elif name == "care":
        note_care(view, position)


@st.dialog("Key account", icon=":material/key:")
def name_key(view: View, position: int) -> None:
    """Ask why a client is key, besides the sales it brings."""
    say_who(view, position)
    st.radio(
        "Key because of",
        KEY_REASONS,
        format_func=lambda reason: REASONS[reason][0],
        captions=[meaning for _, meaning in REASONS.values()],
        key="act_reason",
    )
    st.text_input("Who says so", key="act_by")
    ask_day(view, "From")
    ask_note("More about it")

    def work(connection: Connection) -> None:
        held = st.session_state
        key_accounts.mark_key(
            connection,
            record_of(view, position),
            reason=held["act_reason"],
            from_day=held["act_day"],
            note=held["act_note"],
            by=held["act_by"],
        )

    save_button(view, work, "Named as key.", sales=False)


@st.dialog("Somebody who works there", icon=":material/person_add:")
def note_person(view: View, position: int, row: Any = None) -> None:
    """Ask for somebody at the client's, or correct what is noted about them."""
    say_who(view, position)
    mark = f"person_{'new' if row is None else row.id}"
    held = {name: "" if row is None else getattr(row, name) for name in _TEXTS}
    role = "other" if row is None else row.role
    st.text_input("Name", value=held["name"], key=f"{mark}_name")
    st.selectbox(
        "Role",
        ROLES,
        index=ROLES.index(role),
        format_func=ROLE_WORDS.__getitem__,
        key=f"{mark}_role",
    )
    st.text_input("Phone, day and night", value=held["phone"], key=f"{mark}_phone")
    st.date_input(
        "Birthday",
        value=None if row is None else row.birthday,
        min_value=EARLIEST_BIRTHDAY,
        max_value=to_date(view.today),
        format="DD.MM.YYYY",
        key=f"{mark}_birthday",
    )
    st.text_input("Cuisine they like", value=held["cuisine"], key=f"{mark}_cuisine")
    st.text_input("Hobbies", value=held["hobbies"], key=f"{mark}_hobbies")
    st.text_area("Notes", value=held["note"], max_chars=4_000, height=90, key=f"{mark}_note")

    def work(connection: Connection) -> None:
        fields = {name: st.session_state[f"{mark}_{name}"] for name in key_accounts.PERSON_FIELDS}
        if row is None:
            key_accounts.add_contact_person(connection, record_of(view, position), **fields)
        else:
            key_accounts.edit_contact_person(connection, int(row.id), **fields)

    save_button(view, work, "Noted.", sales=False)


_TEXTS = ("name", "phone", "cuisine", "hobbies", "note")


@st.dialog("Care", icon=":material/event_available:")
def note_care(view: View, position: int) -> None:
    """Ask for a visit by the head, an offer of something new, or a risk."""
    say_who(view, position)
    st.radio("What it was", CARE_KINDS, format_func=CARE.__getitem__, key="act_kind")
    ask_day(view)
    ask_note("What was seen, offered or heard")

    def work(connection: Connection) -> None:
        held = st.session_state
        key_accounts.note_care(
            connection,
            record_of(view, position),
            kind=held["act_kind"],
            day=held["act_day"],
            note=held["act_note"],
        )

    save_button(view, work, "Noted.", sales=False)


def take_back(view: View, kind: str, note_id: int) -> None:
    """Remove a note made by mistake (a callback)."""
    write(view, lambda held: key_accounts.take_back(held, kind, note_id), "Taken back.", False)


def end_reason(view: View, reason_id: int) -> None:
    """Let a reason end today (a callback); before today it stays as it was."""
    day = to_date(view.today)
    write(
        view,
        lambda held: key_accounts.end_key_reason(held, reason_id, day=day),
        "No longer key for that reason.",
        False,
    )


def say_person(row: Any) -> str:
    """Return what is known about somebody, in one line of plain text."""
    facts = [
        ROLE_WORDS[row.role] if row.role != "other" else "",
        row.phone,
        f"eats: {row.cuisine}" if row.cuisine else "",
        f"hobbies: {row.hobbies}" if row.hobbies else "",
    ]
    return one_line("; ".join(fact for fact in facts if fact), 200)
