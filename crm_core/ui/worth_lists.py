"""The lists of the page of lifetime values: all clients, and those who lost most."""

from __future__ import annotations

import numpy as np
import streamlit as st

from crm_core.formatting import format_count, format_day
from crm_core.tables import IntArray
from crm_core.ui.lists import Column, client_list
from crm_core.ui.numbers import number_row
from crm_core.ui.shared_columns import (
    last_purchase_column,
    money_column,
    share_column,
    stage_column,
    trailing_column,
)
from crm_core.ui.view import View
from crm_core.ui.worth import Worth
from crm_core.ui.worth_numbers import shown_falls


def draw_values(view: View, worth: Worth) -> None:
    """List every client with what is expected of it, the largest first."""
    word = "Value" if worth.entered.margin is not None else "Expected sales"
    columns = view.remember(
        "worth_columns", lambda: value_columns(view, worth), repr(worth.entered)
    )
    client_list(
        view,
        worth.clients,
        columns,
        key="worth_list",
        title=f"{word} by client",
        file_name="worth",
    )
    if worth.values.has_bands:
        st.caption(
            "From and to: how far the expectation may be off. What one client then buys varies "
            "more, because people do: see “Eight in ten buy”."
        )


def value_columns(view: View, worth: Worth) -> list[Column]:
    """Return the columns of the list, in its order."""
    values, order = worth.values, worth.order
    found = [
        Column("Purchases", values.purchases[order], "number", definition="worth.client_purchases")
    ]
    low, high = worth.band("count_low"), worth.band("count_high")
    if low is not None and high is not None:

        def say(rows: IntArray) -> list[str]:
            pairs = zip(low[rows].tolist(), high[rows].tolist(), strict=True)
            return [say_counts(*pair) for pair in pairs]

        found.append(Column("Eight in ten buy", say, definition="worth.count_range"))
    found.append(money_column("Expected sales", values.sales[order], "worth.client_sales"))
    for title, name in (("From", "sales_low"), ("To", "sales_high")):
        band = worth.band(name)
        if band is not None:
            found.append(money_column(title, band.astype(np.int64), "worth.client_band"))
    if worth.entered.margin is not None:
        found.append(money_column("Value", values.value[order], "worth.client_value"))
    for title, name in (("Chance to buy", "chance_to_buy"), ("Still there", "chance_alive")):
        chance = worth.band(name)
        if chance is not None:
            key = f"worth.{name}"
            found.append(Column(title, chance, "share", definition=key))
    clients = worth.clients
    found += [trailing_column(view, clients), last_purchase_column(view, clients)]
    return [*found, stage_column(view, clients)]


def say_counts(low: int, high: int) -> str:
    """Return a range of purchases.

    Examples
    --------
    >>> say_counts(4, 8), say_counts(0, 0)
    ('4 to 8 times', '0 times')
    """
    if low == high:
        return f"{format_count(low)} times" if low != 1 else "once"
    return f"{format_count(low)} to {format_count(high)} times"


def draw_falls(view: View, worth: Worth) -> None:
    """List the clients of whom less is expected than on the earlier day."""
    falls = worth.falls
    word = worth.entered.word
    st.subheader(f"Who lost {word} since {format_day(falls.since)}")
    if not falls.n_judged:
        st.caption(f"Nobody had bought by {format_day(falls.since)}: nothing to compare with.")
        return
    number_row(shown_falls(view, worth), key="worth_falls")
    only = st.toggle("Only who lost 40 % or more", value=bool(falls.much.any()), key="worth_much")
    rows = np.flatnonzero(falls.much) if only else np.arange(len(falls.client))
    listed, before, now = falls.client[rows], falls.before[rows], falls.now[rows]
    columns = [
        money_column("Before", before, "worth.before"),
        money_column("Now", now, "worth.now"),
        money_column("Lost", before - now, "worth.lost"),
        last_purchase_column(view, listed),
        stage_column(view, listed),
        share_column(view, listed),
    ]
    client_list(
        view,
        listed,
        columns,
        key="worth_fell",
        empty="Nobody: of no client is less expected than then.",
        file_name="worth-lost",
    )
    by = "rule" if worth.plain else "models"
    st.caption(
        f"Before: as seen from {format_day(falls.since)}; now: from {format_day(view.as_of)}; both "
        f"by the same {by}, so what changed is what the clients did."
    )
