"""The groups of clients of the segments page: segments, cells and switches, with their numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from crm_core.charts.segments import NOBODY, cell_key, switches
from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_share,
    plural,
)
from crm_core.metrics.late import by_money
from crm_core.metrics.rates import Rate
from crm_core.metrics.rfm import PARTS_OF
from crm_core.metrics.rfm_cuts import OwnCuts
from crm_core.metrics.segments import (
    BEST,
    GRID,
    SEGMENTS,
    SLIPPING,
    TITLES,
    SegmentMoves,
    SegmentResult,
)
from crm_core.money import UNIT
from crm_core.sentences.segments import ADVICE
from crm_core.tables import BoolArray, IntArray
from crm_core.ui.definitions import Shown, number_columns
from crm_core.ui.elsewhere import at_settings
from crm_core.ui.lists import Column
from crm_core.ui.numbers import rate_shown
from crm_core.ui.segments import Look, is_gone, moves_from, segments_on
from crm_core.ui.view import View

WAYS = {
    "left_best": "Fell out of the best two",
    "joined_best": "Came into the best two",
    "down": "Moved down",
    "up": "Moved up",
    "switched": "All who changed",
    "appeared": "First purchase since",
}
"""Groups of those who changed, by their name in ``SegmentMoves``."""


LATE_BEST = "late_best"
LATE_BEST_TITLE = "Best clients who are late"
LATE_BEST_ADVICE = (
    "Your best, and silent longer than is usual for them: call before they get used to "
    "being without you."
)


def groups_of(look: Look) -> dict[str, str]:
    """Return what can be listed, by key, with its count: segments, cells, and two more.

    The two are the late among the best, and everybody.
    """
    now = look.now
    n_late = int(np.count_nonzero(mask_of(look, LATE_BEST)))
    options = {LATE_BEST: f"{LATE_BEST_TITLE} ({format_count(n_late)})"} if n_late else {}
    options |= {name: f"{TITLES[name]} ({format_count(n)})" for name, n in now.counts.items() if n}
    for recency in range(PARTS_OF, 0, -1):
        for both in range(PARTS_OF, 0, -1):
            n = int(now.cell_counts[recency - 1, both - 1])
            title = TITLES[SEGMENTS[int(GRID[recency - 1, both - 1])]]
            if n:
                options[cell_key(recency, both)] = (
                    f"{title}: recency {recency}, frequency and money {both} ({format_count(n)})"
                )
    return options | {"all": f"All buying clients ({format_count(now.n)})"}


def first_choice(look: Look) -> str:
    """Return the group listed at first: the best who are late, else who slips, else the best."""
    if mask_of(look, LATE_BEST).any():
        return LATE_BEST
    wanted = (*SLIPPING, *SEGMENTS)
    return next((name for name in wanted if look.now.counts[name]), "all")


def advice_on(key: str) -> str | None:
    """Return what to do about a group, None for everybody."""
    if key == LATE_BEST:
        return LATE_BEST_ADVICE
    name = segment_of(key)
    return None if name is None else ADVICE[name]


def segment_of(key: str) -> str | None:
    """Return the segment a group belongs to, None for everybody."""
    if key.startswith("cell"):
        return SEGMENTS[int(GRID[int(key[4]) - 1, int(key[5]) - 1])]
    return key if key in TITLES else None


def mask_of(look: Look, key: str) -> BoolArray:
    """Return who belongs to a group of :func:`groups_of`, shape (n_clients,)."""
    return _late_best(look.now, look.late) if key == LATE_BEST else _placed(look.now, key)


def _late_best(now: SegmentResult, late: BoolArray) -> BoolArray:
    return np.asarray(now.is_in(*BEST) & late)


def _placed(now: SegmentResult, key: str) -> BoolArray:
    if key.startswith("cell"):
        return np.asarray(now.cell == PARTS_OF * (int(key[4]) - 1) + int(key[5]) - 1)
    return now.is_in(key) if key in TITLES else now.scores.values.bought


def clients_of(look: Look, key: str) -> IntArray:
    """Return the clients of a group, those who brought most so far first."""
    found = np.flatnonzero(mask_of(look, key))
    return found[by_money(look.now.scores.values.money[found])]


def columns_of(look: Look, positions: IntArray, *, parted: bool = True) -> list[Column]:
    """Return what the lists of this page show of each client, scores where there are any."""
    scores, values = look.now.scores, look.now.scores.values
    digits = 100 * scores.recency.astype(np.int64) + 10 * scores.frequency + scores.money
    columns = [
        segment_column(look.now, positions),
        Column("Scores", digits[positions], "count", definition="segments.score"),
    ]
    return [
        *(columns if parted else ()),
        Column("Days since", values.recency[positions], "count", definition="segments.recency"),
        Column("Purchases", values.frequency[positions], "count", definition="segments.frequency"),
        Column("Brought so far", values.money[positions], "money", definition="segments.money"),
    ]


def segment_column(result: SegmentResult, positions: IntArray, title: str = "Segment") -> Column:
    """Return the segment of each client on a day."""
    return Column(
        title,
        result.segment[positions].astype(np.int64),
        labels=tuple(TITLES.values()),
        help="By recency, frequency and money on that day",
    )


def title_of_group(key: str) -> str:
    """Return the heading of a group's list."""
    name = segment_of(key)
    if name is None:
        return LATE_BEST_TITLE if key == LATE_BEST else "All buying clients"
    return f"{TITLES[name]}, recency {key[4]}, rest {key[5]}" if key != name else TITLES[name]


def segment_table(look: Look) -> None:
    """Draw every segment with its clients, its money, its churn and what to do about it."""
    now = look.now
    named = [name for name in SEGMENTS if now.counts[name] or name in look.churn]
    sales = now.sums(np.maximum(look.sales, 0))
    total = max(sum(sales.values()), 1)
    late, gone = now.rates(look.late), now.rates(look.gone)
    brought = now.sums(now.scores.values.money)
    frame = {
        "Segment": [TITLES[name] for name in named],
        "Clients": [now.counts[name] for name in named],
        "Share of sales": [100 * sales[name] / total for name in named],
        "Brought so far": [brought[name] / UNIT for name in named],
        "Late": [say_rate(late[name]) for name in named],
        "Gone": [say_rate(gone[name]) for name in named],
        "Gone since": [say_rate(look.churn.get(name, Rate(0, 0))) for name in named],
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
    st.dataframe(
        pd.DataFrame(frame),
        hide_index=True,
        column_config=number_columns(defined, formats)
        | {"Segment": st.column_config.TextColumn(pinned=True)},
        height="content",
        alt="Every segment with its clients, sales, late and gone, and advice",
    )


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


def shown_group(view: View, look: Look, key: str) -> list[Shown]:
    """Return the numbers of one group for the row beneath its name."""
    now, mask = look.now, mask_of(look, key)
    n = int(np.count_nonzero(mask))
    sales = int(np.maximum(look.sales, 0)[mask].sum())
    total = int(np.maximum(look.sales, 0).sum())
    period = "the last 12 months" if view.period == "12m" else "all time"
    shown = [
        Shown(
            "segments.clients",
            format_count(n),
            f"of {format_count(now.n)} who bought",
            _counts_elsewhere(view, look, key),
        ),
        Shown(
            "segments.share",
            format_share(sales / total) if total else DASH,
            f"{format_money(sales, view.currency)} in {period}",
        ),
        Shown(
            "segments.money",
            format_money(int(now.scores.values.money[mask].sum()), view.currency),
            plural(n, "client"),
        ),
    ]
    if key != LATE_BEST:
        shown += _rates(view, look, mask, key)
    if key in look.churn:
        shown.append(rate_shown("segments.churn", look.churn[key]))
    return shown


def _rates(view: View, look: Look, mask: BoolArray, key: str) -> list[Shown]:
    """Return the late and the gone of a group, with what they would be at other settings."""
    n = int(np.count_nonzero(mask))

    def late(tried: View) -> Rate:
        return Rate(int((tried.stages.late & mask).sum()), n)

    def gone(tried: View) -> Rate:
        return Rate(int((is_gone(tried.stages) & mask).sum()), n)

    others = at_settings(
        view,
        "segments",
        {
            "segments.late": lambda tried: say_rate(late(tried)),
            "segments.gone": lambda tried: say_rate(gone(tried)),
        },
        key,
        repr(look.own),
    )
    return [
        replace(rate_shown("segments.late", late(view)), elsewhere=others["segments.late"]),
        replace(rate_shown("segments.gone", gone(view)), elsewhere=others["segments.gone"]),
    ]


def _counts_elsewhere(view: View, look: Look, key: str) -> list[tuple[str, str]]:
    """Return the clients of a group on the earlier day, and by the quantiles alone."""
    others: list[tuple[str, str]] = []
    if key == LATE_BEST:
        return others
    if look.moves is not None:
        before = look.moves.before
        n = int(np.count_nonzero(_placed(before, key)))
        others.append((f"on {format_day(before.as_of)}", format_count(n)))
    if look.own.dimensions:
        plain = segments_on(view, view.as_of, OwnCuts())
        n = int(np.count_nonzero(_placed(plain, key)))
        others.append(("by quantiles alone", format_count(n)))
    return others


def ways_of(moves: SegmentMoves) -> dict[str, str]:
    """Return how clients changed segment, by key, with their count: in kinds, then each switch."""
    sizes = {key: int(np.count_nonzero(getattr(moves, key))) for key in WAYS}
    options = {key: f"{WAYS[key]} ({format_count(n)})" for key, n in sizes.items() if n}
    for before, after, n in switches(moves):
        options[f"{before}>{after}"] = f"{_way(before, after)} ({format_count(n)})"
    return options


def _way(before: str, after: str) -> str:
    return " → ".join(TITLES.get(key, "Not bought yet") for key in (before, after))


def title_of_way(key: str) -> str:
    """Return the heading of a list of those who changed."""
    return _way(*key.split(">")) if ">" in key else WAYS[key]


def changed_clients(moves: SegmentMoves, key: str) -> IntArray:
    """Return the clients of a way, those who brought most before first."""
    if ">" in key:
        before, after = (None if name == NOBODY else name for name in key.split(">"))
        return moves.flow(before, after)
    return moves.clients(getattr(moves, key))


def shown_headline(view: View, look: Look) -> list[Shown]:
    """Return the numbers of the page's first sentence, with those of the earlier day."""
    now = look.now
    sales = np.maximum(look.sales, 0)
    total = int(sales.sum())
    shown = []
    for key, names in (("segments.best", BEST), ("segments.slipping", SLIPPING)):
        mask = now.is_in(*names)
        money = int(now.scores.values.money[mask].sum())
        share = format_share(int(sales[mask].sum()) / total) if total else DASH
        words = " and ".join(TITLES[name].lower() for name in names)
        parts = f"{words}: {share} of sales, {format_money(money, view.currency)} so far"
        shown.append(Shown(key, format_count(int(mask.sum())), parts, _days(view, look, names)))
    return shown


def _days(view: View, look: Look, names: tuple[str, ...]) -> list[tuple[str, str]]:
    others = []
    if look.moves is not None:
        before = look.moves.before
        n = int(before.is_in(*names).sum())
        others.append((f"on {format_day(before.as_of)}", format_count(n)))
    if look.own.dimensions:
        plain = segments_on(view, view.as_of, OwnCuts())
        others.append(("by quantiles alone", format_count(int(plain.is_in(*names).sum()))))
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
        ),
        Shown(
            "segments.left_best",
            format_count(int(moves.left_best.sum())),
            f"of {plural(int(before.is_in(*BEST).sum()), 'client')}; they brought {money} in the "
            f"year up to {format_day(before.as_of)}",
            partial(span_before, "left_best"),
        ),
    ]
