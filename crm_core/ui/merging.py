"""The page of duplicates: rules to tick, groups to untick, the effect, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from sqlalchemy import Engine

from crm_core.errors import CrmError
from crm_core.formatting import (
    DASH,
    format_count,
    format_money,
    format_share,
    md_escape,
    one_line,
    plural,
    say_name,
)
from crm_core.intake.merge_rules import RULES
from crm_core.merging import Effect, Proposal, carry_out, plan, propose, try_out
from crm_core.money import to_ten_thousandths
from crm_core.records.engine import reading
from crm_core.records.versions import read_versions
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.phone import draw_table, leave_room
from crm_core.ui.view import today

RULE_WORDS = {
    "email": "Same e-mail",
    "phone": "Same phone number",
    "name": "Name and place near enough",
}
MOST_GROUPS = 1_000
"""Groups offered at once; the others come when these are settled."""

AT_ONCE = 300_000
"""Sales up to which the effect is counted without being asked for."""

SAID = "merge_said"
EFFECT_WORDS = (
    ("clients.known", "Known clients", "count"),
    ("clients.buyers", "Clients who bought", "count"),
    ("sales.net", "Net sales of clients", "money"),
    ("pareto.for80.clients", "Clients for 80 % of sales", "count"),
    ("returning.repeat_rate", "Bought again", "share"),
    ("stages.exploration", "Trying us", "count"),
    ("stages.expansion", "Buying again", "count"),
    ("stages.commitment", "Regulars", "count"),
    ("stages.late", "Late", "count"),
    ("stages.termination", "Gone", "count"),
)
"""Key of the report, words, and kind of every figure shown before and after."""

COLUMNS = {"Clients": "merge.clients", "Sales rows": "merge.sales"}


def now() -> datetime:
    """Return the moment, with its time zone."""
    return datetime.now().astimezone()


def draw_said() -> None:
    """Say how the last merging went, once."""
    said = st.session_state.pop(SAID, None)
    if said is not None:
        if said[0] == "error":
            st.error(md_escape(said[1]), icon=":material/error:")
        else:
            st.success(md_escape(said[1]), icon=":material/check:")


def choose_rules() -> tuple[str, ...]:
    """Draw the rules to tick and return those ticked, in their order."""
    chosen = st.pills(
        "Clients count as one with",
        RULES,
        selection_mode="multi",
        default=RULES,
        format_func=RULE_WORDS.__getitem__,
        key="merge_rules",
    )
    return tuple(rule for rule in RULES if rule in chosen)


def proposals_by(engine: Engine, rules: tuple[str, ...]) -> list[Proposal]:
    """Return the groups found by some rules, computed once a version of the records."""
    with reading(engine) as connection:
        versions = read_versions(connection)
    if not rules:
        return []
    return _proposals((versions.database_id, versions.sales_key, *rules), engine, rules)


@st.cache_resource(max_entries=4, show_spinner="Looking for clients written down twice …")
def _proposals(
    key: tuple[str, ...],  # noqa: ARG001
    _engine: Engine,
    _rules: tuple[str, ...],
) -> list[Proposal]:
    return propose(_engine, _rules)


def merge_sentence(found: Sequence[Proposal], known: int) -> str:
    """Say how many groups look like one client, and what merging them would make; Markdown."""
    sure = [one for one in found if one.sure]
    doubtful = len(found) - len(sure)
    look = f"; **{plural(doubtful, 'pair')}** to look at yourself" if doubtful else ""
    if not sure:
        return f"No two clients are one by these rules{look}."
    fewer = len(plan(sure))
    return (
        f"**{plural(len(sure), 'group')}** {'looks' if len(sure) == 1 else 'look'} like one client "
        f"each: merged, **{format_count(known - fewer)}** clients would be known instead of "
        f"{format_count(known)}{look}."
    )


def shown_groups(found: Sequence[Proposal], ticked: Sequence[Proposal], known: int) -> list[Shown]:
    """Return the numbers of the page, for its drawer."""
    sure = [one for one in found if one.sure]
    clients = plural(known, "known client")
    fewer = len(plan(sure))
    return [
        Shown("merge.groups", format_count(len(sure)), clients),
        Shown("merge.doubtful", format_count(len(found) - len(sure)), clients),
        Shown(
            "merge.clients",
            f"{format_count(fewer)}, {format_count(len(plan(ticked)))} of them ticked",
            f"{clients}; {format_count(known - fewer)} with all sure groups merged",
        ),
    ]


def pick_groups(found: Sequence[Proposal], *, key: str) -> list[Proposal]:
    """Draw the groups, those without doubt ticked, and return the ticked ones.

    Parameters
    ----------
    found : sequence of Proposal
        The first 1,000 are offered.
    key : str
        Changes with the groups, so that an old tick never meets a new group.
    """
    offered = found[:MOST_GROUPS]
    doubts = {} if all(one.sure for one in offered) else {"Look at": [o.doubt for o in offered]}
    frame = pd.DataFrame(
        {
            "Merge": [one.sure for one in offered],
            "Stays": [one_line(one.names[0], 60) for one in offered],
            "Becomes part of it": [_others(one) for one in offered],
            "Why": [one_line(one.evidence, 200) for one in offered],
            **doubts,
            "Clients": [len(one.ids) for one in offered],
            "Sales rows": [sum(one.n_sales) for one in offered],
        }
    )
    leave_room()
    edited = st.data_editor(
        frame,
        hide_index=True,
        key=f"merge_ticks_{key}",
        disabled=[name for name in frame.columns if name != "Merge"],
        column_config={
            "Merge": st.column_config.CheckboxColumn(pinned=True, width=90),
            "Stays": st.column_config.TextColumn(width=140),
            "Becomes part of it": st.column_config.TextColumn(width=150),
            "Why": st.column_config.TextColumn(width=400),
            "Look at": st.column_config.TextColumn(width=190),
            **number_columns(COLUMNS, dict.fromkeys(COLUMNS, "%,d")),
        },
        height="content" if len(offered) <= 10 else 400,
    )
    if len(found) > len(offered):
        st.caption(f"and {format_count(len(found) - len(offered))} more, once these are settled")
    return [one for one, tick in zip(offered, edited["Merge"], strict=True) if tick]


def _others(one: Proposal) -> str:
    names = [one_line(name, 40) for name in one.names[1:4]]
    more = len(one.names) - 4
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def draw_evidence(found: Sequence[Proposal]) -> None:
    """Draw every pair of one group with its evidence, for whoever wants to be sure."""
    chosen = st.selectbox(
        "Look closer at a group",
        range(min(len(found), MOST_GROUPS)),
        format_func=lambda place: one_line(" = ".join(found[place].names), 90),
        index=None,
        placeholder="Choose a group",
        key="merge_closer",
        width=520,
    )
    if chosen is None or chosen >= len(found):
        return
    one = found[chosen]
    names = dict(zip(one.ids, one.names, strict=True))
    lines = [
        f"- **{say_name(names[first])}** and **{say_name(names[second])}**: {md_escape(words)}"
        for first, second, words in one.pairs
        if first in names and second in names
    ]
    st.markdown("\n".join(lines))
    if one.doubt:
        st.caption(md_escape(f"Not ticked by itself: {one.doubt}"))


def effect_of(
    engine: Engine, ticked: Sequence[Proposal], n_sales: int, *, key: str
) -> Effect | None:
    """Return what merging would change; many sales are counted when asked for, None until then."""
    if not ticked:
        return None
    with reading(engine) as connection:
        versions = read_versions(connection)
    name = (versions.database_id, versions.data_id, str(today()))
    ids = tuple(number for one in ticked for number in (*one.ids, -1))
    asked = st.session_state.get("merge_asked") == (key, ids)
    if n_sales > AT_ONCE and not asked:
        st.button(
            "Show what would change",
            icon=":material/science:",
            key="merge_ask",
            on_click=st.session_state.__setitem__,
            args=("merge_asked", (key, ids)),
        )
        return None
    return _effect((*name, repr(ids)), engine, ticked)


@st.cache_resource(max_entries=6, show_spinner="Counting what would change …")
def _effect(key: tuple[str, ...], _engine: Engine, _ticked: Sequence[Proposal]) -> Effect:  # noqa: ARG001
    return try_out(_engine, _ticked, today=today())


def draw_effect(effect: Effect, currency: str | None) -> None:
    """Draw the headline figures as they are, and as they would be."""
    figures = effect.figures()
    table = {
        "Number": [words for _, words, _ in EFFECT_WORDS],
        "Before": [_say(figures[key][0], kind, currency) for key, _, kind in EFFECT_WORDS],
        "After": [_say(figures[key][1], kind, currency) for key, _, kind in EFFECT_WORDS],
        "Change": [_say_change(*figures[key], kind, currency) for key, _, kind in EFFECT_WORDS],
    }
    named = number_columns(dict.fromkeys(("Before", "After", "Change"), "merge.effect"))
    draw_table(
        table,
        hide_index=True,
        height="content",
        width="content",
        # Wide enough on a telephone too: half an amount would read as another one.
        column_config={name: {**one, "width": 140} for name, one in named.items()}
        | {"Number": st.column_config.TextColumn(width=200)},
        alt="Headline figures before and after merging",
    )


def _say_change(before: Any, after: Any, kind: str, currency: str | None) -> str:
    """Return what changes, with its sign; nothing where nothing does."""
    if _say(before, kind, currency) == _say(after, kind, currency):
        return ""
    if before is None or after is None:
        return "changes"
    if kind == "money":
        before, after = to_ten_thousandths(before), to_ten_thousandths(after)
        return f"{'+' if after > before else '−'}{format_money(abs(after - before), currency)}"
    size = abs(after - before)
    said = f"{100 * size:.1f} points" if kind == "share" else format_count(size)
    return f"{'+' if after > before else '−'}{said}"


def _say(value: Any, kind: str, currency: str | None) -> str:
    if value is None:
        return DASH
    if kind == "money":
        return format_money(to_ten_thousandths(value), currency)
    return format_share(value) if kind == "share" else format_count(value)


def shown_effect(effect: Effect) -> Shown:
    """Return the effect for the drawer."""
    before, after = effect.figures()["clients.known"]
    value = f"{format_count(before)} known clients before, {format_count(after)} after"
    return Shown("merge.effect", value, plural(effect.before.totals.purchase_days, "purchase day"))


def draw_merge_button(
    engine: Engine, ticked: Sequence[Proposal], rules: tuple[str, ...], effect: Effect | None
) -> None:
    """Draw the button that merges the ticked groups; only once the effect has been shown."""
    work = partial(_merge, engine, tuple(ticked), rules, effect)
    st.button(
        f"Merge {plural(len(ticked), 'group')}",
        type="primary",
        icon=":material/merge:",
        key="merge_now",
        disabled=effect is None,
        on_click=say_after,
        args=(work,),
        help="They count as one client each from now on. The whole run, and every single merge, "
        "can be taken back.",
    )


def _merge(
    engine: Engine, ticked: Sequence[Proposal], rules: tuple[str, ...], effect: Effect | None
) -> str:
    merged = len(plan(ticked))
    run = carry_out(engine, ticked, rules=rules, now=now(), effect=effect)
    return f"{plural(merged, 'client')} became part of another (run {run}). Take it back below."


def say_after(work: Callable[[], str]) -> None:
    """Do work that writes (a callback), and leave for the next run how it went."""
    try:
        st.session_state[SAID] = ("success", work())
    except CrmError as error:
        st.session_state[SAID] = ("error", str(error))


def say_rules(rules: Sequence[str]) -> str:
    """Return rules in words.

    Examples
    --------
    >>> say_rules(("email", "name"))
    'same e-mail; name and place near enough'
    """
    return "; ".join(RULE_WORDS.get(rule, rule).lower() for rule in rules)
