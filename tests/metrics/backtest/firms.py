"""Firms made from a seed whose truth is known: clients who buy by a rhythm until they leave."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_core.ledger import Ledger
from tests.builders import as_day, make_ledger

FIRST = as_day("2021-01-04")
LAST = as_day("2024-12-30")

Book = dict[str, list[tuple[Any, ...]]]


def regular_book(*, clients: int = 120, seed: int = 3, leave: float = 0.5) -> Book:
    """Clients with rhythms of 10 to 60 days, of whom a share leaves on some day for good."""
    chance = np.random.default_rng(seed)
    book: Book = {}
    for number in range(clients):
        rhythm = chance.integers(10, 60)
        day = FIRST + int(chance.integers(0, 400))
        stays = LAST if chance.random() > leave else int(chance.integers(day, LAST))
        rows: list[tuple[Any, ...]] = []
        while day <= stays:
            rows.append((day, int(chance.integers(5, 200))))
            day += max(1, int(rhythm * chance.uniform(0.8, 1.2)))
        book[f"c{number:03}"] = rows or [(day, 10)]
    return book


def regular_firm(**options: Any) -> Ledger:
    return make_ledger(regular_book(**options))
