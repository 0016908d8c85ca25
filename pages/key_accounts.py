"""Key accounts: who carries so much that losing them hurts, and what it would cost."""

from __future__ import annotations

import streamlit as st

from crm_core.charts.key_accounts import NAMED, describe_shares, months_chart, share_chart
from crm_core.metrics.concentration_months import concentration_months
from crm_core.sentences.key_accounts import KeySummary, key_sentence, largest_sentence
from crm_core.ui.clients import open_clicked
from crm_core.ui.concentration import draw_dependencies
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.key_accounts import (
    key_columns,
    read_key_book,
    shown_care,
    shown_innovative,
    shown_keys,
    shown_moves,
)
from crm_core.ui.key_audit import draw_audit, draw_levels, say_filtered, shown_load
from crm_core.ui.key_months import can_be_drawn, shown_months
from crm_core.ui.key_naming import draw_naming
from crm_core.ui.lists import client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shell import page_header, picture, quiet_reason, require_app
from crm_core.ui.small_groups import HIDDEN, is_small, least_of, told_most
from crm_core.ui.start import view_or_welcome
from crm_core.ui.what_if import draw_simulator, loss_of_largest

require_app()
view = view_or_welcome()
book = read_key_book(view)
result = book.result
names = view.names(result.order[:NAMED])

summary = KeySummary(
    result=result,
    largest=book.largest,
    n_keys=len(book.clients),
    net_keys=book.net,
    loss=loss_of_largest(book),
    margin=book.figures.margin,
    currency=view.currency,
)
full = (key_sentence(summary), (result.n, len(book.clients)))
short = (largest_sentence(summary), (result.n,))
page_header("Key accounts", told_most(view, full, short), word="dependency")
say_filtered(view)
if is_small(view, result.n):
    quiet_reason(HIDDEN)
    st.stop()
if result.n:
    figure = share_chart(result, names, by_hand=book.by_hand, currency=view.currency)
    clicked = picture(
        figure,
        key="shares",
        alt=describe_shares(result, len(book.volume), least=least_of(view)),
        clickable=True,
        numbers=["pareto.largest"],
    )
    open_clicked(view.ledger, clicked)
else:
    quiet_reason(f"No shares: {result.reason}. Another period or filter may have some.")
number_row(shown_keys(book), key="keys")

client_list(
    view,
    book.positions,
    key_columns(book, book.clients),
    key="key_clients",
    title="Key clients",
    empty="Nobody brings 10 % of sales, and nobody is named key by hand.",
    file_name="key-clients",
)
draw_naming(book)

if result.n:
    draw_simulator(book)

st.subheader("In departments and for managers")
draw_levels(book)
if book.clients:
    number_row(shown_load(book), key="load")

st.subheader("How they are looked after")
draw_audit(book)
if book.clients:
    number_row([*shown_care(book), shown_moves(book), shown_innovative(book)], key="care")

st.subheader("How much hangs on few")
draw_dependencies(view)
months = view.remember(
    "concentration_months", lambda: concentration_months(view.ledger, view.as_of)
)
if can_be_drawn(months):
    picture(
        months_chart(months, least=least_of(view)),
        key="months",
        alt="Share of the largest one, three and five clients at every month end",
        numbers=["key.top1", "key.top3", "key.top5", "key.hhi"],
    )
    definition_drawer(shown_months(months), key="months_meaning")
else:
    st.caption("The picture over time begins once sales reach back twelve months.")
