"""Which column means what, and how its texts are read: everything a person may overrule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from crm_core.formatting import md_escape
from crm_core.importing import Prepared
from crm_core.intake.mapping import NO_COLUMN
from crm_core.intake.mapping import Mapping as ColumnMapping
from crm_core.intake.sheets import ALL_SHEETS
from crm_core.ui.import_drafts import Draft
from crm_core.ui.import_preview import preview
from crm_core.ui.import_words import FIELD_WORDS, MAIN_FIELDS
from crm_core.ui.phone import draw_table

DAY_ORDERS = {
    "": "As found",
    "dmy": "Day first: 31.12.2024",
    "mdy": "Month first: 12/31/2024",
    "ymd": "Year first: 2024-12-31",
}
MARKS = {"": "As found", ",": "Comma: 1.234,56", ".": "Point: 1,234.56"}
DELIMITERS = {
    "": "As found",
    ",": "Comma",
    ";": "Semicolon",
    "\t": "Tab",
    "|": "Bar",
    " ": "Blanks",
}
ENCODINGS = ("", "utf-8", "cp1252", "cp1250", "cp1251", "latin-1", "utf-16")
_OPTION = re.compile(r"[;:,]?(?: as in)?(?: ?--[a-z-]+(?: [\w-]+=(?:“[^”]*”|[^\s;,.]+))?)+")


def for_the_page(text: str) -> str:
    r"""Return a message without the command line's options, safe for Markdown.

    Examples
    --------
    >>> for_the_page("Wanted a column for the amount; say which: --map amount=COLUMN.")
    'Wanted a column for the amount; say which\\.'
    """
    plain = _OPTION.sub("", text).replace(" if there is one", "").replace(" if it is.", ".")
    return md_escape(re.sub(r"\s+([.;,])", r"\1", plain).strip())


def draw_found(prepared: Prepared) -> None:
    """Draw what was recognised in a file: the doubtful part open, the proof folded."""
    evidence: Sequence[Mapping[str, Any]] = prepared.staged.mapping.get("evidence", ())
    for one in evidence:
        if one["doubtful"]:
            st.warning(for_the_page(one["sentence"]), icon=":material/help:")
    if prepared.staged.days_missing:
        st.info(
            "This file has no days: it shows who brings how much, and nothing about time.",
            icon=":material/info:",
        )
    sure = dict.fromkeys(one["sentence"] for one in evidence if not one["doubtful"])
    if sure:
        with st.expander("How the file was read, with the proof", icon=":material/fact_check:"):
            st.markdown("\n".join(f"- {for_the_page(sentence)}" for sentence in sure))


def draw_columns(draft: Draft, mapping: ColumnMapping, names: Sequence[str]) -> None:
    """Draw one choice a field, those every import needs in the open, the others folded."""
    with st.grid(min_column_width=220, key=f"main_fields_{draft.number}"):
        for field in MAIN_FIELDS:
            _draw_field(draft, field, mapping, names)
    others = [field for field in FIELD_WORDS if field not in MAIN_FIELDS]
    used = sum(field in mapping.columns for field in others)
    with (
        st.expander(f"More columns ({used} of {len(others)} found)", icon=":material/view_column:"),
        st.grid(min_column_width=220, key=f"more_fields_{draft.number}"),
    ):
        for field in others:
            _draw_field(draft, field, mapping, names)


def _draw_field(draft: Draft, field: str, mapping: ColumnMapping, names: Sequence[str]) -> None:
    current = mapping.columns.get(field)
    # A changed mapping makes a fresh widget: it shows what is in force, not an older click.
    key = f"column_{draft.number}_{field}_{current}"
    options = [NO_COLUMN, *names]
    st.selectbox(
        FIELD_WORDS[field],
        options,
        index=options.index(current) if current in options else 0,
        format_func=lambda name: _no_column(field, mapping) if name == NO_COLUMN else name,
        key=key,
        help=md_escape(mapping.reasons.get(field, "")) or None,
        icon=":material/help:" if field in mapping.doubtful else None,
        on_change=_take_column,
        args=(draft, field, key),
    )


def _no_column(field: str, mapping: ColumnMapping) -> str:
    multiplied = field == "amount" and {"quantity", "unit_price"} <= set(mapping.columns)
    if field == "name" and mapping.name_parts:
        return " ".join(mapping.name_parts)
    return "pieces × price of one piece" if multiplied else "none"


def _take_column(draft: Draft, field: str, key: str) -> None:
    chosen = st.session_state[key]
    draft.choose(columns={**draft.choices.columns, field: chosen})


def draw_preview(prepared: Prepared) -> None:
    """Draw the first rows, the values read beside the text of the file."""
    draw_table(
        preview(prepared),
        hide_index=True,
        height="content",
        alt="The first rows of the file, as written and as read",
    )


def draw_reading(draft: Draft, sheets: Sequence[str]) -> None:
    """Draw how texts are read, each choice overrulable; sheets in the open."""
    if len(sheets) > 1:
        _draw_sheet(draft, sheets)
    with (
        st.expander("Overrule how dates, amounts and text are read", icon=":material/tune:"),
        st.grid(min_column_width=220, key=f"reading_{draft.number}"),
    ):
        choices = draft.choices
        _draw_choice(draft, "day_order", "Order of dates", DAY_ORDERS, choices.day_order)
        _draw_choice(draft, "decimal_mark", "Decimal mark", MARKS, choices.decimal_mark)
        _draw_choice(draft, "delimiter", "Between the cells", DELIMITERS, choices.delimiter)
        encodings = {name: name or "As found" for name in ENCODINGS}
        _draw_choice(draft, "encoding", "Encoding", encodings, choices.encoding)
        rows = {
            "": "As found",
            **{str(row): f"Row {row}" if row else "No header" for row in range(12)},
        }
        row = None if choices.header_row is None else str(choices.header_row)
        _draw_choice(draft, "header_row", "Column names stand in", rows, row)


def _draw_sheet(draft: Draft, sheets: Sequence[str]) -> None:
    key = f"sheet_{draft.number}"
    options = ["", ALL_SHEETS, *sheets]
    words = {"": "Those that belong together", ALL_SHEETS: "All, joined by a shared column"}
    st.selectbox(
        f"Sheet ({len(sheets)} in this workbook)",
        options,
        index=options.index(draft.choices.sheet or ""),
        format_func=lambda one: words.get(one, one),
        key=key,
        on_change=lambda: draft.choose(sheet=st.session_state[key] or None, columns={}),
        help="Sheets with the same columns are read below each other; sheets that share an "
        "order or client number can be joined; one sheet alone is an import of its own.",
    )


def _draw_choice(
    draft: Draft, name: str, label: str, options: Mapping[str, str], current: str | None
) -> None:
    key, keys = f"{name}_{draft.number}", list(options)

    def take() -> None:
        chosen = st.session_state[key] or None
        if name == "header_row":
            draft.choose(header_row=None if chosen is None else int(chosen))
        else:
            draft.choose(**{name: chosen})

    st.selectbox(
        label,
        keys,
        index=keys.index(current) if current else 0,
        format_func=lambda one: options[one],
        key=key,
        on_change=take,
    )
