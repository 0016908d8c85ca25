"""Switching the rule of goodbye: what would change is counted first, then saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.errors import CrmError
from crm_core.formatting import format_count, format_day, format_money, md_escape, plural
from crm_core.metrics.backtest.adopting import rule_settings
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import Backtest
from crm_core.metrics.cadence import TERMINATION, purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stage_moves import StageMoves, moves_between, stage_sales
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.money import UNIT
from crm_core.policy import write_rule
from crm_core.records.engine import writing
from crm_core.sentences.goodbyes import name_rule
from crm_core.tables import STAGES, IntArray, to_date
from crm_core.ui.choice import choose
from crm_core.ui.definitions import Others, Shown, definition_drawer, number_columns
from crm_core.ui.goodbyes import BEST, DEFAULT, in_force
from crm_core.ui.lists import Column, client_list
from crm_core.ui.phone import draw_table
from crm_core.ui.setting_words import BY_NAME, OTHER_WORDS, say_setting
from crm_core.ui.shared_columns import share_column, stage_column, trailing_column
from crm_core.ui.small_groups import HIDDEN, is_small, without_small_effects
from crm_core.ui.view import View

ERROR, SAVED = "goodbye_error", "goodbye_saved"
RULE_BOX = "goodbye_rule"


@dataclass(frozen=True)
class Effect:
    """What a switch would move, on the as-of day.

    Attributes
    ----------
    moves : StageMoves
        From the stages in force to those under the rule.
    clients, sales : ndarray of int64, shape (2, 6)
        Now and then: clients by stage and, in place of those not known, the late ones;
        and their sales of twelve months, ten-thousandths.
    """

    moves: StageMoves
    clients: IntArray
    sales: IntArray

    @property
    def gone(self) -> tuple[int, int]:
        """Gone clients now and then."""
        return int(self.clients[0, TERMINATION]), int(self.clients[1, TERMINATION])

    @property
    def late(self) -> tuple[int, int]:
        """Late clients now and then."""
        return int(self.clients[0, 0]), int(self.clients[1, 0])


def effect_of(view: View, values: Parameters) -> Effect:
    """Return what other settings would move, of all clients, computed once."""
    whole = view.whole
    with st.spinner("Counting who would move …"):
        return whole.remember("try_rule", partial(_count, whole, values), repr(values))


def _count(whole: View, values: Parameters) -> Effect:
    history = purchase_history(whole.ledger, values)
    after = assign_stages(whole.ledger, values, whole.as_of, history=history)
    moves = moves_between(whole.stages, after, sales=whole.trailing)
    both = [_by_stage(stages, whole.trailing) for stages in (whole.stages, after)]
    return Effect(moves, *(np.array(rows) for rows in zip(*both, strict=True)))


def _by_stage(stages: StageResult, trailing: IntArray) -> tuple[IntArray, IntArray]:
    """Return clients and sales by stage, those of the late ones in place of the unknown."""
    clients = np.bincount(stages.stage, minlength=len(STAGES)).astype(np.int64)
    sales = np.array(stage_sales(stages, trailing), dtype=np.int64)
    late = stages.late
    clients[0], sales[0] = int(late.sum()), int(trailing[late].sum())
    return clients, sales


def draw_switch(
    view: View, found: Backtest, marks: Mapping[Candidate, str], clicked: object | None
) -> None:
    """Draw the choice of a rule, what it would change, and the button that saves it.

    Parameters
    ----------
    view : View
        What the page looks at.
    found : Backtest
        The rules tried.
    marks : mapping of Candidate to str
        The rules worth a look, the recommended one first, with what is special.
    clicked : object, optional
        Key of the rule clicked in the picture.
    """
    st.subheader("Switch the rule")
    rules = {rule.key: rule for rule in (*marks, *(score.rule for score in found.outer))}
    best = "recommended" if found.verdict == "switch" else BEST
    said = {rule: mark.replace(BEST, best) for rule, mark in marks.items()}
    options = {key: _labelled(rule, said.get(rule, "")) for key, rule in rules.items()}
    key = choose(
        "Rule",
        options,
        key=RULE_BOX,
        clicked=clicked,
        default=next(iter(options)),
        as_box=True,
        width=480,
    )
    if key is None:
        return
    rule = rules[key]
    settings = _settings_of(view, found, rule)
    if not settings:
        st.info("No model can be fitted to these sales: choose another rule.")
        return
    try:
        values = replace(view.values, **settings)
    except CrmError as error:
        st.error(md_escape(str(error)))
        return
    if values == view.values:
        st.caption(f"This rule is in force{_since(view)}. {said_settings(values, settings)}")
    else:
        _draw_effect(view, found, marks, rule, settings)
    if in_force(view) != DEFAULT and rule != DEFAULT:
        st.button("Back to the default rule", on_click=_pick_default, key="default_rule")


def _labelled(rule: Candidate, mark: str) -> str:
    return f"{name_rule(rule)} ({mark})" if mark else name_rule(rule)


def _since(view: View) -> str:
    names = ("window", "model", "kappa", "k_gone")
    held = [
        view.parameters.origins[name].since for name in names if name in view.parameters.origins
    ]
    days = [day for day in held if day is not None]
    return f" since {format_day(max(days))}" if days else ", by default"


def _pick_default() -> None:
    st.session_state[RULE_BOX] = DEFAULT.key


def _settings_of(view: View, found: Backtest, rule: Candidate) -> Mapping[str, Any]:
    """Return what puts a rule in force; it is learned from all sales up to the as-of day."""
    if found.chosen is not None and rule == found.chosen.rule:
        return found.settings
    whole = view.whole
    settings: Mapping[str, Any] = whole.remember(
        "rule_settings",
        lambda: rule_settings(whole.ledger, rule, whole.as_of, whole.values),
        rule.key,
    )
    return settings


def said_settings(values: Parameters, settings: Mapping[str, Any]) -> str:
    """Return the settings of a rule in words, those that are off left out; Markdown."""
    words = [w for w in (*BY_NAME.values(), *OTHER_WORDS) if w.name in settings]
    said = [(word.title, say_setting(values, word)) for word in words]
    parts = [f"{title}: {value}" for title, value in said if value not in ("off", "none")]
    return md_escape(f"{'; '.join(parts)}.") if parts else ""


def _draw_effect(
    view: View,
    found: Backtest,
    marks: Mapping[Candidate, str],
    rule: Candidate,
    settings: Mapping[str, Any],
) -> None:
    values = replace(view.values, **settings)
    effect = effect_of(view, values)
    moves = effect.moves
    up, down = int(moves.up.sum()), int(moves.down.sum())
    moved = moves.clients(moves.up | moves.down)
    gone = view.stage_names["termination"]
    money = format_money(int(view.whole.trailing[moved].sum()), view.currency)
    groups = (up, down, *effect.gone, *effect.late, abs(effect.gone[1] - effect.gone[0]))
    if is_small(view, *groups, abs(effect.late[1] - effect.late[0])):
        st.caption(HIDDEN)
        return
    st.markdown(
        f"**{plural(up + down, 'client')} would move**, {format_count(up)} up and "
        f"{format_count(down)} down; they brought {md_escape(money)} in the last 12 months. "
        f"{gone}: {_now_then(effect.gone)}; late: {_now_then(effect.late)}."
        if up + down
        else f"**Nobody would move.** Late: {_now_then(effect.late)}."
    )
    st.caption(said_settings(values, settings))
    _draw_stages(view, effect)
    others = partial(_other_effects, view, found, marks)
    definition_drawer([_shown_effect(effect, others)], key="switch_meaning")
    if view.may(Right.SETTINGS):
        st.button(
            f"Save: {name_rule(rule)}",
            type="primary",
            on_click=save_rule,
            args=(view, rule, settings),
            key="save_rule",
        )
        st.caption("Every page, list and report follows from then on. Nothing is saved before.")
    whole = view.whole
    columns = [
        stage_column(whole, moved),
        _stage_then(view.stage_names, moves, moved),
        share_column(whole, moved),
        trailing_column(whole, moved),
    ]
    client_list(
        whole, moved, columns, key="would_move", title="Who would move", file_name="would-move"
    )


def _stage_then(words: Mapping[str, str], moves: StageMoves, moved: IntArray) -> Column:
    labels = tuple(words[name] for name in STAGES)
    codes = moves.after[moved].astype(np.int64)
    return Column("Then", codes, labels=labels, definition="client.stage")


def _now_then(pair: tuple[int, int]) -> str:
    now, then = pair
    return f"{format_count(now)} now, {format_count(then)} then"


def _draw_stages(view: View, effect: Effect) -> None:
    words = view.stage_names
    order = [*range(1, len(STAGES)), 0]
    clients, sales = effect.clients[:, order], effect.sales[:, order] / UNIT
    frame = pd.DataFrame(
        {
            "Stage": [*(words[name] for name in STAGES[1:]), "Late, of all these"],
            "Now": clients[0],
            "Then": clients[1],
            "Change": clients[1] - clients[0],
            "Sales now": sales[0],
            "Sales then": sales[1],
        }
    )
    headings = list(frame.columns[1:])
    formats = dict.fromkeys(headings, "%,.0f") | {"Change": "%+d"}
    defined = number_columns(dict.fromkeys(headings, "goodbyes.effect"), formats)
    draw_table(
        without_small_effects(view, frame), hide_index=True, column_config=defined,
        height="content", width=640,
        alt="Clients and sales by stage, now and under the rule chosen",
    )  # fmt: skip


def _said_effect(effect: Effect) -> str:
    moves = effect.moves
    return f"{format_count(int(moves.up.sum()))} up, {format_count(int(moves.down.sum()))} down"


def _shown_effect(effect: Effect, elsewhere: Callable[[], Others]) -> Shown:
    known = plural(int((effect.moves.before > 0).sum()), "known client")
    return Shown("goodbyes.effect", _said_effect(effect), known, elsewhere)


def _other_effects(view: View, found: Backtest, marks: Mapping[Candidate, str]) -> Others:
    """Return what the other rules worth a look would move; counted when it is asked for."""

    def count() -> Others:
        settings = {rule: _settings_of(view, found, rule) for rule in marks}
        return [
            (name_rule(rule), _said_effect(_count(view.whole, replace(view.values, **own))))
            for rule, own in settings.items()
            if own
        ]

    return view.whole.remember("other_rules", count)


def save_rule(view: View, rule: Candidate, settings: Mapping[str, Any]) -> None:
    """Put a rule in force in one transaction, from today on; who moves is told to all others."""
    moves = effect_of(view, replace(view.values, **settings)).moves
    how: dict[str, Any] = {"set_by": "dashboard", "moved": int((moves.up | moves.down).sum())}
    try:
        with writing(view.engine, sales=False) as connection:
            write_rule(connection, settings, since=to_date(view.today), **how)
    except CrmError as error:
        st.session_state[ERROR] = str(error)
        return
    st.session_state[SAVED] = name_rule(rule)


def draw_outcome() -> None:
    """Say whether the last switch was saved, once."""
    if refused := st.session_state.pop(ERROR, None):
        st.error(md_escape(refused))
    if saved := st.session_state.pop(SAVED, None):
        st.success(f"Saved: {saved}. Every page follows this rule now.")
