"""The numbers of the stages page, each with its value at other settings."""

from __future__ import annotations

from functools import partial

import numpy as np

from crm_core.formatting import DASH, format_count, format_day, format_money, format_rate, plural
from crm_core.metrics.cadence import history_at
from crm_core.metrics.months import months_before
from crm_core.metrics.rates import Rate
from crm_core.metrics.stage_history import StageMonths, stage_months
from crm_core.metrics.stage_moves import (
    StageMoves,
    moves_between,
    stage_sales,
    straight_to_termination,
    time_in_stage,
)
from crm_core.sentences.answers import stages_sentence
from crm_core.small_groups import hidden_parts, is_few
from crm_core.tables import STAGES
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.elsewhere import WITH_STAGES, Figure, at_settings
from crm_core.ui.numbers import few_in, said_rate
from crm_core.ui.small_groups import told_most
from crm_core.ui.view import View

STAGE_KEYS = {name: f"stages.{name}" for name in STAGES[1:]}
"""Key of the definition by stage."""

COLUMN_NUMBERS = (*STAGE_KEYS.values(), "stages.sales")
"""What the picture of the five columns shows."""

FLOW_NUMBERS = ("stages.count", "stages.moves")
"""What the picture of the flows between two days shows."""


def moves_since(view: View, since: int) -> StageMoves:
    """Return who moved between an earlier day and the as-of day."""
    return view.remember(
        "moves",
        lambda: moves_between(view.stages_on(since), view.stages, sales=view.trailing_on(since)),
        str(since),
    )


def months_of(view: View) -> StageMonths:
    """Return how the stages were filled at each month end."""
    return view.remember(
        "stage_months",
        lambda: stage_months(view.ledger, view.history, view.values, view.as_of),
    )


def shown_stages(view: View, moves: StageMoves, since: int, months: StageMonths) -> list[Shown]:
    """Return the numbers of the page for the drawer.

    Parameters
    ----------
    view : View
        What the page looks at.
    moves : StageMoves
        Between the earlier day and the as-of day.
    since : int
        The earlier day.
    months : StageMonths
        Of all months.
    """
    counts = view.stages.counts()
    known = plural(sum(counts.values()), "known client")
    others = at_settings(view, "stages", _figures(since), str(since), which=WITH_STAGES)
    out = straight_out(view)
    regulars = plural(counts["commitment"], "regular")
    hidden = hidden_parts(list(counts.values()))
    late, moved = int(view.stages.late.sum()), stage_groups_told(view, moves)[len(counts) :]
    moved = (*moved, int(moves.appeared.sum()))
    return [
        Shown("stages.count", said_counts(view), known, few=bool(hidden.any())),
        *(
            Shown(STAGE_KEYS[name], format_count(n), known, others[STAGE_KEYS[name]], bool(few))
            for (name, n), few in zip(counts.items(), hidden, strict=True)
        ),
        Shown("stages.late", said_late(view), known, others["stages.late"], is_few(late)),
        Shown("stages.sales", said_sales(view), known, others["stages.sales"], bool(hidden.any())),
        Shown(
            "stages.moves",
            said_moves(moves),
            f"{format_day(since)} and {format_day(view.as_of)}; {_proof(moves)}",
            lambda: [*other_days(view), *others["stages.moves"]()],
            is_few(*moved),
        ),
        Shown(
            "stages.straight_out",
            said_rate(out),
            out.reason or format_rate(out.numerator, out.denominator, out.interval),
            others["stages.straight_out"],
            few_in(out),
        ),
        Shown(
            "stages.time",
            said_time(view),
            regulars,
            others["stages.time"],
            is_few(counts["commitment"]),
        ),
        Shown("stages.months", *said_months(months), few=is_few(counts["termination"])),
    ]


def _figures(since: int) -> dict[str, Figure]:
    """Return every number of the page as it is made from a view."""
    return {
        **{key: partial(said_stage, name) for name, key in STAGE_KEYS.items()},
        "stages.late": said_late,
        "stages.sales": said_sales,
        "stages.moves": lambda view: said_moves(moves_since(view, since)),
        "stages.straight_out": lambda view: said_rate(straight_out(view)),
        "stages.time": said_time,
    }


def straight_out(view: View) -> Rate:
    """Return who left without ever getting beyond the first purchases."""

    def make() -> Rate:
        drawn = history_at(view.ledger, view.history, view.as_of, view.values)
        return straight_to_termination(drawn, view.as_of)

    return view.remember("straight_out", make)


def stage_groups_told(view: View, moves: StageMoves | None) -> tuple[int, ...]:
    """Return the sizes of the groups the page's sentence tells of."""
    counts = tuple(view.stages.counts()[name] for name in STAGES[1:])
    if moves is None:
        return counts
    large = int((moves.down & moves.large).sum())
    return (*counts, int(moves.up.sum()), int(moves.down.sum()), large)


def answer(view: View, moves: StageMoves | None, *, since: int) -> str:
    """Return the page's sentence, or as much of it as may be told here."""
    large = int((moves.down & moves.large).sum()) if moves else 0
    full = stages_sentence(view.stages, moves, large, since=since)
    standing = stages_sentence(view.stages, None, 0, since=None)
    ways = ((full, moves), (standing, None))
    return told_most(view, *((said, stage_groups_told(view, of)) for said, of in ways))


def said_counts(view: View) -> str:
    """Return the clients of every stage, in order."""
    counts, words = view.stages.counts(), view.stage_names
    return ", ".join(f"{words[name]} {format_count(n)}" for name, n in counts.items())


def said_stage(name: str, view: View) -> str:
    """Return the clients of one stage."""
    return format_count(view.stages.counts()[name])


def said_late(view: View) -> str:
    """Return the late clients."""
    return format_count(int(view.stages.late.sum()))


def said_sales(view: View) -> str:
    """Return what the clients of every stage brought in twelve months, in order."""
    sales = stage_sales(view.stages, view.trailing)
    return ", ".join(
        f"{view.stage_names[name]} {format_money(int(sales[code]), view.currency)}"
        for code, name in enumerate(STAGES)
        if code and sales[code]
    )


def said_moves(moves: StageMoves) -> str:
    """Return how many moved up and down."""
    return f"{format_count(int(moves.up.sum()))} up, {format_count(int(moves.down.sum()))} down"


def _proof(moves: StageMoves) -> str:
    """Return who is large among those who moved down, and who is new."""
    large = format_count(int((moves.down & moves.large).sum()))
    return f"{large} large ones down, {format_count(int(moves.appeared.sum()))} newly known"


def other_days(view: View) -> Others:
    """Return who moved since other days."""
    days = [months_before(view.as_of, months) for months in (1, 3, 12)]
    return [(f"since {format_day(day)}", said_moves(moves_since(view, day))) for day in days]


def said_time(view: View) -> str:
    """Return the middle of the days regulars have been regulars."""
    middle = next(t.median for t in time_in_stage(view.stages) if t.stage == "commitment")
    return DASH if middle is None else f"{middle:,.0f} days"


def said_months(months: StageMonths) -> tuple[str, str]:
    """Return the live clients of the last month end, and how many months there are."""
    live = np.asarray([months.of(name) for name in STAGES[1:5]]).sum(axis=0)
    value = plural(int(live[-1]), "client") if len(live) else DASH
    return value, f"{plural(len(months.calendar), 'month end')}; here the last one"
