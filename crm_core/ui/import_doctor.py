"""The doctor's part of the Import page: what is missing, odd, double, or waiting."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from sqlalchemy import Engine

from crm_core.charts.doctor import sales_by_source
from crm_core.formatting import format_count, format_day, format_money, md_escape, plural, say_name
from crm_core.intake.doctor import Examination, Finding, examine
from crm_core.intake.duplicates import PossibleDuplicate
from crm_core.intake.stored import StoredSales, read_stored
from crm_core.records.clients import list_merges, mark_not_client, merge, unmerge
from crm_core.records.engine import reading
from crm_core.records.rates import set_rate
from crm_core.records.versions import read_versions
from crm_core.records.waiting import Waiting, waiting_currencies
from crm_core.tables import to_date, to_day
from crm_core.ui.import_drafts import now
from crm_core.ui.import_list import say_after
from crm_core.ui.shell import MERGE, picture
from crm_core.ui.view import database, today

SHOWN = 10
BRANCH = {"own branch": "branch"}
ICONS = {
    "hole": ":material/event_busy:",
    "half month": ":material/event_busy:",
    "silence": ":material/event_busy:",
    "uneven ends": ":material/event_busy:",
    "future": ":material/update:",
    "ancient": ":material/history:",
    "outlier": ":material/trending_up:",
}


@dataclass(frozen=True)
class CheckUp:
    """What is stored, and what stands out in it."""

    stored: StoredSales
    seen: Examination

    @property
    def is_cut(self) -> bool:
        """Whether the last month with sales is not whole."""
        day = self.stored.rows.day
        past = day[day <= to_day(today())]
        if not len(past):
            return False
        newest = to_date(int(past.max()))
        return newest.day < monthrange(newest.year, newest.month)[1] - 2

    def record(self, client: int) -> int:
        """Return the id in the records of one of the doctor's clients."""
        return int(self.stored.record_id[client])

    def name(self, client: int) -> str:
        """Return its name, plain text."""
        return self.stored.rows.names[client] or ""


def check_up() -> CheckUp:
    """Return what stands out in the live sales, examined once a version and day."""
    engine = database()
    with reading(engine) as connection:
        versions = read_versions(connection)
    return _check_up((versions.database_id, versions.sales_key), to_day(today()), engine)


@st.cache_resource(max_entries=2, show_spinner="Looking for what is missing or odd …")
def _check_up(key: tuple[str, str], day: int, _engine: Engine) -> CheckUp:  # noqa: ARG001
    with reading(_engine) as connection:
        stored = read_stored(connection)
    return CheckUp(stored, examine(stored.rows, today=day))


def draw_months(found: CheckUp) -> None:
    """Draw sales and money by month and source, and in words what is odd."""
    months = found.seen.months
    if not len(months.month):
        return
    picture(
        sales_by_source(months, running=found.is_cut),
        key="doctor_months",
        alt="Net sales and rows by month and source; holes are shaded, half months hatched",
        numbers=("import.months",),
    )
    draw_findings(found.seen.findings)


def draw_findings(findings: Sequence[Finding]) -> None:
    """Draw what a person should look at, one line each."""
    for one in findings[:SHOWN]:
        st.markdown(f"{ICONS.get(one.kind, ':material/info:')} {md_escape(one.sentence)}")
    if len(findings) > SHOWN:
        st.caption(f"and {format_count(len(findings) - SHOWN)} more")


def draw_duplicates(found: CheckUp) -> None:
    """Draw clients that may be one, each pair with its evidence and one click to merge."""
    pairs = found.seen.duplicates
    st.subheader(f"Possible duplicates :small[:gray[{format_count(len(pairs))}]]")
    if not pairs:
        st.caption("No two clients look like one.")
    for pair in pairs[:SHOWN]:
        _draw_pair(found, pair)
    if len(pairs) > SHOWN:
        st.caption(f"and {format_count(len(pairs) - SHOWN)} more, once these are settled")
    if pairs:
        st.page_link(MERGE, label="Merge all that are sure, by rule", icon=":material/merge:")
    _draw_merges(database())


def _draw_pair(found: CheckUp, pair: PossibleDuplicate) -> None:
    n_sales = found.stored.n_sales
    stays, goes = pair.first, pair.second
    if n_sales[goes] > n_sales[stays]:
        stays, goes = goes, stays
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        border=True,
    ):
        rows = [
            f"**{say_name(found.name(c))}** ({plural(int(n_sales[c]), 'row')})"
            for c in (stays, goes)
        ]
        st.markdown(f"{rows[0]} and {rows[1]}  \n:small[{md_escape(pair.evidence)}]")
        st.button(
            "Merge",
            key=f"merge_{found.record(goes)}_{found.record(stays)}",
            icon=":material/merge:",
            on_click=_merge,
            args=(found.record(goes), found.record(stays), pair.evidence),
            help="They count as one client from now on. It can be taken apart again.",
        )


def _merge(merged: int, into: int, evidence: str) -> None:
    say_after(
        lambda connection: merge(
            connection, merged, into, merged_at=now(), by="Import page", evidence=evidence
        ),
        "They count as one client now.",
    )


def _draw_merges(engine: Engine) -> None:
    with reading(engine) as connection:
        every = list_merges(connection)
    # Those of a run are taken back on the page of duplicates.
    merges = [row for row in every if row.undone_at is None and row.run_id is None]
    if not merges:
        return
    with st.expander(f"Merged by hand ({len(merges)})", icon=":material/merge:"):
        for row in merges[::-1]:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{md_escape(row.evidence)} :small[{format_day(row.merged_at.date())}]")
                st.button(
                    "Take apart",
                    key=f"unmerge_{row.id}",
                    icon=":material/call_split:",
                    on_click=_unmerge,
                    args=(row.merged_id,),
                )


def _unmerge(merged: int) -> None:
    say_after(
        lambda connection: unmerge(connection, merged, undone_at=now()),
        "They are two clients again.",
    )


def draw_tills(found: CheckUp) -> None:
    """Draw clients that look like a till, a marketplace or an own branch."""
    if not found.seen.tills:
        return
    st.subheader("Are these clients?")
    for one in found.seen.tills[:SHOWN]:
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            horizontal_alignment="distribute",
            border=True,
        ):
            st.markdown(md_escape(one.evidence))
            st.button(
                f"It is {'an' if one.kind[0] in 'aeiou' else 'a'} {one.kind}, no client",
                key=f"no_client_{found.record(one.client)}",
                icon=":material/point_of_sale:",
                on_click=_mark,
                args=(found.record(one.client), BRANCH.get(one.kind, one.kind)),
                help="Its sales then count as sales without a client.",
            )


def _mark(record: int, kind: str) -> None:
    say_after(
        lambda connection: mark_not_client(connection, record, kind),
        "Its sales count as sales without a client now.",
    )


def draw_currencies(engine: Engine, reporting: str | None) -> None:
    """Draw the currencies that wait for a rate, each with a form to enter one."""
    with reading(engine) as connection:
        waiting = waiting_currencies(connection)
    for one in waiting:
        _draw_rate_form(one, reporting)


def _draw_rate_form(one: Waiting, reporting: str | None) -> None:
    days = format_day(one.first_day)
    if one.last_day != one.first_day:
        days += f" to {format_day(one.last_day)}"
    with st.form(f"rate_{one.currency}"):
        st.markdown(
            f"**{plural(one.rows, 'row')} over {format_money(one.amount, one.currency, places=2)} "
            f"{'waits' if one.rows == 1 else 'wait'} for a rate** ({days})."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(
                f"One {one.currency} is worth in {reporting or 'your currency'}",
                key=f"rate_of_{one.currency}",
                placeholder="0.1340",
                width=240,
            )
            st.date_input(
                "From",
                value=one.first_day,
                format="DD.MM.YYYY",
                key=f"rate_from_{one.currency}",
                width=160,
            )
            st.form_submit_button(
                "Enter the rate",
                icon=":material/currency_exchange:",
                on_click=_enter_rate,
                args=(one.currency,),
            )


def _enter_rate(currency: str) -> None:
    rate = str(st.session_state[f"rate_of_{currency}"]).replace(",", ".")
    from_day = st.session_state[f"rate_from_{currency}"]
    say_after(
        lambda connection: set_rate(connection, currency, from_day=from_day, rate=rate),
        f"The rows in {currency} count from now on.",
    )
