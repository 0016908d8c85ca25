"""Overview: how sales stand against last year, why, and whom to call first."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.charts.bridge import bridge_chart
from crm_core.sentences.answers import bridge_sentence, cause_words, regulars_sentence
from crm_core.ui.calls import call_list, to_call
from crm_core.ui.choice import choose
from crm_core.ui.definitions import definition_drawer
from crm_core.ui.format import say_name
from crm_core.ui.goodbye_line import draw_goodbye_line
from crm_core.ui.lists import client_list
from crm_core.ui.overview_numbers import (
    BRIDGE_NUMBERS,
    bridge_of,
    few_regulars,
    hidden_causes,
    overview_numbers,
    tells_of_few,
)
from crm_core.ui.paper import paper_button
from crm_core.ui.shared_columns import (
    last_purchase_column,
    money_column,
    share_column,
    stage_column,
    trailing_column,
)
from crm_core.ui.shell import (
    first_customdata,
    page_header,
    picture,
    quiet_reason,
    require_app,
)
from crm_core.ui.small_groups import HIDDEN, HIDDEN_LINE, least_of
from crm_core.ui.start import view_or_welcome
from crm_core.ui.visits import draw_since

require_app()
view = view_or_welcome()
late, bridge = to_call(view), bridge_of(view)
words = cause_words(doubt=view.doubt)
least, together = least_of(view), hidden_causes(view, bridge)
too_few = least > 1 and tells_of_few(view, bridge)


def draw_bridge() -> object | None:
    """Draw the bridge, or say why there is none; return the cause clicked."""
    if bridge.status == "not computable":
        quiet_reason(f"No comparison with last year: {bridge.reason}.")
        return None
    if too_few:
        quiet_reason(HIDDEN)
        return None
    if bridge.reason:
        st.caption("Thin: the twelve months before are not complete.")
    figure = bridge_chart(bridge, view.currency, doubt=view.doubt, together=together)
    alt = "Sales of the 12 months before, changes by cause, and sales of the last 12 months"
    return first_customdata(
        picture(figure, key="bridge", alt=alt, clickable=True, numbers=BRIDGE_NUMBERS)
    )


sentence = [
    HIDDEN_LINE
    if too_few
    else bridge_sentence(bridge, view.currency, doubt=view.doubt, together=together),
    "" if least > 1 and few_regulars(view) else regulars_sentence(view.stages, view.trailing),
]
if len(late) >= least:
    sentence.append(f"Call {say_name(view.name(int(late.client[0])))} first.")
page_header("Overview", " ".join(filter(None, sentence)))
draw_since(view)

left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("Why sales changed")
    clicked = draw_bridge()
with right:
    st.subheader("Call first")
    call_list(view, late)
    paper_button(view)

if bridge.status != "not computable":
    causes = {
        c: words[c]
        for c in words
        if c != "without client" and c not in together and len(bridge.clients(c)) >= least
    }
    first = next(iter(causes), None)
    cause = choose("The clients behind", causes, key="cause", clicked=clicked, default=first)
    if cause:
        behind = bridge.clients(cause)
        if cause == "gone":
            draw_goodbye_line(view)
        change = bridge.change[behind]
        year_before = np.asarray(view.trailing[behind] - change)
        columns = [
            money_column("Change", change, "client.change"),
            trailing_column(view, behind),
            money_column("12 months before", year_before, "client.year_before"),
            stage_column(view, behind),
            share_column(view, behind),
            last_purchase_column(view, behind),
        ]
        client_list(view, behind, columns, key="behind", title=words[cause], file_name=cause)
definition_drawer(overview_numbers(view, bridge, late), key="overview_meaning")
