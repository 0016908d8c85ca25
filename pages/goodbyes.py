"""Which goodbye to believe: every rule tried on the past, and the switch to another one."""

from __future__ import annotations

import streamlit as st

from crm_core.access import Right
from crm_core.charts.goodbyes import describe_errors, error_points
from crm_core.sentences.goodbyes import advice_sentence, say_basis
from crm_core.sentences.relations import rule_sentence
from crm_core.ui.choice import choose
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.goodbye_numbers import POINT_NUMBERS, few_tried, rule_numbers, shown_days
from crm_core.ui.goodbye_switch import draw_outcome, draw_switch
from crm_core.ui.goodbyes import (
    OUTER,
    cut_choices,
    draw_exports,
    draw_rules,
    in_force,
    rule_frame,
    scores_on,
    short_list,
    shown_to,
    tells_of_few,
    trial_of,
)
from crm_core.ui.numbers import number_row
from crm_core.ui.shell import SETTINGS, first_customdata, page_header, picture, require_app
from crm_core.ui.small_groups import HIDDEN_LINE, say_hidden
from crm_core.ui.start import view_or_welcome

require_app()
view = view_or_welcome()
head = st.container()
found, current = trial_of(view), in_force(view)
with head:
    held_back = not view.who.sees_names and (
        tells_of_few(found.current, found.chosen) or few_tried(found)
    )
    sentence = HIDDEN_LINE if held_back else advice_sentence(found)
    page_header("Which goodbye to believe", sentence, word="backtest")
draw_outcome()
if found.status == "not computable":
    st.markdown(rule_sentence(view.values))
    if found.cuts:
        definition_drawer([shown_days(found)], key="goodbyes_meaning")
    if view.may(Right.SETTINGS):
        st.page_link(SETTINGS, label="Change the rule under Settings", icon=":material/tune:")
    st.stop()

if found.status == "thin":
    st.caption(f"Thin: {found.reason}.")
if not (few_tried(found) and not view.who.sees_names):
    st.caption(say_basis(found))
rules = short_list(found, current)
held = found.current or found.chosen
if held is not None:
    row, beside = rule_numbers(found, held, rules)
    st.subheader("The rule in force" if found.current else "The best rule")
    number_row(row, key="goodbyes", also=beside)

st.subheader("How often each rule was wrong")
with st.container(horizontal=True, vertical_alignment="bottom"):
    days = cut_choices(found)
    day = choose("Tried on", days, key="goodbye_day", default=OUTER, as_box=True) or OUTER
    unit = st.segmented_control(
        "Counted in", ("Clients", "Money"), default="Clients", required=True, key="goodbye_unit"
    )
money = unit == "Money"
scores = shown_to(view, scores_on(found, day))
chosen = found.chosen.rule if found.chosen else None
figure = error_points(scores, current=current, chosen=chosen, money=money)
alt = describe_errors(scores, money=money)
points = picture(figure, key=f"errors_{unit}", alt=alt, clickable=True, numbers=POINT_NUMBERS)
st.caption(
    "Each point is a rule; the nearer to the corner at the bottom left, the less often it was "
    "wrong. Click a point to try that rule below."
)
say_hidden(view)
draw_rules(
    rule_frame([s for s in scores if s.rule in rules], rules, money=money),
    key="short_rules",
    alt="The best known rules beside each other",
)
st.caption(
    "● in force; ★ least often wrong on the days before. Point at a heading for its meaning."
)
every = st.expander("All rules", key="all_rules", on_change="rerun")
if every.open:
    with every:
        frame = rule_frame(scores, rules, money=money)
        draw_rules(frame, key="every_rule", alt="Every rule tried")
        draw_exports(view, frame, "rules", key="rules")

draw_switch(view, found, rules, first_customdata(points))
