"""Mergings by rule so far: each taken back as a whole, or merge by merge."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from sqlalchemy import Engine

from crm_core.access import ALONE
from crm_core.formatting import format_count, format_day, md_escape, one_line, plural
from crm_core.merging import take_apart, take_back
from crm_core.records.engine import reading
from crm_core.records.merge_runs import MergeRunSummary, list_run_merges, list_runs
from crm_core.records.team import member_names
from crm_core.ui.definitions import Shown
from crm_core.ui.merging import now, say_after, say_rules

SHOWN = 10


def read_runs(engine: Engine) -> list[MergeRunSummary]:
    """Return all mergings by rule, newest first."""
    with reading(engine) as connection:
        return list_runs(connection)


def shown_runs(runs: Sequence[MergeRunSummary]) -> Shown:
    """Return how much was merged by rule, for the drawer."""
    merged, held = sum(run.pairs for run in runs), sum(run.in_force for run in runs)
    value = f"{format_count(merged)} merged, {format_count(held)} still are"
    return Shown("merge.runs", value, plural(len(runs), "run"))


def draw_runs(engine: Engine, runs: Sequence[MergeRunSummary]) -> None:
    """Draw the runs, each with the way back, and the merges of one to take apart singly."""
    if not runs:
        return
    st.subheader("Merged by rule so far")
    with reading(engine) as connection:
        names = {f"member {number}": name for number, name in member_names(connection).items()}
    for run in runs[:SHOWN]:
        _draw_run(engine, run, names.get(run.by, run.by))
    if len(runs) > SHOWN:
        st.caption(f"and {format_count(len(runs) - SHOWN)} older ones")
    in_force = {run.id: run for run in runs if run.in_force}
    if in_force:
        _draw_single(engine, in_force)


def _draw_run(engine: Engine, run: MergeRunSummary, by: str) -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        border=True,
    ):
        day = format_day(run.at.astimezone().date())
        state = (
            f"taken back on {format_day(run.undone_at.astimezone().date())}"
            if run.undone_at
            else f"{format_count(run.in_force)} of {plural(run.pairs, 'merge')} in force"
        )
        st.markdown(
            f"**Run {run.id}**, {day}: {state}  \n"
            f":small[{md_escape(say_rules(run.rules))}{md_escape(_by(by))}]"
        )
        if run.undone_at is None:
            st.button(
                "Take back",
                key=f"take_back_{run.id}",
                icon=":material/undo:",
                on_click=say_after,
                args=(partial(_take_back, engine, run.id),),
                help="Every client of this run stands alone again, as before.",
            )


def _by(label: str) -> str:
    return "" if label == ALONE.label else f" (by {label})"


def _take_back(engine: Engine, run_id: int) -> str:
    count = take_back(engine, run_id, now=now())
    return f"Run {run_id} is taken back: {plural(count, 'client')} of it stand alone again."


def _draw_single(engine: Engine, runs: dict[int, MergeRunSummary]) -> None:
    with st.expander("Take a single merge apart", icon=":material/call_split:"):
        chosen = st.selectbox(
            "Run",
            list(runs),
            format_func=lambda number: f"Run {number}",
            key="merge_run",
            width=160,
        )
        with reading(engine) as connection:
            merges = {row.id: row for row in list_run_merges(connection, chosen)}
        one = st.selectbox(
            f"Merge ({format_count(len(merges))})",
            list(merges),
            format_func=lambda number: one_line(
                f"{merges[number].merged_name} → {merges[number].into_name}", 90
            ),
            index=None,
            placeholder="Type a name",
            key=f"merge_of_{chosen}",
            width=520,
        )
        if one is None:
            return
        st.caption(md_escape(merges[one].evidence))
        st.button(
            "Take apart",
            key="merge_apart",
            icon=":material/call_split:",
            on_click=say_after,
            args=(partial(_take_apart, engine, one),),
            help="They are two clients again, and no rule merges them anymore.",
        )


def _take_apart(engine: Engine, alias_id: int) -> str:
    take_apart(engine, alias_id, now=now())
    return "They are two clients again, and no rule merges them anymore."
