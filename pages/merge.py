"""Duplicates: clients written down twice, merged by rule, and the way back."""

from __future__ import annotations

import streamlit as st

from crm_core.errors import CrmError
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.merge_runs import draw_runs, read_runs, shown_runs
from crm_core.ui.merging import (
    choose_rules,
    draw_effect,
    draw_evidence,
    draw_merge_button,
    draw_said,
    effect_of,
    merge_sentence,
    pick_groups,
    proposals_by,
    shown_effect,
    shown_groups,
)
from crm_core.ui.shell import page_header, require_app
from crm_core.ui.start import refuse, view_or_welcome

require_app()
view = view_or_welcome()
head = st.container()
try:
    draw_said()
    rules = choose_rules()
    found, runs = proposals_by(view.engine, rules), read_runs(view.engine)
    known = int(view.full_ledger.known_at(view.today).sum())
    with head:
        page_header("Duplicates", merge_sentence(found, known), word="merging by rule")
    ticked, numbers = [], []
    if found:
        st.caption(
            "Untick what is not one client. Nothing is merged before you have seen what it does."
        )
        key = f"{view.versions.sales_key}_{'_'.join(rules)}"
        ticked = pick_groups(found, key=key)
        draw_evidence(found)
        st.subheader("What merging would change")
        effect = effect_of(view.engine, ticked, len(view.full_ledger.sales), key=key)
        if effect is not None:
            draw_effect(effect, view.currency)
            numbers.append(shown_effect(effect))
        elif not ticked:
            st.caption("Tick a group to see what merging it would change.")
        draw_merge_button(view.engine, ticked, rules, effect)
    draw_runs(view.engine, runs)
    numbers = [*shown_groups(found, ticked, known), *numbers, shown_runs(runs)]
    definition_drawer(numbers, key="merge_meaning")
except CrmError as error:
    refuse(error)
