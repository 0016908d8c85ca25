"""How much hangs on few at every month end: the largest one, three and five, and the HHI.

Each month end has the twelve months up to it as its base, as the page of the as-of
day has. A part of the clients is one table of clients by months; parts add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.months import Calendar, calendar, same_day_years_before
from crm_core.metrics.parts import measure_parts
from crm_core.tables import NEVER, BoolArray, IntArray

TOPS = (1, 3, 5)
"""How many of the largest clients are followed."""

MOST_CELLS = 1 << 22
"""Clients times months in one table: long histories are cut into more of them."""


@dataclass(frozen=True)
class MonthTops:
    """What a part of the clients adds.

    Attributes
    ----------
    total, clients : ndarray of int64, shape (n_months,)
        Sales of clients with net sales above zero in the twelve months, and their number.
    largest : ndarray of int64, shape (n_months, 5)
        The largest of them, falling; 0 where there are fewer.
    squares : ndarray of float64, shape (n_months,)
        Sum of their squared sales.
    """

    total: IntArray
    clients: IntArray
    largest: IntArray
    squares: NDArray[np.float64]


@dataclass(frozen=True)
class ConcentrationMonths:
    """Concentration at every month end, the last one on the as-of day.

    Attributes
    ----------
    calendar : Calendar
        The months, from the first sale's.
    total, clients : ndarray of int64, shape (n_months,)
        The base of each.
    top : ndarray of float64, shape (n_months, 3)
        Share of the largest 1, 3 and 5 clients; not a number without sales.
    hhi : ndarray of float64, shape (n_months,)
        Sum of squared shares; not a number without sales.
    whole : ndarray of bool, shape (n_months,)
        Whether sales reach back over the whole twelve months: before that few months
        make a base, and shares look larger than they are.
    """

    calendar: Calendar
    total: IntArray
    clients: IntArray
    top: NDArray[np.float64]
    hhi: NDArray[np.float64]
    whole: BoolArray

    def __len__(self) -> int:
        return len(self.total)


def concentration_months(ledger: Ledger, as_of: int) -> ConcentrationMonths:
    """Return how concentrated sales were at every month end.

    Parameters
    ----------
    ledger : Ledger
        The sales; those without a client play no part.
    as_of : int
        Last day counted, the end of the last month.

    Returns
    -------
    ConcentrationMonths
        Without sales no months.
    """
    first = _first_day(ledger)
    months = calendar(first if first <= as_of else None, as_of)
    ends = MonthEnds(months)
    parts = measure_parts(ledger, _measure_in_slices, ends) if len(ends) else []
    return conclude(parts, months, ends)


def _first_day(ledger: Ledger) -> int:
    """Return the first day of a client's rows, NEVER without rows."""
    filled = ledger.sales.offsets[1:] > ledger.sales.offsets[:-1]
    days = ledger.sales.day[ledger.sales.offsets[:-1][filled]]
    return int(days.min()) if len(days) else NEVER


def _measure_in_slices(part: Ledger, ends: MonthEnds) -> MonthTops:
    """Measure a part in tables that stay small, however many months there are."""
    cells = np.count_nonzero(np.diff(part.sales.offsets)) * (len(ends) + 1)
    count = -(-cells // MOST_CELLS)
    if count <= 1:
        return measure(part, ends)
    return add_tops([measure(one, ends) for one in part.parts(int(count))])


def measure(part: Ledger, ends: MonthEnds) -> MonthTops:
    """Measure :func:`concentration_months` on a part of the ledger."""
    net = _trailing_table(part, ends)
    np.maximum(net, 0, out=net)
    padded = np.zeros((len(ends), max(TOPS[-1], net.shape[1])), dtype=np.int64)
    padded[:, : net.shape[1]] = net
    largest = np.partition(padded, -TOPS[-1], axis=1)[:, -TOPS[-1] :]
    as_float = net.astype(np.float64)
    return MonthTops(
        total=net.sum(axis=1),
        clients=np.count_nonzero(net, axis=1),
        largest=-np.sort(-largest, axis=1),
        squares=np.einsum("ij,ij->i", as_float, as_float),
    )


def _trailing_table(part: Ledger, ends: MonthEnds) -> IntArray:
    """Return net sales of the twelve months up to each month end, (n_months, n_with_rows)."""
    counts = np.diff(part.sales.offsets)
    counts = counts[counts > 0]
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    table = np.zeros((len(counts), len(ends) + 1), dtype=np.int64)
    flat, width = table.reshape(-1), len(ends) + 1
    day, amount = part.sales.day, part.sales.amount
    if len(day):
        # Days rise within a client, so rows of one cell stand together.
        for months, sign in ((ends.reach(day), 1), (ends.reach_a_year_later(day), -1)):
            cell = owner * width + months
            starts = np.flatnonzero(np.diff(cell, prepend=-1))
            flat[cell[starts]] += sign * np.add.reduceat(amount, starts)
    sums: IntArray = np.ascontiguousarray(np.cumsum(table, axis=1)[:, :-1].T)
    return sums


def add_tops(parts: list[MonthTops]) -> MonthTops:
    """Add up what parts of the clients measured; at least one part."""
    every = np.concatenate([part.largest for part in parts], axis=1)
    return MonthTops(
        total=np.sum([part.total for part in parts], axis=0),
        clients=np.sum([part.clients for part in parts], axis=0),
        largest=-np.sort(-every, axis=1)[:, : TOPS[-1]],
        squares=np.sum([part.squares for part in parts], axis=0),
    )


def conclude(parts: list[MonthTops], months: Calendar, ends: MonthEnds) -> ConcentrationMonths:
    """Turn the sums of all parts into shares."""
    if not parts:
        none = np.empty(0, dtype=np.int64)
        empty = np.empty(0)
        top = np.empty((0, len(TOPS)))
        return ConcentrationMonths(months, none, none, top, empty, np.empty(0, dtype=np.bool_))
    tops = add_tops(parts)
    total = np.where(tops.total > 0, tops.total, np.nan)
    together = np.cumsum(tops.largest, axis=1)[:, [count - 1 for count in TOPS]]
    return ConcentrationMonths(
        calendar=months,
        total=tops.total,
        clients=tops.clients,
        top=together / total[:, None],
        hhi=tops.squares / total**2,
        # The month of the first sale counts in full: nobody opens on the first.
        whole=same_day_years_before(ends.days) + 1 >= months.first[0],
    )
