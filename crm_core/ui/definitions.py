"""The drawer behind every number: what it means, what it rests on, what it would be elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from crm_core.definitions import DEFINITIONS
from crm_core.formatting import md_escape


@dataclass(frozen=True)
class Shown:
    """A number as a page shows it.

    Attributes
    ----------
    id : str
        Key of :data:`crm_core.definitions.DEFINITIONS`.
    value : str
        The number as shown, plain text.
    rows : str
        What it rests on ("142 clients, 1,204 purchases"), plain text.
    elsewhere : sequence of (str, str)
        What it would be at other settings: setting and value, plain text.
    """

    id: str
    value: str
    rows: str = ""
    elsewhere: Sequence[tuple[str, str]] = ()


def definition_drawer(
    shown: Sequence[Shown], *, key: str, label: str = "What these numbers mean"
) -> None:
    """Draw the closed drawer of a section's numbers.

    Parameters
    ----------
    shown : sequence of Shown
        The numbers, in the order of the page.
    key : str
        Unique on the page.
    label : str
        On the drawer's front.
    """
    with st.expander(label, icon=":material/menu_book:", key=key):
        for number, one in enumerate(shown):
            if number:
                st.divider()
            _draw_definition(one)


def _draw_definition(one: Shown) -> None:
    meaning = DEFINITIONS[one.id]
    st.markdown(
        f"**{md_escape(meaning.title)}:** {md_escape(one.value)}  \n{md_escape(meaning.sentence)}"
    )
    if meaning.formula:
        st.code(meaning.formula, language=None, wrap_lines=True)
    facts = [
        ("Rests on", one.rows),
        ("Window", meaning.window),
        ("Left out", meaning.exclusions),
        ("Textbook word", meaning.source),
        ("At other settings", "; ".join(f"{name}: {value}" for name, value in one.elsewhere)),
    ]
    st.caption("  \n".join(f"{name}: {md_escape(text)}" for name, text in facts if text))
