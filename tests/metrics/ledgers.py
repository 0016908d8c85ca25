"""Random small ledgers, and the plain rows they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import numpy as np

from crm_core.ledger import Ledger
from tests.builders import make_ledger

Rows = dict[str, list[tuple[Any, ...]]]


@st.composite
def order_books(draw: st.DrawFn, *, clients: int = 8, last_day: int = 900) -> Rows:
    """Rows of a few clients: sales, refunds that name their order, loose refunds, nobody's."""
    day = st.integers(0, last_day)
    amount = st.integers(0, 500)
    book: Rows = {}
    for number in range(draw(st.integers(0, clients))):
        name = "" if number == 7 else f"c{number}"
        rows: list[tuple[Any, ...]] = []
        for index in range(draw(st.integers(1, 7))):
            on, worth, kind = draw(day), draw(amount), draw(st.integers(0, 9))
            if kind == 0:
                rows.append((on, -worth - 1))
                continue
            rows.append((on, worth, f"{name}-{index}"))
            if kind == 1 and worth:
                rows.append((on + draw(st.integers(0, 60)), -worth, None, f"{name}-{index}"))
        book[name] = rows
    return book


def live_days_of(rows: list[tuple[Any, ...]], as_of: int) -> list[int]:
    """Return the live purchase days of one client by plain reading of his rows."""
    refunded = {row[3]: row[0] for row in rows if len(row) > 3}
    days: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        if row[1] >= 0 and row[0] <= as_of:
            days.setdefault(row[0], []).append(row)
    live = []
    for day, orders in sorted(days.items()):
        backs = [refunded.get(o[2], as_of + 1) for o in orders if o[1] > 0]
        void = bool(backs) and max(backs) <= as_of
        live += [] if void else [day]
    return live


def net_of(rows: list[tuple[Any, ...]], start: int, end: int) -> int:
    """Return the net sales of some rows between two days, in ten-thousandths."""
    return sum(row[1] * 10_000 for row in rows if start <= row[0] <= end)


def named(book: Rows) -> Rows:
    """Return the rows that have a client, by client in the order of the ledger."""
    return {name: book[name] for name in sorted(book) if name}


def arrays_of(ledger: Ledger) -> Iterator[np.ndarray]:
    """Yield every array of sales and purchases of a ledger."""
    for table in ledger.tables().values():
        yield table.offsets
        yield from table.columns().values()
    yield from (ledger.unnamed_day, ledger.unnamed_amount, ledger.clients.known_on)


def locked(book: Rows, **options: Any) -> Ledger:
    """Return the ledger of some rows with every array read-only: no metric may write."""
    ledger = make_ledger(book, **options)
    for array in arrays_of(ledger):
        array.setflags(write=False)
    return ledger
