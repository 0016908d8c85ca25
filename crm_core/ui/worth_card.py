"""What is expected of one client, on its card."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.formatting import DASH, format_day, format_share, md_escape, plural
from crm_core.sentences.worth import say_client, say_money
from crm_core.ui.definitions import Shown, definition_drawer
from crm_core.ui.view import View

READY = "worth_ready"
"""In the session: for which view the values have been computed already."""


def draw_outlook(view: View, position: int) -> None:
    """Draw what is expected of a client: at once where the values are known, else on request.

    They are computed for all clients together, which may take seconds; a card must not wait.
    """
    if st.session_state.get(READY) == view.key:
        _draw(view, position)
        return
    section = st.expander(
        "What to expect of them", icon=":material/savings:", key="card_worth", on_change="rerun"
    )
    if section.open:
        with section:
            _draw(view, position)


def _draw(view: View, position: int) -> None:
    # Fitting brings SciPy along: only who asks for it waits for that.
    from crm_core.ui.worth import entered_terms, values_of  # noqa: PLC0415

    with st.spinner("Learning how often clients buy …"):
        values = values_of(view, entered_terms(view).terms)
    st.session_state[READY] = view.key
    at = int(np.searchsorted(values.client, position))
    if at >= len(values) or values.client[at] != position:
        st.caption("Has not bought yet, so there is nothing to expect by.")
        return
    if values.source == "plain":
        reason = values.reason or ""
        st.caption(f"No chance can be said: {md_escape(reason)}.")
        return
    counts = None
    if values.count_low is not None and values.count_high is not None:
        counts = (int(values.count_low[at]), int(values.count_high[at]))
    chance = None if values.chance_to_buy is None else float(values.chance_to_buy[at])
    said = say_client(
        purchases=float(values.purchases[at]),
        sales=int(values.sales[at]),
        months=values.terms.months,
        counts=counts,
        chance=chance,
        currency=view.currency,
    )
    if values.gone[at]:
        said = "Recorded as ended: nothing is expected."
    basis = values.models.basis
    rests = f"{plural(basis.n_purchases, 'purchase')} of {plural(basis.n_clients, 'client')}"
    rests = f"{rests} up to {format_day(basis.as_of)}"
    st.markdown(md_escape(said))
    shown = [
        Shown("worth.client_purchases", f"{values.purchases[at]:.1f}", rests),
        Shown("worth.count_range", "—" if counts is None else f"{counts[0]} to {counts[1]}", rests),
        Shown("worth.client_sales", say_money(int(values.sales[at]), view.currency), rests),
        Shown("worth.chance_to_buy", DASH if chance is None else format_share(chance), rests),
    ]
    definition_drawer(shown, key="card_worth_meaning", label="What is expected, and on what rows")
