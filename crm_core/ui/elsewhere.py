"""What a page's numbers would be at other settings: computed when a drawer is opened, once.

A number is given as a function of the view. The same function that makes the
number on the page is asked again with a view of the same clients, day and
filters, whose settings alone differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from crm_core.errors import ParameterError
from crm_core.formatting import plural
from crm_core.metrics.parameters import PERSONAL, Parameters
from crm_core.ui.definitions import Others
from crm_core.ui.view import View

Figure = Callable[[View], str]
"""A number of a page as plain text, made from a view."""

STEP = 1.0
"""How far ``k_late`` and ``k_gone`` are moved."""

M0_STEP = 0.25
"""By which part of itself ``m0`` is moved."""

WINDOWS = (60, 90, 180, 365)
"""Days of the fixed silences tried beside the rule in force."""


@dataclass(frozen=True)
class Settings:
    """Which settings move a number.

    Attributes
    ----------
    late, gone, typical, rules : bool
        The multiples for late and for gone, the typical gap, the fixed silences.
    stages : bool
        The purchases that make a habit and a regular, and the patience with leads.
    """

    late: bool = True
    gone: bool = True
    typical: bool = True
    rules: bool = True
    stages: bool = False


EVERY = Settings()
WITH_STAGES = Settings(stages=True)
GONE_ONLY = Settings(late=False)
"""For numbers that only ask who is gone."""


def neighbours(values: Parameters, which: Settings = EVERY) -> Iterator[tuple[str, Parameters]]:
    """Yield the settings beside those in force, each with its name; illegal ones left out.

    Parameters
    ----------
    values : Parameters
        In force.
    which : Settings
        Which of them to move.

    Examples
    --------
    >>> [name for name, _ in neighbours(Parameters(), Settings(rules=False, typical=False))]
    ['late after 1 rhythm', 'late after 3 rhythms', 'gone after 3 rhythms', 'gone after 5 rhythms']
    """
    for name, changes in _changes(values, which):
        with suppress(ParameterError):
            moved = replace(values, **changes)
            if moved.k_late < moved.k_gone and moved != values:
                yield name, moved


def _changes(values: Parameters, which: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    if which.late:
        for k in (values.k_late - STEP, values.k_late + STEP):
            yield f"late after {_rhythms(k)}", {"k_late": k}
    if which.gone and values.rule == PERSONAL:
        for k in (values.k_gone - STEP, values.k_gone + STEP):
            yield f"gone after {_rhythms(k)}", {"k_gone": k}
    if which.typical:
        for part in (1 - M0_STEP, 1 + M0_STEP):
            days = max(round(values.m0 * part), 1)
            yield f"typical gap of {plural(days, 'day')}", {"m0": float(days)}
    if which.rules:
        if values.rule != PERSONAL:
            yield "own rhythm of each client", {"window": None, "model": None}
        for days in WINDOWS:
            yield f"gone after {days} days of silence", {"window": days, "model": None}
    if which.stages:
        yield from _stage_changes(values)


def _stage_changes(values: Parameters) -> Iterator[tuple[str, dict[str, Any]]]:
    for more in (-1, 1):
        n = values.n_expand + more
        yield f"buying again from {plural(n, 'purchase')}", {"n_expand": n}
    for more in (-1, 1):
        n = values.resolved_n_commit + more
        yield f"regular from {plural(n, 'purchase')}", {"n_commit": n}
    for days in (values.lead_ttl // 2, values.lead_ttl * 2):
        yield f"leads given up after {plural(days, 'day')}", {"lead_ttl": days}


def _rhythms(k: float) -> str:
    return f"{k:g} rhythm{'' if k == 1 else 's'}"


def at_settings(
    view: View,
    name: str,
    figures: Mapping[str, Figure],
    *more: str,
    which: Settings = EVERY,
    on: Callable[[], View] | None = None,
) -> dict[str, Callable[[], Others]]:
    """Return, by number, what gives its values at the neighbouring settings.

    The settings are tried together and once, when the first of the numbers is asked
    for, and only the texts are kept.

    Parameters
    ----------
    view : View
        What the page looks at.
    name : str
        Of the group of numbers, unique in the program.
    figures : mapping of str to function
        By the number's key: the number as text, from a view.
    more : str
        What the numbers depend on besides the view's own key (the period, for example).
    which : Settings
        The settings that move them.
    on : function, optional
        Makes the view to try them on, where a part of the page's clients will do.

    Returns
    -------
    dict of str to function
        For ``Shown.elsewhere``.
    """

    def compute() -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {key: [] for key in figures}
        base = on() if on else view
        for setting, values in neighbours(view.values, which):
            tried = base.tried(values)
            for key, figure in figures.items():
                found[key].append((setting, figure(tried)))
        return found

    def one(key: str) -> Others:
        return view.remember(f"elsewhere_{name}", compute, *more)[key]

    return {key: partial(one, key) for key in figures}
