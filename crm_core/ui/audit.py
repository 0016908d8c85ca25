"""Who did what, as the Team page shows it: chosen, newest first, as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import groupby

import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.exports import to_csv
from crm_core.formatting import format_count, one_line, plural
from crm_core.records.audit_reading import (
    AUDIT_COLUMNS,
    AuditChoice,
    AuditLine,
    audit_words,
    count_audit,
    export_audit,
    read_audit,
)
from crm_core.records.engine import reading, recording
from crm_core.records.team import SIGNED_IN, member_names
from crm_core.ui.handing_out import hand_out
from crm_core.ui.phone import draw_table
from crm_core.ui.setting_words import TITLES
from crm_core.ui.view import database, today, whole_view

MOST_LINES = 500
ABOUT_THE_TEAM = {"invited", "role changed", "access taken away"}
OF_AN_IMPORT = {"imported", "import undone", "import redone"}


def draw_audit() -> None:
    """Draw who did what, with its filters, and the button that hands it over."""
    with reading(database()) as connection:
        people, deeds = audit_words(connection)
    choice = _draw_choice(people, deeds)
    with reading(database()) as connection:
        lines = read_audit(connection, choice, most=MOST_LINES)
        n_lines = count_audit(connection, choice)
        members = member_names(connection)
    if not lines:
        st.caption("Nothing of that kind has been written down.")
        return
    draw_table(
        audit_table(lines, members),
        hide_index=True,
        column_config={
            "When": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm", width=150, help="Day and time where the server stands"
            ),
            "What": st.column_config.TextColumn(width=190),
            "Client": st.column_config.TextColumn(width=160),
            "Details": st.column_config.TextColumn(width="large"),
        },
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


def audit_table(lines: Sequence[AuditLine], members: Mapping[int, str]) -> pd.DataFrame:
    """Return lines as the page shows them, with the names people and clients have today.

    Parameters
    ----------
    lines : sequence of AuditLine
        Newest first. Sign-ins of one person with nothing between them become one row.
    members : mapping of int to str
        What to call everybody of the team, those who left too.
    """
    shown = _folded(lines)
    clients = _client_names({line.client_id for line in shown} - {None})
    columns = {
        "When": [line.at.astimezone().replace(tzinfo=None) for line in shown],
        "Who": [one_line(line.name, 80) for line in shown],
        "As": [line.role for line in shown],
        "What": [line.deed for line in shown],
        "Client": [clients.get(line.client_id, "") for line in shown],
        "Details": [detail_words(line, members) for line in shown],
    }
    if not clients:
        del columns["Client"]
    return pd.DataFrame(columns)


def _folded(lines: Sequence[AuditLine]) -> list[AuditLine]:
    """Return lines with each run of the same person's sign-ins as its newest one."""
    folded: list[AuditLine] = []
    for (deed, _), run in groupby(lines, key=lambda line: (line.deed, line.who)):
        several = list(run)
        if deed == SIGNED_IN and len(several) > 1:
            first = several[-1].at.astimezone()
            times = {"times": f"{len(several)} times since {first:%H:%M}"}
            several = [replace(several[0], detail=times)]
        folded += several
    return folded


def _client_names(numbers: set[int | None]) -> dict[int | None, str]:
    """Return what the clients of some records are called today; the number of those unknown."""
    if not numbers:
        return {}
    view = whole_view()
    records = view.full_ledger.clients.record_id.tolist() if view else []
    places = {record: place for place, record in enumerate(records) if record in numbers}
    known = {
        record: one_line(str(view.full_ledger.clients.name[place].as_py()), 60)
        for record, place in places.items()
        if view
    }
    return {number: known.get(number or 0, f"record {number}") for number in numbers}


def detail_words(line: AuditLine, members: Mapping[int, str]) -> str:
    """Return the detail of a line in words, without numbers that say nothing to a reader.

    Examples
    --------
    >>> line = AuditLine(
    ...     1, datetime(2024, 5, 3), "", "", "", "invited", None, {"role": "viewer", "record": 4}
    ... )
    >>> detail_words(line, {4: "vera@example.com"})
    'vera@example.com, as viewer'
    """
    detail, said = dict(line.detail), []
    record = detail.pop("record", None)
    if line.deed in ABOUT_THE_TEAM:
        number = detail.pop("member_id", record)
        said.append(one_line(members.get(number, f"member {number}"), 80))
        if role := detail.pop("role", None):
            said.append(f"as {role}")
    elif line.deed in OF_AN_IMPORT:
        said.append(f"import {detail.pop('batch_id', record)}")
    for name, value in detail.items():
        words = TITLES.get(str(value), str(value)) if name in ("name", "key") else str(value)
        words = words.strip("[]").replace("'", "")
        plain = name in ("name", "key", "times")
        said.append(words if plain else f"{name.replace('_', ' ')} {words}")
    return ", ".join(said)


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
