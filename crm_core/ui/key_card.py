"""The key account on a client's card: why it is key, who works there, what was done for it."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from crm_core.access import Right
from crm_core.formatting import format_day, one_line
from crm_core.metrics.key_accounts import find_keys
from crm_core.metrics.key_care import DOSSIER_FACTS, KeyClient
from crm_core.records.engine import reading
from crm_core.records.key_accounts import KeyNotes, read_key_notes
from crm_core.sentences.key_accounts import say_reasons
from crm_core.ui.actions import record_of
from crm_core.ui.card import last_noted_day
from crm_core.ui.definitions import Shown
from crm_core.ui.key_accounts import key_client
from crm_core.ui.key_dialogs import (
    CARE,
    REASONS,
    ask_for,
    draw_open,
    end_reason,
    offer,
    say_person,
    take_back,
)
from crm_core.ui.numbers import number_row
from crm_core.ui.view import View

LONGEST_NOTE = 1_000


def draw_key_account(view: View, position: int) -> None:
    """Draw the key account of a client, with everything that can be noted about it.

    Parameters
    ----------
    view : View
        Its ledger is what ``position`` counts in.
    position : int
        The client.
    """
    with reading(view.engine) as connection:
        every = read_key_notes(connection)
    notes, until = every.of(record_of(view, position)), last_noted_day(view)
    client = key_client(view, position, notes)
    volume = find_keys(view.pareto)
    share = dict(zip(volume.position.tolist(), volume.share.tolist(), strict=True)).get(position)
    why = say_reasons(share, client.reasons)
    label = f"Key account: {why}" if why else "Key account: not named as one"
    with st.expander(label, icon=":material/key:", key="key_account"):
        if view.may(Right.EDIT):
            with st.container(horizontal=True):
                offer("key")
        _draw_reasons(view, notes, until)
        if view.may(Right.SEE_NAMES):
            _draw_people(view, notes)
        _draw_care(view, notes, until)
        if why:
            number_row([_shown_dossier(client)], key="dossier")
    if view.may(Right.EDIT):
        draw_open(view, position)


def _shown_dossier(client: KeyClient) -> Shown:
    facts = client.dossier()
    missing = [fact for fact, known in zip(DOSSIER_FACTS, facts, strict=True) if not known]
    rows = f"missing: {', '.join(missing)}" if missing else "nothing is missing"
    return Shown("key.dossier", f"{sum(facts)} of {len(facts)}", rows)


def _draw_reasons(view: View, notes: KeyNotes, until: date) -> None:
    started = [row for _, row in notes.reasons if row.from_day <= until]
    if started:
        st.markdown("**Key besides its sales**")
    for row in started:
        over = row.until_day is not None and row.until_day <= until
        end = f" to {format_day(row.until_day)}" if over else ""
        by = f", says {one_line(row.by)}" if row.by else ""
        title = f"{REASONS[row.reason][0]} from {format_day(row.from_day)}{end}{by}"
        with st.container(border=True, gap="xxsmall"):
            _draw_texts(title, row.note)
            with st.container(horizontal=True):
                if row.until_day is None:
                    _button(view, "No longer", f"end_reason_{row.id}", end_reason, view, row.id)
                _button(view, "Take back", f"reason_{row.id}", take_back, view, "reason", row.id)


def _draw_people(view: View, notes: KeyNotes) -> None:
    st.markdown("**Who works there**")
    if not notes.people:
        st.caption("Nobody who works there is noted yet.")
    for _, row in notes.people:
        born = f", born {format_day(row.birthday)}" if row.birthday else ""
        with st.container(border=True, gap="xxsmall"):
            _draw_texts(f"{one_line(row.name, 80)}{born}", say_person(row))
            if row.note:
                st.text(row.note[:LONGEST_NOTE])
            with st.container(horizontal=True):
                _button(view, "Correct", f"edit_person_{row.id}", ask_for, "person", row)
                _button(view, "Take back", f"person_{row.id}", take_back, view, "person", row.id)


def _draw_care(view: View, notes: KeyNotes, until: date) -> None:
    st.markdown("**Visits by the head, offers, risks**")
    done = [row for _, row in notes.care if row.day <= until]
    if not done:
        st.caption("Nothing is noted yet.")
    for row in done[::-1]:
        with st.container(border=True, gap="xxsmall"):
            _draw_texts(f"{format_day(row.day)}: {CARE[row.kind]}", row.note)
            _button(view, "Take back", f"care_{row.id}", take_back, view, "care", row.id)


def _draw_texts(title: str, text: str) -> None:
    st.text(title)
    if text:
        st.text(text[:LONGEST_NOTE])


def _button(view: View, label: str, key: str, work: Any, *args: Any) -> None:
    if view.may(Right.EDIT):
        st.button(label, key=key, type="tertiary", on_click=work, args=args)
