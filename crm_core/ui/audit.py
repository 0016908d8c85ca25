"""Who did what, as the Team page shows it: chosen, newest first, as a file."""

from __future__ import annotations

from datetime import date, datetime, time

import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.exports import to_csv
from crm_core.formatting import format_count, plural
from crm_core.records.audit_reading import (
    AUDIT_COLUMNS,
    AuditChoice,
    audit_words,
    count_audit,
    export_audit,
    read_audit,
)
from crm_core.records.engine import reading, recording
from crm_core.ui.handing_out import hand_out
from crm_core.ui.view import database, today

MOST_LINES = 500
HELP = {
    "When": "Day and time of the server's place",
    "Client record": "The number under which the client is stored here",
    "Details": "Numbers, keys and record numbers: nothing personal",
}


def draw_audit() -> None:
    """Draw who did what, with its filters, and the button that hands it over."""
    with reading(database()) as connection:
        people, deeds = audit_words(connection)
    choice = _draw_choice(people, deeds)
    with reading(database()) as connection:
        lines = read_audit(connection, choice, most=MOST_LINES)
        n_lines = count_audit(connection, choice)
    if not lines:
        st.caption("Nothing of that kind has been written down.")
        return
    rows = [
        {
            "When": f"{line.at.astimezone():%Y-%m-%d %H:%M}",
            "Who": line.name,
            "Role then": line.role,
            "What": line.deed,
            "Client record": "" if line.client_id is None else str(line.client_id),
            "Details": line.said,
        }
        for line in lines
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={name: st.column_config.TextColumn(help=said) for name, said in HELP.items()},
        alt="Who did what, newest first",
    )
    shown = f"The newest {format_count(len(lines))} of " if n_lines > len(lines) else "All "
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "CSV",
            hand_out(lambda: audit_file(choice), right=Right.AUDIT),
            f"audit-{today().isoformat()}.csv",
            "text/csv",
            key="audit_csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="Every line of this choice; that you took it is written down too.",
        )
        st.caption(f"{shown}{plural(n_lines, 'line')}. Nobody can change or delete one here.")


def audit_file(choice: AuditChoice) -> bytes:
    """Return the lines of a choice as a CSV file, and write down that somebody took them."""
    with recording(database()) as connection:
        lines = export_audit(connection, choice)
    return to_csv(AUDIT_COLUMNS, [line.cells for line in lines])


def _draw_choice(people: dict[str, str], deeds: list[str]) -> AuditChoice:
    who, what, when, until_box = st.columns([2, 2, 1, 1])
    chosen_people = who.multiselect(
        "Who",
        list(people),
        format_func=lambda key: people.get(key, key),
        key="audit_who",
        placeholder="Everybody",
    )
    chosen_deeds = what.multiselect("What", deeds, key="audit_what", placeholder="Everything")
    since = when.date_input("From", value=None, key="audit_since", format="DD.MM.YYYY")
    until = until_box.date_input("To", value=None, key="audit_until", format="DD.MM.YYYY")
    return AuditChoice(chosen_people, chosen_deeds, _begin(since), _begin(until, after=True))


def _begin(day: date | None, *, after: bool = False) -> datetime | None:
    """Return the first moment of a day here, or of the one after it."""
    if day is None:
        return None
    day = date.fromordinal(day.toordinal() + after)
    return datetime.combine(day, time()).astimezone()
