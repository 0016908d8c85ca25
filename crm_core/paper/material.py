"""Everything the report is made of, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.churn import Churn, churn
from crm_core.metrics.late import LateList, pick_late
from crm_core.metrics.months import (
    first_days,
    last_days,
    month_index,
    months_before,
    same_day_years_before,
)
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.pareto import ParetoResult, Period, pareto
from crm_core.metrics.purchases import sum_between
from crm_core.metrics.returning import Returning, returning
from crm_core.metrics.stage_moves import StageMoves, moves_between
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.metrics.totals import totals
from crm_core.metrics.trailing import trailing_sales
from crm_core.report import Report
from crm_core.tables import IntArray

MONTHS_BACK = 3
"""The stages are compared with those of so many months before, as on the page."""


@dataclass(frozen=True)
class MonthSales:
    """Net sales of clients in the month of the as-of day.

    Attributes
    ----------
    first, as_of, end : int
        First day of the month, as-of day, last day by the calendar.
    net, year_before : int
        Net sales from the first to the as-of day, and on the same days a year
        before, ten-thousandths.
    clients : int
        Fewest clients with sales in one of the two, those of nobody aside.
    """

    first: int
    as_of: int
    end: int
    net: int
    year_before: int
    clients: int

    @property
    def whole(self) -> bool:
        """Whether the month is over."""
        return self.as_of == self.end


@dataclass(frozen=True)
class Material:
    """The results the report shows.

    Attributes
    ----------
    ledger : Ledger
        The clients; positions count in it.
    parameters : ParameterSet
        In force.
    filters : tuple of (str, tuple of str)
        What the clients were chosen by: title and labels; empty for all.
    report : Report
        Totals, Pareto, stages, returning and balance of the as-of day.
    churn : Churn
        Late, gone, shrinking and the bridge.
    late : LateList
        Those to call: the late ones without the snoozed.
    n_snoozed : int
        Late clients left out because somebody put them off.
    since : int
        The earlier day of the stages' comparison.
    moves : StageMoves or None
        Between the two days; None where nobody was known on the earlier one.
    month : MonthSales
        The month of the as-of day.
    n_sales : int
        Rows up to the as-of day, those without a client too.
    least : int
        Lists of fewer clients only say so.
    """

    ledger: Ledger
    parameters: ParameterSet
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    report: Report
    churn: Churn
    late: LateList
    n_snoozed: int
    since: int
    moves: StageMoves | None
    month: MonthSales
    n_sales: int
    least: int = 1

    @property
    def as_of(self) -> int:
        """The as-of day."""
        return self.report.as_of

    @property
    def currency(self) -> str | None:
        """The reporting currency."""
        return self.ledger.currency

    @property
    def pareto(self) -> ParetoResult:
        """Who carries the business in the period asked for."""
        return self.report.pareto

    @property
    def stages(self) -> StageResult:
        """Where every client stands."""
        return self.report.stages

    @property
    def returning(self) -> Returning:
        """Who comes back."""
        return self.report.returning

    @property
    def doubt(self) -> bool:
        """Whether so many goodbyes were wrong that silence says little."""
        return self.churn.goodbyes is not None and self.churn.goodbyes.in_doubt

    def name(self, position: int) -> str:
        """Return the name of a client, as it was typed."""
        return str(self.ledger.clients.name[int(position)].as_py())


def gather(
    ledger: Ledger,
    parameters: ParameterSet,
    as_of: int,
    *,
    period: Period = "12m",
    history: History | None = None,
    snoozed: IntArray | None = None,
    filters: Sequence[tuple[str, Sequence[str]]] = (),
    least: int = 1,
) -> Material:
    """Compute what the report shows; the parameters are those of :func:`month_report`."""
    values = parameters.values
    if history is None:
        history = purchase_history(ledger, values)
    stages = assign_stages(ledger, values, as_of, history=history)
    left = churn(ledger, history, values, as_of, stages=stages)
    report = Report(
        as_of=as_of,
        span=ledger.span(as_of),
        currency=ledger.currency,
        totals=totals(ledger, as_of),
        pareto=pareto(ledger, as_of, period=period),
        stages=stages,
        returning=returning(ledger, as_of),
        churn=left.months,
        false_goodbyes=left.goodbyes,
        parameters=parameters,
    )
    away = np.empty(0, dtype=np.int64) if snoozed is None else snoozed
    late = pick_late(left.late, ~np.isin(left.late.client, away))
    since = months_before(as_of, MONTHS_BACK)
    rows = int((ledger.sales.day <= as_of).sum()) + int((ledger.unnamed_day <= as_of).sum())
    return Material(
        ledger=ledger,
        parameters=parameters,
        filters=tuple((title, tuple(labels)) for title, labels in filters),
        report=report,
        churn=left,
        late=late,
        n_snoozed=len(left.late) - len(late),
        since=since,
        moves=_moves(ledger, parameters, history, stages, since),
        month=month_sales(ledger, as_of),
        n_sales=rows,
        least=least,
    )


def month_sales(ledger: Ledger, as_of: int) -> MonthSales:
    """Return the sales of the as-of day's month, and of the same days a year before.

    A month that is over is held against the whole month last year: 28 February
    against all 29 days of a leap year's.
    """
    month = month_index(as_of)
    first, end = int(first_days(month)), int(last_days(month))
    start_before = int(first_days(month - 12))
    end_before = int(last_days(month - 12)) if as_of == end else int(same_day_years_before(as_of))
    net, _ = sum_between(ledger.sales, first, as_of)
    before, _ = sum_between(ledger.sales, start_before, end_before)
    counts = [int(np.count_nonzero(amounts)) for amounts in (net, before)]
    clients = min((n for n in counts if n), default=0)
    return MonthSales(first, as_of, end, int(net.sum()), int(before.sum()), clients)


def _moves(
    ledger: Ledger, parameters: ParameterSet, history: History, now: StageResult, since: int
) -> StageMoves | None:
    then = assign_stages(ledger, parameters.values, since, history=history)
    if not bool((then.stage > 0).any()):
        return None
    return moves_between(then, now, sales=trailing_sales(ledger, since))
