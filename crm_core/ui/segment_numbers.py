"""The numbers of the segments page: each segment's table, one group's cards, the switches."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.charts.segments import describe_switches, switch_bars, switches
from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_share,
    plural,
)
from crm_core.metrics.rates import Rate
from crm_core.metrics.rfm_cuts import OwnCuts
from crm_core.metrics.segments import BEST, SEGMENTS, SLIPPING, TITLES, SegmentMoves
from crm_core.money import UNIT
from crm_core.sentences.segments import ADVICE, say_basis
from crm_core.small_groups import is_few, is_few_of
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.numbers import few_in, rate_shown
from crm_core.ui.phone import draw_table
from crm_core.ui.segment_groups import LATE_BEST, Group, placed
from crm_core.ui.segments import Look, groups_told, is_gone, moves_from, segments_on
from crm_core.ui.shell import first_customdata, picture, quiet_reason
from crm_core.ui.small_groups import FEWER, HIDDEN, least_of, told, without_small_rows
from crm_core.ui.view import View

GRID_NUMBERS = ("segments.clients", "segments.share")
"""What the picture of the grid shows."""


def segment_table(view: View, look: Look) -> None:
    """Draw every segment with its clients, its money, its churn and what to do about it."""
    now = look.now
    named = [name for name in SEGMENTS if now.counts[name] or name in look.churn]
    total = max(look.total, 1)
    sales, brought, late, gone = (look.sums[n] for n in ("sales", "brought", "late", "gone"))

    def say(rate: Rate) -> str:
        return FEWER if least_of(view) > 1 and few_in(rate) else say_rate(rate)

    frame = {
        "Segment": [TITLES[name] for name in named],
        "Clients": [now.counts[name] for name in named],
        "Share of sales": [100 * sales[name] / total for name in named],
        "Brought so far": [brought[name] / UNIT for name in named],
        "Late": [say(Rate(late[name], now.counts[name])) for name in named],
        "Gone": [say(Rate(gone[name], now.counts[name])) for name in named],
        "Gone since": [say(look.churn.get(name, Rate(0, 0))) for name in named],
        "What to do": [ADVICE[name] for name in named],
    }
    defined = {
        "Clients": "segments.clients",
        "Share of sales": "segments.share",
        "Brought so far": "segments.money",
        "Late": "segments.late",
        "Gone": "segments.gone",
        "Gone since": "segments.churn",
    }
    formats = {"Clients": "%,d", "Share of sales": "%.1f %%", "Brought so far": "%,.0f"}
    draw_table(
        without_small_rows(view, pd.DataFrame(frame), count="Clients"),
        hide_index=True,
        column_config=number_columns(defined, formats)
        | {"Segment": st.column_config.TextColumn(pinned=True)},
        height="content",
        alt="Every segment with its clients, sales, late and gone, and advice",
    )


def draw_switches(view: View, moves: SegmentMoves) -> object | None:
    """Draw the most frequent changes of segment, and return the one clicked."""
    least = least_of(view)
    if not switches(moves, least=least):
        quiet_reason(HIDDEN)
        return None
    at_switch = first_customdata(
        picture(
            switch_bars(moves, view.currency, least=least),
            key="switches",
            alt=describe_switches(moves, least=least),
            clickable=True,
            numbers=("segments.switched",),
        )
    )
    st.caption(told(view, say_basis(moves), int(moves.matrix[:-1, :-1].trace())))
    return at_switch


def say_rate(rate: Rate) -> str:
    r"""Return a share with its counts, a dash where it is withheld.

    Examples
    --------
    >>> say_rate(Rate(3, 30)), say_rate(Rate(1, 3)), say_rate(Rate(0, 0))
    ('10\xa0% (3 of 30)', '— (1 of 3)', '—')
    """
    if not rate.denominator:
        return DASH
    counts = f"({format_count(rate.numerator)} of {format_count(rate.denominator)})"
    return f"{format_share(rate.value)} {counts}"


def shown_group(view: View, look: Look, group: Group) -> list[Shown]:
    """Return the numbers of one group for the row beneath its name."""
    period = "the last 12 months" if view.period == "12m" else "all time"
    shown = [
        Shown(
            "segments.clients",
            format_count(group.n),
            f"of {format_count(look.now.n)} who bought",
            partial(_counts_elsewhere, view, look, group.key),
            is_few_of(group.n, look.now.n),
        ),
        Shown(
            "segments.share",
            format_share(group.sales / look.total) if look.total else DASH,
            f"{format_money(group.sales, view.currency)} in {period}",
            partial(_share_elsewhere, view, group),
        ),
        Shown(
            "segments.money",
            format_money(group.brought, view.currency),
            plural(group.n, "client"),
        ),
    ]
    if group.key != LATE_BEST:
        shown += _rates(view, look, group)
    if group.key in look.churn:
        shown.append(rate_shown("segments.churn", look.churn[group.key]))
    return shown


def _rates(view: View, look: Look, group: Group) -> list[Shown]:
    """Return the late and the gone of a group, with what they would be at other settings."""

    def late(tried: View) -> Rate:
        return Rate(int(np.count_nonzero(tried.stages.late[group.clients])), group.n)

    def gone(tried: View) -> Rate:
        return Rate(int(np.count_nonzero(is_gone(tried.stages)[group.clients])), group.n)

    figures = {
        "segments.late": lambda tried: say_rate(late(tried)),
        "segments.gone": lambda tried: say_rate(gone(tried)),
    }
    others = at_settings(view, "segments", figures, group.key, repr(look.own))
    return [
        replace(rate_shown(key, rate(view)), elsewhere=others[key])
        for key, rate in (("segments.late", late), ("segments.gone", gone))
    ]


def _share_elsewhere(view: View, group: Group) -> list[tuple[str, str]]:
    """Return the share of a group's clients in the other period."""
    period, words = ("all", "all time") if view.period == "12m" else ("12m", "last 12 months")
    other = view.pareto_of(period)
    sales = int(np.maximum(other.by_client[group.clients], 0).sum())
    return [(words, format_share(sales / other.total) if other.total else DASH)]


def _counts_elsewhere(view: View, look: Look, key: str) -> list[tuple[str, str]]:
    """Return the clients of a group on the earlier day, and by the quantiles alone."""
    others: list[tuple[str, str]] = []
    if key == LATE_BEST:
        return others
    if look.moves is not None:
        before = look.moves.before
        n = int(np.count_nonzero(placed(before, key)))
        others.append((f"on {format_day(before.as_of)}", format_count(n)))
    if look.own.dimensions:
        plain = segments_on(view, view.as_of, OwnCuts())
        n = int(np.count_nonzero(placed(plain, key)))
        others.append(("by quantiles alone", format_count(n)))
    return others


def shown_headline(view: View, look: Look) -> list[Shown]:
    """Return the numbers of the page's first sentence, with those of the earlier day."""
    shown = []
    for key, names in (("segments.best", BEST), ("segments.slipping", SLIPPING)):
        n = sum(look.now.counts[name] for name in names)
        late = sum(look.sums["late"][name] for name in names)
        rows = "; ".join(_said_segment(view, look, name) for name in names)
        rows += f"; {format_count(late)} of them late"
        few = is_few(*groups_told(look))
        shown.append(Shown(key, format_count(n), rows, partial(_days, view, look, names), few))
    return shown


def _said_segment(view: View, look: Look, name: str) -> str:
    """Return a segment with its clients, their sales, and those who are gone."""
    share = format_share(look.sums["sales"][name] / look.total) if look.total else DASH
    brought = format_money(look.sums["brought"][name], view.currency)
    gone = format_count(look.sums["gone"][name])
    counts = format_count(look.now.counts[name])
    return f"{TITLES[name]} {counts}: {share} of sales, {brought} so far, {gone} gone"


def _days(view: View, look: Look, names: tuple[str, ...]) -> list[tuple[str, str]]:
    others = []
    if look.moves is not None:
        before = look.moves.before
        n = sum(before.counts[name] for name in names)
        others.append((f"on {format_day(before.as_of)}", format_count(n)))
    if look.own.dimensions:
        plain = segments_on(view, view.as_of, OwnCuts())
        n = sum(plain.counts[name] for name in names)
        others.append(("by quantiles alone", format_count(n)))
    return others


def shown_moves(view: View, look: Look, moves: SegmentMoves) -> list[Shown]:
    """Return the numbers of those who changed, with those of as many days before."""
    after, before = moves.after, moves.before
    both = int(((before.segment >= 0) & (after.segment >= 0)).sum())
    days = f"{format_day(before.as_of)} and {format_day(after.as_of)}"
    money = format_money(int(moves.sales[moves.left_best].sum()), view.currency)

    def span_before(name: str) -> list[tuple[str, str]]:
        start = 2 * before.as_of - after.as_of
        moved = moves_from(view, start, before.as_of, look.own)
        if moved is None:
            return []
        n = int(getattr(moved, name).sum())
        return [(f"from {format_day(start)} to {format_day(before.as_of)}", format_count(n))]

    return [
        Shown(
            "segments.switched",
            format_count(int(moves.switched.sum())),
            f"of {plural(both, 'client')} who had bought by both days, {days}",
            partial(span_before, "switched"),
            is_few_of(int(moves.switched.sum()), both),
        ),
        Shown(
            "segments.left_best",
            format_count(int(moves.left_best.sum())),
            f"of {plural(int(before.is_in(*BEST).sum()), 'client')}; they brought {money} in the "
            f"year up to {format_day(before.as_of)}",
            partial(span_before, "left_best"),
            is_few_of(int(moves.left_best.sum()), int(before.is_in(*BEST).sum())),
        ),
    ]
