"""One client: where it stands, what it buys, what it stopped buying, what we know and noted."""

from __future__ import annotations

import streamlit as st

from crm_core.charts.timeline import purchase_stems, year_bars
from crm_core.metrics.client_sales import daily_sales, year_against_last
from crm_core.metrics.products import client_products
from crm_core.sentences.relations import client_sentence
from crm_core.ui import card as parts
from crm_core.ui import card_numbers as numbers
from crm_core.ui.actions import act_more, act_on
from crm_core.ui.card_notes import draw_about, draw_notes
from crm_core.ui.consents import draw_refusals
from crm_core.ui.format import one_line
from crm_core.ui.key_card import draw_key_account
from crm_core.ui.numbers import number_row
from crm_core.ui.presence import draw_presence
from crm_core.ui.privacy_card import draw_privacy
from crm_core.ui.shell import page_header, picture, require_app
from crm_core.ui.start import view_or_welcome
from crm_core.ui.worth_card import draw_outlook

require_app()

LEVELS = {"Products": "product", "Categories": "category"}

view = view_or_welcome().whole
asked = parts.client_asked(view)
if asked is None:
    st.stop()

ledger, as_of = view.ledger, view.as_of
sales = daily_sales(ledger, asked, as_of)
card, until = parts.card_of(view, asked), parts.last_noted_day(view)
facts = parts.facts_of(view, asked, sales)

page_header(
    one_line(facts.name, 80),
    client_sentence(facts, view.stages, asked, currency=view.currency, doubt=view.doubt),
)
parts.draw_labels(view, asked)
draw_refusals(view, asked)
draw_presence(view, asked)
with st.container(horizontal=True):
    act_on(view, asked, key="card")
    act_more(key="card")

picture(
    purchase_stems(
        sales,
        late_on=int(view.stages.late_on[asked]),
        gone_on=int(view.stages.gone_on[asked]),
        marks=parts.marks_of(card, until),
    ),
    key="stems",
    alt="Purchases, refunds and contacts by day, and the days in which the next one is late",
    numbers=numbers.STEM_NUMBERS,
)
row = st.container()

left, right = st.columns(2, gap="large")
with left:
    st.subheader("This year against last")
    years = year_against_last(ledger, asked, as_of)
    picture(
        year_bars(years),
        key="years",
        alt="Net sales of twelve months beside the same months a year before",
        numbers=("client.years",),
    )
with right:
    st.subheader("What they stopped buying")
    level = "Products"
    if any(ledger.categories):
        level = st.segmented_control(
            "By", list(LEVELS), default=level, required=True, key="level", width="content"
        )
    products = client_products(ledger, asked, as_of, level=LEVELS[level])
    parts.draw_stopped(products, view.currency)
with row:
    own = numbers.Card(view, asked, sales)
    beside = numbers.card_beside(own, years, products)
    number_row(numbers.client_numbers(own), key="client", also=beside)

draw_outlook(view, asked)
draw_key_account(view, asked)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Why this stage")
    parts.draw_stage(view, asked)
    st.subheader("About")
    draw_about(view, card)
with right:
    st.subheader("Notes")
    draw_notes(view, card, until)
    draw_privacy(view, asked, card)
