"""One file's way in: found, mapped, asked about, tried, imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from crm_core.errors import CrmError, MappingError
from crm_core.first_import import apply_answers
from crm_core.formatting import plural, say_name
from crm_core.importing import DEFAULT_SOURCE, Prepared, carry_out
from crm_core.intake.questions import FirstAnswers, FirstQuestions
from crm_core.records.engine import writing
from crm_core.records.import_report import ImportReport
from crm_core.ui.import_all import draw_import_all, draw_running_all
from crm_core.ui.import_doctor import draw_findings
from crm_core.ui.import_drafts import Draft, Understood, drafts, drop_draft, now
from crm_core.ui.import_jobs import Tell, check_still_in, follow_job, start_job
from crm_core.ui.import_mapping import (
    draw_columns,
    draw_found,
    draw_preview,
    draw_reading,
    for_the_page,
)
from crm_core.ui.import_questions import ask
from crm_core.ui.import_trial import draw_held_back, draw_trial, try_out
from crm_core.ui.view import database

CURRENCIES = ("EUR", "USD", "GBP", "CHF", "DKK", "NOK", "SEK", "PLN", "CZK", "CAD", "AUD", "INR")
NO_SIGN = ""
Answered = tuple[FirstQuestions, FirstAnswers]


def draw_drafts(*, currency: str | None, sources: Sequence[str], first: bool) -> None:
    """Draw the files waiting to be imported, one at a time.

    Parameters
    ----------
    currency : str or None
        The reporting currency in force.
    sources : sequence of str
        Sources files came from before.
    first : bool
        Nothing was imported yet: the four questions are asked.
    """
    waiting = drafts()
    if draw_running_all() or not waiting:
        return
    by_number = {draft.number: draft for draft in waiting}
    chosen = waiting[0].number
    if len(waiting) > 1:
        chosen = st.selectbox(
            f"File ({len(waiting)} waiting)",
            list(by_number),
            format_func=lambda number: by_number[number].name,
            key="import_draft",
            width=480,
        )
    draft = by_number[chosen]
    with st.container(border=True, key=f"draft_{draft.number}"):
        _draw_title(draft)
        _draw_draft(draft, currency=currency, sources=sources, first=first)


def _draw_title(draft: Draft) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        size = len(draft.data) / 1_000_000
        shown = f"{size:,.1f} MB" if size >= 0.1 else f"{len(draft.data) / 1_000:,.1f} kB"
        st.markdown(f"### {say_name(draft.name, 60)} :small[:gray[{shown}]]")
        if draft.writing is None or not draft.writing.running:
            st.button(
                "Put aside",
                key=f"drop_{draft.number}",
                icon=":material/close:",
                type="tertiary",
                on_click=drop_draft,
                args=(draft,),
                help="Forget this file; nothing of it was imported.",
            )


def _draw_draft(draft: Draft, *, currency: str | None, sources: Sequence[str], first: bool) -> None:
    if draft.writing is not None:
        _draw_writing(draft)
        return
    reading = draft.read()
    if not reading.wait():
        follow_job(reading)
        return
    if reading.error is not None:
        _draw_trouble(draft, reading.error, reading.problem)
        return
    understood: Understood = reading.result()
    prepared = understood.prepared
    draw_found(prepared)
    with st.grid(min_column_width=220, key=f"frame_{draft.number}"):
        _draw_source(draft, sources)
        _draw_currency(draft, prepared, currency)
    draw_columns(draft, prepared.mapping, prepared.shaped.table.names)
    draw_preview(prepared)
    draw_reading(draft, prepared.shaped.table.reading.sheets)
    answered = _ask(draft, understood) if first else None
    _draw_try_and_import(draft, understood, answered)


def _ask(draft: Draft, understood: Understood) -> Answered | None:
    if not len(understood.prepared.staged.sales.day):
        return None
    st.divider()
    return understood.questions, ask(draft, understood.questions)


def _draw_try_and_import(draft: Draft, understood: Understood, answered: Answered | None) -> None:
    prepared = understood.prepared
    st.divider()
    trial = try_out(draft, prepared)
    if trial is not None:
        if not trial.wait():
            follow_job(trial)
            return
        if trial.error is not None:
            st.error(for_the_page(trial.error), icon=":material/error:")
            return
        draw_trial(trial.result(), prepared.currency)
    draw_findings(understood.seen.findings)
    with st.container(horizontal=True):
        # Callbacks, not "if st.button": the front door may send a click round once more.
        st.button(
            f"Import {plural(prepared.staged.n_rows, 'row')}",
            type="primary",
            icon=":material/download_done:",
            key=f"import_{draft.number}",
            on_click=begin_import,
            args=(draft, prepared, answered),
        )
        draw_import_all(draft, make_import(prepared, answered))
        draw_held_back(draft, prepared)


def make_import(prepared: Prepared, answered: Answered | None) -> Callable[[Tell], ImportReport]:
    """Return the import as work beside the page: one transaction, then the owner's answers."""
    engine, moment = database(), now()

    def work(tell: Tell) -> ImportReport:
        report = carry_out(engine, prepared, now=moment, progress=tell, also=check_still_in)
        if answered is not None:
            with writing(engine) as connection:
                apply_answers(connection, prepared, *answered, today=moment.date())
        return report

    return work


def begin_import(draft: Draft, prepared: Prepared, answered: Answered | None) -> None:
    """Start the import of one file beside the page."""
    total = len(prepared.staged.sales.day)
    draft.writing = start_job("Importing", make_import(prepared, answered), total=total)


def _draw_writing(draft: Draft) -> None:
    """Draw how far the import is; when it is done, hand its report to the page."""
    job = draft.writing
    assert job is not None
    if not job.wait():
        follow_job(job)
        return
    if job.error is not None:
        st.error(for_the_page(job.error), icon=":material/error:")
        st.button("Try again", key=f"again_{draft.number}", on_click=_forget_writing, args=(draft,))
        return
    st.session_state["import_done"] = job.result()
    drop_draft(draft)
    st.rerun()


def _forget_writing(draft: Draft) -> None:
    draft.writing = draft.trial = None


def _draw_trouble(draft: Draft, error: str, problem: BaseException | None) -> None:
    """Draw why a file cannot be imported as it is, and what a person can say about it."""
    st.error(for_the_page(error), icon=":material/error:")
    try:
        sheets = draft.sheets()
        if isinstance(problem, MappingError):
            names, guess = draft.columns()
            draw_columns(draft, guess, names)
        draw_reading(draft, sheets)
    except CrmError:
        st.caption("Mend the file and bring it again.")


def _draw_source(draft: Draft, sources: Sequence[str]) -> None:
    options = list(dict.fromkeys([draft.choices.source, DEFAULT_SOURCE, *sources]))
    key = f"source_{draft.number}"

    def take() -> None:
        draft.choose(source=(st.session_state[key] or "").strip() or DEFAULT_SOURCE)

    st.selectbox(
        "Shop, till or list",
        options,
        index=0,
        key=key,
        accept_new_options=True,
        on_change=take,
        help="Client numbers hold within one source. Another shop is another source: "
        "type its name.",
    )


def _draw_currency(draft: Draft, prepared: Prepared, stored: str | None) -> None:
    if stored:
        st.text_input("Currency of the figures", stored, disabled=True, key=f"cur_{draft.number}")
        return
    found = prepared.staged.mapping.get("currency")
    current = draft.choices.currency or found or NO_SIGN
    options = list(dict.fromkeys([current, *CURRENCIES, *([] if found else [NO_SIGN])]))
    key = f"currency_{draft.number}"

    def take() -> None:
        draft.choose(currency=(st.session_state[key] or "").strip().upper() or None)

    st.selectbox(
        "Currency of the figures",
        options,
        index=0,
        format_func=lambda code: code or "none: figures bear no sign",
        key=key,
        accept_new_options=True,
        on_change=take,
        help="Rows in other currencies wait until you enter a rate.",
    )
