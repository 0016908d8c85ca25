"""All waiting files in one go: each an import of its own, the refused ones stay and say why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from crm_core.errors import CrmError
from crm_core.formatting import plural
from crm_core.importing import carry_out, prepare
from crm_core.records.import_report import ImportReport
from crm_core.ui.import_drafts import Draft, drafts, now
from crm_core.ui.import_jobs import Job, Tell, check_still_in, follow_job, start_job
from crm_core.ui.view import database

JOB = "import_all_job"


@dataclass(frozen=True)
class Outcome:
    """What became of one of several files: its report, or why it was refused."""

    number: int
    name: str
    report: ImportReport | None = None
    error: str = ""


def draw_import_all(first: Draft, begin_with: Callable[[Tell], ImportReport]) -> None:
    """Offer to import every waiting file, the one on screen first.

    Parameters
    ----------
    first : Draft
        The file on screen; how its columns were chosen is remembered for the others.
    begin_with : callable
        Imports it, with the owner's first answers.
    """
    count = len(drafts())
    if count > 1:
        st.button(
            f"Import all {count} files",
            icon=":material/done_all:",
            key="import_all",
            on_click=begin_all,
            args=(first, begin_with),
            help="Each is an import of its own. Files with the same columns are read the same "
            "way; the others as recognised. One that is refused stays here.",
        )


def begin_all(first: Draft, begin_with: Callable[[Tell], ImportReport]) -> None:
    """Start importing every waiting file beside the page."""
    others = [draft for draft in drafts() if draft is not first]
    engine, moment = database(), now()

    def bring(draft: Draft) -> ImportReport:
        prepared = prepare(
            engine, draft.data, name=draft.name, choices=draft.choices, today=moment.date()
        )
        return carry_out(engine, prepared, now=moment, also=check_still_in)

    def work(tell: Tell) -> list[Outcome]:
        outcomes = [_try(first, partial(begin_with, lambda _done: None))]
        for place, draft in enumerate(others, start=1):
            tell(place)
            outcomes.append(_try(draft, partial(bring, draft)))
        return outcomes

    title = f"Importing {plural(len(others) + 1, 'file')}"
    st.session_state[JOB] = start_job(title, work)


def _try(draft: Draft, work: Callable[[], ImportReport]) -> Outcome:
    try:
        return Outcome(draft.number, draft.name, work())
    except CrmError as error:
        return Outcome(draft.number, draft.name, error=str(error))


def draw_running_all() -> bool:
    """Draw how far the files are, if they are being imported; return whether they are."""
    job: Job | None = st.session_state.get(JOB)
    if job is None:
        return False
    if job.wait():
        _finish(job)
    else:
        follow_job(job)
    return True


def _finish(job: Job) -> None:
    del st.session_state[JOB]
    if job.error is not None:
        st.session_state["import_said"] = ("error", job.error)
    else:
        _settle(job.result())
    st.rerun()


def _settle(outcomes: Sequence[Outcome]) -> None:
    """Put away the files that are in, and say which are not and why."""
    brought = [one for one in outcomes if one.report is not None]
    done = {one.number for one in brought}
    waiting: list[Any] = drafts()
    waiting[:] = [draft for draft in waiting if draft.number not in done]
    if brought:
        st.session_state["import_done"] = brought[-1].report
    refused = [f"{one.name}: {one.error}" for one in outcomes if one.report is None]
    said = f"{plural(len(brought), 'file')} imported."
    st.session_state["import_said"] = (
        ("error", " ".join([said, *refused])) if refused else ("success", said)
    )
