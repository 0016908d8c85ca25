"""The figures of the pages: parts that sum to their whole, headlines added up a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crm_core.formatting import format_money
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.purchases import count_orders
from crm_core.report import Report, build_report
from crm_core.self_check.findings import REPORT_IT, Check
from crm_core.self_check.identities import (
    balance_fault,
    bridge_fault,
    classes_fault,
    months_fault,
    stages_fault,
)
from crm_core.self_check.plain_sums import PlainSums


@dataclass
class Figures:
    """The figures of the pages as of the day they open with.

    Attributes
    ----------
    ledger : Ledger
        What was noted since the last sale counts already.
    parameters : ParameterSet
        Those in force.
    as_of : int
        The day.
    """

    ledger: Ledger
    parameters: ParameterSet
    as_of: int

    @cached_property
    def history(self) -> History:
        """The state after every purchase."""
        return purchase_history(self.ledger, self.parameters.values)

    @cached_property
    def report(self) -> Report:
        """All headline results."""
        return build_report(self.ledger, self.parameters, self.as_of, history=self.history)

    @cached_property
    def void_orders(self) -> int:
        """Orders of purchases that were given back in full by the day."""
        begun = int((self.ledger.sales.order_start & (self.ledger.sales.day <= self.as_of)).sum())
        return begun - int(count_orders(self.ledger, self.as_of).sum())


def figure_checks(figures: Figures, sums: Callable[[], PlainSums]) -> Iterator[Check]:
    """Yield the checks of the figures.

    Parameters
    ----------
    figures : Figures
        As the pages compute them.
    sums : callable
        The plain sums up to the same day, computed once.
    """
    identities: dict[str, tuple[str, Callable[[], str | None]]] = {
        "Stages": ("the five stages, with the clients known", lambda: stages_fault(figures.report)),
        "Balance of months": (
            "start + new + back − lost, with the end of every month",
            lambda: balance_fault(figures.report.churn),
        ),
        "Bridge": ("last year + changes by cause, with this year", lambda: _bridge(figures)),
        "Classes": (
            "clients and sales of A, B and C, with the whole",
            lambda: classes_fault(figures.report.pareto),
        ),
        "Sales by month": (
            "the months together, with the net sales",
            lambda: months_fault(figures.report),
        ),
    }
    for name, (compared, fault) in identities.items():
        yield Check(name, compared, fault, REPORT_IT, "The parts sum to the whole.")
    yield Check(
        "Headline money",
        "gross, refunds, net and without a client, with the sum the database itself makes",
        lambda: _money_fault(figures.report, sums()),
    )
    yield Check(
        "Headline counts",
        "orders, buyers and clients with sales, with the count the database itself makes",
        lambda: _count_fault(figures, sums()),
    )


def _bridge(figures: Figures) -> str | None:
    values = figures.parameters.values
    return bridge_fault(figures.ledger, figures.history, values, figures.as_of)


def _money_fault(report: Report, sums: PlainSums) -> str | None:
    net, gross = int(sums.net[:-1].sum()), int(sums.gross[:-1].sum())
    pairs = {
        "gross sales": (report.totals.gross, gross),
        "refunds": (report.totals.refunds, gross - net),
        "net sales": (report.totals.net, net),
        "sales without a client": (report.totals.without_client, int(sums.net[-1])),
    }
    for name, (found, wanted) in pairs.items():
        if found != wanted:
            said, is_ = format_money(wanted, places=2), format_money(found, places=2)
            return f"The pages show {name} of {is_}, the records sum to {said}."
    return None


def _count_fault(figures: Figures, sums: PlainSums) -> str | None:
    orders, found = sums.orders[:-1], figures.report.totals
    live, void = int(orders.sum()) - figures.void_orders, figures.void_orders
    buyers = int(np.count_nonzero(orders))
    with_sales = int((sums.net[:-1] > 0).sum())
    if found.orders != live:
        return f"The pages show {found.orders:,} orders, the records have {live:,}."
    # A buyer whose every purchase was given back is none: with void orders a few may be fewer.
    if not buyers - void <= found.buyers <= buyers:
        return f"The pages show {found.buyers:,} buyers, the records have {buyers:,}."
    if found.with_sales != with_sales:
        return (
            f"The pages show {found.with_sales:,} clients with sales above zero, the records "
            f"have {with_sales:,}."
        )
    return None
