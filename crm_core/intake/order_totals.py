"""Amounts that belong to a whole order: found, counted once, spread over its lines to the cent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.table import Evidence
from crm_core.money import UNIT
from crm_core.tables import BoolArray, IntArray

CENT = UNIT // 100
MOSTLY = 0.95
FEW_ORDERS = 5


def sum_by(values: IntArray, group: IntArray, n_groups: int) -> IntArray:
    """Return exact sums by group.

    Examples
    --------
    >>> sum_by(np.array([1, 2, 4]), np.array([0, 2, 0]), 3).tolist()
    [5, 0, 2]
    """
    sums = np.zeros(n_groups, dtype=np.int64)
    np.add.at(sums, group, values)
    return sums


def first_by(chosen: BoolArray, group: IntArray, n_groups: int) -> IntArray:
    """Return each group's first chosen row, -1 where it has none.

    Examples
    --------
    >>> first_by(np.array([False, True, True]), np.array([0, 0, 0]), 2).tolist()
    [1, -1]
    """
    first = np.full(n_groups, -1, dtype=np.int64)
    rows = np.flatnonzero(chosen)[::-1]
    first[group[rows]] = rows
    return first


def spread(totals: IntArray, weights: IntArray, group: IntArray) -> IntArray:
    """Share each group's total among its rows in proportion to weights, exactly.

    Shares are whole cents where the total is, else whole ten-thousandths; what
    rounding leaves goes to the largest remainders, ties to the earlier row.
    Negative weights count as zero; a group without any weight shares equally.

    Parameters
    ----------
    totals : ndarray of int64, shape (n_groups,)
        Ten-thousandths.
    weights : ndarray of int64, shape (n_rows,)
        Any unit.
    group : ndarray of int64, shape (n_rows,)
        The group of each row.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
        Summing to each total of a group that has rows.

    Examples
    --------
    >>> spread(np.array([470000]), np.array([32, 20]), np.array([0, 0])).tolist()
    [289200, 180800]
    """
    counts = np.bincount(group, minlength=len(totals))
    weight = np.maximum(weights, 0).astype(np.float64)
    whole = np.bincount(group, weights=weight, minlength=len(totals))
    none = whole[group] <= 0
    share = np.where(none, 1 / counts[group], weight / np.where(none, 1.0, whole[group]))
    step = np.where(totals % CENT == 0, CENT, 1)
    units = totals // step
    ideal = units[group] * share
    floor = np.floor(ideal).astype(np.int64)
    left = units - sum_by(floor, group, len(totals))
    order = np.lexsort((floor - ideal, group))
    starts = np.cumsum(counts) - counts
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - starts[group[order]]
    extra = left // np.maximum(counts, 1)
    more = rank < (left - extra * counts)[group]
    return (floor + extra[group] + more) * step[group]


@dataclass(frozen=True)
class RepeatedTotals:
    """Whether amounts are order totals repeated on every line, and what shows it."""

    found: bool
    evidence: Evidence | None = None


def find_repeated_totals(
    amount: IntArray,
    readable: BoolArray,
    group: IntArray,
    *,
    line_value: IntArray | None = None,
    named_total: bool = False,
) -> RepeatedTotals:
    """Tell whether a column holds the order's total on each of the order's lines.

    It does when in nearly all orders of several lines the amount is the same on
    each line, and the lines' own values (quantity × price), where known, say
    otherwise. Without such values, a column named a total needs one such order
    and others five of different amounts and one with three lines. An amount that
    stands on one of an order's lines and leaves the others empty is its total too.

    Parameters
    ----------
    amount, readable, group : ndarray, shape (n_rows,)
        The column, which of its rows hold an amount, and the order of each row.
    line_value : ndarray of int64 or None
        Quantity × price of each row, ten-thousandths.
    named_total : bool, default False
        The column's name says it is an order's total.

    Returns
    -------
    RepeatedTotals
        With one sentence of evidence where the totals are repeated.

    Examples
    --------
    >>> amount, order = np.array([90, 90, 50]) * 10_000, np.array([0, 0, 1])
    >>> price = np.array([40, 50, 50]) * 10_000
    >>> find_repeated_totals(amount, np.ones(3, bool), order, line_value=price).found
    True
    """
    n_groups = int(group.max()) + 1 if len(group) else 0
    lines = np.bincount(group, minlength=n_groups)
    several = lines > 1
    first = first_by(readable, group, n_groups)
    odd = readable & (amount != amount[np.maximum(first, 0)[group]])
    same = several & (np.bincount(group, weights=odd, minlength=n_groups) == 0) & (first >= 0)
    n_several, n_same = int(several.sum()), int(same.sum())
    once = same & (np.bincount(group, weights=readable, minlength=n_groups) == 1)
    if n_same and once.sum() >= MOSTLY * n_several:
        return RepeatedTotals(True, _once_an_order(int(once.sum()), n_several))
    if n_same == 0 or n_same < MOSTLY * n_several:
        return RepeatedTotals(found=False)
    in_same = same[group]
    if line_value is not None:
        agree = (line_value == amount)[in_same & readable].mean()
        if agree > 0.5:
            return RepeatedTotals(found=False)
    elif not named_total and not _telling(amount[first[same]], lines[same]):
        return RepeatedTotals(found=False)
    summed = sum_by(np.where(readable, amount, 0), group, n_groups).sum()
    single = np.where(first >= 0, amount[np.maximum(first, 0)], 0)
    whole = np.where(same, single, sum_by(np.where(readable, amount, 0), group, n_groups)).sum()
    times = f"; summed per line it would be {summed / whole:.2f} times as much" if whole > 0 else ""
    sentence = (
        f"{n_same:,} of {n_several:,} orders with several lines repeat one amount on every line: "
        f"it is the order's total and counts once an order{times}."
    )
    return RepeatedTotals(True, Evidence("order total", sentence, chosen="once an order"))


def _once_an_order(n_once: int, n_several: int) -> Evidence:
    sentence = (
        f"In {n_once:,} of {n_several:,} orders with several lines the amount stands on one line "
        "only: it is the order's total, and all its lines share it."
    )
    return Evidence("order total", sentence, chosen="once an order")


def _telling(amounts: IntArray, lines: NDArray[np.int64]) -> bool:
    return len(np.unique(amounts)) >= FEW_ORDERS and bool((lines > 2).any())
