"""Who carries us: the clients that bring most of the sales, and what hangs on each."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.charts.pareto import NAMED, curve_chart, describe, lorenz_chart, pareto_chart
from crm_core.metrics.dependency import large_not_regular
from crm_core.metrics.months import same_day_years_before
from crm_core.sentences.answers import pareto_sentence
from crm_core.tables import IntArray
from crm_core.ui import concentration as parts
from crm_core.ui.choice import choose
from crm_core.ui.clients import open_clicked
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.format import format_day, format_money
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shared_columns import (
    last_purchase_column,
    money_column,
    share_column,
    stage_column,
)
from crm_core.ui.shell import page_header, picture, quiet_reason, require_app
from crm_core.ui.small_groups import HIDDEN, is_small, least_of, told
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
result, least = view.pareto, least_of(view)
classes = result.class_codes()
names = view.names(result.order[:NAMED])


def columns_of(positions: IntArray) -> list[Column]:
    """Return what the lists of this page show."""
    return [
        money_column("Sales", result.by_client[positions], "client.sales"),
        share_column(view, positions),
        Column(
            "Class",
            classes[positions].astype(np.int64),
            labels=("A", "B", "C"),
            definition="client.class",
        ),
        stage_column(view, positions),
        last_purchase_column(view, positions),
    ]


largest = names[0] if names else ""
unnamed = result.without_client != 0
sentence = pareto_sentence(result, largest, unnamed=unnamed)
page_header("Who carries us", told(view, sentence, *parts.groups_told(result)), word="Pareto")
if not result.n:
    quiet_reason(f"No shares: {result.reason}. Another period or filter may have some.")
    st.stop()
if is_small(view, result.n):
    quiet_reason(HIDDEN)
    st.stop()
if result.reason:
    st.caption(f"Thin: {result.reason}.")
if unnamed:
    money = format_money(result.without_client, view.currency)
    st.caption(f"Beside that, sales of {money} name no client; they are in no share.")

described = describe(result, least=least)
left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("The largest by name")
    chart = pareto_chart(result, names, view.currency, least=least)
    shown = ("client.sales", "pareto.curve", "pareto.classes")
    clicked = picture(chart, key="pareto", alt=described, clickable=True, numbers=shown)
    open_clicked(view.ledger, clicked)
with right:
    st.subheader("All buying clients")
    curve = curve_chart(result, least=least)
    picture(curve, key="curve", alt=f"Curve: {described}", numbers=("pareto.curve",))
    parts.draw_dependencies(view)
risky = large_not_regular(result, view.stages.stage)
before = int(same_day_years_before(view.as_of))
moves = parts.moves_since(view, before)
number_row(parts.shown_pareto(view, largest), key="pareto", also=parts.shown_beside(view, moves))

groups = parts.class_choices(view)
a, b, _ = result.classes
ranges = {"all": (0, result.n), "A": (0, a), "B": (a, a + b), "C": (a + b, result.n)}
group = choose("Clients", groups, key="class", default="all") or "all"
listed = result.order[slice(*ranges[group])]
client_list(view, listed, columns_of(listed), key="buyers", file_name=f"pareto-{group}")

client_list(
    view,
    risky,
    columns_of(risky),
    key="risky",
    title="Large but not regular",
    empty="Every client of the top 20 % is a regular.",
    file_name="large-not-regular",
)

st.subheader(f"Class A since {format_day(before)}")
st.caption(parts.say_moves(view, moves))
for label, positions in (("Entered class A", moves.entered), ("Left class A", moves.left)):
    if len(positions):
        key = label.split()[0].lower()
        then = money_column("Sales then", moves.before.by_client[positions], "client.sales_then")
        client_list(view, positions, [then, *columns_of(positions)], key=key, title=label)

with st.expander("More: how unequal clients are", icon=":material/query_stats:"):
    alt = "Lorenz curve of sales, smallest client first"
    picture(lorenz_chart(result, least=least), key="lorenz", alt=alt, numbers=("pareto.gini",))
    definition_drawer(
        parts.shown_concentration(view), key="gini", label="Gini, HHI, effective number"
    )
