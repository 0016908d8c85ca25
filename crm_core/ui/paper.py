"""The button that hands over the month on paper."""

from __future__ import annotations

import streamlit as st

from crm_core.access import Right
from crm_core.formatting import format_day
from crm_core.paper import month_report, month_title
from crm_core.tables import to_date
from crm_core.ui.actions import snoozed_clients
from crm_core.ui.filters import TITLES
from crm_core.ui.handing_out import hand_out
from crm_core.ui.small_groups import least_of
from crm_core.ui.view import View


def paper_button(view: View) -> None:
    """Offer the report of the view's month; it is made when somebody asks for it.

    Parameters
    ----------
    view : View
        Its day, filters and period are those of the report.
    """
    if not view.may(Right.PRINT):
        return
    st.download_button(
        f"The month on paper: {month_title(view.as_of).removesuffix(' so far')}",
        hand_out(
            lambda: view_report(view), right=Right.PRINT, deed="month taken on paper", who=view.who
        ),
        f"regulars-{to_date(view.as_of).isoformat()}.html",
        "text/html",
        key="paper",
        icon=":material/print:",
        on_click="ignore",
        help=f"The month as of {format_day(view.as_of)} to keep, send or print as PDF: pictures, "
        "balance, lists that need attention and definitions in one file",
    )


def view_report(view: View) -> bytes:
    """Return the report of what the view shows, as a file."""
    text = month_report(
        view.ledger,
        view.parameters,
        view.as_of,
        period=view.period,
        history=view.history,
        snoozed=snoozed_clients(view),
        filters=[(TITLES[name], labels) for name, labels in view.filters],
        least=least_of(view),
    )
    return text.encode("utf-8")
