"""Every rule of goodbye tried on the past: the trial, its days, the rules beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm_core.access import Right
from crm_core.exports import to_csv, to_xlsx
from crm_core.formatting import format_day, format_range
from crm_core.metrics.backtest.candidates import WINDOWS, Candidate, candidate_of
from crm_core.metrics.backtest.results import Backtest, RuleScore
from crm_core.metrics.backtest.run import run_backtest
from crm_core.money import UNIT
from crm_core.sentences.goodbyes import name_rule
from crm_core.small_groups import is_few
from crm_core.tables import to_date
from crm_core.ui.definitions import number_columns
from crm_core.ui.handing_out import hand_out
from crm_core.ui.lists import SHEET
from crm_core.ui.phone import draw_table, name_width
from crm_core.ui.view import View

DEFAULT = Candidate.personal(4, 4)
"""The rule that holds until somebody chooses another."""

OUTER, POOLED = "outer", "pooled"
BEST, IN_FORCE = "best of the days before", "in force"
SIGNS = {BEST: "★", IN_FORCE: "●"}
"""What stands before a rule in the tables."""

RULE_WIDTH = 420
"""Pixels the longest name of a rule may take."""

COLUMNS = {
    "Wrong in all": ("goodbyes.error_sum", "%.1f"),
    "False alarms, %": ("goodbyes.false_alarms", "%.1f"),
    "Misses, %": ("goodbyes.misses", "%.1f"),
    "Given up": ("goodbyes.flagged", "%,.0f"),
    "Came back": ("goodbyes.came_back", "%,.0f"),
    "False goodbyes, %": ("goodbyes.wrong", "%.1f"),
    "95 % range": ("goodbyes.wrong", ""),
    "Ranking": ("goodbyes.auc", "%.3f"),
    "Error of the chance": ("goodbyes.brier", "%.3f"),
}
"""Definition and number format by heading of the table of rules."""


def trial_of(view: View) -> Backtest:
    """Return every rule tried on the past: of all clients, since a rule holds for all."""
    whole = view.whole
    with st.spinner("Trying every rule of goodbye on the past …"):
        found: Backtest = whole.remember(
            "backtest", lambda: run_backtest(whole.ledger, whole.as_of, whole.values)
        )
    return found


def in_force(view: View) -> Candidate:
    """Return the rule in force."""
    return candidate_of(view.values)


def cut_choices(found: Backtest) -> dict[str, str]:
    """Return the days to look at by key: the one reported on, the earlier ones, each alone."""
    if not found.cuts:
        return {}
    *inner, outer = found.cuts
    choices = {OUTER: f"{format_day(outer.day)}: the day reported on"}
    if len(inner) > 1:
        choices[POOLED] = f"The {len(inner)} days before together: chosen by these"
    for cut in inner[::-1]:
        alone = "" if len(inner) > 1 else ": chosen by this one"
        choices[str(cut.day)] = f"{format_day(cut.day)}{alone}"
    return choices


def scores_on(found: Backtest, cut: str) -> tuple[RuleScore, ...]:
    """Return every rule on a choice of :func:`cut_choices`, the least wrong first."""
    if cut == OUTER:
        return found.outer
    if cut == POOLED:
        return _least_wrong_first(found.pooled)
    return _least_wrong_first(score for score in found.rows if score.cut == int(cut))


def _least_wrong_first(scores: Iterable[RuleScore]) -> tuple[RuleScore, ...]:
    return tuple(sorted(scores, key=lambda s: 9.0 if s.error_sum is None else s.error_sum))


def short_list(found: Backtest, current: Candidate) -> dict[Candidate, str]:
    """Return the rules worth a look with what is special about each, most telling first."""
    # The recommended rule comes first: where none is, the one in force.
    rules: dict[Candidate, list[str]] = {} if found.verdict == "switch" else {current: []}
    if found.chosen is not None:
        rules.setdefault(found.chosen.rule, []).append(BEST)
    rules.setdefault(current, []).append(IN_FORCE)
    rules.setdefault(DEFAULT, []).append("default")
    for window in WINDOWS:
        rules.setdefault(Candidate.fixed(window), [])
    personal = [s for s in found.pooled if s.rule.kind == "personal" and s.error_sum is not None]
    if personal:
        rules.setdefault(_least_wrong_first(personal)[0].rule, []).append("best own rhythm")
    tried = {score.rule for score in found.rows} | {current}
    if Candidate.model() in tried:
        rules.setdefault(Candidate.model(), [])
    return {rule: ", ".join(marks) for rule, marks in rules.items() if rule in tried}


def tells_of_few(*scores: RuleScore | None) -> bool:
    """Return whether a rule's numbers tell of a few clients: given up, kept, right or wrong."""
    for score in filter(None, scores):
        away, back = score.n - score.n_bought, score.n_flagged_bought
        right = score.n_flagged - back
        if is_few(score.n_bought - back, back, right, away - right):
            return True
    return False


def shown_to(view: View, scores: Sequence[RuleScore]) -> tuple[RuleScore, ...]:
    """Return the rules whose numbers whoever is at the page may see."""
    if view.who.sees_names:
        return tuple(scores)
    return tuple(score for score in scores if not tells_of_few(score))


def rule_frame(
    scores: Sequence[RuleScore], marks: dict[Candidate, str], *, money: bool
) -> pd.DataFrame:
    """Return rules beside each other, numbers exact; money in whole units.

    Parameters
    ----------
    scores : sequence of RuleScore
        On the same day or days.
    marks : dict of Candidate to str
        What is special about a rule.
    money : bool
        Weigh clients by their sales.
    """
    rows = [_money_row(score) if money else _client_row(score) for score in scores]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame.insert(0, "Rule", [name_rule(score.rule) for score in scores])
    frame.insert(1, "Mark", [marks.get(score.rule, "") for score in scores])
    empty = [name for name in COLUMNS if frame[name].isna().all()]
    return frame.drop(columns=empty)


def _client_row(score: RuleScore) -> tuple[Any, ...]:
    wrong = score.false_goodbyes
    return (
        _percent(score.error_sum),
        _percent(score.type_1),
        _percent(score.type_2),
        score.n_flagged,
        score.n_flagged_bought,
        _percent(wrong.value),
        None if wrong.interval is None else format_range(wrong.interval),
        score.auc,
        score.brier,
    )


def _money_row(score: RuleScore) -> tuple[Any, ...]:
    return (
        _percent(score.money_error_sum),
        _percent(score.money_type_1),
        _percent(score.money_type_2),
        score.money_flagged / UNIT,
        score.money_flagged_bought / UNIT,
        _percent(score.money_false_goodbyes),
        None,
        score.money_auc,
        score.money_brier,
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def draw_rules(frame: pd.DataFrame, *, key: str, alt: str) -> None:
    """Draw a table of :func:`rule_frame`."""
    shown = [name for name in COLUMNS if name in frame]
    config = number_columns(
        {name: COLUMNS[name][0] for name in shown},
        {name: COLUMNS[name][1] for name in shown if COLUMNS[name][1]},
    )
    named = [
        f"{_signs(marks)} {name}".strip()
        for marks, name in zip(frame["Mark"], frame["Rule"], strict=True)
    ]
    config["Rule"] = st.column_config.TextColumn(width=name_width(named, RULE_WIDTH), pinned=True)
    frame = frame.drop(columns="Mark").assign(Rule=named)
    draw_table(frame, hide_index=True, column_config=config, key=key, placeholder="—", alt=alt)


def _signs(marks: str) -> str:
    return "".join(sign for mark, sign in SIGNS.items() if mark in marks.split(", "))


def _write(write: Callable[..., bytes], table: Callable[[], Any]) -> bytes:
    return write(*table())


def draw_exports(view: View, frame: pd.DataFrame, name: str, *, key: str) -> None:
    """Draw the buttons that hand a table of rules over."""

    def table() -> tuple[list[str], list[tuple[Any, ...]]]:
        cells = frame.astype(object).where(frame.notna(), None)
        return list(frame.columns), list(cells.itertuples(index=False, name=None))

    file = f"{name}-{to_date(view.as_of).isoformat()}"
    kinds = (("CSV", to_csv, "csv", "text/csv"), ("Excel", to_xlsx, "xlsx", SHEET))
    with st.container(horizontal=True):
        for label, write, ending, mime in kinds:
            st.download_button(
                label,
                hand_out(
                    partial(_write, write, table),
                    right=Right.PRINT,
                    deed="table of rules exported",
                    who=view.who,
                    list=name,
                ),
                f"{file}.{ending}",
                mime,
                key=f"{key}_{ending}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
                help="All rules of this table",
            )
