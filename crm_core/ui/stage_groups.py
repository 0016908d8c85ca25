"""The groups of clients of the stages page: by stage, by move, by flow between two days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.explanations import WORDS
from crm_core.formatting import format_count
from crm_core.metrics.late import by_money
from crm_core.metrics.months import months_before
from crm_core.metrics.stage_moves import StageMoves, stage_sales, time_in_stage
from crm_core.metrics.stages import StageResult
from crm_core.small_groups import hidden_cells, hidden_parts
from crm_core.tables import STAGES, IntArray
from crm_core.ui.definitions import number_columns
from crm_core.ui.phone import draw_table
from crm_core.ui.small_groups import hidden_of, without_small_rows
from crm_core.ui.view import View

COMPARED = {"1": "a month", "3": "three months", "12": "a year"}


@dataclass(frozen=True)
class Groups:
    """The choices of the page.

    Attributes
    ----------
    choices : dict of str to str
        What can be chosen, by key, with its count.
    titles : dict of str to str
        Headings of the lists.
    stages : tuple of str
        Keys that are stages on the as-of day.
    """

    choices: dict[str, str]
    titles: dict[str, str]
    stages: tuple[str, ...]

    def newest(self, at_stage: object | None, at_flow: object | None) -> object | None:
        """Return the choice of the picture clicked last; two pictures keep their marks."""
        held = st.session_state.setdefault("stage_clicks", (None, None, None))
        newest: object | None = held[2]
        if at_flow != held[1]:
            newest = at_flow
        if at_stage != held[0]:
            newest = at_stage
        st.session_state["stage_clicks"] = (at_stage, at_flow, newest)
        return newest


def compare_day(view: View) -> int:
    """Draw the choice of the earlier day and return it."""
    held = st.segmented_control(
        "Change over",
        list(COMPARED),
        format_func=COMPARED.__getitem__,
        default="3",
        required=True,
        key="compare",
        bind="query-params",
    )
    return months_before(view.as_of, int(held or "3"))


def groups_of(
    stages: StageResult,
    moves: StageMoves | None,
    words: Mapping[str, str] = WORDS,
    *,
    least: int = 1,
) -> Groups:
    """Return what can be chosen: moves first, then the stages, then every flow.

    Groups of fewer than ``least`` clients are left out, and those that would tell of them.
    """
    every = stages.counts()
    hidden = hidden_parts(list(every.values()), least=least)
    counts = {
        name: n for (name, n), few in zip(every.items(), hidden, strict=True) if n and not few
    }
    sized: dict[str, tuple[str, int]] = {}
    if moves is not None:
        sized["up"] = ("Moved up", int(moves.up.sum()))
        sized["down"] = ("Moved down", int(moves.down.sum()))
        sized["appeared"] = ("Newly known", int(moves.appeared.sum()))
    sized |= {name: (words[name], n) for name, n in counts.items()}
    if moves is not None:
        sized |= _flows(moves, words, least)
    sized = {key: held for key, held in sized.items() if held[1] >= least}
    choices = {key: f"{title} ({format_count(n)})" for key, (title, n) in sized.items()}
    titles = {key: title for key, (title, _) in sized.items()}
    return Groups(choices, titles, tuple(counts))


def _flows(moves: StageMoves, words: Mapping[str, str], least: int) -> dict[str, tuple[str, int]]:
    matrix = moves.matrix.copy()
    matrix[0, 0] = 0
    matrix[hidden_cells(matrix, least=least)] = 0
    names = [(before, after) for before in STAGES for after in STAGES if after != "none"]
    return {
        f"{before}>{after}": (
            f"{words[before]} → {words[after]}",
            int(matrix[STAGES.index(before), STAGES.index(after)]),
        )
        for before, after in names
    }


def clients_of(view: View, moves: StageMoves, key: str) -> IntArray:
    """Return the clients of a choice, those with the largest sales first."""
    masks = {"up": moves.up, "down": moves.down, "appeared": moves.appeared}
    if ">" in key:
        before, after = key.split(">")
        return moves.flow(before, after)
    if key in masks:
        return moves.clients(masks[key])
    found = np.flatnonzero(view.stages.stage == STAGES.index(key))
    return found[by_money(view.trailing[found])]


def stages_drawn(view: View) -> tuple[dict[str, int], IntArray]:
    """Return clients and sales of each stage for the picture, zero for stages of too few."""
    counts, sales = view.stages.counts(), stage_sales(view.stages, view.trailing)
    for name in hidden_stages(view):
        counts[name] = 0
        sales[STAGES.index(name)] = 0
    return counts, sales


def hidden_stages(view: View) -> list[str]:
    """Return the stages whose clients are too few to be shown here, or would tell of those."""
    counts = view.stages.counts()
    hidden = hidden_of(view, list(counts.values()))
    return [name for name, few in zip(counts, hidden, strict=True) if few]


def lists_gone(key: str) -> bool:
    """Return whether a choice of the page lists clients who are gone.

    Examples
    --------
    >>> lists_gone("termination"), lists_gone("expansion>termination"), lists_gone("up")
    (True, True, False)
    """
    return key.rsplit(">", maxsplit=1)[-1] == "termination"


def stage_table(view: View) -> None:
    """Draw how long the clients of each stage have been in it."""
    times = time_in_stage(view.stages)
    frame = pd.DataFrame(
        {
            "Stage": [view.stage_names[time.stage] for time in times],
            "Clients": [time.n for time in times],
            "Middle": [time.median for time in times],
            "A quarter less than": [time.quartile for time in times],
            "A quarter more than": [time.upper_quartile for time in times],
        }
    )
    frame = without_small_rows(view, frame, count="Clients")
    st.subheader("Days in their stage")
    days = list(frame.columns[2:])
    named = number_columns(
        {"Clients": "stages.count", **dict.fromkeys(days, "stages.time")},
        dict.fromkeys(frame.columns[1:], "%,.0f"),
    )
    draw_table(frame, hide_index=True, column_config=named, alt="Days in stage", width=640)
