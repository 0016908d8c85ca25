"""The drawer behind every number: what it means, what it rests on, what it would be elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from crm_core.access import actor
from crm_core.definitions import Definition, define
from crm_core.formatting import DASH, md_escape
from crm_core.ui.sign_in import is_still_in

Others = Sequence[tuple[str, str]]
"""Settings and what a number would be at each, plain text."""

Elsewhere = Others | Callable[[], Others]
"""The same, or what works it out when the drawer is opened."""


OF_A_FEW = "would tell of fewer than 5 clients: not shown to you"
"""What stands in place of what a hidden number rests on."""


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
        What it rests on ("142 clients, 1,204 purchases"), plain text; never empty.
    elsewhere : sequence of (str, str), or a function that returns one
        What it would be at other settings: setting and value, plain text. A function
        is called only while the drawer is open: what is costly belongs there
        (:mod:`crm_core.ui.elsewhere`).
    few : bool
        Whether value or rows tell of a few clients (:mod:`crm_core.small_groups`): only
        who sees names may read them.
    """

    id: str
    value: str
    rows: str = ""
    elsewhere: Elsewhere = ()
    few: bool = False

    def others(self) -> Others:
        """Return what the number would be at other settings, computed now."""
        return self.elsewhere() if callable(self.elsewhere) else self.elsewhere


def as_seen(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    """Return numbers as whoever is at the page may see them.

    Who may not see names reads no number of a few clients, and none at other settings:
    two settings mostly differ by a few.
    """
    if actor().sees_names:
        return tuple(shown)
    return tuple(
        replace(one, value=DASH, rows=OF_A_FEW, elsewhere=())
        if one.few
        else replace(one, elsewhere=())
        for one in shown
    )


def definition_drawer(
    shown: Sequence[Shown], *, key: str, label: str = "What these numbers mean"
) -> None:
    """Draw the drawer of a section's numbers; what it holds is made when it is opened.

    Parameters
    ----------
    shown : sequence of Shown
        The numbers, in the order of the page; what a picture or a headline shows
        belongs here too.
    key : str
        Unique on the page.
    label : str
        On the drawer's front.
    """
    _draw_drawer(as_seen(shown), key, label)


@st.fragment
def _draw_drawer(shown: tuple[Shown, ...], key: str, label: str) -> None:
    """Draw the drawer apart from its page, so that opening it does not run the page again."""
    drawer = st.expander(label, icon=":material/menu_book:", key=key, on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        # This part runs without the front door: what is worked out now is for who is in now.
        if not is_still_in():
            st.caption("What you may see has changed: reload the page.")
            return
        for number, one in enumerate(shown):
            if number:
                st.divider()
            _draw_definition(one)


def _draw_definition(one: Shown) -> None:
    if not one.elsewhere:
        _draw_meaning(one)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_meaning(one)
    with right:
        if callable(one.elsewhere):
            with st.spinner("Working it out at other settings …"):
                others = one.others()
        else:
            others = one.others()
        _draw_others(others, one.value)


def _draw_meaning(one: Shown) -> None:
    meaning = define(one.id)
    st.markdown(
        f"**{md_escape(meaning.title)}: {md_escape(one.value)}**  \n{md_escape(meaning.sentence)}"
    )
    facts = dict(meaning.facts())
    formula = facts.pop("Formula", "")
    if formula:
        st.code(formula, language=None, wrap_lines=True)
    lines = ({"Rests on": one.rows} if one.rows else {}) | facts
    st.caption("  \n".join(f"{name}: {md_escape(text)}" for name, text in lines.items()))


def _draw_others(others: Others, value: str) -> None:
    """Draw settings and values one below the other, those that change nothing last."""
    if not others:
        return
    lines = [f"{md_escape(name)}: **{md_escape(said)}**" for name, said in others if said != value]
    same = [name for name, said in others if said == value]
    if same:
        lines.append(f"The same: {md_escape(', '.join(same))}.")
    st.caption("  \n".join(["At other settings", *lines]))


def tooltip(key: str) -> str:
    """Return the meaning of a number as the tooltip of a heading (Markdown).

    Parameters
    ----------
    key : str
        Key of :data:`crm_core.definitions.DEFINITIONS`.
    """
    return "\n\n".join(_lines(define(key)))


def in_small(title: str, key: str) -> str:
    """Return a heading and its meaning in few small lines (Markdown).

    Parameters
    ----------
    title : str
        The heading, plain text.
    key : str
        Key of :data:`crm_core.definitions.DEFINITIONS`.
    """
    sentence, *facts = _lines(define(key))
    small = [f":small[:gray[{fact}]]" for fact in facts]
    return "  \n".join([f"**{md_escape(title)}.** {sentence}", *small])


def _lines(meaning: Definition) -> list[str]:
    facts = [f"{label}: {md_escape(text)}" for label, text in meaning.facts().items()]
    return [md_escape(meaning.sentence), *facts]


def number_columns(
    defined: Mapping[str, str], formats: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return the configuration of a small table whose headings say what its numbers mean.

    Parameters
    ----------
    defined : mapping of str to str
        Key of the definition by heading.
    formats : mapping of str to str, optional
        Number format by heading; headings without one keep the table's own.

    Returns
    -------
    dict of str to ColumnConfig
        For ``column_config`` of ``st.dataframe``.
    """
    formats = formats or {}
    return {
        heading: (
            st.column_config.NumberColumn(help=tooltip(key), format=formats[heading])
            if heading in formats
            else st.column_config.Column(help=tooltip(key))
        )
        for heading, key in defined.items()
    }
