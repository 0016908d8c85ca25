"""The self-check on its page: run, kept for all who visit, and told group by group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.formatting import format_count, md_escape, plural
from crm_core.self_check import (
    CheckReport,
    Finding,
    Group,
    check_answers,
    rebuild_cache,
    run_checks,
)
from crm_core.self_check.text import check_text
from crm_core.ui.definitions import Shown
from crm_core.ui.handing_out import hand_out
from crm_core.ui.numbers import number_row
from crm_core.ui.phone import draw_table
from crm_core.ui.view import View, today

AT_ONCE = 50_000
"""Up to so many sales everything is checked on the visit itself: about two seconds."""

MOST_FAULTS = 8
"""Differences told in full; more would hide the lists that hold them all."""

KEPT = 4
ICONS = {
    "ok": ":material/check_circle:",
    "differs": ":material/error:",
    "not checked": ":material/help:",
}
WORDS = {"ok": "✓ agrees", "differs": "✗ differs", "not checked": "– not checked"}
ABOUT = {
    "answers": "Examples whose answers are known from elsewhere, computed by the program on this "
    "computer. A broken installation shows here.",
    "files": "Every import, undone ones too: what is stored against what the file carried.",
    "ledger": "What the pages read, against sums the database makes on its own; and parts that "
    "must sum to their whole.",
    "database": "The database's own check of its storage, its tables, and what rows refer to.",
}


@st.cache_resource(show_spinner=False)
def _kept() -> dict[tuple[str, ...], CheckReport]:
    return {}


def _key(view: View) -> tuple[str, ...]:
    versions = view.versions
    return versions.database_id, str(versions.data_version), versions.data_id, str(today())


def latest_report(view: View) -> CheckReport:
    """Return what is known of the data as they are now: all of it, or the known answers alone.

    Parameters
    ----------
    view : View
        What the page looks at.

    Returns
    -------
    CheckReport
        Of all checks, where somebody ran them since the last change or the data are
        few; else with the known answers only.
    """
    kept = _kept().get(_key(view))
    if kept is not None:
        return kept
    if _n_sales(view) <= AT_ONCE:
        return run_all(view)
    return CheckReport((_answers(),))


@st.cache_resource(show_spinner="Computing known answers …")
def _answers() -> Group:
    return check_answers()


def run_all(view: View) -> CheckReport:
    """Run every check, with a bar that says what is being checked, and keep the result."""
    # One after the other: two sessions must not set up databases in memory at once.
    answers = _answers()
    bar = st.progress(0.0, "Checking …")
    try:
        report = run_checks(view.engine, today(), _showing(bar), answers=answers)
    finally:
        bar.empty()
    kept = _kept()
    kept[_key(view)] = report
    for old in list(kept)[:-KEPT]:
        del kept[old]
    return report


def _showing(bar: Any) -> Callable[[float, str], object]:
    """Return what moves the bar; names of files are text and no markup."""
    return lambda share, name: bar.progress(share, f"Checking: {md_escape(name)}")


def check_again(view: View) -> None:
    """Forget what was found, so that the page checks anew."""
    _kept().pop(_key(view), None)
    _answers.clear()
    st.session_state["check_now"] = True


def rebuild(view: View) -> None:
    """Make the ledger kept on disk again, and let every page read that one."""
    done = rebuild_cache(view.engine)
    # Pages hold the old ledger open: they must let go of it and load the new one.
    st.cache_resource.clear()
    st.session_state["check_now"] = True
    st.session_state["check_rebuilt"] = done


def is_whole(report: CheckReport) -> bool:
    """Return whether more than the known answers was checked."""
    return len(report.groups) > 1


def answer(view: View, report: CheckReport) -> str:
    """Return the page's sentence, as Markdown."""
    if is_whole(report):
        return md_escape(report.sentence())
    n = len(report.findings)
    known = (
        f"All {format_count(n)} known answers come out right"
        if report.is_well
        else f"{format_count(len(report.differing))} of {plural(n, 'known answer')} come out wrong"
    )
    sales = plural(_n_sales(view), "sale")
    return f"{known}. Your {sales} have not been held against your files yet."


def _n_sales(view: View) -> int:
    return len(view.full_ledger.sales) + len(view.full_ledger.unnamed_day)


def draw_numbers(report: CheckReport) -> None:
    """Draw how many checks of each group passed."""
    every = plural(len(report.findings), "check")
    rests = {
        "answers": f"published figures, worked examples, a made-up business; {every} in all groups",
        "files": f"{plural(report.imports, 'import')}, {plural(report.sales, 'sale')}",
        "ledger": "every client, every month, the headline figures",
        "database": "storage, tables, references",
    }
    shown = [Shown(f"check.{g.key}", _passed(g), rests[g.key]) for g in report.groups]
    number_row(shown, key="check_numbers")


def _passed(group: Group) -> str:
    return group.summary.removesuffix(" passed")


def draw_faults(report: CheckReport, on_rebuild: Callable[[], None]) -> None:
    """Draw what differs, each with what to do."""
    for number, finding in enumerate(report.differing[:MOST_FAULTS]):
        with st.container(border=True, key=f"check_fault_{number}"):
            st.markdown(f":red[{ICONS['differs']}] **{md_escape(finding.name)}**")
            st.markdown(md_escape(finding.sentence))
            st.caption(f"Compared: {md_escape(finding.compared)}.")
            if finding.advice:
                st.markdown(f"**What to do:** {md_escape(finding.advice)}")
            if finding.name == "Cached ledger":
                st.button(
                    "Make the ledger again",
                    key="check_rebuild",
                    icon=":material/build:",
                    on_click=on_rebuild,
                )
    more = len(report.differing) - MOST_FAULTS
    if more > 0:
        st.caption(f"{format_count(more)} more differ: they stand first in the lists below.")


def draw_group(group: Group) -> None:
    """Draw the findings of a group, closed unless something is to be seen."""
    icon = ICONS[group.outcome]
    title = f"{group.title}: {group.summary}"
    with st.expander(title, icon=icon, key=f"check_{group.key}"):
        st.caption(ABOUT[group.key])
        draw_table(
            _table(group.findings),
            hide_index=True,
            key=f"check_{group.key}_table",
            column_config={
                "Result": st.column_config.TextColumn(width=110),
                "Check": st.column_config.TextColumn(width=250),
                "Found": st.column_config.TextColumn(width=330),
                "Compared": st.column_config.TextColumn(width=430),
            },
            alt=f"{group.title}: every check with its result",
        )


def _table(findings: tuple[Finding, ...]) -> pd.DataFrame:
    worst_first = sorted(findings, key=lambda finding: finding.outcome == "ok")
    return pd.DataFrame(
        {
            "Result": [WORDS[finding.outcome] for finding in worst_first],
            "Check": [finding.name for finding in worst_first],
            "Found": [finding.sentence for finding in worst_first],
            "Compared": [finding.compared for finding in worst_first],
        }
    )


def draw_download(report: CheckReport) -> None:
    """Offer the result as a text file, to keep or to send along with a question."""
    st.download_button(
        "Save this result",
        hand_out(lambda: check_text(report), right=Right.MAINTAIN, deed="self-check exported"),
        f"self-check-{today().isoformat()}.txt",
        "text/plain",
        key="check_save",
        icon=":material/download:",
        on_click="ignore",
    )
