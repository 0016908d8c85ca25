"""Groups too small to show to whoever may not see names: a few clients could be told apart.

Numbers, sentences, lists, tables and pictures of one to four clients say only that
(the rule: :mod:`crm_core.small_groups`); a group of nobody says nothing about
anybody and stays. So does a client's own line, bar and card, under its pseudonym.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import ArrayLike

from crm_core.access import LEAST_GROUP
from crm_core.small_groups import hidden_cells, hidden_parts, is_few
from crm_core.tables import BoolArray, IntArray
from crm_core.ui.filters import count_labels
from crm_core.ui.view import View

FEWER = f"fewer than {LEAST_GROUP}"
HIDDEN = f"Groups of {FEWER} clients are not shown to you."
HIDDEN_LINE = (
    f"What stands here would tell of {FEWER} clients, so it is not shown to you; "
    "the numbers below are those that may be."
)


def least_of(view: View) -> int:
    """Return the fewest clients a group must have to be shown on this page."""
    return 1 if view.who.sees_names else LEAST_GROUP


def is_small(view: View, *counts: int) -> bool:
    """Return whether a group, or one of several, is too small to be shown."""
    return is_few(*counts, least=least_of(view))


def hidden_of(view: View, counts: ArrayLike) -> BoolArray:
    """Return which parts of a known whole are hidden here, shape (n,)."""
    return hidden_parts(counts, least=least_of(view))


def hidden_cells_of(view: View, counts: ArrayLike) -> BoolArray:
    """Return which cells of a table with known sums are hidden here, shape (n, m)."""
    return hidden_cells(counts, least=least_of(view))


def told(view: View, sentence: str, *counts: int) -> str:
    """Return a sentence, or in its place that it would tell of a few clients.

    Parameters
    ----------
    view : View
        Who is at the page decides.
    sentence : str
        The answer of the page.
    *counts : int
        Clients of every group it tells of, and of what is left beside them.
    """
    return HIDDEN_LINE if is_small(view, *counts) else sentence


def told_most(view: View, *ways: tuple[str, Sequence[int]]) -> str:
    """Return the first of several sentences that may be told here, the fullest first.

    Parameters
    ----------
    view : View
        Who is at the page decides.
    *ways : tuple of (str, sequence of int)
        A sentence, and the groups it tells of as for :func:`told`.
    """
    return next((said for said, counts in ways if not is_small(view, *counts)), HIDDEN_LINE)


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

    def make() -> dict[str, int]:
        least, ledger = least_of(whole), whole.full_ledger
        counts = count_labels(ledger, name, as_of)
        rest = int(np.count_nonzero(ledger.known_at(as_of))) - sum(counts.values())
        hidden = hidden_parts([*counts.values(), rest], least=least)
        return {
            key: n for (key, n), few in zip(counts.items(), hidden, strict=False) if n and not few
        }

    return whole.remember("labels", make, name, str(as_of))


def without_small_rows(
    view: View, frame: pd.DataFrame, *, count: str, beside: Sequence[int] = ()
) -> pd.DataFrame:
    """Return a table of groups whose hidden ones only say that they are.

    Parameters
    ----------
    view : View
        Who is at the page decides.
    frame : DataFrame
        Its first column names the groups.
    count : str
        The column of clients, whose sum is known.
    beside : sequence of int
        Clients of parts of that sum which have no row.
    """
    sizes = frame[count].to_numpy()
    return _without(view, frame, sizes, hidden_of(view, [*sizes, *beside])[: len(frame)])


def _without(view: View, frame: pd.DataFrame, sizes: IntArray, gone: BoolArray) -> pd.DataFrame:
    """Return a table whose rows of some groups only name them."""
    if not gone.any():
        return frame
    hidden = frame.copy()
    name, *others = frame.columns
    hidden[name] = [
        f"{text} ({FEWER if is_small(view, n) else 'not shown'})" if out else text
        for text, n, out in zip(frame[name], sizes.tolist(), gone, strict=True)
    ]
    hidden[others] = hidden[others].where(~pd.Series(gone, index=frame.index), None)
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
    now, then = (frame[column].to_numpy() for column in ("Now", "Then"))
    gone = np.asarray(hidden_of(view, now) | hidden_of(view, then))
    return _without(view, frame, np.where((now > 0) & (now < then), now, then), gone)


def say_hidden(view: View, how: str = "") -> None:
    """Say under a picture that small groups are left out, and how, to whom they are."""
    if least_of(view) > 1:
        st.caption(f"{HIDDEN} {how}" if how else HIDDEN)
