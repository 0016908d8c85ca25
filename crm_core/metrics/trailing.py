"""Net sales of the trailing twelve months, and of any days chosen client by client."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import sum_between
from crm_core.metrics.signals import join_keys
from crm_core.tables import IntArray, Sales


def trailing_sales(ledger: Ledger, as_of: int) -> IntArray:
    """Return every client's net sales in (same date a year before, ``as_of``].

    Parameters
    ----------
    ledger : Ledger
        The sales, refunds on their own day.
    as_of : int
        Last day counted.

    Returns
    -------
    ndarray of int64, shape (n_clients,)
        Ten-thousandths; 0 without sales, negative where refunds outweigh.
    """
    start = int(same_day_years_before(as_of)) + 1
    parts = measure_parts(ledger, lambda part: sum_between(part.sales, start, as_of)[0])
    return np.concatenate(parts)


class NetSales:
    """Exact net sales of clients between days that differ by client, by prefix sums.

    Parameters
    ----------
    sales : Sales
        Rows sorted by client and day.

    Examples
    --------
    >>> from crm_core.tables import Sales
    >>> sales = Sales(np.array([0, 2]), np.array([3, 9]), np.array([50, 70]), *[None] * 4)
    >>> NetSales(sales).between(np.array([0, 0]), np.array([0, 3]), np.array([9, 9])).tolist()
    [120, 70]
    """

    def __init__(self, sales: Sales) -> None:
        self._keys = join_keys(sales.clients(), sales.day)
        self._sums = np.concatenate(([0], np.cumsum(sales.amount, dtype=np.int64)))

    def between(self, client: NDArray[Any], after: NDArray[Any], through: NDArray[Any]) -> IntArray:
        """Return net sales with ``after < day <= through`` of each pair, shape (n,).

        Parameters
        ----------
        client : ndarray of int, shape (n,)
            Positions in the client table.
        after, through : ndarray of int, shape (n,)
            First day left out and last day counted, of each pair.
        """
        stop = np.searchsorted(self._keys, join_keys(client, through), "right")
        start = np.searchsorted(self._keys, join_keys(client, after), "right")
        sums: IntArray = self._sums[stop] - self._sums[start]
        return sums

    def trailing(self, client: NDArray[Any], day: NDArray[Any]) -> IntArray:
        """Return net sales of the twelve months up to each client's own ``day``."""
        return self.between(client, same_day_years_before(day), day)
