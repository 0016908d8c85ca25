"""The line beside every list of clients who are gone: how often such a goodbye was wrong."""

from __future__ import annotations

import streamlit as st

from crm_core.sentences.relations import declare_goodbyes
from crm_core.ui.view import View


def draw_goodbye_line(view: View) -> None:
    """Say how many of those given up came back, above a list of clients who are gone.

    Parameters
    ----------
    view : View
        The line is about all its clients, whatever the filters: a rule holds for all.
    """
    aside = " All clients count here, filters aside." if view.filters else ""
    st.caption(f"{declare_goodbyes(view.goodbyes)}{aside}")
