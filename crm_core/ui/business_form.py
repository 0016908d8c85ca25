"""The form of the figures no file holds: margin, fixed costs and supplier discount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from crm_core.formatting import format_day, md_escape
from crm_core.money import UNIT
from crm_core.records.business_figures import (
    FIXED_COSTS,
    MARGIN,
    SUPPLIER_DISCOUNT,
    write_figure,
)
from crm_core.tables import to_date
from crm_core.ui.actions import write
from crm_core.ui.key_accounts import KeyBook

ASKED = {
    MARGIN: ("Margin on sales, %", "What is left of 100 of sales after paying for the goods."),
    FIXED_COSTS: ("Fixed costs a year", "Rent, wages and the like: they stay whoever buys."),
    SUPPLIER_DISCOUNT: (
        "Supplier discount you would lose, a year",
        "What buying would cost more for everyone else if this volume went.",
    ),
}


def draw_figures(book: KeyBook) -> None:
    """Ask for margin, fixed costs and supplier discount; nothing is assumed in their place."""
    figures = book.figures
    held = (figures.margin, figures.fixed_costs, figures.supplier_discount)
    label = (
        "Enter your margin to see what you would lose besides sales"
        if figures.margin is None
        else "Your margin, fixed costs and supplier discount"
    )
    with st.expander(label, icon=":material/edit:", key="figures"):
        with st.form("figures_form", border=False):
            for (key, (title, help_text)), value in zip(ASKED.items(), held, strict=True):
                since = figures.since.get(key)
                st.number_input(
                    title,
                    min_value=0.0,
                    max_value=100.0 if key == MARGIN else None,
                    value=_in_units(key, value),
                    placeholder="Not entered",
                    help=help_text + (f" Since {format_day(since)}." if since else ""),
                    key=f"figure_{key}_{value}",
                    width=320,
                )
            st.form_submit_button("Save", on_click=_save_figures, args=(book, held))
        st.caption("Kept with the day they were entered; leave a field empty to take it away.")
        if error := st.session_state.pop("act_error", None):
            st.error(md_escape(error))
    st.session_state.pop("act_done", None)


def _in_units(key: str, value: int | None) -> float | None:
    return None if value is None else value / (100 if key == MARGIN else UNIT)


def _save_figures(book: KeyBook, held: Sequence[int | None]) -> None:
    """Store what the form holds (a callback)."""
    asked = {
        key: st.session_state.get(f"figure_{key}_{value}")
        for key, value in zip(ASKED, held, strict=True)
    }

    def work(connection: Any) -> None:
        for key, value in asked.items():
            text = None if value is None else str(Decimal(str(value)))
            write_figure(connection, key, text, since=to_date(book.view.today), set_by="dashboard")

    write(book.view, work, "Saved.", sales=False)
