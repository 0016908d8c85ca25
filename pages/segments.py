"""Segments: who the best clients are, who is slipping away, and who changed since a day."""

from __future__ import annotations

import streamlit as st

from crm_core.charts.segments import describe_grid
from crm_core.sentences.segments import say_flat
from crm_core.ui.choice import choose
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.format import format_day
from crm_core.ui.goodbye_line import draw_goodbye_line
from crm_core.ui.lists import client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.segment_cuts import cut_points
from crm_core.ui.segment_groups import (
    advice_on,
    changed_clients,
    columns_of,
    first_choice,
    group_at,
    groups_of,
    segment_column,
    title_of_group,
    title_of_way,
    ways_of,
)
from crm_core.ui.segment_numbers import (
    GRID_NUMBERS,
    draw_switches,
    segment_table,
    shown_group,
    shown_headline,
    shown_moves,
)
from crm_core.ui.segment_package import draw_package
from crm_core.ui.segments import answer, grid_of, look_at
from crm_core.ui.shared_columns import last_purchase_column, share_column, stage_column
from crm_core.ui.shell import first_customdata, page_header, picture, quiet_reason, require_app
from crm_core.ui.small_groups import least_of, say_hidden
from crm_core.ui.stage_groups import compare_day
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
least = least_of(view)
head = st.container()
since = compare_day(view)
look = look_at(view, since)
now, moves = look.now, look.moves
with head:
    page_header("Segments", answer(view, look), word="RFM")
if not now.n:
    quiet_reason("Nobody has bought by this day: choose a later as-of day.")
    st.stop()

parted = now.scores.status != "not computable"
options = groups_of(look, least=least) if parted else {"all": "All buying clients"}
clicked, group = None, "all"
if parted:
    notes = [f"Thin: {now.scores.reason}." if now.scores.reason else "", say_flat(now.scores.flat)]
    if any(notes):
        st.caption(" ".join(filter(None, notes)))
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("By recency, frequency and money")
        grid, alt = grid_of(view, look), describe_grid(now, least=least)
        cells = picture(grid, key="grid", alt=alt, clickable=True, numbers=GRID_NUMBERS)
        clicked = first_customdata(cells)
        st.caption(
            "Each cell: clients and their share of sales in the period; the stronger the colour, "
            "the more sales. Click a cell for its clients."
        )
        say_hidden(view)
    with right:
        start = first_choice(options)
        group = choose(
            "Clients", options, key="rfm_group", clicked=clicked, default=start, as_box=True
        )
        group = group or "all"
        if advice := advice_on(group):
            st.info(advice, icon=":material/lightbulb:")
        number_row(shown_group(view, look, group_at(view, look, group)), key="rfm_numbers")

listed = group_at(view, look, group).clients
if group == "lost":
    draw_goodbye_line(view)
columns = [*columns_of(look, listed, parted=parted), last_purchase_column(view, listed)]
columns += [stage_column(view, listed), share_column(view, listed)]
client_list(view, listed, columns, key="listed", title=title_of_group(group), file_name="segments")

if parted:
    st.subheader("What each segment brings, and what to do")
    segment_table(view, look)
    st.caption(f"Gone since: of those active in the segment on {format_day(since)}.")
    definition_drawer(shown_headline(view, look), key="headline_meaning")
    st.subheader(f"Who changed since {format_day(since)}")
    if moves is None:
        quiet_reason(f"On {format_day(since)} there were no segments to compare with.")
if parted and moves is not None and (ways := ways_of(moves, least=least)):
    at_switch = draw_switches(view, moves)
    number_row(shown_moves(view, look, moves), key="rfm_moves")
    first = next(iter(ways))
    way = choose("Change", ways, key="rfm_way", clicked=at_switch, default=first, as_box=True)
    changed = changed_clients(view, look, moves, way or first)
    columns = [
        segment_column(moves.before, changed, "Before"),
        *columns_of(look, changed),
        share_column(view, changed),
    ]
    title = title_of_way(way or first)
    client_list(view, changed, columns, key="changed", title=title, file_name="changed")

cut_points(view, look)
draw_package(view)
