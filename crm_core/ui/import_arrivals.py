"""Files that came by themselves: those that wait for approval, and what became of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st
from sqlalchemy import Engine

from crm_core.access import Right, actor
from crm_core.arrivals import approve, refuse, try_out_arrival
from crm_core.errors import CrmError
from crm_core.formatting import (
    format_count,
    format_day,
    md_escape,
    one_line,
    plural,
    say_name,
)
from crm_core.importing import Rehearsal
from crm_core.records.arrivals import (
    APPROVE_ARRIVALS,
    list_arrivals,
    reads_approval,
    waiting_arrivals,
)
from crm_core.records.engine import reading, writing
from crm_core.records.import_report import ImportReport
from crm_core.records.settings import write_setting
from crm_core.records.undoing import find_batch
from crm_core.records.versions import read_versions
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.import_drafts import now
from crm_core.ui.import_mapping import for_the_page
from crm_core.ui.import_trial import headlines, warn_of_twice
from crm_core.ui.import_words import days_sentence, report_sentence
from crm_core.ui.phone import draw_table
from crm_core.ui.view import database, today

AT_ONCE = 60_000
"""Rows up to which the effect of a waiting file is counted without being asked for."""

STATES = {
    "waiting": "waits for approval",
    "taken": "counts",
    "refused": "refused",
    "failed": "failed",
}
MOST_SHOWN = 20


def waiting_numbers() -> set[int]:
    """Return the numbers of the imports that wait for approval."""
    with reading(database()) as connection:
        return {int(row.batch_id) for row in waiting_arrivals(connection)}


def draw_waiting(currency: str | None) -> None:
    """Draw the files that wait for approval, each with what it would change."""
    engine = database()
    with reading(engine) as connection:
        waiting = waiting_arrivals(connection)
        reports = {
            row.id: ImportReport.from_json(find_batch(connection, row.batch_id).report)
            for row in waiting
        }
    if not waiting:
        return
    st.subheader(f"Waiting for approval :small[:gray[{format_count(len(waiting))}]]")
    st.caption("They came by themselves. Nothing of them counts before you approve it.")
    for row in waiting:
        with st.container(border=True, key=f"arrival_{row.id}"):
            _draw_waiting(engine, row, reports[row.id], currency)


def _draw_waiting(engine: Engine, row: Any, report: ImportReport, currency: str | None) -> None:
    day = row.at.astimezone()
    st.markdown(f"**{say_name(row.file_name, 60)}** :small[{format_day(day.date())}, {day:%H:%M}]")
    st.markdown(report_sentence(report, currency))
    st.caption(md_escape(days_sentence(report)))
    asked = f"arrival_asked_{row.id}"
    if report.n_rows <= AT_ONCE or st.session_state.get(asked):
        rehearsal = _effect_of(engine, row.id)
        warn_of_twice(rehearsal)
        shown = headlines(rehearsal, currency)
        if shown["Before"]:
            draw_table(
                shown,
                hide_index=True,
                height="content",
                column_config=number_columns(
                    dict.fromkeys(("Before", "After"), "import.before_after")
                ),
                alt="Headline numbers before and after",
            )
        else:
            st.caption("It would change none of the headline numbers.")
    else:
        st.button(
            f"Show what its {plural(report.n_rows, 'row')} would change",
            icon=":material/science:",
            key=f"ask_{row.id}",
            on_click=st.session_state.__setitem__,
            args=(asked, True),
        )
    with st.container(horizontal=True):
        _decide(row.id, "Approve", ":material/check:", partial(_approve, engine, row.id))
        _decide(row.id, "Refuse", ":material/block:", partial(_refuse, engine, row.id))


def _decide(number: int, label: str, icon: str, work: Callable[[], str]) -> None:
    st.button(
        label,
        icon=icon,
        type="primary" if label == "Approve" else "secondary",
        key=f"{label.lower()}_{number}",
        on_click=_say_after,
        args=(work,),
    )


def _effect_of(engine: Engine, arrival_id: int) -> Rehearsal:
    with reading(engine) as connection:
        versions = read_versions(connection)
    key = (versions.database_id, versions.data_id, str(today()), str(arrival_id))
    return _effect(key, engine, arrival_id)


@st.cache_resource(max_entries=8, show_spinner="Counting what it would change …")
def _effect(key: tuple[str, ...], _engine: Engine, _arrival_id: int) -> Rehearsal:  # noqa: ARG001
    return try_out_arrival(_engine, _arrival_id, now=now())


def _approve(engine: Engine, arrival_id: int) -> str:
    approve(engine, arrival_id, now=now())
    return "Approved: the file counts from now on."


def _refuse(engine: Engine, arrival_id: int) -> str:
    refuse(engine, arrival_id, now=now())
    return "Refused: nothing of the file counts. It can be redone in the list of imports."


def _say_after(work: Callable[[], str]) -> None:
    try:
        st.session_state["import_said"] = ("success", work())
    except CrmError as error:
        st.session_state["import_said"] = ("error", str(error))


def draw_arrivals() -> None:
    """Draw what became of the files that came by themselves, and whether they need approval."""
    with reading(database()) as connection:
        rows = list_arrivals(connection, most=MOST_SHOWN)
        approval = reads_approval(connection)
    if not rows and not approval:
        return
    failed = [row for row in rows if row.state in ("failed", "refused") and not row.settled_at]
    label = "Files that came by themselves" + (f": {len(failed)} not taken" if failed else "")
    with st.expander(label, icon=":material/folder_open:", key="arrivals"):
        if actor().may(Right.SETTINGS):
            st.toggle(
                "They count only once an owner has approved them",
                value=approval,
                key="approve_arrivals",
                on_change=_keep_approval,
                help="For files of a watched folder and of a scheduled import.",
            )
        draw_table(
            arrivals_table(rows),
            hide_index=True,
            height="content",
            column_config={
                "Came": st.column_config.TextColumn(width=130),
                "File": st.column_config.TextColumn(width=180),
                "State": st.column_config.TextColumn(width=130),
                "What became of it": st.column_config.TextColumn(width="large"),
            },
            alt="Files that came by themselves, newest first",
            placeholder="",
        )
        if failed:
            st.markdown(
                f"**{say_name(failed[0].file_name, 60)}**: {for_the_page(failed[0].message)}"
            )


def arrivals_table(rows: Sequence[Any]) -> dict[str, list[str]]:
    """Return the files that came by themselves, column by column."""
    return {
        "Came": [
            f"{format_day(row.at.astimezone().date())}, {row.at.astimezone():%H:%M}" for row in rows
        ],
        "File": [one_line(row.file_name, 80) for row in rows],
        "State": [STATES[row.state] for row in rows],
        "What became of it": [one_line(row.message, 300) for row in rows],
    }


def _keep_approval() -> None:
    chosen = bool(st.session_state["approve_arrivals"])
    try:
        with writing(database(), sales=False) as connection:
            write_setting(
                connection, APPROVE_ARRIVALS, chosen, source="owner", since=today(),
                set_by="dashboard",
            )  # fmt: skip
    except CrmError as error:
        st.session_state["import_said"] = ("error", str(error))


def shown_waiting() -> list[Shown]:
    """Return how many files wait, for the drawer; nothing where none ever came."""
    with reading(database()) as connection:
        rows, waiting = list_arrivals(connection, most=1), waiting_arrivals(connection)
    if not rows:
        return []
    return [
        Shown("import.waiting", plural(len(waiting), "file"), f"{rows[0].id} came by themselves")
    ]
