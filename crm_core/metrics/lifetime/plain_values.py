"""What clients are expected to buy by plain rules, where no model can be fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import TERMINATION, History
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.trailing import trailing_sales
from crm_core.tables import BoolArray, IntArray, sum_segments


@dataclass(frozen=True)
class LastYear:
    """The last twelve months of every client of the ledger, and who is gone.

    Attributes
    ----------
    purchases : ndarray of int64, shape (n_clients,)
        Live purchases of the twelve months.
    sales : ndarray of int64, shape (n_clients,)
        Net sales of the twelve months, ten-thousandths, at least 0.
    gone : ndarray of bool, shape (n_clients,)
        Gone by the rule in force, endings by hand and contracts included.
    """

    purchases: IntArray
    sales: IntArray
    gone: BoolArray


def last_year(
    ledger: Ledger, as_of: int, parameters: Parameters, *, history: History | None = None
) -> LastYear:
    """Return what every client bought in the last twelve months, and who is gone.

    The plain rule reads it so: who is not gone goes on as in the last twelve months,
    who is gone buys nothing.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    as_of : int
        Last day counted; nothing later is seen.
    parameters : Parameters
        The rule in force.
    history : History, optional
        Of the ledger with ``parameters``; computed here when missing.
    """
    start = int(same_day_years_before(as_of)) + 1
    counts = np.concatenate(measure_parts(ledger, _purchases_since, start, as_of))
    gone = assign_stages(ledger, parameters, as_of, history=history).stage == TERMINATION
    return LastYear(counts, np.maximum(trailing_sales(ledger, as_of), 0), np.asarray(gone))


def _purchases_since(part: Ledger, start: int, as_of: int) -> IntArray:
    live = part.live_purchases(as_of) & (part.purchases.day >= start)
    return sum_segments(live, part.purchases.offsets)


def ended_by_hand(ledger: Ledger, as_of: int, client: IntArray, last_day: IntArray) -> BoolArray:
    """Return which clients were recorded as ended and have bought nothing since.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    as_of : int
        Last day counted.
    client : ndarray of int64, shape (n,)
        Positions in the client table.
    last_day : ndarray of int, shape (n,)
        The last purchase of each; an ending on that day or later holds.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    table = ledger.endings
    latest = np.full(ledger.n_clients, np.iinfo(np.int32).min, dtype=np.int64)
    rows = np.flatnonzero(table.day <= as_of)
    # Rows are sorted by client and day: the last write of a client is its latest ending.
    latest[table.clients()[rows]] = table.day[rows]
    ended: BoolArray = latest[client] >= last_day
    return ended
