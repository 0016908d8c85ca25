"""A choice that a click in a picture makes, and that the keyboard can make too."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def choose(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    clicked: object | None = None,
    default: str | None = None,
    as_box: bool = False,
    width: int = 320,
) -> str | None:
    """Draw a row of choices, or a box where there are many, and return the one in force.

    Parameters
    ----------
    label : str
        What is chosen.
    options : mapping of str to str
        Choices by key, with what the screen says (Markdown).
    key : str
        Unique on the page.
    clicked : object, optional
        Key of the choice last clicked in the picture; a new click moves the choice.
    default : str, optional
        Chosen at first.
    as_box : bool, default False
        Draw a box to choose from, and the texts plainly.
    width : int, default 320
        Of the box, in pixels.

    Returns
    -------
    str or None
        A key of ``options``, None where nothing is chosen.
    """
    before = st.session_state.get(f"{key}_clicked")
    if clicked != before:
        st.session_state[f"{key}_clicked"] = clicked
        if clicked in options:
            st.session_state[key] = clicked
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)
    first = default if key not in st.session_state and default in options else None
    names = list(options)
    if as_box:
        at = names.index(first) if first is not None else None
        return st.selectbox(
            label, names, index=at, format_func=options.__getitem__, key=key, width=width
        )
    return st.pills(label, names, format_func=options.__getitem__, default=first, key=key)
