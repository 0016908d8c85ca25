"""Stages: where every relationship stands, since when and why, and who moved."""

from __future__ import annotations

import streamlit as st

from crm_core.charts.stages import flow_chart, history_chart, stage_columns
from crm_core.explanations import stage_words
from crm_core.ui.choice import choose
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.format import format_day
from crm_core.ui.goodbye_line import draw_goodbye_line
from crm_core.ui.lists import client_list
from crm_core.ui.shared_columns import (
    last_purchase_column,
    share_column,
    since_column,
    stage_column,
    trailing_column,
    why_column,
)
from crm_core.ui.shell import first_customdata, page_header, picture, quiet_reason, require_app
from crm_core.ui.small_groups import least_of, say_hidden
from crm_core.ui.stage_groups import (
    clients_of,
    compare_day,
    groups_of,
    lists_gone,
    stage_table,
    stages_drawn,
)
from crm_core.ui.stage_numbers import (
    COLUMN_NUMBERS,
    FLOW_NUMBERS,
    answer,
    months_of,
    moves_since,
    shown_stages,
)
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
stages, least = view.stages, least_of(view)
head = st.container()
since = compare_day(view)
moves = moves_since(view, since)
started = bool((view.stages_on(since).stage > 0).any())
with head:
    sentence = answer(view, moves if started else None, since=since)
    page_header("Stages", sentence, word="relationship stages")
if not int((stages.stage > 0).sum()):
    quiet_reason("Nobody is known on this day yet: choose a later as-of day.")
    st.stop()

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Where they stand")
    counts, sales = stages_drawn(view)
    columns_chart = stage_columns(counts, sales, view.currency, view.stage_names)
    alt = "Clients and sales of the last 12 months by stage"
    bars = picture(columns_chart, key="columns", alt=alt, clickable=True, numbers=COLUMN_NUMBERS)
    at_stage = first_customdata(bars)
    words = stage_words(view.values, doubt=view.doubt)
    st.caption("  \n".join(f"**{w.word}** ({w.stage}): {w.definition}" for w in words))
with right:
    st.subheader("Who moved")
    if started:
        flows = flow_chart(
            moves, format_day(since), format_day(view.as_of), view.stage_names, least=least
        )
        alt = "Clients by stage on both days and the flows between them"
        bands = picture(flows, key="flows", alt=alt, clickable=True, numbers=FLOW_NUMBERS)
        at_flow = first_customdata(bands)
    else:
        at_flow = None
        quiet_reason(f"Nobody was known on {format_day(since)}: there are no moves to show.")

say_hidden(view, "Beside the picture of who moved, only the moves shown are counted.")
groups = groups_of(stages, moves if started else None, view.stage_names, least=least)
kind = choose(
    "List",
    groups.choices,
    key="stage_group",
    clicked=groups.newest(at_stage, at_flow),
    default=next(iter(groups.choices), None),
    as_box=True,
)
if kind:
    listed = clients_of(view, moves, kind)
    if lists_gone(kind):
        draw_goodbye_line(view)
    columns = [stage_column(view, listed), share_column(view, listed), since_column(view, listed)]
    if kind not in groups.stages:
        columns.insert(0, stage_column(view, listed, day=since, title="Before"))
    columns += [
        trailing_column(view, listed),
        last_purchase_column(view, listed),
        why_column(view, listed),
    ]
    client_list(view, listed, columns, key="listed", title=groups.titles[kind], file_name="stages")

st.subheader("Month by month")
months = months_of(view)
if len(months.calendar) > 1:
    alt = "Clients of the live stages at each month end"
    figure = history_chart(months, least=least)
    picture(figure, key="months", alt=alt, numbers=("stages.months",))
    st.caption(
        "Clients at each month end, without those who are gone; the running month is hatched."
    )
else:
    quiet_reason("The first month is still running: there is no history to draw yet.")
stage_table(view)
definition_drawer(shown_stages(view, moves, since, months), key="stages_meaning")
