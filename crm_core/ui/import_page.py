"""The frame of the Import page: what it opens with, the demo's notice, the last import, leads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from crm_core.demo import holds_demo, remove_demo
from crm_core.errors import CrmError
from crm_core.formatting import md_escape, plural, say_name
from crm_core.records.batches import BatchSummary
from crm_core.records.engine import reading
from crm_core.records.import_report import ImportReport
from crm_core.records.settings import read_currency
from crm_core.ui.import_words import days_sentence, report_sentence
from crm_core.ui.lists import Column, client_list
from crm_core.ui.shell import LATE, OVERVIEW, PARETO, RETURNING, STAGES
from crm_core.ui.start import where_it_stays
from crm_core.ui.view import database, whole_view

NEXT = (
    (OVERVIEW, "Overview"),
    (PARETO, "Who carries us"),
    (STAGES, "Stages"),
    (LATE, "Late and gone"),
    (RETURNING, "Coming back"),
)


def opening(batches: Sequence[BatchSummary], currency: str | None) -> str:
    """Return the sentence the page opens with: what became of the newest import that counts."""
    newest = next((batch for batch in batches if batch.live), None)
    if newest is None:
        return f"Bring the sales files you already have; everything stays {where_it_stays()}."
    return report_sentence(newest.report, currency)


def stored_currency() -> str | None:
    """Return the reporting currency in force."""
    with reading(database()) as connection:
        return read_currency(connection)


def draw_demo_notice() -> bool:
    """Say so where the data is the demo's, with the way out; return whether it is."""
    with reading(database()) as connection:
        if not holds_demo(connection):
            return False
    with st.container(border=True, key="demo_notice"):
        st.markdown(
            "**You are looking at demo data.** Nobody in it exists. Remove it to import your own "
            "sales; what you noted while looking around goes too."
        )
        st.button(
            "Remove the demo data",
            icon=":material/delete_sweep:",
            type="primary",
            key="remove_demo",
            on_click=_remove_demo,
        )
    return True


def _remove_demo() -> None:
    try:
        remove_demo(database())
    except CrmError as error:
        st.session_state["import_said"] = ("error", str(error))
    else:
        said = "The demo data is gone: drop your first file below."
        st.session_state["import_said"] = ("success", said)


def draw_done(batches: Sequence[BatchSummary], currency: str | None) -> None:
    """Draw the report of the import just made, and where to go from there."""
    report: ImportReport | None = st.session_state.get("import_done")
    if report is None:
        return
    with st.container(border=True, key="import_done_box"):
        again = "switched on again" if report.redone else "imported"
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            name = say_name(report.file_name, 60)
            st.markdown(f":green[:material/check_circle:] **{name} is {again}.**")
            st.button(
                "Close",
                key="close_done",
                type="tertiary",
                on_click=_close_done,
                icon=":material/close:",
            )
        if not batches or report.batch_id != batches[0].id:  # else the page opens with it
            st.markdown(report_sentence(report, currency))
        st.caption(md_escape(days_sentence(report)))
        with st.container(horizontal=True):
            for path, title in NEXT:
                st.page_link(path, label=title, icon=":material/arrow_forward:")


def _close_done() -> None:
    st.session_state.pop("import_done", None)


def draw_leads() -> None:
    """Draw those who are known and have not bought."""
    view = whole_view()
    if view is None:
        return
    bought = np.diff(view.ledger.purchases.offsets) > 0
    leads = np.flatnonzero(view.ledger.known_at(view.today) & ~bought)
    if not len(leads):
        return
    with st.expander(
        f"{plural(len(leads), 'lead')}: known, nothing bought", icon=":material/person_search:"
    ):
        known_on = view.ledger.clients.known_on[leads]
        newest = np.argsort(-known_on, kind="stable")
        client_list(
            view,
            leads[newest],
            [Column("Known on", known_on[newest], "day", definition="client.known_on")],
            key="leads",
            file_name="leads",
        )


def sources_of(batches: Sequence[BatchSummary]) -> list[str]:
    """Return the sources files came from, the newest first.

    Examples
    --------
    >>> sources_of([])
    []
    """
    return list(dict.fromkeys(batch.source for batch in batches))
