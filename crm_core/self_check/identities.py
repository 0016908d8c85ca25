"""What must hold of every ledger: parts sum to their whole."""

from __future__ import annotations

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import History
from crm_core.metrics.churn_months import ChurnMonths
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.pareto import ParetoResult
from crm_core.money import to_decimal_text
from crm_core.report import Report


def bridge_fault(
    ledger: Ledger, history: History, parameters: Parameters, as_of: int
) -> str | None:
    """Return where the bridge does not reach: last year + all changes = this year."""
    bridge = sales_bridge(ledger, history, parameters, as_of)
    reached = bridge.before + sum(bridge.amounts().values())
    if reached == bridge.recent:
        return None
    return (
        f"Last year and all changes give {to_decimal_text(reached)}, but this year's sales are "
        f"{to_decimal_text(bridge.recent)}."
    )


def balance_fault(months: ChurnMonths) -> str | None:
    """Return the first month with start + new + back − lost ≠ end, or a start ≠ the end before."""
    reached = months.start + months.new + months.back - months.lost
    joined = np.append(0, months.end)[:-1] == months.start
    wrong = np.flatnonzero((reached != months.end) | ~joined)
    if not len(wrong):
        return None
    at = int(wrong[0])
    return (
        f"In {months.calendar.labels[at]} {int(months.start[at])} + {int(months.new[at])} new + "
        f"{int(months.back[at])} back − {int(months.lost[at])} lost is {int(reached[at])}, found "
        f"{int(months.end[at])} (the month before ended with "
        f"{int(months.end[at - 1]) if at else 0})."
    )


def classes_fault(found: ParetoResult) -> str | None:
    """Return where A + B + C is not everybody, or their sales are not the whole."""
    if sum(found.classes) != found.n:
        return f"Classes hold {sum(found.classes)} clients, found {found.n} with sales."
    whole = int(found.by_client[found.by_client > 0].sum())
    if found.total != whole:
        return (
            f"Clients sum to {to_decimal_text(whole)}, but the curve ends at "
            f"{to_decimal_text(found.total)}."
        )
    codes = found.class_codes()
    held = [int(found.by_client[codes == code].sum()) for code in range(3)]
    if sum(held) != whole:
        return f"Classes hold {to_decimal_text(sum(held))}, found {to_decimal_text(whole)} in all."
    return None


def months_fault(report: Report) -> str | None:
    """Return where the months' net sales are not the net sales of all clients."""
    months = int(report.returning.months.net.sum())
    if months == report.totals.net:
        return None
    return (
        f"The months sum to {to_decimal_text(months)}, but net sales are "
        f"{to_decimal_text(report.totals.net)}."
    )


def stages_fault(report: Report) -> str | None:
    """Return where the five stages do not sum to the clients known."""
    held = sum(report.stages.counts().values())
    if held == report.totals.known:
        return None
    return f"The five stages hold {held} clients, found {report.totals.known} known."
