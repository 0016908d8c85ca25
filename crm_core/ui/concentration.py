"""What hangs on single clients and groups, and the numbers of concentration."""

from __future__ import annotations

import streamlit as st

from crm_core.formatting import DASH, format_count, format_money, format_share, plural, say_name
from crm_core.metrics.dependency import Dependency, find_dependencies, find_group_dependencies
from crm_core.metrics.pareto import ParetoResult
from crm_core.ui.definitions import Shown
from crm_core.ui.view import View

LEVELS = {
    "key": ("10 % mark: a key client", "blue"),
    "watch": ("20 % mark: watch", "orange"),
    "act": ("30 % mark: act", "orange"),
    "urgent": ("40 % mark: urgent", "red"),
    "critical": ("more than half: critical", "red"),
    "single client": ("the only client", "red"),
}
"""What the screen says to each level of dependency, and its colour."""


def draw_dependencies(view: View) -> None:
    """Draw who alone brings at least 10 % of sales: clients, then groups of clients."""
    found = find_dependencies(view.pareto)
    groups = [g for g in find_group_dependencies(view.ledger, view.pareto) if g.n_clients > 1]
    st.markdown("**What hangs on one**")
    if not found and not groups:
        st.caption("No single client or group brings 10 % of sales.")
    for one in [*found, *groups]:
        _draw_dependency(view, one)


def _draw_dependency(view: View, one: Dependency) -> None:
    who = say_name(one.group or view.name(one.position), 30)
    if one.group:
        who = f"{who} ({plural(one.n_clients, 'client')})"
    text, colour = LEVELS[one.level]
    money = format_money(one.net, view.currency)
    st.markdown(
        f"{who}: {format_share(one.share)}, {money} :{colour}-badge[{text}]",
    )


def shown_pareto(view: View, largest: str) -> list[Shown]:
    """Return the headline numbers, each with what it would be at other settings."""
    result = view.pareto
    other = view.pareto_of("all" if view.period == "12m" else "12m")
    name = "all time" if view.period == "12m" else "last 12 months"
    rows = f"{plural(result.n, 'buying client')}, {format_money(result.total, view.currency)}"
    return [
        Shown(
            "pareto.for80",
            format_count(result.for80_clients),
            f"{format_share(result.for80_share_of_clients)} of {rows}",
            [(name, _for80(other))],
        ),
        Shown(
            "pareto.top20",
            format_share(result.top20_share),
            f"the first {format_count(result.top20_clients)} of {format_count(result.n)}",
            [
                *(
                    (
                        f"top {percent} %",
                        format_share(result.share_of_first(_first(result.n, percent))),
                    )
                    for percent in (10, 30)
                ),
                (name, format_share(other.top20_share)),
            ],
        ),
        Shown(
            "pareto.largest",
            format_share(result.share_of_first(1)),
            largest,
            [(name, format_share(other.share_of_first(1)))],
        ),
        Shown(
            "pareto.classes",
            f"{format_count(result.classes[0])} in A",
            _bc(result),
            [(name, f"{format_count(other.classes[0])} in A, {_bc(other)}")],
        ),
    ]


def shown_concentration(result: ParetoResult) -> list[Shown]:
    """Return the numbers that only specialists ask for."""
    rows = plural(result.n, "buying client")
    return [
        Shown("pareto.gini", _decimals(result.gini), rows),
        Shown("pareto.hhi", _decimals(result.hhi), rows),
        Shown("pareto.effective", _decimals(result.effective_clients, 1), rows),
    ]


def _for80(result: ParetoResult) -> str:
    if not result.n:
        return DASH
    counts = f"{format_count(result.for80_clients)} of {format_count(result.n)}"
    return f"{counts} ({format_share(result.for80_share_of_clients)})"


def _bc(result: ParetoResult) -> str:
    _, b, c = result.classes
    return f"{format_count(b)} in B, {format_count(c)} in C"


def _first(n: int, percent: int) -> int:
    return -(-n * percent // 100)


def _decimals(value: float | None, places: int = 3) -> str:
    return DASH if value is None else f"{value:.{places}f}"
