"""The plain counts and sums everything else is held against."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import count_orders
from crm_core.tables import sum_segments


@dataclass(frozen=True)
class Totals:
    """Counts of clients and orders, and exact money in ten-thousandths.

    Attributes
    ----------
    known : int
        Clients with any row, or known on, up to the as-of day.
    buyers : int
        Clients with at least one live purchase.
    with_sales : int
        Clients whose all-time net sales are above zero.
    orders, purchase_days : int
        Orders on live purchases, and live purchases.
    gross, refunds : int
        Positive rows of clients, and their negative rows as a positive number.
    without_client : int
        Net of the sales without a client.
    undated_clients : int
        Clients with sales but no purchase: their file had no days.
    """

    known: int
    buyers: int
    with_sales: int
    orders: int
    purchase_days: int
    gross: int
    refunds: int
    without_client: int
    undated_clients: int

    @property
    def net(self) -> int:
        """Net sales of clients: gross less refunds."""
        return self.gross - self.refunds


def measure(part: Ledger, as_of: int) -> Totals:
    """Measure a part of the ledger; every figure adds up over the parts."""
    sales, purchases = part.sales, part.purchases
    counted = sales.day <= as_of
    amount = np.where(counted, sales.amount, 0)
    live = part.live_purchases(as_of)
    per_client = sum_segments(live, purchases.offsets)
    net = sum_segments(amount, sales.offsets)
    ever = sum_segments(purchases.day <= as_of, purchases.offsets)
    return Totals(
        known=int(part.known_at(as_of).sum()),
        buyers=int((per_client > 0).sum()),
        with_sales=int((net > 0).sum()),
        orders=int(count_orders(part, as_of).sum()),
        purchase_days=int(live.sum()),
        gross=int(amount[amount > 0].sum()),
        refunds=-int(amount[amount < 0].sum()),
        without_client=int(part.unnamed_amount[part.unnamed_day <= as_of].sum()),
        undated_clients=int(((net > 0) & (ever == 0)).sum()),
    )


def conclude(parts: list[Totals]) -> Totals:
    """Add up the parts."""
    return Totals(*(sum(getattr(part, f.name) for part in parts) for f in fields(Totals)))


def totals(ledger: Ledger, as_of: int) -> Totals:
    """Return the totals of a ledger up to a day, inclusive.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    as_of : int
        Last day counted.

    Returns
    -------
    Totals
        All zero on an empty ledger.
    """
    return conclude(measure_parts(ledger, measure, as_of))
