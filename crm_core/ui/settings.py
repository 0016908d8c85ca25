"""Settings: what holds, and what a change would do before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.errors import CrmError
from crm_core.explanations import WORDS as STAGE_WORDS
from crm_core.explanations import guess_words
from crm_core.formatting import format_count, format_day, md_escape, plural
from crm_core.metrics.backtest.candidates import candidate_of
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import PERSONAL, Origin, Parameters
from crm_core.metrics.second_purchase import estimate_m0
from crm_core.metrics.stage_moves import StageMoves, moves_between
from crm_core.metrics.stages import assign_stages
from crm_core.policy import write_parameter, write_rule
from crm_core.records.engine import writing
from crm_core.sentences.goodbyes import name_rule
from crm_core.tables import STAGES, to_date
from crm_core.ui.definitions import Shown, definition_drawer, number_columns, tooltip
from crm_core.ui.phone import draw_table, name_width
from crm_core.ui.setting_words import (
    BY_NAME,
    MONTH_NAMES,
    OTHER_WORDS,
    TITLES,
    WORDS,
    legal_range,
    say_setting,
    value_in_force,
)
from crm_core.ui.shell import GOODBYES
from crm_core.ui.view import View

IDLE = ("k_gone",)
"""Settings that change nobody unless each client's own rhythm says who is gone."""

SOURCES = {"default": "default", "data": "from your sales", "owner": "set by you"}


def settings_sentence(view: View) -> str:
    """Say what decides who is late and gone."""
    values = view.values
    n_changed = len(view.parameters.origins)
    gone = guess_words(doubt=view.doubt)
    if values.model is not None:
        rule = (
            f"A client is {gone} once a purchase within "
            f"**{values.model[-1]:.0f} weeks** is less likely than not."
        )
    elif values.window is not None:
        rule = f"A client is {gone} after **{values.window} days** of silence."
    else:
        rule = (
            f"A client is late after **{values.k_late:g} times** their rhythm and {gone} "
            f"after **{values.k_gone:g} times**; until they have one, **{values.m0:g} days** "
            "stand in."
        )
    differ = f"{plural(n_changed, 'setting')} not at the default" if n_changed else "All defaults"
    return f"{rule} {differ}."


def link_to_rules(view: View) -> None:
    """Draw the rule of goodbye in force as the way to the page that tries it."""
    rule = name_rule(candidate_of(view.values))
    with st.container(gap="xxsmall"):
        st.caption(f"Rule of goodbye in force: {md_escape(rule)}")
        st.page_link(GOODBYES, label="Try it against the others", icon=":material/rule:")


def settings_table(view: View) -> None:
    """Draw every setting with its value, where it came from and since when."""
    words = (*WORDS, *OTHER_WORDS)
    held = [view.parameters.origins.get(word.name, Origin()) for word in words]
    defaults = Parameters()
    frame = pd.DataFrame(
        {
            "Setting": [word.title for word in words],
            "Value": [say_setting(view.values, word) for word in words],
            "Comes from": [SOURCES[origin.source] for origin in held],
            "Since": [origin.since for origin in held],
            "Default": [say_setting(defaults, word) for word in words],
            "What it does": [word.sentence for word in words],
        }
    )
    meaning = "setting.in_force"
    shown = number_columns(dict.fromkeys(("Value", "Comes from", "Default"), meaning)) | {
        "Setting": st.column_config.TextColumn(width=name_width(list(frame["Setting"]))),
        "Since": st.column_config.DateColumn(format="D MMM YYYY", help=tooltip(meaning)),
    }
    draw_table(
        frame,
        hide_index=True,
        column_config=shown,
        height="content",
        placeholder="",
        alt="Settings",
    )


def shown_settings(view: View) -> list[Shown]:
    """Return every setting for the drawer, beside its default."""
    changed = plural(len(view.parameters.origins), "setting")
    defaults = Parameters()
    return [
        Shown("setting.in_force", f"{changed} not at the default", plural(len(TITLES), "setting")),
        *(
            Shown(
                word.key,
                say_setting(view.values, word),
                _origin(view.parameters.origins.get(word.name, Origin())),
                [("default", say_setting(defaults, word))],
            )
            for word in (*WORDS, *OTHER_WORDS)
        ),
    ]


def _origin(origin: Origin) -> str:
    """Return where a value comes from and since when."""
    since = f" since {format_day(origin.since)}" if origin.since else ""
    return f"{SOURCES[origin.source]}{since}"


def proposal(view: View) -> None:
    """Say what the sales propose for the typical gap; it is never changed by itself."""
    found, n_returns = view.whole.remember("m0", lambda: estimate_m0(view.full_ledger, view.as_of))
    if found is None:
        st.caption(f"{plural(n_returns, 'return')} seen: from 20 on your sales propose a gap.")
    elif found != view.values.m0:
        st.caption(
            f"Your sales up to {format_day(view.as_of)} propose {found} days as the typical gap "
            f"({plural(n_returns, 'return')} seen); {view.values.m0:g} days hold until you "
            "change it."
        )


def offered(values: Parameters) -> list[str]:
    """Return the settings that can be changed one by one and matter under the rule in force.

    Examples
    --------
    >>> "k_gone" in offered(Parameters()), "k_gone" in offered(Parameters(window=60))
    (True, False)
    """
    names = [*BY_NAME, "closed_months"]
    idle = () if values.rule == PERSONAL else IDLE
    return [name for name in names if name not in idle]


def draw_choice(view: View) -> tuple[str, Any] | None:
    """Draw the fields of a change and return it, None while nothing differs."""
    names = offered(view.values)
    name = st.selectbox("Setting", names, format_func=TITLES.__getitem__, key="setting", width=420)
    if name == "closed_months":
        return _draw_months(view)
    word, low_high = BY_NAME[name], legal_range(name)
    now = value_in_force(view.values, name)
    st.caption(word.sentence)
    kind = int if word.whole else float
    value = st.number_input(
        f"New value ({word.unit})",
        min_value=kind(np.ceil(low_high[0]) if word.whole else low_high[0]),
        max_value=kind(low_high[1]),
        value=None if now is None else kind(now),
        step=kind(1) if word.whole else 0.25,
        key=f"new_{name}_{now}",
        width=220,
    )
    if value is None or value == now:
        return None
    return name, value


def _draw_months(view: View) -> tuple[str, Any] | None:
    now = view.values.closed_months
    chosen = st.multiselect(
        "Closed months",
        range(1, 13),
        default=list(now),
        format_func=lambda month: MONTH_NAMES[month - 1],
        key=f"new_closed_{now}",
    )
    value = tuple(sorted(chosen))
    return None if value == now else ("closed_months", value)


def try_change(view: View, name: str, value: Any) -> StageMoves | None:
    """Return who would move if a setting changed, None where the value is not legal."""
    # A window and a model are two rules: choosing one takes the other away.
    change: dict[str, Any] = {name: value} | ({"model": None} if name == "window" else {})
    try:
        values = replace(view.values, **change)
    except CrmError as error:
        st.error(md_escape(str(error)))
        return None
    whole = view.whole

    def count() -> StageMoves:
        history = purchase_history(whole.ledger, values)
        after = assign_stages(whole.ledger, values, view.as_of, history=history)
        return moves_between(whole.stages, after, sales=whole.trailing)

    with st.spinner("Counting who would move …"):
        return whole.remember("try_change", count, repr(values))


def shown_effect(moves: StageMoves) -> list[Shown]:
    """Return how many would move, for the drawer."""
    up, down = format_count(int(moves.up.sum())), format_count(int(moves.down.sum()))
    known = plural(int((moves.before > 0).sum()), "known client")
    return [Shown("setting.effect", f"{up} up, {down} down", known)]


def draw_effect(moves: StageMoves, words: Mapping[str, str] = STAGE_WORDS) -> None:
    """Draw how many clients would stand in each stage, named by ``words``."""
    before, after = moves.matrix.sum(axis=1), moves.matrix.sum(axis=0)
    frame = pd.DataFrame(
        {
            "Stage": [words[name] for name in STAGES[1:]],
            "Now": before[1:],
            "Then": after[1:],
            "Change": after[1:] - before[1:],
        }
    )
    up, down = int(moves.up.sum()), int(moves.down.sum())
    st.markdown(
        f"**{plural(up + down, 'client')} would move**: {format_count(up)} up, "
        f"{format_count(down)} down."
        if up + down
        else "**Nobody would move.**"
    )
    names = list(frame.columns[1:])
    defined = number_columns(
        dict.fromkeys(names, "setting.effect"), dict.fromkeys(names, "%,d") | {"Change": "%+d"}
    )
    draw_table(frame, hide_index=True, column_config=defined, width=480, alt="Effect by stage")
    definition_drawer(shown_effect(moves), key="effect_meaning")


def save_change(view: View, name: str, value: Any) -> None:
    """Store a change; ``None`` goes back to the default, and who moves is told to all others."""
    default = getattr(Parameters(), name)
    moves = try_change(view, name, default if value is None else value)
    moved = None if moves is None else int((moves.up | moves.down).sum())
    try:
        with writing(view.engine, sales=False) as connection:
            how: dict[str, Any] = {
                "since": to_date(view.today),
                "set_by": "dashboard",
                "moved": moved,
            }
            if name == "window":
                write_rule(connection, {name: value}, **how)
            else:
                write_parameter(connection, name, value, **how)
    except CrmError as error:
        st.session_state["settings_error"] = str(error)
