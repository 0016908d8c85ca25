"""What the figures say about one client: stage, since when, why, and its share."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_core.explanations import explain
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import pareto
from crm_core.metrics.purchases import count_orders
from crm_core.metrics.stages import assign_stages
from crm_core.money import to_decimal_text
from crm_core.tables import NEVER, STAGES, to_date


def standing_of(
    ledger: Ledger, parameters: Parameters, as_of: int, record_id: int
) -> dict[str, Any]:
    """Return what the dashboard concludes about a client.

    Parameters
    ----------
    ledger : Ledger
        The whole ledger.
    parameters : Parameters
        Those in force.
    as_of : int
        Last day counted.
    record_id : int
        The client that counts, merges followed.

    Returns
    -------
    dict
        ``as_of``, ``stage``, ``stage_since``, ``late``, ``orders``, ``net_sales``,
        ``share_of_sales`` (of twelve months, in percent), ``explanation``; empty for
        whoever is not counted as a client.
    """
    at = np.flatnonzero(ledger.clients.record_id == record_id)
    if not len(at):
        return {}
    place = int(at[0])
    stages = assign_stages(ledger, parameters, as_of)
    since = int(stages.since[place])
    sales = slice(*ledger.sales.offsets[place : place + 2].tolist())
    counted = ledger.sales.day[sales] <= as_of
    share = pareto(ledger, as_of).shares()[place]
    return {
        "as_of": to_date(as_of).isoformat(),
        "stage": STAGES[stages.stage[place]],
        "stage_since": None if since == NEVER else to_date(since).isoformat(),
        "late": bool(stages.late[place]),
        "orders": int(count_orders(ledger, as_of)[place]),
        "net_sales": to_decimal_text(int(ledger.sales.amount[sales][counted].sum())),
        "share_of_sales": round(float(share) * 100, 4),
        "explanation": explain(ledger, stages, parameters, rows=np.array([place]))[0],
    }
