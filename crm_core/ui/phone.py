"""What is drawn otherwise on a telephone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

NARROWEST, ON_A_PHONE, WIDEST = 200, 230, 330
"""Pixels the names of a table may take; they stay in sight while the rest scrolls."""

SIGN = 7.4
"""Pixels a sign of a name takes on average."""


def on_a_phone() -> bool:
    """Return whether the browser says of itself that it is a telephone's."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def draw_table(data: Any, **options: Any) -> Any:
    """Draw a table, a dash for what is missing; above it stays readable on a telephone.

    There the table's own buttons are always shown, above its right end.

    Parameters
    ----------
    data : frame or dict
        As for ``st.dataframe``.
    **options
        Handed on.
    """
    leave_room()
    return st.dataframe(data, **{"placeholder": "—", **options})


def leave_room() -> None:
    """Leave room for the buttons of a table that comes next, where they are always shown."""
    if on_a_phone():
        st.space("xxsmall")


def name_width(names: Sequence[str], most: int = WIDEST) -> int:
    """Return how wide the names of a table should be, in pixels.

    On a telephone less: some of its width is for the numbers.

    Examples
    --------
    >>> name_width(["Ann"]), name_width(["n" * 30]), name_width(["n" * 300])
    (200, 246, 330)
    """
    longest = max(map(len, names), default=0)
    return int(min(max(NARROWEST, 24 + SIGN * longest), ON_A_PHONE if on_a_phone() else most))
