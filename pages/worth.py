"""What clients are worth: expected purchases and sales of the next months, and how such held."""

from __future__ import annotations

import streamlit as st

from crm_core.sentences.worth import say_basis, worth_sentence
from crm_core.ui.numbers import number_row
from crm_core.ui.shell import page_header, quiet_reason, require_app
from crm_core.ui.small_groups import HIDDEN, is_small, told
from crm_core.ui.stage_groups import compare_day
from crm_core.ui.start import view_or_welcome
from crm_core.ui.worth import summary_of, worth_of
from crm_core.ui.worth_card import READY
from crm_core.ui.worth_lists import draw_falls, draw_values
from crm_core.ui.worth_models import draw_models
from crm_core.ui.worth_numbers import groups_told, shown_largest, shown_totals
from crm_core.ui.worth_record import draw_record
from crm_core.ui.worth_terms import draw_terms

require_app()
view = view_or_welcome()
head = st.container()
since = compare_day(view)
with st.spinner("Learning how often clients buy …"):
    worth = worth_of(view, since)
values, summary = worth.values, summary_of(view, worth)
with head:
    few = (*groups_told(worth), summary.n_fell, summary.n_judged - summary.n_fell)
    page_header(
        "What clients are worth", told(view, worth_sentence(summary), *few), word="lifetime value"
    )
    if len(values):
        left = len(values) if view.filters else None
        st.caption(say_basis(values.models.basis, plain=worth.plain, filtered=left))
if not len(values):
    quiet_reason("Nobody has bought by this day: choose a later as-of day or another filter.")
    st.stop()
if is_small(view, len(values)):
    quiet_reason(HIDDEN)
    st.stop()
if summary.short is not None:
    quiet_reason("From the first anniversary of your sales on, or once a model fits, look here.")
    st.stop()
if not view.filters:
    st.session_state[READY] = view.key
if values.money_note:
    note = values.money_note
    st.caption(f"{note[0].upper()}{note[1:]}.")

past = st.container()
number_row(shown_totals(view, worth), key="worth", also=shown_largest(view, worth))
draw_terms(view, worth.entered)
draw_values(view, worth)
draw_falls(view, worth)
draw_models(view, worth)
with past:  # last: the rest need not wait until it is worked out
    draw_record(view, worth)
