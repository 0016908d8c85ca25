"""The line beside every list of clients who are gone: how often such a goodbye was wrong."""

from __future__ import annotations

import streamlit as st

from crm_core.metrics.goodbyes import FalseGoodbyes
from crm_core.sentences.relations import declare_goodbyes
from crm_core.ui.small_groups import is_small
from crm_core.ui.view import View


def goodbye_groups(found: FalseGoodbyes | None) -> tuple[int, ...]:
    """Return how many clients were given up, came back since, and stayed away."""
    if found is None:
        return ()
    gone, back = len(found.gone), len(found.came_back)
    return gone, back, gone - back


def draw_goodbye_line(view: View) -> None:
    """Say how many of those given up came back, above a list of clients who are gone.

    Parameters
    ----------
    view : View
        The line is about all its clients, whatever the filters: a rule holds for all.
    """
    found = view.goodbyes
    if is_small(view, *goodbye_groups(found)):
        return
    aside = " All clients count here, filters aside." if view.filters else ""
    st.caption(f"{declare_goodbyes(found)}{aside}")
