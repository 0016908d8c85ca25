"""A made-up business whose sums are known: what must add up, adds up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, purchase_history
from crm_core.metrics.parameters import ParameterSet
from crm_core.metrics.stages import assign_stages
from crm_core.money import UNIT, to_decimal_text
from crm_core.report import Report, build_report
from crm_core.self_check.findings import Check, expect
from crm_core.self_check.identities import (
    balance_fault,
    bridge_fault,
    classes_fault,
    months_fault,
    stages_fault,
)
from crm_core.self_check.lives import Life, buy, day_of, make_ledger

FIRST, LAST = day_of("2021-01-04"), day_of("2024-06-30")
N_CLIENTS = 36
PARAMETERS = ParameterSet()


def make_lives() -> list[Life]:
    """Return clients that come one after the other, each with a rhythm and a pause of its own.

    Every fourth client pauses for 300 days, every fifth gives a purchase back in full.
    """
    lives = []
    for number in range(N_CLIENTS):
        life, rhythm = Life(), 7 + 5 * number % 53
        gaps = [rhythm + number * turn % 5 for turn in range(4 + 7 * number % 19)]
        if number % 4 == 0:
            gaps[len(gaps) // 2] = 300
        buy(life, FIRST + 23 * number, gaps, (number + 1) * 10 * UNIT + 99 * number)
        if number % 5 == 0:
            day, amount, _, _ = life.rows[1]
            life.rows[1] = (day, amount, "B", None)
            life.rows.append((day + 9, -amount, None, "B"))
        lives.append(life)
    return lives


def nobody() -> list[tuple[int, int]]:
    """Return sales without a client, one a fortnight."""
    return [(day, (day % 97) * UNIT) for day in range(FIRST, LAST, 14)]


@dataclass(frozen=True)
class Business:
    """The made-up business with its history and its report as of the last day."""

    ledger: Ledger
    history: History
    report: Report

    @classmethod
    def make(cls) -> Business:
        """Compute it with the installed program."""
        ledger = make_ledger(make_lives(), nobody())
        history = purchase_history(ledger, PARAMETERS.values)
        report = build_report(ledger, PARAMETERS, LAST, period="all", history=history)
        return cls(ledger, history, report)

    def sums(self) -> list[object]:
        """Return gross, refunds and net, without client, orders and buyers."""
        sums = self.report.totals
        money = (sums.gross, sums.refunds, sums.net, sums.without_client)
        return [*map(to_decimal_text, money), sums.orders, sums.buyers]

    def active_fault(self) -> str | None:
        """Compare the flows of the months with the stages on each month's last day."""
        churn, values = self.report.churn, PARAMETERS.values
        for place, last in enumerate(np.minimum(churn.calendar.last, LAST).tolist()):
            stages = assign_stages(self.ledger, values, last, history=self.history)
            active = int(((stages.all_purchases > 0) & (stages.gone_on > last)).sum())
            if active != int(churn.end[place]):
                return (
                    f"Wanted {active} active clients at the end of "
                    f"{churn.calendar.labels[place]}, found {int(churn.end[place])}."
                )
        return None


def add_up() -> list[object]:
    """Return gross, refunds and net, orders, buyers and sales without a client, in plain Python."""
    gross, refunds, orders, buyers = 0, 0, 0, set()
    for number, life in enumerate(make_lives()):
        returned = {of for _, _, _, of in life.rows}
        for day, amount, order, _ in life.rows:
            if day > LAST:
                continue
            gross, refunds = gross + max(amount, 0), refunds - min(amount, 0)
            if amount >= 0 and (order is None or order not in returned):
                orders += 1
                buyers.add(number)
    without = sum(amount for day, amount in nobody() if day <= LAST)
    money = [to_decimal_text(sum_) for sum_ in (gross, refunds, gross - refunds, without)]
    return [*money, orders, len(buyers)]


def business_checks() -> Iterator[Check]:
    """Yield the checks of the made-up business."""
    made = cache(Business.make)
    yield expect(
        "Sums of a made-up business",
        "gross, refunds, net, without client, orders and buyers, with the sums of its rows",
        add_up(),
        lambda: made().sums(),
    )
    yield Check(
        "Bridge of a made-up business",
        "last year + changes by cause, with the sales of this year",
        lambda: bridge_fault(made().ledger, made().history, PARAMETERS.values, LAST),
    )
    yield Check(
        "Months of a made-up business",
        "start + new + back − lost, with the end of every month",
        lambda: balance_fault(made().report.churn),
    )
    yield Check(
        "Active clients of a made-up business",
        "the end of every month, with the clients not gone on its last day",
        lambda: made().active_fault(),
    )
    yield Check(
        "Classes of a made-up business",
        "clients and sales of A, B and C, with the whole",
        lambda: classes_fault(made().report.pareto),
    )
    yield Check(
        "Stages of a made-up business",
        "the five stages together, with the clients known",
        lambda: stages_fault(made().report),
    )
    yield Check(
        "Sales by month of a made-up business",
        "the months together, with the net sales",
        lambda: months_fault(made().report),
    )
