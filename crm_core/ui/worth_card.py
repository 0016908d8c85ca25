"""What is expected of one client, on its card."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from crm_core.formatting import DASH, format_day, format_share, md_escape, plural
from crm_core.sentences.worth import say_client, say_money
from crm_core.ui.definitions import Others, Shown, definition_drawer
from crm_core.ui.view import View

if TYPE_CHECKING:
    from crm_core.metrics.lifetime.value import ClientValues

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
    elif values.source == "plain":
        st.caption(f"No chance can be said: {md_escape(values.reason or '')}.")
    elif values.gone[at]:
        st.caption("Recorded as ended: nothing is expected.")
    else:
        st.markdown(md_escape(_sentence(view, values, at)))
        shown = shown_client(view, values, at)
        label = "What is expected, and on what rows"
        definition_drawer(shown, key="card_worth_meaning", label=label)


def _sentence(view: View, values: ClientValues, at: int) -> str:
    return say_client(
        purchases=float(values.purchases[at]),
        sales=int(values.sales[at]),
        months=values.terms.months,
        counts=_counts(values, at),
        chance=_chance(values, at),
        currency=view.currency,
    )


def _counts(values: ClientValues, at: int) -> tuple[int, int] | None:
    low, high = values.count_low, values.count_high
    return None if low is None or high is None else (int(low[at]), int(high[at]))


def _chance(values: ClientValues, at: int) -> float | None:
    return None if values.chance_to_buy is None else float(values.chance_to_buy[at])


def shown_client(view: View, values: ClientValues, at: int) -> list[Shown]:
    """Return the numbers of one client, with those over other months and by MBG/NBD."""
    basis = values.models.basis
    rests = (
        f"{plural(basis.n_purchases, 'purchase')} of {plural(basis.n_clients, 'client')} up to "
        f"{format_day(basis.as_of)}"
    )
    position, said = int(values.client[at]), _said(view, values, at)

    def compute() -> list[tuple[str, dict[str, str]]]:
        return _elsewhere(view, values, position)

    def others(key: str) -> Others:
        key_of = (str(position), repr(values.terms))
        return [(name, one[key]) for name, one in view.remember("card_worth", compute, *key_of)]

    return [Shown(key, value, rests, partial(others, key)) for key, value in said.items()]


def _said(view: View, values: ClientValues, at: int) -> dict[str, str]:
    counts, chance = _counts(values, at), _chance(values, at)
    return {
        "worth.client_purchases": f"{values.purchases[at]:.1f}",
        "worth.count_range": DASH if counts is None else f"{counts[0]} to {counts[1]} times",
        "worth.client_sales": say_money(int(values.sales[at]), view.currency),
        "worth.chance_to_buy": DASH if chance is None else format_share(chance),
    }


def _elsewhere(view: View, values: ClientValues, position: int) -> list[tuple[str, dict[str, str]]]:
    from crm_core.ui.worth import models_of, values_of_one  # noqa: PLC0415

    terms = values.terms
    found = [
        (f"over {months} months", values_of_one(view, position, terms, months=months))
        for months in (6, 12, 24)
        if months != terms.months
    ]
    if models_of(view, "mbg").status == "ok":
        found.append(("by MBG/NBD", values_of_one(view, position, terms, kind="mbg")))
    return [(name, _said(view, one, 0)) for name, one in found]
