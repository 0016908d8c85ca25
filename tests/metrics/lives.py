"""Random relationships as a person would note them, and the ledger they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import hypothesis.strategies as st

from crm_core.ledger import Ledger
from crm_core.tables import END_REASONS, to_day
from tests.builders import make_ledger

FIRST = to_day(date(2021, 1, 1))
LAST = to_day(date(2025, 6, 30))

GAPS = (1, 7, 14, 29, 30, 31, 45, 60, 61, 75, 119, 120, 121, 122, 150, 200, 330, 358, 365, 372, 450)


@dataclass(frozen=True)
class Life:
    """Everything known about one client; the fields are those of ``make_ledger``."""

    orders: tuple[tuple[Any, ...], ...] = ()
    created: int | None = None
    inbound: tuple[int, ...] = ()
    closed: tuple[tuple[int, str], ...] = ()
    contracts: tuple[tuple[Any, ...], ...] = ()
    overrides: tuple[tuple[Any, ...], ...] = ()


def every(gap: int, *, times: int) -> list[int]:
    return [gap] * times


def days_from(first: int, gaps: list[int]) -> list[int]:
    days = [first]
    for gap in gaps:
        days.append(days[-1] + gap)
    return days


@st.composite
def order_rows(draw: st.DrawFn) -> tuple[tuple[Any, ...], ...]:
    """Orders with gaps that fall on the edges of the rules; some refunded in full."""
    if draw(st.integers(0, 5)) == 0:
        return ()
    first = FIRST + draw(st.integers(0, 500))
    rhythm = draw(st.sampled_from((7, 30, 30, 60, 121, 365)))
    gap = st.one_of(st.just(rhythm), st.sampled_from(GAPS))
    rows: list[tuple[Any, ...]] = []
    for number, day in enumerate(days_from(first, draw(st.lists(gap, max_size=16)))):
        worth = draw(st.integers(1, 300))
        rows.append((day, worth, f"o{number}"))
        if draw(st.integers(0, 11)) == 0:
            rows.append((day + draw(st.integers(0, 200)), -worth, None, f"o{number}"))
        if draw(st.integers(0, 15)) == 0:
            rows.append((day + draw(st.integers(0, 20)), -draw(st.integers(1, 50))))
    return tuple(rows)


@st.composite
def contract_rows(draw: st.DrawFn) -> tuple[tuple[Any, ...], ...]:
    start = FIRST + draw(st.integers(0, 900))
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        end = start + draw(st.sampled_from((29, 89, 364)))
        notice = draw(st.one_of(st.none(), st.integers(start, end)))
        rows.append((start, end, draw(st.sampled_from(("trial", "paid", "paid"))), notice))
        start = end + draw(st.sampled_from((1, 1, 10, 14, 15, 40)))
    return tuple(rows)


@st.composite
def override_rows(draw: st.DrawFn, around: list[int]) -> tuple[tuple[Any, ...], ...]:
    stage = draw(
        st.sampled_from(("awareness", "exploration", "expansion", "commitment", "termination"))
    )
    set_on = draw(st.sampled_from(around)) + draw(st.integers(-40, 200))
    return ((stage, "we know better", set_on, set_on + draw(st.sampled_from((0, 30, 180)))),)


@st.composite
def lives(draw: st.DrawFn, *, refunds: bool = True, by_hand: bool = True) -> Life:
    """One client; without ``by_hand`` neither contracts nor overrides."""
    day = st.integers(FIRST, LAST)
    orders = draw(order_rows())
    if not refunds:
        orders = tuple(row for row in orders if row[1] >= 0)
    some = st.integers(0, 3)
    created = draw(st.one_of(st.none(), day)) if orders else draw(day)
    around = [day for day in (created, *(row[0] for row in orders)) if day is not None]
    return Life(
        orders=orders,
        created=created,
        inbound=tuple(draw(st.lists(day, max_size=4))) if draw(some) == 0 else (),
        closed=tuple(
            (on, draw(st.sampled_from(END_REASONS)))
            for on in (draw(st.lists(day, max_size=3)) if draw(some) == 0 else [])
        ),
        contracts=draw(contract_rows()) if by_hand and draw(some) == 0 else (),
        overrides=draw(override_rows(around)) if by_hand and draw(st.booleans()) else (),
    )


@st.composite
def scenes(draw: st.DrawFn, **options: bool) -> tuple[list[Life], int]:
    """A few clients and an as-of day, often near something that happened."""
    some = draw(st.lists(lives(**options), min_size=1, max_size=3))
    happened = [row[0] for life in some for row in (*life.orders, *life.contracts)]
    happened += [row[2] for life in some for row in life.overrides]
    happened += [life.created for life in some if life.created is not None]
    near = st.sampled_from(happened or [FIRST])
    offset = st.sampled_from((-1, 0, 1, 13, 30, 59, 60, 61, 119, 120, 121, 180, 181, 250, 365))
    if draw(st.integers(0, 4)) == 0:
        return some, draw(st.integers(FIRST - 5, LAST + 400))
    return some, draw(near) + draw(offset)


def ledger_of(lives_: list[Life]) -> Ledger:
    """Return the ledger of some lives, ``c0`` the first client and so on; read-only arrays."""
    named = {f"c{number}": life for number, life in enumerate(lives_)}
    ledger = make_ledger(
        {name: life.orders for name, life in named.items()},
        created={n: life.created for n, life in named.items() if life.created is not None},
        inbound={n: life.inbound for n, life in named.items()},
        closed={n: life.closed for n, life in named.items()},
        contracts={n: life.contracts for n, life in named.items()},
        overrides={n: life.overrides for n, life in named.items()},
    )
    for table in ledger.tables().values():
        for column in (table.offsets, *table.columns().values()):
            column.setflags(write=False)
    return ledger
