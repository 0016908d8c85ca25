"""One row per known client: the list other programs read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from crm_core.access import Right, require
from crm_core.explanations import explain
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import NONE
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import Period, pareto
from crm_core.metrics.purchases import count_orders
from crm_core.metrics.stages import assign_stages
from crm_core.money import to_decimal_text
from crm_core.tables import NEVER, STAGES, sum_segments, to_date

CLIENT_COLUMNS = (
    "client",
    "name",
    "known_on",
    "first_purchase",
    "last_purchase",
    "orders",
    "purchase_days",
    "net_sales",
    "pareto_class",
    "stage",
    "stage_since",
    "late",
    "reentry",
    "late_on",
    "gone_on",
    "usual_gap_days",
    "explanation",
)
"""The columns of the client export: a contract, in this order."""

CLASS_NAMES = ("A", "B", "C")


def client_rows(
    ledger: Ledger, parameters: Parameters, as_of: int, *, period: Period = "12m"
) -> Iterator[tuple[object, ...]]:
    """Yield one row per client known at a day, in the order of the ledger.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Day, inclusive.
    period : {"12m", "all"} or tuple of int, default "12m"
        The base of the Pareto class.

    Yields
    ------
    tuple
        Values of :data:`CLIENT_COLUMNS`: ISO days, empty where there is none; money in
        units with two decimals, all time up to the day; stages by their textbook names.

    Raises
    ------
    AccessError
        If whoever is at work may not export.
    """
    require(Right.EXPORT)
    stages = assign_stages(ledger, parameters, as_of)
    known = np.flatnonzero(stages.stage != NONE)
    classes = pareto(ledger, as_of, period=period).class_codes()
    orders = count_orders(ledger, as_of)
    sales = ledger.sales
    net = sum_segments(np.where(sales.day <= as_of, sales.amount, 0), sales.offsets)
    texts = explain(ledger, stages, parameters, rows=known)
    for i, text in zip(known.tolist(), texts, strict=True):
        gap = float(stages.usual_gap_days[i])
        yield (
            ledger.clients.external_id[i].as_py(),
            ledger.clients.name[i].as_py(),
            _iso(ledger.clients.known_on[i]),
            _iso(stages.first_purchase[i]),
            _iso(stages.last_purchase[i]),
            int(orders[i]),
            int(stages.all_purchases[i]),
            to_decimal_text(int(net[i])),
            CLASS_NAMES[classes[i]] if classes[i] >= 0 else "",
            STAGES[stages.stage[i]],
            _iso(stages.since[i]),
            "true" if stages.late[i] else "false",
            "true" if stages.reentry[i] else "false",
            _iso(stages.late_on[i]),
            _iso(stages.gone_on[i]),
            "" if np.isnan(gap) else f"{gap:g}",
            text,
        )


def _iso(day: int) -> str:
    return "" if day == NEVER else to_date(day).isoformat()
