"""Late and gone: whom to call now, how the bucket balances, who is gone and how sure that is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.charts.curves import relationship_curve
from crm_core.metrics.churn import Churn, churn
from crm_core.metrics.late import pick_late
from crm_core.sentences.relations import declare_goodbyes
from crm_core.ui import late_lists as lists
from crm_core.ui import late_numbers as numbers
from crm_core.ui.actions import act_on_one_of, snoozed_clients
from crm_core.ui.goodbye_line import goodbye_groups
from crm_core.ui.lists import client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shared_columns import last_purchase_column, stage_column, trailing_column
from crm_core.ui.shell import GOODBYES, page_header, picture, require_app
from crm_core.ui.small_groups import is_small, least_of
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
result: Churn = view.remember(
    "churn",
    lambda: churn(view.ledger, view.history, view.values, view.as_of, stages=view.stages),
)
months = result.months
waiting = ~np.isin(result.late.client, snoozed_clients(view))
late = pick_late(result.late, waiting)
snoozed = pick_late(result.late, ~waiting)

page_header("Late and gone", numbers.answer(view, late, months), word="churn")
gone_word = view.stage_names["termination"]
tabs = ("Who is late", "The balance", gone_word, "Shrinking", "More")
at = dict(zip(tabs, st.tabs(tabs, key="late_tabs", on_change="rerun"), strict=True))

if at["Who is late"].open:
    with at["Who is late"]:
        if len(late):
            lists.draw_due(view, late)
            act_on_one_of(view, late.client, key="late")
        number_row(
            numbers.late_numbers(view, late, len(snoozed)),
            key="late",
            also=numbers.late_beside(view, late, months),
        )
        client_list(
            view,
            late.client,
            lists.late_columns(view, late),
            key="late",
            title="Late clients",
            empty="Nobody is late.",
            file_name="late",
        )
        if len(snoozed):
            columns = lists.late_columns(view, snoozed)
            client_list(view, snoozed.client, columns, key="snoozed", title="Snoozed for now")

if at["The balance"].open:
    with at["The balance"]:
        unit = st.segmented_control(
            "Balance of", ("Clients", "Money"), default="Clients", required=True, key="unit"
        )
        points = picture(
            lists.balance_of(view, months, money=unit == "Money"),
            key=f"balance_{unit}",
            alt="Clients who came and went by month, and those active at the end",
            clickable=True,
            numbers=numbers.BALANCE_NUMBERS,
        )
        lists.draw_balance(view, months, points, money=unit == "Money")

if at[gone_word].open:
    with at[gone_word]:
        if not is_small(view, *goodbye_groups(result.goodbyes)):
            st.markdown(declare_goodbyes(result.goodbyes))
        st.page_link(GOODBYES, label="Which goodbye to believe", icon=":material/rule:")
        number_row(numbers.gone_numbers(view, result), key="gone")
        columns = lists.gone_columns(view, result.gone)
        client_list(
            view, result.gone.client, columns, key="gone", title=gone_word, file_name="gone"
        )
        if result.goodbyes is not None:
            back = result.goodbyes.came_back
            shared = (stage_column, last_purchase_column, trailing_column)
            columns = [make(view, back) for make in shared]
            client_list(view, back, columns, key="back", title="Given up and came back since")

if at["Shrinking"].open:
    with at["Shrinking"]:
        shrinking = result.shrinking
        number_row(numbers.shrinking_numbers(view, shrinking), key="shrinking")
        columns = lists.shrinking_columns(view, shrinking)
        client_list(
            view,
            shrinking.client,
            columns,
            key="shrinking",
            title="Still buying, but less than half of before",
            file_name="shrinking",
        )

if at["More"].open:
    with at["More"]:
        st.subheader("How long relationships last")
        curve, shown = relationship_curve(result.relations), ("churn.survival",)
        picture(curve, key="survival", alt="Relationships by age", numbers=shown)
        st.subheader("Own rhythm or a fixed silence")
        figures = view.remember("rules", lambda: lists.rule_figures(view))
        rules = lists.rule_table(figures, least=least_of(view))
        lists.draw_rule_table(rules)
        words = rules["Gone after"]
        number_row(numbers.relation_numbers(view, result.relations, figures, words), key="more")
