"""Privacy: who was erased and with which receipt, whom the rule forgets, what clients allow."""

from __future__ import annotations

import streamlit as st

from crm_core.ui.numbers import number_row
from crm_core.ui.privacy import (
    draw_consent_overview,
    draw_erased,
    draw_outcome,
    draw_retention,
    erasures,
    privacy_sentence,
    retention_now,
    shown_erased,
)
from crm_core.ui.shell import page_header, require_app

require_app()
done = erasures()
months, found = retention_now()
page_header("Privacy", privacy_sentence(done, months, found))
draw_outcome()

st.subheader("Erased")
if done:
    number_row(shown_erased(done), key="erased")
draw_erased(done)

st.subheader("Leads who never bought")
draw_retention(months, found)

st.subheader("What clients allow")
draw_consent_overview()
