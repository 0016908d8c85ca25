"""The lists that need attention: whom to call, who is going, who is growing into what."""

from __future__ import annotations

from crm_core.explanations import guess_words, owner_words
from crm_core.formatting import format_count, format_day, format_money, format_share, plural
from crm_core.metrics.dependency import (
    Dependency,
    find_dependencies,
    find_group_dependencies,
    large_not_regular,
)
from crm_core.metrics.late import SOON_DAYS, LateList, pick_late
from crm_core.paper.few import few_goodbyes, say_few
from crm_core.paper.markup import Html
from crm_core.paper.material import Material
from crm_core.paper.tables import FIRST, Column, listing
from crm_core.sentences.relations import declare_goodbyes
from crm_core.small_groups import is_few
from crm_core.tables import STAGES, DayArray, IntArray

LEVELS = {
    "key": "from 10 %: a key client",
    "watch": "from 20 %: watch",
    "act": "from 30 %: act",
    "urgent": "from 40 %: urgent",
    "critical": "more than half: critical",
    "single client": "the only client",
}
"""What each level of dependency asks for."""

LISTED = (
    *("churn.late", "churn.at_stake", "churn.due_soon", "churn.shrinking"),
    *("pareto.large_not_regular", "returning.window", "pareto.largest"),
)
"""Definitions behind the lists."""


def attention_lists(m: Material) -> list[Html]:
    """Return the lists, the most pressing first."""
    return [
        _to_call(m),
        _going(m),
        _shrinking(m),
        _not_regular(m),
        _first_timers(m),
        _dependencies(m),
    ]


def _to_call(m: Material) -> Html:
    away = f"; {format_count(m.n_snoozed)} more are put off" if m.n_snoozed else ""
    total = format_money(m.late.total, m.currency)
    return _listing(
        m,
        "Late: call first",
        _late_columns(m, m.late),
        total=len(m.late),
        empty="Nobody to call: everybody bought within the usual time, or is put off.",
        about=f"Those with most at stake first; together {total} in the last 12 months{away}.",
    )


def _going(m: Material) -> Html:
    soon = pick_late(m.late, m.late.soon)
    limit = "their limit" if m.doubt else guess_words()
    return _listing(
        m,
        "Past their limit this week" if m.doubt else "Probably gone this week",
        _late_columns(m, soon),
        total=len(soon),
        empty=f"None of the late clients reaches {limit} within {SOON_DAYS} days.",
        about=f"Late clients whose day comes within {SOON_DAYS} days: the last chance to call. "
        + ("" if few_goodbyes(m) else declare_goodbyes(m.churn.goodbyes).replace("**", "")),
    )


def _late_columns(m: Material, late: LateList) -> list[Column]:
    return [
        _names(m, late.client),
        _money("At stake", late.sales),
        _days("Last purchase", late.last_purchase),
        _days("Late since", late.late_on),
        _days("Past their limit from" if m.doubt else "Probably gone from", late.gone_on),
    ]


def _shrinking(m: Material) -> Html:
    found = m.churn.shrinking
    judged = plural(found.n_judged, "active client")
    return _listing(
        m,
        "Shrinking",
        [
            _names(m, found.client),
            _money("Now", found.recent),
            _money("Before", found.before),
            _money("Less", found.lost),
            Column("Window, days", "side", _counts(found.window_days)),
        ],
        total=len(found),
        empty=f"None of {judged} with enough history buys less than half of before."
        if found.n_judged
        else "No active client has a history long enough to tell.",
        about=f"Still buying, but for less than half of before, of {judged} with enough history.",
    )


def _not_regular(m: Material) -> Html:
    found = large_not_regular(m.pareto, m.stages.stage)
    return _listing(
        m,
        "Large but not regular",
        [
            _names(m, found),
            _money("Sales", m.pareto.by_client[found[:FIRST]]),
            Column("Share", "side", [format_share(s) for s in m.pareto.shares()[found[:FIRST]]]),
            Column("Stage", "text", _stage_words(m, found)),
            _days("Last purchase", m.stages.last_purchase[found[:FIRST]]),
        ],
        total=len(found),
        empty="Every client of the top 20 % is a regular.",
        about="Among the top 20 % by sales without being regulars: much money on a young habit.",
    )


def _first_timers(m: Material) -> Html:
    second = m.returning.second
    found = second.in_window
    first, last = second.window or (0, 0)
    return _listing(
        m,
        "Bought once, in the window for a second purchase",
        [
            _names(m, found),
            Column("Days since", "side", _counts(second.age[found])),
            _days("Bought on", m.stages.last_purchase[found[:FIRST]]),
            _money("For", m.churn.sales[found[:FIRST]]),
        ],
        total=len(found),
        empty=f"No window can be named: {second.window_reason}."
        if second.window_reason
        else f"Nobody with one purchase is {first} to {last} days past it today.",
        about=f"{first} to {last} days after the first purchase most second ones happen; "
        "those whose time runs out first come first.",
    )


def _dependencies(m: Material) -> Html:
    groups = [g for g in find_group_dependencies(m.ledger, m.pareto) if g.n_clients > 1]
    found: list[Dependency] = [*find_dependencies(m.pareto), *groups]
    if is_few(len(found), least=m.least):
        return listing("What hangs on one client or group", [], total=0, empty=say_few(m), about="")
    first = found[:FIRST]
    return listing(
        "What hangs on one client or group",
        [
            Column("Client or group", "text", [_who(m, one) for one in first]),
            Column("Sales", "side", [format_money(one.net) for one in first]),
            Column("Share", "side", [format_share(one.share) for one in first]),
            Column("Mark", "text", [LEVELS[one.level] for one in first]),
        ],
        total=len(found),
        empty="No single client or group brings 10 % of sales.",
        about="Each brings at least 10 % of named sales.",
    )


def _listing(
    m: Material, title: str, columns: list[Column], *, total: int, empty: str, about: str
) -> Html:
    """Return a list, or in its place that it has fewer clients than may be shown.

    Its words tell of those put off and judged as well: they go with it.
    """
    if m.least > 1:
        about = ""
    if is_few(total, least=m.least):
        few = f"Fewer than {m.least} clients: groups of so few are not shown to you."
        return listing(title, columns, total=0, empty=few, about=about)
    return listing(title, columns, total=total, empty=empty, about=about)


def _who(m: Material, one: Dependency) -> str:
    if one.group is None:
        return m.name(one.position)
    return f"{one.group} ({plural(one.n_clients, 'client')})"


def _names(m: Material, clients: IntArray) -> Column:
    return Column("Client", "text", [m.name(position) for position in clients[:FIRST].tolist()])


def _money(title: str, amounts: IntArray) -> Column:
    return Column(title, "side", [format_money(amount) for amount in amounts[:FIRST].tolist()])


def _days(title: str, days: DayArray) -> Column:
    return Column(title, "day", [format_day(day) for day in days[:FIRST].tolist()])


def _counts(counts: IntArray | DayArray) -> list[str]:
    return [format_count(count) for count in counts[:FIRST].tolist()]


def _stage_words(m: Material, clients: IntArray) -> list[str]:
    words = owner_words(doubt=m.doubt)
    return [words[STAGES[code]] for code in m.stages.stage[clients[:FIRST]].tolist()]
