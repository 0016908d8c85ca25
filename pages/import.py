"""Import: bring sales files, see what became of every row, and what is odd in them."""

from __future__ import annotations

import streamlit as st

from crm_core.errors import CrmError
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.import_arrivals import draw_arrivals, draw_waiting, shown_waiting
from crm_core.ui.import_doctor import (
    check_up,
    draw_currencies,
    draw_duplicates,
    draw_months,
    draw_tills,
)
from crm_core.ui.import_drafts import take_uploads
from crm_core.ui.import_flow import draw_drafts
from crm_core.ui.import_list import draw_imports, draw_said, read_imports
from crm_core.ui.import_numbers import import_numbers
from crm_core.ui.import_page import (
    draw_demo_notice,
    draw_done,
    draw_leads,
    opening,
    sources_of,
    stored_currency,
)
from crm_core.ui.shell import page_header, require_app
from crm_core.ui.start import refuse
from crm_core.ui.view import database

require_app()
try:
    batches, currency = read_imports(database()), stored_currency()
    page_header("Import", opening(batches, currency))
    draw_said()
    draw_done(batches, currency)

    if not draw_demo_notice():
        draw_waiting(currency)
        take_uploads()
        draw_drafts(currency=currency, sources=sources_of(batches), first=not batches)
        draw_arrivals()

    if batches:
        st.subheader("What is stored, by month and source")
        found = check_up()
        draw_months(found)
        draw_currencies(database(), currency)
        draw_imports(batches, currency)
        draw_leads()
        draw_tills(found)
        draw_duplicates(found)
        numbers = [*import_numbers(batches, found, currency), *shown_waiting()]
        definition_drawer(numbers, key="import_meaning")
except CrmError as error:
    refuse(error)
