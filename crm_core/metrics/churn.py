"""Everything about leaving, as of a day, as one result."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.ledger import Ledger
from crm_core.metrics.bridge import SalesBridge, sales_bridge
from crm_core.metrics.cadence import History
from crm_core.metrics.churn_months import ChurnMonths, churn_months
from crm_core.metrics.goodbyes import FalseGoodbyes, false_goodbyes, relation_survival
from crm_core.metrics.late import GoneList, LateList, gone_clients, late_clients
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.shrinking import Shrinking, shrinking_clients
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.metrics.survival import Survival
from crm_core.metrics.trailing import trailing_sales
from crm_core.tables import IntArray


@dataclass(frozen=True)
class Churn:
    """Late and gone, as of a day.

    Attributes
    ----------
    as_of : int
        The day.
    rule : str
        ``"personal"``, ``"bgnbd"`` or ``"fixed:DAYS"``: what the months, goodbyes, relations and
        bridge go by.
    sales : ndarray of int64, shape (n_clients,)
        Trailing twelve months of every client, ten-thousandths.
    late : LateList
        Who is late, by the sales at stake.
    gone : GoneList
        Buyers in termination.
    months : ChurnMonths
        The balance of every month.
    goodbyes : FalseGoodbyes or None
        Goodbyes of one horizon ago that came back; None where the sales begin later.
    relations : Survival
        From first purchase to gone.
    shrinking : Shrinking
        Who still buys, but much less.
    bridge : SalesBridge
        The last twelve months against the twelve before.
    """

    as_of: int
    rule: str
    sales: IntArray
    late: LateList
    gone: GoneList
    months: ChurnMonths
    goodbyes: FalseGoodbyes | None
    relations: Survival
    shrinking: Shrinking
    bridge: SalesBridge


def churn(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    stages: StageResult | None = None,
    rule: str | None = None,
) -> Churn:
    """Return everything about leaving.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        From :func:`~crm_core.metrics.cadence.purchase_history` with ``parameters``.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Last day counted.
    stages : StageResult, optional
        Of the same day; computed here when missing.
    rule : str, optional
        By default the rule of ``parameters``.
    """
    rule = parameters.rule if rule is None else rule
    if stages is None:
        stages = assign_stages(ledger, parameters, as_of, history=history)
    sales = trailing_sales(ledger, as_of)
    return Churn(
        as_of=as_of,
        rule=rule,
        sales=sales,
        late=late_clients(stages, sales),
        gone=gone_clients(ledger, stages),
        months=churn_months(ledger, history, parameters, as_of, rule=rule),
        goodbyes=false_goodbyes(ledger, history, parameters, as_of, rule=rule),
        relations=relation_survival(ledger, history, parameters, as_of, rule=rule),
        shrinking=shrinking_clients(ledger, history, parameters, as_of),
        bridge=sales_bridge(ledger, history, parameters, as_of, rule=rule),
    )
