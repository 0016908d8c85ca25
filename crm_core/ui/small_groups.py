"""Groups too small to show to whoever may not see names: a few clients could be told apart.

Lists, tables and cells with one to four clients say only that; a group of nobody
says nothing about anybody and stays.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm_core.access import LEAST_GROUP
from crm_core.ui.filters import count_labels
from crm_core.ui.view import View

FEWER = f"fewer than {LEAST_GROUP}"
HIDDEN = f"Groups of {FEWER} clients are not shown to you."


def least_of(view: View) -> int:
    """Return the fewest clients a group must have to be shown on this page."""
    return 1 if view.who.sees_names else LEAST_GROUP


def is_small(view: View, n: int) -> bool:
    """Return whether a group is too small to be shown."""
    return 0 < n < least_of(view)


def labels_shown(view: View, name: str, as_of: int) -> dict[str, int]:
    """Return the labels of a filter with their known clients, as far as they may be shown.

    Parameters
    ----------
    view : View
        Who is at the page decides; its filters do not matter.
    name : str
        Of :data:`crm_core.ui.filters.TITLES`.
    as_of : int
        The day.
    """
    whole = view.whole
    return whole.remember(
        "labels",
        lambda: count_labels(whole.full_ledger, name, as_of, least=least_of(whole)),
        name,
        str(as_of),
    )


def without_small_rows(view: View, frame: pd.DataFrame, *, count: str) -> pd.DataFrame:
    """Return a table of groups whose small ones only say that they are.

    Parameters
    ----------
    view : View
        Who is at the page decides.
    frame : DataFrame
        Its first column names the groups.
    count : str
        The column of clients.
    """
    small = frame[count].between(1, least_of(view) - 1)
    if not small.any():
        return frame
    hidden = frame.copy()
    name, *others = frame.columns
    hidden[name] = [
        f"{text} ({FEWER})" if few else text for text, few in zip(frame[name], small, strict=True)
    ]
    hidden[others] = hidden[others].where(~small, None)
    return hidden


def without_small_effects(view: View, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of groups before and after a change, the small ones of either only named.

    Parameters
    ----------
    view : View
        Who is at the page decides.
    frame : DataFrame
        Its first column names the groups, ``Now`` and ``Then`` are their clients.
    """
    return without_small_rows(view, without_small_rows(view, frame, count="Now"), count="Then")


def say_hidden(view: View) -> None:
    """Say under a picture that small groups are left out, to whom they are."""
    if least_of(view) > 1:
        st.caption(HIDDEN)
