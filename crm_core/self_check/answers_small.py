"""Known answers that need no sales: shares, curves, ranges, money, rates of exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np

from crm_core.metrics.concentration import gini
from crm_core.metrics.pareto import pareto
from crm_core.metrics.rates import wilson_interval
from crm_core.metrics.survival import Survival, kaplan_meier
from crm_core.money import UNIT, to_decimal_text, to_ten_thousandths
from crm_core.records.rates import multiply
from crm_core.self_check.findings import Check, expect
from crm_core.self_check.lives import Life, buy, make_ledger

CONCENTRATION: tuple[tuple[tuple[int, ...], float, float, int, float, str], ...] = (
    ((10, 20, 30, 40), 0.25, 0.30, 3, 0.40, "AAAB"),
    ((50, 30, 10, 5, 5), 0.46, 0.355, 2, 0.50, "AABBC"),
    ((100,), 0.0, 1.0, 1, 1.0, "A"),
    ((500, 200, 100, 60, 40, 30, 25, 20, 15, 10), 0.622, 0.30745, 3, 0.70, "AAABBBBCCC"),
)
"""Sales of each client; Gini, HHI, clients for 80 %, share of the top 20 %, classes."""

REMISSIONS = (6, 6, 6, 7, 10, 13, 16, 22, 23)
STILL_WATCHED = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
PLACEBO = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
"""Weeks in remission of 42 patients (Gehan 1965; Freireich et al. 1963)."""

SHARES = (
    (12, 40, (0.1807, 0.4543)),
    (0, 10, (0.0, 0.2775)),
    (16, 200, (0.0498, 0.1260)),
)
"""Cases, of how many, and Wilson's 95 % interval."""

MONEY = (
    ("2.55", 25_500, "2.55"),
    ("0.005", 50, "0.00"),
    ("0.015", 150, "0.02"),
    ("0.00005", 0, "0.00"),
    ("0.00015", 2, "0.00"),
    ("-1234567.895", -12_345_678_950, "-1234567.90"),
    ("8911407.904", 89_114_079_040, "8911407.90"),
)
"""Text in a file, ten-thousandths stored, text shown (half to even)."""


def small_checks() -> Iterator[Check]:
    """Yield the checks of concentration, survival, ranges, money and rates."""
    yield from _concentration_checks()
    yield from _survival_checks()
    for cases, n, bounds in SHARES:
        yield expect(
            f"Range of {cases} in {n}",
            "Wilson's 95 % interval, with the published formula worked by hand",
            bounds,
            partial(wilson_interval, cases, n),
            within=6e-5,
        )
    yield from _money_checks()


def _concentration_checks() -> Iterator[Check]:
    for amounts, *wanted in CONCENTRATION:
        largest_first = ", ".join(map(str, amounts[:5])) + (" …" if len(amounts) > 5 else "")
        yield expect(
            f"Concentration of {largest_first}",
            "Gini, HHI, clients for 80 %, top 20 % and classes, with figures worked by hand",
            wanted,
            partial(concentration_of, amounts),
            within=1e-9,
        )
    yield expect(
        "Gini with clients at zero",
        "the coefficient of 0, 0, 0 and 100, with 1 − 1/4",
        [0.75],
        lambda: [gini(np.array([100, 0, 0, 0]))],
        within=1e-12,
    )


def concentration_of(amounts: Sequence[int]) -> list[Any]:
    """Return Gini, HHI, clients for 80 %, share of the top 20 % and classes of some clients."""
    lives = [Life() for _ in amounts]
    for life, amount in zip(lives, amounts, strict=True):
        buy(life, 0, (), amount * UNIT)
    found = pareto(make_ledger(lives), 0, period="all")
    classes = "".join(letter * n for letter, n in zip("ABC", found.classes, strict=True))
    return [found.gini, found.hhi, found.for80_clients, found.top20_share, classes]


def _survival_checks() -> Iterator[Check]:
    def curve() -> Survival:
        return kaplan_meier(np.bincount(REMISSIONS), np.bincount(STILL_WATCHED), min_at_risk=1)

    weeks = (6, 7, 10, 13, 16, 22, 23)
    published = "with the published estimate"
    yield expect(
        "Kaplan-Meier curve",
        f"remissions of 21 patients after {', '.join(map(str, weeks))} weeks, {published}",
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482],
        lambda: [curve().at(week) for week in weeks],
        within=6e-5,
    )
    yield expect(
        "Kaplan-Meier band",
        f"Greenwood's error and the 95 % band after 6 weeks, {published}",
        [0.0764, 0.6197, 0.9516],
        lambda: [values[0] for values in (curve().error, curve().lower, curve().upper)],
        within=6e-5,
    )
    yield expect(
        "Kaplan-Meier median",
        f"half of them relapsed, treated and untreated, {published}",
        [23, 8],
        lambda: [
            curve().median,
            kaplan_meier(np.bincount(PLACEBO), np.zeros(1, dtype=int), min_at_risk=1).median,
        ],
    )


def _money_checks() -> Iterator[Check]:
    for text, stored, shown in MONEY:
        yield expect(
            f"Money: {text}",
            "what is stored and what is shown, half to even",
            [stored, shown],
            lambda text=text, stored=stored: [to_ten_thousandths(text), to_decimal_text(stored)],  # type: ignore[misc]
        )
    amounts = (-3, 3, 5, 10_000, 10**15)
    yield expect(
        "Money: another currency",
        "amounts at a rate of 0.5 and of 1.0837, half to even, with the same sums by decimals",
        [*map(_at_half, amounts), *(round(Decimal(a) * Decimal("1.0837")) for a in amounts)],
        lambda: [
            *multiply(np.array(amounts), Decimal("0.5")).tolist(),
            *multiply(np.array(amounts), Decimal("1.0837")).tolist(),
        ],
    )


def _at_half(amount: int) -> int:
    return round(Decimal(amount) / 2)
