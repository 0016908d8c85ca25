"""What those who were clients when a month began then bought in it, and what the new ones did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.months import first_days, last_days
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import sum_between
from crm_core.tables import IntArray, sum_segments


@dataclass(frozen=True)
class MonthSales:
    """Net sales of whole months by who was a client already, ten-thousandths.

    Attributes
    ----------
    month : ndarray of int64, shape (n,)
        Months since January 1970.
    existing : ndarray of int64, shape (n,)
        Of clients with a live purchase on the day before the month.
    new : ndarray of int64, shape (n,)
        Of all other clients. Sales without a client are in neither.
    """

    month: IntArray
    existing: IntArray
    new: IntArray


def month_sales(ledger: Ledger, months: NDArray[Any]) -> MonthSales:
    """Return the net sales of some months, of existing and of new clients.

    Parameters
    ----------
    ledger : Ledger
        The sales. Who is a client already is judged on the day before the month, on
        what was known then: a later refund changes nobody's place.
    months : ndarray of int, shape (n,)
        Months since January 1970.

    Returns
    -------
    MonthSales
        Refunds count on their own day; no row after a month changes its figures.
    """
    wanted = np.asarray(months, dtype=np.int64)
    sums = sum(measure_parts(ledger, _measure, wanted), np.zeros((2, len(wanted)), np.int64))
    return MonthSales(wanted, sums[0], sums[1])


def _measure(part: Ledger, months: IntArray) -> IntArray:
    """Return the sums of existing and of new clients by month, shape (2, n_months)."""
    sums = np.zeros((2, len(months)), dtype=np.int64)
    starts, ends = first_days(months).tolist(), last_days(months).tolist()
    for at, (start, end) in enumerate(zip(starts, ends, strict=True)):
        net, _ = sum_between(part.sales, start, end)
        here = np.flatnonzero(net)
        existing = _has_bought(part, here, start - 1)
        sums[0, at] = net[here[existing]].sum()
        sums[1, at] = net[here[~existing]].sum()
    return sums


def _has_bought(part: Ledger, client: IntArray, day: int) -> NDArray[np.bool_]:
    """Return which of some clients have a live purchase on a day."""
    table = part.purchases.take(client)
    live = (table.day <= day) & (day < table.void_on)
    return np.asarray(sum_segments(live, table.offsets) > 0)
