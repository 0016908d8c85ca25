"""What hangs on single clients and groups, and the numbers of concentration."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_share,
    plural,
    say_name,
)
from crm_core.metrics.dependency import (
    ClassMoves,
    Dependency,
    class_a_moves,
    find_dependencies,
    find_group_dependencies,
    large_not_regular,
)
from crm_core.metrics.months import months_before
from crm_core.metrics.pareto import ParetoResult
from crm_core.small_groups import is_few, is_few_of
from crm_core.ui.definitions import Shown
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.small_groups import HIDDEN, hidden_of, is_small
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
    if is_small(view, len(found), *(one.n_clients for one in groups)):
        st.caption(HIDDEN)
        return
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


def class_choices(view: View) -> dict[str, str]:
    """Return the classes whose clients may be listed, with their counts, and all of them."""
    result = view.pareto
    hidden = hidden_of(view, result.classes)
    named = zip("ABC", result.classes, hidden, strict=True)
    return {"all": f"All: {format_count(result.n)}"} | {
        name: f"Class {name}: {format_count(n)}" for name, n, few in named if not few
    }


def say_moves(view: View, moves: ClassMoves) -> str:
    """Say how many are in class A then and now, and how many entered and left."""
    entered, left = len(moves.entered), len(moves.left)
    if is_small(view, moves.n_before, moves.n_now, entered, left):
        return HIDDEN
    return (
        f"{plural(moves.n_before, 'client')} then, {format_count(moves.n_now)} now; "
        f"{format_count(entered)} entered, {format_count(left)} left."
    )


def moves_since(view: View, before: int) -> ClassMoves:
    """Return who entered and left class A since an earlier day."""
    return view.remember(
        "class_a",
        lambda: class_a_moves(view.ledger, before, view.as_of, period=view.period),
        view.period,
        str(before),
    )


def _other_period(view: View) -> tuple[str, ParetoResult]:
    """Return the period that is not chosen, with its result."""
    if view.period == "12m":
        return "all time", view.pareto_of("all")
    return "last 12 months", view.pareto_of("12m")


def _in_other_period(
    view: View, figure: Callable[[ParetoResult], str]
) -> Callable[[], list[tuple[str, str]]]:
    """Return what gives a number as it would be in the period that is not chosen."""

    def others() -> list[tuple[str, str]]:
        name, other = _other_period(view)
        return [(name, figure(other))]

    return others


def groups_told(result: ParetoResult) -> tuple[int, ...]:
    """Return the sizes of the groups the page's sentence tells of."""
    return result.n, result.for80_clients, result.n - result.for80_clients


def shown_pareto(view: View, largest: str) -> list[Shown]:
    """Return the headline numbers, each with what it would be at other settings."""
    result = view.pareto
    rows = f"{plural(result.n, 'buying client')}, {format_money(result.total, view.currency)}"
    first = f"the first {format_count(result.top20_clients)} of {format_count(result.n)}"
    return [
        Shown(
            "pareto.for80",
            format_count(result.for80_clients),
            f"{format_share(result.for80_share_of_clients)} of {rows}",
            _in_other_period(view, _for80),
            is_few_of(result.for80_clients, result.n),
        ),
        Shown(
            "pareto.top20",
            format_share(result.top20_share),
            first,
            lambda: _other_tops(view),
            is_few_of(result.top20_clients, result.n),
        ),
        Shown(
            "pareto.largest",
            format_share(result.share_of_first(1)),
            largest,
            _in_other_period(view, lambda other: format_share(other.share_of_first(1))),
        ),
        Shown(
            "pareto.classes",
            _in_a(result),
            _bc(result),
            _in_other_period(view, lambda other: f"{_in_a(other)}, {_bc(other)}"),
            is_few(*result.classes),
        ),
    ]


def _other_tops(view: View) -> list[tuple[str, str]]:
    """Return the share of other tops, and of the top 20 % in the other period."""
    result = view.pareto
    tops = [
        (f"top {percent} %", format_share(result.share_of_first(_first(result.n, percent))))
        for percent in (10, 30)
    ]
    name, other = _other_period(view)
    return [*tops, (name, format_share(other.top20_share))]


def shown_beside(view: View, moves: ClassMoves) -> list[Shown]:
    """Return what pictures, captions and lists of the page show, for the drawer.

    Parameters
    ----------
    view : View
        What the page looks at.
    moves : ClassMoves
        Between the earlier day and the as-of day.
    """
    result = view.pareto
    base = plural(result.n, "buying client")
    top = result.order[: result.top20_clients]
    regulars = at_settings(
        view,
        "large_not_regular",
        {"pareto.large_not_regular": _large_not_regular},
        view.period,
    )
    return [
        *_shown_curve(view),
        Shown(
            "pareto.dependency",
            _marks(result),
            base,
            _in_other_period(view, _marks),
            is_few(len(find_dependencies(result))),
        ),
        Shown(
            "sales.without_client",
            format_money(result.without_client, view.currency),
            "rows that name no client, in the period",
            _in_other_period(view, lambda other: format_money(other.without_client, view.currency)),
        ),
        Shown(
            "pareto.large_not_regular",
            _large_not_regular(view),
            f"of the {plural(len(top), 'client')} of the top 20 %",
            regulars["pareto.large_not_regular"],
            is_few_of(len(large_not_regular(result, view.stages.stage)), len(top)),
        ),
        Shown(
            "pareto.moves",
            _entered_left(moves),
            f"{plural(moves.n_before, 'client')} then, {format_count(moves.n_now)} now",
            lambda: _other_moves(view),
            is_few(moves.n_before, moves.n_now, len(moves.entered), len(moves.left)),
        ),
    ]


def _shown_curve(view: View) -> list[Shown]:
    """Return what the pictures of the clients are drawn from."""
    result = view.pareto
    base, half = plural(result.n, "buying client"), _first(result.n, 50)
    return [
        Shown(
            "pareto.clients",
            format_count(result.n),
            f"{format_money(result.total, view.currency)} of named sales",
            _in_other_period(view, lambda other: format_count(other.n)),
        ),
        Shown(
            "client.sales",
            f"{format_money(result.total, view.currency)} by {base}",
            f"a bar a client, the largest first; {_in_a(result)}",
            _in_other_period(view, lambda other: format_money(other.total, view.currency)),
            is_few_of(result.classes[0], result.n),
        ),
        Shown(
            "pareto.curve",
            f"{format_share(result.share_of_first(half))} by the larger half",
            base,
            _in_other_period(
                view, lambda other: format_share(other.share_of_first(_first(other.n, 50)))
            ),
            is_few_of(half, result.n),
        ),
    ]


def _large_not_regular(view: View) -> str:
    return plural(len(large_not_regular(view.pareto, view.stages.stage)), "client")


def _marks(result: ParetoResult) -> str:
    """Return how many single clients are at the first mark or above."""
    return f"{plural(len(find_dependencies(result)), 'client')} at 10 % or more"


def _entered_left(moves: ClassMoves) -> str:
    return f"{format_count(len(moves.entered))} entered, {format_count(len(moves.left))} left"


def _other_moves(view: View) -> list[tuple[str, str]]:
    """Return who entered and left since other days."""
    days = [months_before(view.as_of, months) for months in (3, 24)]
    return [(f"since {format_day(day)}", _entered_left(moves_since(view, day))) for day in days]


def shown_concentration(view: View) -> list[Shown]:
    """Return the numbers that only specialists ask for."""
    result = view.pareto
    rows = plural(result.n, "buying client")
    figures: dict[str, Callable[[ParetoResult], str]] = {
        "pareto.gini": lambda one: _decimals(one.gini),
        "pareto.hhi": lambda one: _decimals(one.hhi),
        "pareto.effective": lambda one: _decimals(one.effective_clients, 1),
    }
    return [
        Shown(key, figure(result), rows, _in_other_period(view, figure))
        for key, figure in figures.items()
    ]


def _for80(result: ParetoResult) -> str:
    if not result.n:
        return DASH
    counts = f"{format_count(result.for80_clients)} of {format_count(result.n)}"
    return f"{counts} ({format_share(result.for80_share_of_clients)})"


def _in_a(result: ParetoResult) -> str:
    return f"{format_count(result.classes[0])} in A"


def _bc(result: ParetoResult) -> str:
    _, b, c = result.classes
    return f"{format_count(b)} in B, {format_count(c)} in C"


def _first(n: int, percent: int) -> int:
    return -(-n * percent // 100)


def _decimals(value: float | None, places: int = 3) -> str:
    return DASH if value is None else f"{value:.{places}f}"
