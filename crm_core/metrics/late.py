"""Who is late and who is probably gone, with due days and the sales at stake."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.stages import StageResult
from crm_core.metrics.trailing import NetSales
from crm_core.tables import BoolArray, DayArray, IntArray

SOON_DAYS = 7
"""A late client reaches probably gone "this week" within so many days."""


def by_money(sales: IntArray) -> IntArray:
    """Return the order that puts the largest sales first, ties by position.

    Examples
    --------
    >>> by_money(np.array([5, 9, 5])).tolist()
    [1, 0, 2]
    """
    order: IntArray = np.argsort(-sales, kind="stable")
    return order


@dataclass(frozen=True)
class LateList:
    """Clients who are late and not gone, largest trailing sales first.

    Attributes
    ----------
    as_of : int
        The day.
    client : ndarray of int64, shape (n,)
        Positions in the client table; ties by position.
    last_purchase, late_on, gone_on : ndarray of int32, shape (n,)
        Last purchase (``NEVER`` for a contract without one), first day late,
        first day probably gone.
    days_late : ndarray of int32, shape (n,)
        Days late so far, the first one and ``as_of`` included.
    sales : ndarray of int64, shape (n,)
        Net sales of the trailing twelve months, ten-thousandths: what is at stake.
    soon : ndarray of bool, shape (n,)
        Reaches probably gone within ``SOON_DAYS`` days after ``as_of``.
    """

    as_of: int
    client: IntArray
    last_purchase: DayArray
    late_on: DayArray
    gone_on: DayArray
    days_late: NDArray[np.int32]
    sales: IntArray
    soon: BoolArray

    def __len__(self) -> int:
        return len(self.client)

    @property
    def total(self) -> int:
        """Trailing sales of all late clients, ten-thousandths."""
        return int(self.sales.sum())

    @property
    def total_soon(self) -> int:
        """Trailing sales of those who reach probably gone soon."""
        return int(self.sales[self.soon].sum())

    @property
    def n_soon(self) -> int:
        """Number of those who reach probably gone soon."""
        return int(self.soon.sum())


def late_clients(stages: StageResult, sales: IntArray, *, soon_days: int = SOON_DAYS) -> LateList:
    """Return the late clients.

    Parameters
    ----------
    stages : StageResult
        Of the day; its ``late`` flag decides (purchases, contracts, overrides).
    sales : ndarray of int64, shape (n_clients,)
        From :func:`~crm_core.metrics.trailing.trailing_sales` of the same day.
    soon_days : int, default 7
        Horizon of ``LateList.soon``.
    """
    late = np.flatnonzero(stages.late)
    client = late[by_money(sales[late])]
    gone_on = stages.gone_on[client]
    return LateList(
        as_of=stages.as_of,
        client=client,
        last_purchase=stages.last_purchase[client],
        late_on=stages.late_on[client],
        gone_on=gone_on,
        days_late=np.int32(stages.as_of + 1) - stages.late_on[client],
        sales=sales[client],
        soon=gone_on <= stages.as_of + soon_days,
    )


def pick_late(late: LateList, keep: BoolArray) -> LateList:
    """Return the late clients where ``keep`` holds (shape (n,), in the list's order)."""
    names = [f.name for f in fields(LateList) if f.name != "as_of"]
    return LateList(as_of=late.as_of, **{name: getattr(late, name)[keep] for name in names})


@dataclass(frozen=True)
class GoneList:
    """Buyers in termination, those who brought most when they last bought first.

    Attributes
    ----------
    as_of : int
        The day.
    client : ndarray of int64, shape (n,)
        Positions in the client table; leads who never bought are not among them.
    last_purchase, gone_on : ndarray of int32, shape (n,)
        Last purchase, and the first day gone or the leaving day.
    ending : ndarray of int64, shape (n,)
        Row of ``Ledger.endings`` that says so; -1 is silence: "probably gone".
    sales : ndarray of int64, shape (n,)
        Net sales of the twelve months up to the last purchase, ten-thousandths.
    """

    as_of: int
    client: IntArray
    last_purchase: DayArray
    gone_on: DayArray
    ending: IntArray
    sales: IntArray

    def __len__(self) -> int:
        return len(self.client)

    @property
    def total(self) -> int:
        """What these clients brought in their last twelve months, ten-thousandths."""
        return int(self.sales.sum())

    @property
    def n_ended(self) -> int:
        """Number of those whose leaving somebody recorded; the others are probably gone."""
        return int((self.ending >= 0).sum())


def gone_clients(ledger: Ledger, stages: StageResult, *, since: int | None = None) -> GoneList:
    """Return the buyers who are gone.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    stages : StageResult
        Of the day.
    since : int, optional
        Only those gone on that day or later.
    """
    gone = (stages.stage == TERMINATION) & (stages.all_purchases > 0)
    if since is not None:
        gone &= stages.since >= since
    found = np.flatnonzero(gone)
    sales = NetSales(ledger.sales).trailing(found, stages.last_purchase[found])
    order = by_money(sales)
    client = found[order]
    return GoneList(
        as_of=stages.as_of,
        client=client,
        last_purchase=stages.last_purchase[client],
        gone_on=stages.since[client],
        ending=stages.ending[client],
        sales=sales[order],
    )
