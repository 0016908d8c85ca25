"""The imports so far: what each brought, undone and redone with one click."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial

import streamlit as st
from sqlalchemy import Connection, Engine

from crm_core.access import Right
from crm_core.errors import CrmError
from crm_core.exports import to_csv
from crm_core.formatting import DASH, format_count, format_day, one_line, plural
from crm_core.money import to_decimal_text
from crm_core.records.batches import BatchSummary, Leftover, held_back, list_batches, redo, undo
from crm_core.records.engine import reading, writing
from crm_core.ui.definitions import number_columns
from crm_core.ui.handing_out import hand_out
from crm_core.ui.import_arrivals import waiting_numbers
from crm_core.ui.import_drafts import now
from crm_core.ui.import_mapping import for_the_page
from crm_core.ui.import_trial import draw_ends
from crm_core.ui.import_words import report_sentence, say_money
from crm_core.ui.phone import draw_table
from crm_core.ui.view import database

FIRST = 10
IMPORT_COLUMNS = {
    "No.": "import.imports",
    "Imported": "import.imports",
    "Rows": "import.rows",
    "Days": "report.span",
    "Money": "import.money",
    "Held back": "import.held_back",
}
"""Key of the definition by heading of the list of imports."""


def read_imports(engine: Engine) -> list[BatchSummary]:
    """Return all imports, newest first."""
    with reading(engine) as connection:
        return list_batches(connection)[::-1]


def draw_imports(batches: Sequence[BatchSummary], currency: str | None) -> None:
    """Draw the list of imports; choosing one shows what became of its rows.

    Parameters
    ----------
    batches : sequence of BatchSummary
        Newest first.
    currency : str or None
        The reporting currency.
    """
    st.subheader(f"Imports :small[:gray[{format_count(len(batches))}]]")
    if not batches:
        st.caption("None yet: drop a file above.")
        return
    draw_table(
        imports_table(batches, currency),
        hide_index=True,
        height="content" if len(batches) <= FIRST else 390,
        column_config=number_columns(IMPORT_COLUMNS, {"Rows": "localized"}),
        alt="All imports, newest first",
    )
    by_number = {batch.id: batch for batch in batches}
    chosen = st.selectbox(
        "Look at an import, undo it or redo it",
        list(by_number),
        format_func=lambda number: _title(by_number[number]),
        key="import_chosen",
        index=None,
        placeholder="Choose an import",
        width=480,
    )
    if chosen is not None:
        draw_import(by_number[chosen], currency)


def _title(batch: BatchSummary) -> str:
    undone = "" if batch.live else " (undone)"
    return f"{batch.id}: {one_line(batch.file_name, 60)}{undone}"


def imports_table(batches: Sequence[BatchSummary], currency: str | None) -> dict[str, list[object]]:
    """Return the list of imports, column by column."""
    waiting = waiting_numbers()
    return {
        "No.": [batch.id for batch in batches],
        "File": [one_line(batch.file_name, 80) for batch in batches],
        "Source": [one_line(batch.source, 40) for batch in batches],
        "Imported": [_moment(batch) for batch in batches],
        "State": [_state(batch, waiting) for batch in batches],
        "Rows": [batch.n_rows for batch in batches],
        "Days": [_days(batch) for batch in batches],
        "Money": [say_money(batch.report.total.money, currency) for batch in batches],
        "Held back": [batch.report.ends()["held_back"].rows for batch in batches],
    }


def _state(batch: BatchSummary, waiting: Container[int]) -> str:
    if batch.live:
        return "counts"
    return "waits for approval" if batch.id in waiting else "undone"


def _moment(batch: BatchSummary) -> str:
    local = batch.imported_at.astimezone()
    return f"{format_day(local.date())}, {local:%H:%M}"


def _days(batch: BatchSummary) -> str:
    if batch.first_day is None or batch.last_day is None:
        return DASH
    return f"{format_day(batch.first_day)} to {format_day(batch.last_day)}"


def draw_import(batch: BatchSummary, currency: str | None) -> None:
    """Draw what became of one import's rows, with undo or redo and its rows held back."""
    with st.container(border=True):
        st.markdown(report_sentence(batch.report, currency))
        draw_ends(batch.report, currency)
        with st.container(horizontal=True):
            if batch.live:
                st.button(
                    "Undo this import",
                    icon=":material/undo:",
                    key=f"undo_{batch.id}",
                    on_click=_undo,
                    args=(batch,),
                    help="All numbers become those without it. It can be redone at any time.",
                )
            else:
                st.button(
                    "Redo this import",
                    icon=":material/redo:",
                    key=f"redo_{batch.id}",
                    on_click=_redo,
                    args=(batch,),
                )
            if batch.report.ends()["held_back"].rows:
                st.download_button(
                    f"Download {plural(batch.report.ends()['held_back'].rows, 'row')} held back",
                    hand_out(
                        partial(stored_held_back_file, database(), batch),
                        right=Right.IMPORT,
                        deed="rows held back exported",
                        batch_id=batch.id,
                    ),
                    "held-back.csv",
                    "text/csv",
                    key=f"held_back_{batch.id}",
                    icon=":material/download:",
                    on_click="ignore",
                )


def stored_held_back_file(engine: Engine, batch: BatchSummary) -> bytes:
    """Return the rows an import holds back as a CSV file, with line and reason.

    Rows that wait for a currency rate have no original cells; what is stored of
    them stands behind the file's columns.
    """
    with reading(engine) as connection:
        rows = held_back(connection, batch.id)
    header = ("line", "reason", "what to do", "amount", *batch.columns)
    return to_csv(header, _leftover_rows(rows))


def _leftover_rows(rows: Iterable[Leftover]) -> Iterable[Sequence[object]]:
    for row in rows:
        amount = None if row.amount is None else to_decimal_text(row.amount, places=4)
        yield (row.line, row.reason, row.detail, amount, *row.cells)


def _undo(batch: BatchSummary) -> None:
    say_after(
        lambda connection: undo(connection, batch.id, at=now()),
        f"Import {batch.id} is undone: all numbers are those without it.",
    )


def _redo(batch: BatchSummary) -> None:
    say_after(lambda connection: redo(connection, batch.id), f"Import {batch.id} counts again.")


def say_after(change: Callable[[Connection], object], done: str) -> None:
    """Make a change in one transaction, and say on the next run how it went.

    Parameters
    ----------
    change : callable
        Gets the connection of a write transaction.
    done : str
        What to say when it worked, plain text.
    """
    try:
        with writing(database()) as connection:
            change(connection)
    except CrmError as error:
        st.session_state["import_said"] = ("error", str(error))
    else:
        st.session_state["import_said"] = ("success", done)


def draw_said() -> None:
    """Draw how the last change went, once."""
    said = st.session_state.pop("import_said", None)
    if said is not None:
        kind, text = said
        (st.error if kind == "error" else st.success)(for_the_page(text))
