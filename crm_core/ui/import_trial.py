"""What an import would change, before it is made: rows, money and the headline numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from crm_core.access import Right
from crm_core.formatting import DASH, format_count, format_day, format_money, md_escape, plural
from crm_core.import_text import held_back_lines, twice_sentence
from crm_core.importing import Prepared, Rehearsal, rehearse
from crm_core.money import to_ten_thousandths
from crm_core.records.import_report import ImportReport
from crm_core.report import flatten
from crm_core.ui.definitions import number_columns
from crm_core.ui.handing_out import hand_out
from crm_core.ui.import_drafts import Draft, now
from crm_core.ui.import_jobs import Job, start_job
from crm_core.ui.import_words import (
    END_WORDS,
    HEADLINES,
    days_sentence,
    report_sentence,
    say_money,
)
from crm_core.ui.phone import draw_table
from crm_core.ui.view import database

AT_ONCE = 60_000
"""Rows up to which a file is tried without being asked to."""

BEFORE_AFTER = ("Before", "After")
END_COLUMNS = {"Rows": "import.rows", "Money": "import.money"}
"""Key of the definition by heading of the table of ends."""


def try_out(draft: Draft, prepared: Prepared) -> Job | None:
    """Return the dry run of a file: begun at once for short files, else when asked for."""
    rows = prepared.staged.n_rows
    if draft.trial is None and rows <= AT_ONCE:
        begin_trial(draft, prepared)
    elif draft.trial is None:
        st.button(
            f"Try it with all {format_count(rows)} rows; nothing is changed",
            icon=":material/science:",
            key=f"try_{draft.number}",
            on_click=begin_trial,
            args=(draft, prepared),
        )
    return draft.trial


def begin_trial(draft: Draft, prepared: Prepared) -> None:
    """Start the dry run of a file beside the page."""
    engine, moment = database(), now()
    draft.trial = start_job(
        "Trying it out; nothing is changed",
        lambda _tell: rehearse(engine, prepared, now=moment),
    )


def draw_trial(rehearsal: Rehearsal, currency: str | None) -> None:
    """Draw the sentence, the five ends with their money, and the numbers before and after."""
    st.markdown(report_sentence(rehearsal.rows, currency))
    st.caption(md_escape(days_sentence(rehearsal.rows)))
    warn_of_twice(rehearsal)
    draw_ends(rehearsal.rows, currency)
    shown = headlines(rehearsal, currency)
    if shown["Before"]:
        st.markdown("**What would change**")
        draw_table(
            shown,
            hide_index=True,
            height="content",
            column_config=number_columns(dict.fromkeys(BEFORE_AFTER, "import.before_after")),
            alt="Headline numbers before and after",
        )


def warn_of_twice(rehearsal: Rehearsal) -> None:
    """Warn where most of what a file adds looks stored already."""
    if warning := twice_sentence(rehearsal.twice):
        st.warning(warning, icon=":material/content_copy:")


def draw_ends(report: ImportReport, currency: str | None) -> None:
    """Draw where every row ended, with its money."""
    draw_table(
        ends_table(report, currency),
        hide_index=True,
        height="content",
        column_config=number_columns(END_COLUMNS, {"Rows": "localized"}),
        alt="Rows and money by what became of them",
    )


def ends_table(report: ImportReport, currency: str | None) -> dict[str, list[Any]]:
    """Return the five ends of a file's rows, kinds and reasons below theirs, and the total."""
    rows: list[tuple[str, int, str]] = []
    for name, tally in report.ends().items():
        if tally.rows:
            rows.append((END_WORDS[name], tally.rows, say_money(tally.money, currency)))
        inner = {"not_a_sale": report.not_a_sale, "held_back": report.held_back}.get(name, {})
        rows += [(f"   {why}", t.rows, say_money(t.money, currency)) for why, t in inner.items()]
    total = report.total
    rows.append(("Total, as in your file", total.rows, say_money(total.money, currency)))
    if report.replaced.rows:
        gone = report.replaced
        rows.append(("Takes the place of stored rows", gone.rows, say_money(gone.money, currency)))
    names, counts, money = (list(column) for column in zip(*rows, strict=True))
    return {"What became of the rows": names, "Rows": counts, "Money": money}


def headlines(rehearsal: Rehearsal, currency: str | None) -> dict[str, list[str]]:
    """Return the headline numbers an import would change, before and after."""
    before, after = (flatten(report.as_json()) for report in (rehearsal.before, rehearsal.after))
    changed = [row for row in HEADLINES if before.get(row[0]) != after.get(row[0])]
    return {
        "Number": [words for _, words, _ in changed],
        "Before": [_say(before, key, kind, currency) for key, _, kind in changed],
        "After": [_say(after, key, kind, currency) for key, _, kind in changed],
    }


def _say(figures: Mapping[str, Any], key: str, kind: str, currency: str | None) -> str:
    value = figures.get(key)
    if value is None:
        return DASH
    if kind == "money":
        return format_money(to_ten_thousandths(value), currency)
    return format_count(value) if kind == "count" else format_day(date.fromisoformat(value))


def draw_held_back(draft: Draft, prepared: Prepared) -> None:
    """Offer the rows held back as a file, with their original line and reason."""
    held = sum(end == "held_back" for end in prepared.staged.unused.end)
    if not held:
        return
    st.download_button(
        f"Download {plural(held, 'row')} held back",
        hand_out(
            lambda: held_back_file(prepared), right=Right.IMPORT, deed="rows held back exported"
        ),
        "held-back.csv",
        "text/csv",
        key=f"held_{draft.number}",
        icon=":material/download:",
        on_click="ignore",
        help="Each with its line, its cells and the reason: mend them and import the file.",
    )


def held_back_file(prepared: Prepared) -> bytes:
    """Return the rows held back as a CSV file that Excel opens rightly."""
    return "".join(held_back_lines(prepared.staged)).encode("utf-8-sig")
