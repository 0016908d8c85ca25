"""Files brought to the Import page and not imported yet; they wait while other pages are read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import streamlit as st

from crm_core.errors import MappingError
from crm_core.importing import Choices, Prepared, prepare
from crm_core.intake.doctor import Examination, examine, rows_of
from crm_core.intake.mapping import Mapping
from crm_core.intake.questions import FirstQuestions, first_questions
from crm_core.intake.reading import sheet_names
from crm_core.intake.sheets import read_sheets
from crm_core.intake.suggest import suggest_mapping
from crm_core.tables import to_day
from crm_core.ui.import_jobs import Job, Tell, start_job
from crm_core.ui.view import database, today

MOST_MEGABYTES = 500
"""As ``server.maxUploadSize``: a file is held in memory while it is read."""

ENDINGS = ["csv", "tsv", "txt", "xlsx", "xlsm", "xls", "ods", "parquet", "gz"]
"""File endings the browser offers; what a file really is, reading finds out."""


@dataclass(frozen=True)
class Understood:
    """A file read, staged and looked at; nothing of it is stored.

    Attributes
    ----------
    prepared : Prepared
        What an import would write.
    questions : FirstQuestions
        Of a first import, with answers proposed from the file.
    seen : Examination
        What stands out in its sales.
    """

    prepared: Prepared
    questions: FirstQuestions
    seen: Examination


@dataclass
class Draft:
    """One file on its way in.

    Attributes
    ----------
    number : int
        Tells drafts of one session apart.
    name : str
        The file's name, plain text.
    data : bytes
        Its content.
    choices : Choices
        What the person decided so far.
    reading : Job or None
        Reads and stages the file as the choices say.
    read_as : Choices or None
        The choices ``reading`` went by.
    trial : Job or None
        The dry run of what was read.
    writing : Job or None
        The import itself.
    answers : dict
        Answers to the first-import questions.
    """

    number: int
    name: str
    data: bytes
    choices: Choices = field(default_factory=Choices)
    reading: Job | None = None
    read_as: Choices | None = None
    trial: Job | None = None
    writing: Job | None = None
    answers: dict[str, Any] = field(default_factory=dict)

    def choose(self, **changes: Any) -> None:
        """Change what was decided; the file is read anew when the page runs next."""
        self.choices = replace(self.choices, **changes)

    def read(self) -> Job:
        """Return the reading of the file by the choices in force, begun if need be."""
        if self.reading is None or self.read_as != self.choices:
            self.read_as, self.trial = self.choices, None
            self.reading = start_job("Reading the file", self._read)
        return self.reading

    def _read(self, _tell: Tell) -> Understood:
        day = today()
        prepared = prepare(
            database(), self.data, name=self.name, choices=self.read_as or Choices(), today=day
        )
        rows = rows_of(prepared.staged)
        questions = first_questions(rows, prepared.staged.mapping)
        return Understood(prepared, questions, examine(rows, today=to_day(day)))

    def columns(self) -> tuple[tuple[str, ...], Mapping]:
        """Return the columns and a guess, for a file whose mapping is not complete yet."""
        choices = self.choices
        table = read_sheets(
            self.data,
            name=self.name,
            sheet=choices.sheet,
            delimiter=choices.delimiter,
            encoding=choices.encoding,
            header_row=choices.header_row,
        )
        guess = suggest_mapping(table)
        try:
            return table.names, guess.choose(choices.columns, table.names)
        except MappingError:
            return table.names, guess

    def sheets(self) -> tuple[str, ...]:
        """Return the sheets of a workbook, () for other files."""
        return sheet_names(self.data, name=self.name)


def drafts() -> list[Draft]:
    """Return the files this session has brought and not imported yet."""
    return cast(list[Draft], st.session_state.setdefault("import_drafts", []))


def drop_draft(draft: Draft) -> None:
    """Put a file aside."""
    drafts().remove(draft)


def take_uploads() -> None:
    """Draw the place to drop files, and keep what was dropped."""
    turn = st.session_state.setdefault("import_turn", 0)
    files = st.file_uploader(
        "Drop your sales files here: Excel, CSV, or an export of your shop or till",
        type=ENDINGS,
        accept_multiple_files=True,
        key=f"import_upload_{turn}",
        max_upload_size=MOST_MEGABYTES,
        help="Workbooks with several sheets, zipped CSV (.gz) and Parquet are fine too.",
    )
    if not files:
        return
    for file in files:
        number = st.session_state["import_count"] = st.session_state.get("import_count", 0) + 1
        drafts().append(Draft(number, file.name, file.getvalue()))
    # A fresh uploader: else the same files would be taken again with every rerun.
    st.session_state["import_turn"] = turn + 1
    st.rerun()


def now() -> datetime:
    """Return the moment on the wall, with its time zone."""
    return datetime.now().astimezone()
