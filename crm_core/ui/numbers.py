"""A row of numbers, each with its proof beneath and its definition in one drawer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crm_core.definitions import define
from crm_core.formatting import DASH, format_rate, format_share, md_escape
from crm_core.metrics.rates import Rate
from crm_core.small_groups import is_few_of
from crm_core.ui.definitions import Elsewhere, Shown, as_seen, definition_drawer


def rate_shown(
    key: str, rate: Rate, *, elsewhere: Elsewhere = (), of_clients: bool = True
) -> Shown:
    """Return a rate as a page shows it: a dash and the reason where it is withheld.

    Parameters
    ----------
    key : str
        Key of :data:`crm_core.definitions.DEFINITIONS`.
    rate : Rate
        With its counts.
    elsewhere : sequence of (str, str), or a function that returns one
        What it would be at other settings.
    of_clients : bool
        Whether it counts clients: a few of them are hidden from who may not see names.
    """
    counts = format_rate(rate.numerator, rate.denominator, rate.interval)
    proof = counts if rate.status == "ok" else f"{counts}: {rate.reason}"
    few = of_clients and few_in(rate)
    if rate.value is None:
        return Shown(key, DASH, rate.reason or "", elsewhere, few)
    return Shown(key, format_share(rate.value), proof, elsewhere, few)


def few_in(*rates: Rate) -> bool:
    """Return whether any of some rates tells of a few clients: counted, or left.

    Examples
    --------
    >>> few_in(Rate(3, 40)), few_in(Rate(37, 40)), few_in(Rate(20, 40))
    (True, True, False)
    """
    return any(is_few_of(rate.numerator, rate.denominator) for rate in rates)


def said_rate(rate: Rate) -> str:
    r"""Return a rate with its counts as one text, a dash where it is withheld.

    Examples
    --------
    >>> said_rate(Rate(12, 40)), said_rate(Rate(1, 4))
    ('30\xa0% (12 of 40)', '—')
    """
    if rate.value is None:
        return DASH
    return f"{format_share(rate.value)} ({format_rate(rate.numerator, rate.denominator)})"


def number_row(shown: Sequence[Shown], *, key: str, also: Sequence[Shown] = ()) -> None:
    """Draw numbers side by side, what each rests on beneath it, and their drawer.

    Parameters
    ----------
    shown : sequence of Shown
        The numbers, in order.
    key : str
        Unique on the page.
    also : sequence of Shown
        Numbers of the headline and the pictures beside: they stand in the drawer only.
    """
    if not shown:
        return
    shown, also = as_seen(shown), as_seen(also)
    longest = max(len(one.value) for one in shown)
    # A metric cuts a value off that is wider than its card: 15 pixels a sign, and the frame.
    with st.grid(len(shown), min_column_width=max(150, 34 + 15 * longest), key=f"{key}_grid"):
        for one in shown:
            title = md_escape(define(one.id).title)
            with st.container(border=True, height="stretch", gap="xxsmall"):
                # A metric cuts its label and its delta off; captions wrap.
                st.caption(title)
                st.metric(title, md_escape(one.value), label_visibility="collapsed")
                if one.rows:
                    st.caption(md_escape(one.rows))
    definition_drawer([*shown, *also], key=f"{key}_meaning")
