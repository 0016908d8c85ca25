"""What people wrote about a client, and who the client is: always text, never markup."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import streamlit as st

from crm_core.access import Right
from crm_core.explanations import WORDS
from crm_core.formatting import format_count, format_day, one_line
from crm_core.records import clients as client_records
from crm_core.records.clients import ClientCard
from crm_core.ui.actions import withdraw, write
from crm_core.ui.card import ENDED_BY, before
from crm_core.ui.phone import draw_table
from crm_core.ui.view import View

FIELDS = {
    "external_id": "Number",
    "kind": "Kind",
    "group_name": "Group",
    "email": "E-mail",
    "phone": "Phone",
    "country": "Country",
    "region": "Region",
    "city": "City",
    "segment": "Segment",
    "department": "Department",
    "came_from": "Came from",
    "known_on": "Known on",
    "birthday": "Birthday",
}
"""Attributes of the record and what the screen calls them."""

LONGEST_NOTE = 4_000


NOT_SHOWN = "Names, contacts and notes are not shown to you."


def draw_notes(view: View, card: ClientCard | None, until: date) -> None:
    """Draw contacts, endings, contracts, snoozes and stages set by hand, newest first."""
    if card is None:
        st.caption(NOT_SHOWN)
        return
    notes = _notes(card, until)
    if not notes:
        st.caption("Nothing noted yet.")
    for day, kind, row, title, text in notes:
        with st.container(border=True, gap="xxsmall"):
            st.text(f"{format_day(day)}: {title}")
            if text:
                st.text(text[:LONGEST_NOTE])
            if view.may(Right.EDIT):
                st.button(
                    "Take back",
                    key=f"withdraw_{kind}_{row.id}",
                    type="tertiary",
                    on_click=withdraw,
                    args=(view, kind, int(row.id)),
                )


def _notes(card: ClientCard, until: date) -> list[tuple[date, str, Any, str, str]]:
    """Return (day, kind, row, title, text) of every note up to a day, newest first."""
    found = [
        (row.day, "contact", row, f"{row.kind.capitalize()}{_from_them(row)}", row.note)
        for row in before(card.contacts, "day", until)
    ]
    found += [
        (row.day, "ending", row, f"Ended by {ENDED_BY[row.who]}: {row.reason}", row.note)
        for row in before(card.endings, "day", until)
    ]
    found += [
        (row.start_day, "contract", row, _contract_title(row), "")
        for row in before(card.contracts, "start_day", until)
    ]
    found += [
        (row.from_day, "snooze", row, f"Snoozed until {format_day(row.until_day)}", row.note)
        for row in before(card.snoozes, "from_day", until)
    ]
    found += [
        (row.set_on, "override", row, _override_title(row), row.reason)
        for row in before(card.overrides, "set_on", until)
    ]
    return sorted(found, key=lambda note: note[0], reverse=True)


def _from_them(row: Any) -> str:
    return ", they answered or came" if row.inbound else ", from us"


def _contract_title(row: Any) -> str:
    notice = f", notice given {format_day(row.notice_day)}" if row.notice_day else ""
    return f"{'Trial' if row.trial else 'Contract'} to {format_day(row.end_day)}{notice}"


def _override_title(row: Any) -> str:
    author = f" by {one_line(row.author)}" if row.author else ""
    return f"Stage set to {WORDS[row.stage]}{author} until {format_day(row.expires_on)}"


def draw_about(view: View, card: ClientCard | None) -> None:
    """Draw attributes, names in files, managers and merges, all as text."""
    if card is None:
        st.caption(NOT_SHOWN)
        return
    st.caption("Attributes are today's, whatever the as-of day.")
    facts = [
        (word, value if not isinstance(value, date) else format_day(value))
        for field, word in FIELDS.items()
        if (value := getattr(card.client, field)) not in (None, "", "unknown")
    ]
    facts += [(str(name), str(value)) for name, value in (card.client.attributes or {}).items()]
    # Of several that begin on one day the last one said holds.
    by_day = {row.from_day: row.manager or "nobody" for row in card.managers}
    facts += [
        (f"Manager from {format_day(day)}", who) for day, who in reversed(list(by_day.items()))
    ]
    if card.client.shared_card:
        facts.append(("Shared card", "several people buy on it"))
    if card.client.automatic_orders:
        facts.append(("Automatic orders", "bought without a decision each time"))
    draw_table(
        {"What": [name for name, _ in facts], "Value": [one_line(str(v), 300) for _, v in facts]},
        hide_index=True,
        height="content",
        alt="Attributes of the client",
    )
    _draw_names(card)
    _draw_merges(view, card)


def _draw_names(card: ClientCard) -> None:
    if len(card.identities) > 1:
        st.caption(f"Known to files by {format_count(len(card.identities))} names:")
        table = {
            "Source": [row.source or "everywhere" for row in card.identities],
            "Known by": [row.kind for row in card.identities],
            "As": [one_line(row.label, 300) for row in card.identities],
        }
        draw_table(table, hide_index=True, alt="How files name this client")


def _draw_merges(view: View, card: ClientCard) -> None:
    for row in card.merged:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = f"Merged with record {row.merged_id} on {format_day(row.merged_at.date())}"
            st.text(f"{said}: {one_line(row.evidence, 200)}", width="stretch")
            if view.may(Right.MERGE):
                st.button(
                    "Take apart",
                    key=f"unmerge_{row.id}",
                    type="tertiary",
                    on_click=_take_apart,
                    args=(view, int(row.merged_id)),
                )


def _take_apart(view: View, merged_id: int) -> None:
    moment = datetime.now().astimezone()
    write(
        view,
        lambda held: client_records.unmerge(held, merged_id, undone_at=moment),
        "They are two clients again.",
        sales=True,
    )
