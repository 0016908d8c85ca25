"""When clients buy: one story a kind of client, as days and how large each order is.

A story is written in days since 1970-01-01, from the first day of the demo to
its last; sizes are multiples of the client's usual order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from crm_core.tables import to_date, to_day

DEMO_DAYS = 4 * 365
"""Days from the first to the last day of the demo."""

Visits = list[tuple[int, float]]
"""Day and size of each order."""

Draw = np.random.Generator
Story = Callable[[Draw, int], Visits]


@dataclass(frozen=True)
class Cast:
    """How many clients of the demo live a story.

    Attributes
    ----------
    name : str
        What happens, in one or two words; records made by hand look it up.
    count : int
        Clients.
    story : callable
        ``(rng, last day)`` to visits.
    business : float
        Share of companies among them.
    size : float
        Multiple of what a client of its kind usually spends.
    """

    name: str
    count: int
    story: Story
    business: float = 0.4
    size: float = 1.0


def every(rng: Draw, first: int, last: int, gap: float, *, spread: float = 0.16) -> list[int]:
    """Return days about ``gap`` apart, counted back from ``last`` to ``first``."""
    days = [last]
    while (day := days[-1] - max(3, round(gap * rng.lognormal(0, spread)))) >= first:
        days.append(day)
    return days[::-1]


def regular(rng: Draw, last: int) -> Visits:
    """Live by a rhythm of ten days to two months and are on time."""
    gap = rng.uniform(11, 52)
    first = last - int(rng.uniform(0.35, 1) * DEMO_DAYS)
    return [(day, 1.0) for day in every(rng, first, last - int(rng.uniform(0, 0.9) * gap), gap)]


def growing(rng: Draw, last: int) -> Visits:
    """Order more every year."""
    visits = regular(rng, last)
    return [(day, 0.5 + 1.6 * place / len(visits)) for place, (day, _) in enumerate(visits)]


def shrinking(rng: Draw, last: int) -> Visits:
    """Come as often as ever and buy a third of what they did."""
    gap = rng.uniform(16, 30)
    first = last - int(rng.uniform(0.6, 1) * DEMO_DAYS)
    days = every(rng, first, last - int(rng.uniform(0, 0.8) * gap), gap)
    return [(day, 1.3 if day < last - 3.4 * gap else 0.3) for day in days]


def late(rng: Draw, last: int) -> Visits:
    """Be on time for long and silent now, not yet beyond their limit."""
    gap = rng.uniform(15, 45)
    silent = int(rng.uniform(2.35, 3.6) * gap)
    return [(day, 1.0) for day in every(rng, last - DEMO_DAYS + 200, last - silent, gap)]


def leaving(rng: Draw, last: int) -> Visits:
    """Have a rhythm and stop some time ago."""
    gap = rng.uniform(14, 45)
    end = last - int(rng.uniform(150, 1000))
    return [(day, 1.0) for day in every(rng, max(last - DEMO_DAYS, end - 700), end, gap)]


def just_gone(rng: Draw, last: int) -> Visits:
    """Pass their limit within the last weeks."""
    gap = rng.uniform(20, 34)
    end = last - int(gap * 4.3) - int(rng.integers(2, 30))
    return [(day, 1.0) for day in every(rng, end - 800, end, gap)]


def coming_back(rng: Draw, last: int) -> Visits:
    """Be gone for most of a year and buy again."""
    gap = rng.uniform(18, 34)
    again = last - int(rng.choice([12, 25, 60, 140, 260, 420]))
    before = every(rng, last - DEMO_DAYS + 30, again - int(rng.uniform(210, 330)), gap)
    after = every(rng, again, last - int(rng.uniform(0, 0.5) * gap), gap)
    return [(day, 1.0) for day in [*before, *sorted({again, *after})]]


def once(rng: Draw, last: int) -> Visits:
    """Buy once; more of them lately."""
    return [(last - int(DEMO_DAYS * rng.beta(1, 1.5)), 1.0)]


def twice(rng: Draw, last: int) -> Visits:
    """Come again once, some soon and some after a year."""
    first = last - 10 - int((DEMO_DAYS - 10) * rng.beta(1, 1.4))
    again = first + max(6, int(rng.exponential(75)))
    return [(first, 1.0), *([(again, 1.1)] if again <= last else [])]


def newcomer(rng: Draw, last: int) -> Visits:
    """Buy for the first time lately, some of them again already."""
    first = last - int(rng.uniform(4, 130))
    return [
        (day, 1.0) for day in sorted({first, *every(rng, first, last - 3, rng.uniform(25, 60))})
    ]


def garden(rng: Draw, last: int) -> Visits:
    """Buy from spring to early autumn, every year, and are quiet in winter."""
    gap, joined = rng.uniform(17, 30), int(rng.integers(0, 2))
    visits: Visits = []
    for year in range(to_date(last - DEMO_DAYS).year + joined, to_date(last).year + 1):
        opens = to_day(date(year, 3, 8)) + int(rng.integers(0, 21))
        closes = min(to_day(date(year, 9, 10)) + int(rng.integers(0, 14)), last)
        if opens <= closes:
            visits += [(day, 1.0) for day in every(rng, opens, closes, gap)]
    return [visit for visit in visits if visit[0] >= last - DEMO_DAYS]


def yearly(rng: Draw, last: int) -> Visits:
    """Buy once a year, at the same time: the Christmas trees."""
    years = range(to_date(last - DEMO_DAYS).year, to_date(last).year + 1)
    days = [to_day(date(year, 12, 4)) + int(rng.integers(0, 13)) for year in years]
    return [(day, 1.2) for day in days if last - DEMO_DAYS <= day <= last]


CAST = (
    Cast("regular", 42, regular, 0.75, 1.5),
    Cast("growing", 7, growing, 0.9, 1.6),
    Cast("shrinking", 7, shrinking, 0.9, 2.0),
    Cast("late", 9, late, 0.8, 1.5),
    Cast("leaving", 34, leaving, 0.6, 1.2),
    Cast("just gone", 6, just_gone, 0.7, 1.3),
    Cast("coming back", 16, coming_back, 0.6, 1.2),
    Cast("once", 96, once, 0.2),
    Cast("twice", 44, twice, 0.25),
    Cast("newcomer", 22, newcomer, 0.4),
    Cast("garden", 26, garden, 0.3, 1.1),
    Cast("yearly", 18, yearly, 0.3, 1.2),
)
"""Who buys, beside the key account, the contracts, the till and the walk-ins."""
