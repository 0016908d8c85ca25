"""The worked cases of the stages: one client each, a day, and where it stands then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_core.ledger import Ledger
from tests.builders import as_day, make_ledger
from tests.metrics.lives import days_from, every


@dataclass(frozen=True)
class Case:
    """Orders of 100 from ``first`` on with the gaps given, then what else is known.

    ``stands`` is "stage, since, gone_on, purchases of the spell", plus flags.
    """

    name: str
    as_of: str
    stands: str
    gaps: list[int] | None = None
    first: str = "2024-01-01"
    orders: tuple[tuple[Any, ...], ...] = ()
    created: str | None = None
    inbound: tuple[str, ...] = ()
    closed: tuple[tuple[str, str], ...] = ()
    contracts: tuple[tuple[Any, ...], ...] = ()
    override: tuple[str, str, str, str] | None = None

    def ledger(self) -> Ledger:
        rows = list(self.orders)
        if self.gaps is not None:
            rows += [(day, 100) for day in days_from(as_day(self.first), self.gaps)]
        one = "client"
        return make_ledger(
            {one: rows},
            created={} if self.created is None else {one: self.created},
            inbound={one: self.inbound},
            closed={one: self.closed},
            contracts={one: self.contracts},
            overrides={} if self.override is None else {one: [self.override]},
        )


SIX_MONTHLY = every(30, times=6)
GARDEN_YEAR = every(14, times=12)
TERM = ("2023-03-01", "2024-02-29", "paid", None)
RENEWED = ("2024-03-01", "2025-02-28", "paid", "2024-12-20")
DEAL = ("Commitment", "framework deal signed", "2024-02-15", "2024-08-15")
REFUNDED = (("2024-01-01", 100, "A"), ("2024-01-10", -100, None, "A"))
BETTER = (("2024-03-15", "better offer"),)

CASES = (
    # Leads
    Case("a client is unknown the day before", "2023-12-31", "none", created="2024-01-01"),
    Case(
        "a lead waits 180 days",
        "2024-06-29",
        "awareness 2024-01-01 2024-06-30 0",
        created="2024-01-01",
    ),
    Case(
        "a silent lead is given up on day 181",
        "2024-06-30",
        "termination 2024-06-30 2024-06-30 0",
        created="2024-01-01",
    ),
    Case(
        "a contact keeps a lead alive",
        "2024-07-15",
        "awareness 2024-01-01 2024-11-29 0",
        created="2024-01-01",
        inbound=("2024-06-01",),
    ),
    Case(
        "a lead given up asks again",
        "2025-02-01",
        "awareness 2025-01-20 2025-07-20 0 reentry",
        created="2024-01-01",
        inbound=("2025-01-20",),
    ),
    # One and two purchases
    Case("one purchase", "2024-01-20", "exploration 2024-01-01 2024-05-01 1", []),
    Case("one purchase, late", "2024-03-02", "exploration 2024-01-01 2024-05-01 1 late", []),
    Case("one purchase, gone", "2024-05-01", "termination 2024-05-01 2024-05-01 1", []),
    Case(
        "three orders on one day are one purchase",
        "2024-01-20",
        "exploration 2024-01-01 2024-05-01 1",
        orders=(("2024-01-01", 10), ("2024-01-01", 20), ("2024-01-01", 30)),
    ),
    Case("two purchases", "2024-02-10", "exploration 2024-01-01 2024-05-31 2", [30]),
    Case(
        "a row dated later is not seen", "2024-02-10", "exploration 2024-01-01 2024-05-01 1", [60]
    ),
    Case(
        "a contact postpones the end",
        "2024-05-10",
        "exploration 2024-01-01 2024-06-20 1 late",
        [],
        inbound=("2024-04-20",),
    ),
    # Buying again, regular
    Case("three purchases", "2024-03-01", "expansion 2024-03-01 2024-06-30 3", every(30, times=2)),
    Case(
        "six purchases in 150 days only",
        "2024-05-31",
        "expansion 2024-03-01 2024-09-28 6",
        every(30, times=5),
    ),
    Case(
        "seven on time in 180 days", "2024-06-29", "commitment 2024-06-29 2024-10-28 7", SIX_MONTHLY
    ),
    Case("a regular is late", "2024-09-01", "commitment 2024-06-29 2024-10-28 7 late", SIX_MONTHLY),
    Case("a regular is gone", "2024-10-28", "termination 2024-10-28 2024-10-28 7", SIX_MONTHLY),
    Case(
        "one late gap costs nothing",
        "2024-09-12",
        "commitment 2024-06-29 2025-01-11 8",
        [*SIX_MONTHLY, 75],
    ),
    Case(
        "two late gaps in a row cost the rank",
        "2024-11-26",
        "expansion 2024-11-26 2025-03-27 9",
        [*SIX_MONTHLY, 75, 75],
    ),
    Case(
        "late and on time in turn do not flap",
        "2025-01-25",
        "commitment 2024-06-29 2025-05-26 11",
        [*SIX_MONTHLY, 75, 30, 75, 30],
    ),
    Case(
        "three on time win the rank back",
        "2025-02-24",
        "commitment 2025-02-24 2025-06-25 12",
        [*SIX_MONTHLY, 75, 75, *every(30, times=3)],
    ),
    # Coming back
    Case("back after 200 days", "2024-07-19", "exploration 2024-07-19 2025-03-27 1 reentry", [200]),
    Case(
        "back, and the second purchase counts as the third",
        "2024-08-28",
        "expansion 2024-08-28 2025-05-06 2 reentry",
        [200, 40],
    ),
    Case(
        "who came back after 200 days may be silent for 200",
        "2025-03-16",
        "expansion 2024-08-28 2025-05-06 2 reentry late",
        [200, 40],
    ),
    Case(
        "a regular who went away starts over",
        "2025-01-15",
        "exploration 2025-01-15 2025-09-23 1 reentry",
        [*SIX_MONTHLY, 200],
    ),
    Case(
        "a purchase on the very day of being gone comes back",
        "2024-05-01",
        "exploration 2024-05-01 2024-10-07 1 reentry",
        [121],
    ),
    # Own rhythm
    Case(
        "a weekly buyer is late after nine days",
        "2024-08-20",
        "commitment 2024-07-01 2024-09-01 31 late",
        every(7, times=30),
    ),
    Case(
        "a weekly buyer is gone",
        "2024-09-01",
        "termination 2024-09-01 2024-09-01 31",
        every(7, times=30),
    ),
    Case(
        "weekly for a year, two weeks silent",
        "2025-01-13",
        "commitment 2024-07-01 2025-01-31 53",
        every(7, times=52),
    ),
    Case(
        "weekly for a year, late",
        "2025-01-20",
        "commitment 2024-07-01 2025-01-31 53 late",
        every(7, times=52),
    ),
    Case(
        "weekly for a year, gone",
        "2025-02-01",
        "termination 2025-01-31 2025-01-31 53",
        every(7, times=52),
    ),
    Case(
        "one long gap among the last eight",
        "2022-10-30",
        "commitment 2021-07-03 2022-12-26 20 late",
        [*every(30, times=8), 60, *every(30, times=10)],
        first="2021-01-04",
    ),
    # The same weeks last year
    Case(
        "a yearly buyer in summer",
        "2024-08-01",
        "expansion 2023-12-08 2025-03-11 2 reentry",
        [367, 361],
        first="2021-12-10",
    ),
    Case(
        "a yearly buyer past the usual weeks",
        "2024-12-26",
        "expansion 2023-12-08 2025-03-11 2 reentry late",
        [367, 361],
        first="2021-12-10",
    ),
    Case(
        "a yearly buyer on the last live day",
        "2025-03-10",
        "expansion 2023-12-08 2025-03-11 2 reentry late",
        [367, 361],
        first="2021-12-10",
    ),
    Case(
        "a yearly buyer is gone",
        "2025-03-11",
        "termination 2025-03-11 2025-03-11 2 reentry",
        [367, 361],
        first="2021-12-10",
    ),
    Case(
        "a garden client in the first winter",
        "2022-02-15",
        "termination 2021-11-27 2021-11-27 13",
        GARDEN_YEAR,
        first="2021-04-05",
    ),
    Case(
        "a garden client as quiet as last winter",
        "2023-02-15",
        "expansion 2022-04-19 2023-05-06 13 reentry",
        [*GARDEN_YEAR, 197, *GARDEN_YEAR],
        first="2021-04-05",
    ),
    Case(
        "a garden client in the third winter",
        "2024-03-20",
        "commitment 2023-04-05 2024-05-05 26 reentry",
        [*GARDEN_YEAR, 197, *GARDEN_YEAR, 197, *GARDEN_YEAR],
        first="2021-04-05",
    ),
    # Refunds
    Case(
        "a purchase refunded in full never was",
        "2024-01-10",
        "awareness 2024-01-01 2024-06-30 0",
        orders=REFUNDED,
        created="2024-01-01",
    ),
    Case(
        "the day before the refund is known",
        "2024-01-09",
        "exploration 2024-01-01 2024-05-01 1",
        orders=REFUNDED,
        created="2024-01-01",
    ),
    Case(
        "a refund in part cancels nothing",
        "2024-02-10",
        "exploration 2024-01-01 2024-05-31 2",
        orders=(("2024-01-01", 100), ("2024-01-31", 100, "B"), ("2024-02-05", -40, None, "B")),
    ),
    # Endings
    Case(
        "somebody left for a better offer",
        "2024-03-20",
        "termination 2024-03-15 2024-03-15 3",
        every(30, times=2),
        closed=BETTER,
    ),
    Case(
        "a purchase after leaving comes back",
        "2024-04-01",
        "exploration 2024-04-01 2024-07-31 1 reentry",
        [30, 30, 31],
        closed=BETTER,
    ),
    # Contracts
    Case("a first term", "2023-06-01", "expansion 2023-03-01 2024-03-15 0", contracts=(TERM,)),
    Case(
        "a term is over, in grace",
        "2024-03-10",
        "expansion 2023-03-01 2024-03-15 0 late",
        contracts=(TERM,),
    ),
    Case(
        "a term is over, grace too",
        "2024-03-15",
        "termination 2024-03-15 2024-03-15 0",
        contracts=(TERM,),
    ),
    Case(
        "a term is renewed",
        "2024-06-01",
        "commitment 2024-03-01 2025-03-15 0",
        contracts=(TERM, RENEWED),
    ),
    Case(
        "notice is given",
        "2025-01-10",
        "commitment 2024-03-01 2025-03-01 0 late",
        contracts=(TERM, RENEWED),
    ),
    Case(
        "notice takes effect",
        "2025-03-01",
        "termination 2025-03-01 2025-03-01 0",
        contracts=(TERM, RENEWED),
    ),
    # Overrides
    Case(
        "an override before it was set",
        "2024-02-14",
        "exploration 2024-01-01 2024-05-31 2",
        [30],
        override=DEAL,
    ),
    Case(
        "an override in force",
        "2024-03-01",
        "commitment 2024-02-15 2024-05-31 2",
        [30],
        override=DEAL,
    ),
    Case(
        "an override voided by silence",
        "2024-07-01",
        "termination 2024-05-31 2024-05-31 2",
        [30],
        override=DEAL,
    ),
)
