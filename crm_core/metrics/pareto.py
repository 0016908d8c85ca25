"""Who carries the business: clients by net sales, their classes and the shares of the largest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.concentration import (
    CLASS_MARKS,
    Curve,
    class_counts,
    count_for,
    gini,
    hhi,
    thin_curve,
)
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import sum_between
from crm_core.metrics.rates import Status, status_of
from crm_core.tables import NEVER, BoolArray, IntArray

Period = str | tuple[int, int]
"""``"12m"``, ``"all"``, or the first and last day counted."""


def period_days(period: Period, as_of: int) -> tuple[int, int]:
    """Return the first and last day of a period, none after ``as_of``.

    Parameters
    ----------
    period : {"12m", "all"} or tuple of int
        ``"12m"`` is (same date a year before, ``as_of``]; ``"all"`` begins at
        ``-NEVER``; a pair is first and last day.
    as_of : int
        Last day counted.

    Raises
    ------
    ParameterError
        If the period is none of these or ends before it begins.

    Examples
    --------
    >>> period_days("12m", 365), period_days((10, 400), 365)
    ((1, 365), (10, 365))
    """
    if period == "12m":
        return int(same_day_years_before(as_of)) + 1, as_of
    if period == "all":
        return -NEVER, as_of
    if isinstance(period, str) or period[0] > period[1]:
        raise ParameterError(
            f"Wanted a period of 12m, all or (first day, last day), found {period!r}."
        )
    return period[0], min(period[1], as_of)


@dataclass(frozen=True)
class PeriodSales:
    """Net sales in a period: one value a client, and the sum without a client.

    Attributes
    ----------
    net : ndarray of int64, shape (n_clients,)
        Ten-thousandths, refunds taken off.
    seen : ndarray of bool, shape (n_clients,)
        Clients with any row in the period.
    without_client : int
        Net of the sales that name no client.
    """

    net: IntArray
    seen: BoolArray
    without_client: int


@dataclass(frozen=True)
class ParetoResult:
    """Clients with net sales above zero in a period, largest first; ties by position.

    Attributes
    ----------
    as_of, start, end : int
        As-of day, and first and last day counted (``start`` is ``-NEVER`` for all time).
    period : {"12m", "all"} or tuple of int
        As asked for.
    by_client : ndarray of int64, shape (n_clients,)
        Net sales in the period of every client of the ledger.
    order : ndarray of int64, shape (n,)
        Positions in the client table of the clients that count, largest first.
    net, cumulative : ndarray of int64, shape (n,)
        Their net sales and the running sum, ten-thousandths, in that order.
    n_not_positive, net_not_positive : int
        Clients with rows in the period but net sales of zero or less, and their sum:
        counted apart.
    without_client : int
        Net of the sales without a client: beside the base, never in it.
    """

    as_of: int
    start: int
    end: int
    period: Period
    by_client: IntArray
    order: IntArray
    net: IntArray
    cumulative: IntArray
    n_not_positive: int
    net_not_positive: int
    without_client: int

    @property
    def n(self) -> int:
        """Clients with net sales above zero: the base of all shares."""
        return len(self.net)

    @property
    def total(self) -> int:
        """Sum of their net sales, ten-thousandths."""
        return int(self.cumulative[-1]) if self.n else 0

    @property
    def status(self) -> Status:
        """``not computable`` without clients only: a few clients are the truth, not a sample."""
        return status_of(self.n, least=1)

    @property
    def reason(self) -> str | None:
        """Why the shares are thin or missing."""
        if self.n == 0:
            return "no client has net sales above zero in this period"
        clients = "client" if self.n == 1 else "clients"
        return f"only {self.n} buying {clients}" if self.status == "thin" else None

    @property
    def top20_clients(self) -> int:
        """Clients in the top 20 %: ``ceil(0.2 n)``."""
        return (self.n + 4) // 5

    @property
    def top20_share(self) -> float | None:
        """Share of sales of the top 20 % of clients."""
        return self.share_of_first(self.top20_clients)

    @cached_property
    def for80_clients(self) -> int:
        """Fewest clients that bring 80 % of sales."""
        return count_for(self.cumulative, CLASS_MARKS[0])

    @property
    def for80_share_of_clients(self) -> float | None:
        """Those clients as a share of all in the base."""
        return self.for80_clients / self.n if self.n else None

    @cached_property
    def classes(self) -> tuple[int, int, int]:
        """Number of clients in the classes A, B and C."""
        return class_counts(self.cumulative)

    @cached_property
    def gini(self) -> float | None:
        """Gini coefficient, 0 to 1 - 1/n."""
        return gini(self.net) if self.n else None

    @cached_property
    def hhi(self) -> float | None:
        """Herfindahl-Hirschman index, 1/n to 1."""
        return hhi(self.net) if self.n else None

    @property
    def effective_clients(self) -> float | None:
        """Number of equal clients that would give the same index: ``1 / HHI``."""
        return None if self.hhi is None else 1.0 / self.hhi

    @cached_property
    def curve(self) -> Curve:
        """Cumulative curve of at most 2,000 points, with the 20 % and class marks kept."""
        a, b, _ = self.classes
        return thin_curve(self.cumulative, (self.top20_clients, a, a + b))

    def share_of_first(self, count: int) -> float | None:
        """Return the share of sales of the ``count`` largest clients, None without clients."""
        if not self.n or count < 1:
            return 0.0 if self.n else None
        return int(self.cumulative[min(count, self.n) - 1]) / self.total

    def class_codes(self) -> NDArray[np.int8]:
        """Return the class of every client of the ledger: 0 A, 1 B, 2 C, -1 not in the base."""
        codes = np.full(len(self.by_client), -1, dtype=np.int8)
        codes[self.order] = np.repeat(np.arange(3, dtype=np.int8), self.classes)
        return codes

    def shares(self) -> NDArray[np.float64]:
        """Return the share of sales of every client of the ledger, 0 where not in the base."""
        if not self.n:
            return np.zeros(len(self.by_client))
        return np.maximum(self.by_client, 0) / self.total


def measure(part: Ledger, start: int, end: int) -> PeriodSales:
    """Measure net sales from ``start`` to ``end`` on a part of the ledger."""
    net, seen = sum_between(part.sales, start, end)
    unnamed = (part.unnamed_day >= start) & (part.unnamed_day <= end)
    return PeriodSales(net, seen, int(part.unnamed_amount[unnamed].sum()))


def conclude(parts: list[PeriodSales], as_of: int, period: Period) -> ParetoResult:
    """Sort the clients of all parts and sum them up."""
    net = np.concatenate([part.net for part in parts])
    seen = np.concatenate([part.seen for part in parts])
    order, amounts = sort_descending(net)
    start, end = period_days(period, as_of)
    cumulative = np.cumsum(amounts)
    total = int(cumulative[-1]) if len(cumulative) else 0
    return ParetoResult(
        as_of=as_of,
        start=start,
        end=end,
        period=period,
        by_client=net,
        order=order,
        net=amounts,
        cumulative=cumulative,
        n_not_positive=int(np.count_nonzero(seen)) - len(order),
        net_not_positive=int(net.sum()) - total,
        without_client=sum(part.without_client for part in parts),
    )


def sort_descending(net: IntArray) -> tuple[IntArray, IntArray]:
    """Return the positions of amounts above zero and the amounts, largest first.

    Equal amounts go by position.

    Examples
    --------
    >>> [column.tolist() for column in sort_descending(np.array([5, -1, 9, 5, 0]))]
    [[2, 0, 3], [9, 5, 5]]
    """
    positive = np.flatnonzero(net > 0)
    amounts = net.take(positive)
    largest = int(amounts.max()) if len(amounts) else 0
    shift = len(net).bit_length()
    if largest.bit_length() + shift < 63:
        # Amount and position fit one integer: a plain sort of integers is several
        # times faster than a stable sort of positions, and breaks ties the same way.
        keys = (largest - amounts << shift) | positive
        keys.sort()
        return keys & ((1 << shift) - 1), largest - (keys >> shift)
    by_amount = np.argsort(-amounts, kind="stable")
    return positive[by_amount], amounts[by_amount]


def pareto(ledger: Ledger, as_of: int, *, period: Period = "12m") -> ParetoResult:
    """Return who carries the business as of a day.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    as_of : int
        Last day counted; later rows play no part.
    period : {"12m", "all"} or tuple of int, default "12m"
        The base: trailing twelve months, all time, or first and last day.

    Returns
    -------
    ParetoResult
        Without sales a result of zero clients, every share None.

    Raises
    ------
    ParameterError
        If the period is none of the three.
    """
    start, end = period_days(period, as_of)
    return conclude(measure_parts(ledger, measure, start, end), as_of, period)
