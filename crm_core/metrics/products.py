"""What one client buys, how often, and what it stopped buying while it still buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.client_sales import part_of
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.purchases import live_days
from crm_core.metrics.rates import Status
from crm_core.tables import BoolArray, DayArray, IntArray, offsets_of, sum_segments

Level = Literal["product", "category"]

REGULAR_DAYS = 3
"""A product bought on so many days has a rhythm of its own."""

STOPPED_AFTER = 2.0
"""Missing for longer than so many of its usual gaps, a product counts as stopped ..."""

STOPPED_FLOOR_DAYS = 30
"""... but never sooner than so many days."""


@dataclass(frozen=True)
class ClientProducts:
    """One row a product (or category) a client ever bought, largest money at stake first.

    Attributes
    ----------
    as_of : int
        Last day counted.
    last_purchase : int or None
        The client's last live purchase: silence of a product is counted up to it.
    name : tuple of str, length n
        Names of the products.
    days_bought : ndarray of int64, shape (n,)
        Live purchase days with the product.
    first, last : ndarray of int32, shape (n,)
        First and last of those days.
    usual_gap_days : ndarray of float64, shape (n,)
        Median days between them, NaN with one day.
    missing_days : ndarray of int64, shape (n,)
        Days from ``last`` to the client's last purchase.
    missed : ndarray of int64, shape (n,)
        The client's purchases since ``last``, all without the product.
    stopped : ndarray of bool, shape (n,)
        Bought on at least 3 days, then missing from the client's purchases for more
        than twice its usual gap (at least 30 days).
    net_last_year, net_year_before : ndarray of int64, shape (n,)
        Net sales of the trailing twelve months, and of the twelve before.
    net_before_stop : ndarray of int64, shape (n,)
        Net sales of the twelve months up to ``last``: what the product was worth.
    unnamed_net : int
        Net sales of the client's rows that name no product.
    """

    as_of: int
    last_purchase: int | None
    name: tuple[str, ...]
    days_bought: IntArray
    first: DayArray
    last: DayArray
    usual_gap_days: NDArray[np.float64]
    missing_days: IntArray
    missed: IntArray
    stopped: BoolArray
    net_last_year: IntArray
    net_year_before: IntArray
    net_before_stop: IntArray
    unnamed_net: int

    def __len__(self) -> int:
        return len(self.name)

    @property
    def status(self) -> Status:
        """``not computable`` where no row of the client names a product."""
        return "ok" if self.name else "not computable"

    @property
    def reason(self) -> str | None:
        """Why there is nothing to show."""
        return None if self.name else "none of this client's sales names a product"


def client_products(
    ledger: Ledger, client: int, as_of: int, *, level: Level = "product"
) -> ClientProducts:
    """Return what one client buys, and what it stopped buying.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    client : int
        Position in the client table.
    as_of : int
        Last day counted.
    level : {"product", "category"}, default "product"
        What a row stands for; products without a category are left out of categories.

    Returns
    -------
    ClientProducts
        Stopped ones first, then by money, ties by name; a client whose rows name no
        product gives no rows.

    Raises
    ------
    ParameterError
        If ``level`` is neither, or there is no such client.

    Notes
    -----
    The rule is this project's own. Silence counts up to the client's last purchase,
    not to the as-of day: somebody who is late altogether has not "stopped" each
    product. Refunded orders give no days; refunds lower the money only.
    """
    if level not in ("product", "category"):
        raise ParameterError(f"Wanted product or category, found {level!r}; choose one of them.")
    own = part_of(ledger, client)
    labels, codes = _labels(own, level)
    seen = own.sales.day <= as_of
    code, day, amount = codes[seen], own.sales.day[seen], own.sales.amount[seen]
    bought = live_days(own, as_of).day
    unnamed = int(amount[code < 0].sum())
    named = code >= 0
    code, day, amount = code[named], day[named], amount[named]
    counts = (amount >= 0) & np.isin(day, bought)
    items = np.unique(code[counts])
    rhythm = _rhythm(items, code[counts], day[counts], bought)
    year = int(same_day_years_before(as_of))
    money = _Money(items, code, day, amount)
    columns: dict[str, Any] = rhythm | {
        "net_last_year": money.between(np.full(len(items), year + 1), as_of),
        "net_year_before": money.between(
            np.full(len(items), int(same_day_years_before(year)) + 1), year
        ),
        "net_before_stop": money.between(same_day_years_before(rhythm["last"]) + 1, rhythm["last"]),
    }
    names = np.array([labels[item] for item in items], dtype=object)
    order = np.lexsort((names.astype(str), -columns["net_before_stop"], ~columns["stopped"]))
    return ClientProducts(
        as_of=as_of,
        last_purchase=int(bought[-1]) if len(bought) else None,
        name=tuple(names[order].tolist()),
        unnamed_net=unnamed,
        **{name: column[order] for name, column in columns.items()},
    )


def _labels(own: Ledger, level: Level) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the names and each row's code, -1 where it names none."""
    product = own.sales.product
    if level == "product":
        return own.products, product
    labels, of_product = np.unique(np.array([*own.categories, ""], dtype=str), return_inverse=True)
    code = of_product[product]  # -1 is the last one: no category
    return tuple(labels.tolist()), np.where(labels[code] == "", -1, code).astype(np.int32)


def _rhythm(
    items: NDArray[np.int32], code: NDArray[np.int32], day: DayArray, bought: DayArray
) -> dict[str, NDArray[Any]]:
    """Return days bought, first and last day, usual gap and silence of every item."""
    pairs = np.unique(np.stack([np.searchsorted(items, code), day], axis=1), axis=0)
    offsets = offsets_of(pairs[:, 0], len(items))
    days = pairs[:, 1].astype(np.int32)
    n, first, last = np.diff(offsets), days[offsets[:-1]], days[offsets[1:] - 1]
    usual = _median_gaps(days, offsets)
    end = bought[-1] if len(bought) else 0
    missing = (end - last).astype(np.int64)
    limit = np.fmax(STOPPED_AFTER * usual, STOPPED_FLOOR_DAYS)
    return {
        "days_bought": n,
        "first": first,
        "last": last,
        "usual_gap_days": usual,
        "missing_days": missing,
        "missed": len(bought) - np.searchsorted(bought, last, side="right"),
        "stopped": (n >= REGULAR_DAYS) & (missing > limit),
    }


def _median_gaps(days: DayArray, offsets: IntArray) -> NDArray[np.float64]:
    """Return the median gap of every segment of rising days, NaN with a single day."""
    n = np.diff(offsets)
    owner = np.repeat(np.arange(len(n)), n)
    gaps = np.diff(days)
    inside = owner[1:] == owner[:-1]
    gaps, owner = gaps[inside], owner[1:][inside]
    ordered = gaps[np.lexsort((gaps, owner))]
    starts = np.concatenate(([0], np.cumsum(n - 1)))[:-1] if len(n) else n
    usual = np.full(len(n), np.nan)
    many = n > 1
    low = starts[many] + (n[many] - 2) // 2
    high = starts[many] + (n[many] - 1) // 2
    usual[many] = (ordered[low] + ordered[high]) / 2
    return usual


class _Money:
    """Net sales of every item between days of its own."""

    def __init__(
        self, items: NDArray[np.int32], code: NDArray[np.int32], day: DayArray, amount: IntArray
    ) -> None:
        kept = np.isin(code, items)
        self.item = np.searchsorted(items, code[kept])
        order = np.argsort(self.item, kind="stable")
        self.item, self.day, self.amount = self.item[order], day[kept][order], amount[kept][order]
        self.offsets = offsets_of(self.item, len(items))

    def between(self, start: NDArray[Any], end: NDArray[Any] | int) -> IntArray:
        last = np.broadcast_to(end, start.shape)
        inside = (self.day >= start[self.item]) & (self.day <= last[self.item])
        return sum_segments(np.where(inside, self.amount, 0), self.offsets)
