"""The bucket that balances: start + new + back - lost = end, month by month, people and money.

Flows compare consecutive month-end states, so leaving and returning within one
month is not counted, and a return never rewrites earlier months.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History, history_at
from crm_core.metrics.history_parts import join_positions, measure_with_history
from crm_core.metrics.month_ends import MonthArray, MonthEnds
from crm_core.metrics.months import Calendar
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.rates import Rate
from crm_core.metrics.returning import calendar_of, sum_by_period
from crm_core.metrics.signals import join_keys
from crm_core.metrics.spells import Spells, find_spells, gone_days
from crm_core.metrics.trailing import NetSales
from crm_core.tables import BoolArray, IntArray, Sales

Term = Literal["start", "new", "back", "lost", "end"]
"""A term of the balance."""

TERMS: tuple[Term, ...] = ("start", "new", "back", "lost", "end")


@dataclass(frozen=True)
class MonthSpells:
    """Runs of month ends at which a client is active, by client and month.

    Attributes
    ----------
    client : ndarray of int32, shape (n_runs,)
        Position in the client table.
    entered, left : ndarray of int32, shape (n_runs,)
        First month with an active end, and first one after it without
        (``n_months`` where the client is active at the last).
    new : ndarray of bool, shape (n_runs,)
        The client's first purchase ever falls in the month entered.
    """

    client: NDArray[np.int32]
    entered: MonthArray
    left: MonthArray
    new: BoolArray


@dataclass(frozen=True)
class Measures:
    """What a part of the ledger adds: runs, first purchases a month, money a term and month."""

    n_clients: int
    runs: MonthSpells
    first_purchases: IntArray
    money: dict[Term, IntArray]


@dataclass(frozen=True)
class ChurnMonths:
    """The balance of every calendar month, from the first sale's to the as-of day's.

    Attributes
    ----------
    calendar : Calendar
        The months; the last one is cut at the as-of day.
    rule : str
        ``"personal"``, ``"bgnbd"`` or ``"fixed:DAYS"``.
    start, new, back, lost, end : ndarray of int64, shape (n_months,)
        Clients active at the month's start, first-time buyers, clients who came back,
        clients gone, clients active at its end: ``start + new + back - lost = end``.
    pool : ndarray of int64, shape (n_months,)
        Buyers gone at the month's start: those who could come back.
    sales_start, sales_lost : ndarray of int64, shape (n_months,)
        Their net sales in the twelve months up to the month's start, ten-thousandths.
    sales_new, sales_back, sales_end : ndarray of int64, shape (n_months,)
        Their net sales in the twelve months up to the month's end.
    too_early : ndarray of bool, shape (n_months,)
        Months that begin before the first day + 4 * m0: nobody can be lost yet.
    runs : MonthSpells
        The clients behind the terms.
    """

    calendar: Calendar
    rule: str
    start: IntArray
    new: IntArray
    back: IntArray
    lost: IntArray
    end: IntArray
    pool: IntArray
    sales_start: IntArray
    sales_new: IntArray
    sales_back: IntArray
    sales_lost: IntArray
    sales_end: IntArray
    too_early: BoolArray
    runs: MonthSpells

    def __len__(self) -> int:
        return len(self.calendar)

    @property
    def sales_stayed(self) -> IntArray:
        """Change of the trailing sales of those who stayed: what balances the money."""
        moved = self.sales_start + self.sales_new + self.sales_back - self.sales_lost
        return self.sales_end - moved

    def rate(self, month: int) -> Rate:
        """Return the churn rate lost / start, withheld at start 0 and where too early."""
        start = int(self.start[month])
        least = start + 1 if self.too_early[month] else 1
        return Rate(int(self.lost[month]), start, least=least)

    def rates(self) -> list[float | None]:
        """Return the churn rate of every month, None where it is withheld."""
        return [self.rate(month).value for month in range(len(self))]

    def reason(self, month: int) -> str | None:
        """Return why a month's churn rate is thin or withheld."""
        if self.start[month] and self.too_early[month]:
            return "the sales begin too short before: nobody can be gone yet"
        return self.rate(month).reason

    def sales_rate(self, month: int) -> float | None:
        """Return the sales of the lost / of all at the start, None where it is withheld."""
        start = int(self.sales_start[month])
        if self.rate(month).value is None or start <= 0:
            return None
        return int(self.sales_lost[month]) / start

    def reactivation(self, month: int) -> Rate:
        """Return those who came back among the buyers gone at the month's start."""
        return Rate(int(self.back[month]), int(self.pool[month]))

    def clients(self, term: Term, month: int) -> NDArray[np.int32]:
        """Return the positions of the clients behind a term of a month, rising.

        Parameters
        ----------
        term : {"start", "new", "back", "lost", "end"}
            A term of the balance.
        month : int
            Position in ``calendar``.
        """
        runs = self.runs
        if term == "start":
            chosen = (runs.entered < month) & (runs.left >= month)
        elif term == "lost":
            chosen = runs.left == month
        elif term == "end":
            chosen = (runs.entered <= month) & (runs.left > month)
        else:
            chosen = (runs.entered == month) & (runs.new == (term == "new"))
        return runs.client[chosen]


def find_runs(spells: Spells, ends: MonthEnds) -> tuple[MonthSpells, IntArray]:
    """Return the runs of active month ends, and first purchases by month.

    Spells that hold no month end vanish; spells that meet at a month join.
    """
    entered, left = ends.reach(spells.start), ends.reach(spells.gone_on)
    begun = np.maximum.accumulate(np.where(spells.first, np.arange(len(spells)), 0))
    begun_in = entered[begun]
    seen = np.flatnonzero(entered < left)
    client, entered, left = spells.client[seen], entered[seen], left[seen]
    opens = np.ones(len(seen), dtype=np.bool_)
    opens[1:] = (client[1:] != client[:-1]) | (entered[1:] != left[:-1])
    at = np.flatnonzero(opens)
    last = np.append(at[1:], len(seen))[: len(at)] - 1
    new = entered[at] == begun_in[seen][at]
    runs = MonthSpells(client[at], entered[at], left[last], new)
    return runs, np.bincount(begun_in[spells.first], minlength=len(ends))


def sum_active_sales(sales: Sales, runs: MonthSpells, ends: MonthEnds) -> IntArray:
    """Sum the trailing sales of all active clients at every month end, shape (n_months,).

    A row counts from the month of its day until the twelve months have passed
    it, and only while its client's run lasts: each pass of the loop handles the
    next run of every row that still meets one.
    """
    rows = np.flatnonzero(sales.day <= ends.as_of)
    owner, amount, day = sales.clients()[rows], sales.amount[rows], sales.day[rows]
    first, stop = ends.reach(day), ends.reach_a_year_later(day)
    run = np.searchsorted(join_keys(runs.client, runs.left), join_keys(owner, first), "right")
    steps = np.zeros(len(ends) + 1, dtype=np.int64)
    while len(run) and len(runs.client):
        at = np.minimum(run, len(runs.client) - 1)
        meets = (run < len(runs.client)) & (runs.client[at] == owner) & (runs.entered[at] < stop)
        at, owner, amount = at[meets], owner[meets], amount[meets]
        first, stop = first[meets], stop[meets]
        enter, leave = np.maximum(first, runs.entered[at]), np.minimum(stop, runs.left[at])
        steps += sum_by_period(amount, enter, len(steps)) - sum_by_period(amount, leave, len(steps))
        more = runs.left[at] < stop
        run, owner, amount = at[more] + 1, owner[more], amount[more]
        first, stop = first[more], stop[more]
    held: IntArray = np.cumsum(steps)[:-1]
    return held


def _sum_money(part: Ledger, runs: MonthSpells, ends: MonthEnds) -> dict[Term, IntArray]:
    """Return the trailing sales of every term: flows looked up, the rest summed."""
    size = len(ends)
    net = NetSales(part.sales)
    entered = net.trailing(runs.client, ends.days[runs.entered])
    gone = np.flatnonzero(runs.left < size)
    lost = net.trailing(runs.client[gone], ends.days[runs.left[gone] - 1])
    end = sum_active_sales(part.sales, runs, ends)
    return {
        "start": np.append(0, end)[:-1],
        "new": sum_by_period(entered[runs.new], runs.entered[runs.new], size),
        "back": sum_by_period(entered[~runs.new], runs.entered[~runs.new], size),
        "lost": sum_by_period(lost, runs.left[gone], size),
        "end": end,
    }


def measure(
    part: Ledger, history: History, parameters: Parameters, months: Calendar, rule: str
) -> Measures:
    """Measure :func:`churn_months` on a part of the ledger and its history."""
    ends = MonthEnds(months)
    gone_on = gone_days(part, history, parameters, rule)
    runs, firsts = find_runs(find_spells(history, gone_on, months.as_of), ends)
    return Measures(part.n_clients, runs, firsts, _sum_money(part, runs, ends))


def conclude(
    parts: list[Measures],
    parameters: Parameters,
    months: Calendar,
    *,
    rule: str,
    first_day: int | None,
) -> ChurnMonths:
    """Join the runs of all parts and add up their tables; ``first_day`` of all stored rows."""
    runs = MonthSpells(
        client=join_positions([p.runs.client for p in parts], [p.n_clients for p in parts]),
        entered=np.concatenate([part.runs.entered for part in parts]),
        left=np.concatenate([part.runs.left for part in parts]),
        new=np.concatenate([part.runs.new for part in parts]),
    )
    size = len(months)
    new = np.bincount(runs.entered[runs.new], minlength=size)
    back = np.bincount(runs.entered[~runs.new], minlength=size)
    lost = np.bincount(runs.left, minlength=size + 1)[:size]
    end = np.cumsum(new + back - lost)
    start = np.append(0, end)[:-1]
    bought = np.cumsum(np.sum([part.first_purchases for part in parts], axis=0))
    money = {term: np.sum([part.money[term] for part in parts], axis=0) for term in TERMS}
    return ChurnMonths(
        calendar=months,
        rule=rule,
        start=start,
        new=new,
        back=back,
        lost=lost,
        end=end,
        pool=np.append(0, bought)[:-1] - start,
        **{f"sales_{term}": money[term] for term in TERMS},
        too_early=np.asarray(months.first < (first_day or 0) + 4 * parameters.m0),
        runs=runs,
    )


def churn_months(
    ledger: Ledger,
    history: History,
    parameters: Parameters,
    as_of: int,
    *,
    rule: str | None = None,
) -> ChurnMonths:
    """Return the monthly balance of active clients, and of their money.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    history : History
        From :func:`~crm_core.metrics.cadence.purchase_history` with ``parameters``.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Last day counted; purchases void by then count in no month.
    rule : str, optional
        ``"personal"``, ``"bgnbd"`` or ``"fixed:DAYS"``; by default the rule of ``parameters``.

    Returns
    -------
    ChurnMonths
        Months from the first stored row's to the as-of day's; without sales none.
    """
    months = calendar_of(ledger, as_of)
    rule = parameters.rule if rule is None else rule
    drawn = history_at(ledger, history, as_of, parameters)
    parts = measure_with_history(ledger, drawn, measure, parameters, months, rule)
    span = ledger.span(as_of)
    return conclude(parts, parameters, months, rule=rule, first_day=span[0] if span else None)
