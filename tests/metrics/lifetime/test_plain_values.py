from __future__ import annotations

import numpy as np

from crm_core.metrics.lifetime.plain_values import ended_by_hand, last_year
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger

AS_OF = as_day("2023-06-30")


def test_the_last_twelve_months_are_counted_from_the_same_date_on() -> None:
    ledger = make_ledger({"a": [("2022-06-30", 1), ("2022-07-01", 2), ("2023-06-30", 4)]})
    seen = last_year(ledger, AS_OF, Parameters())
    assert (seen.purchases.tolist(), seen.sales.tolist()) == ([2], [6_0000])


def test_who_is_gone_by_the_rule_in_force_is_marked() -> None:
    ledger = make_ledger({"a": [("2023-01-01", 1)], "b": [("2023-06-01", 2)]})
    for parameters, gone in (
        (Parameters(window=90), [True, False]),
        (Parameters(window=20), [1, 1]),
    ):
        assert last_year(ledger, AS_OF, parameters).gone.tolist() == [bool(g) for g in gone]


def test_undone_and_later_purchases_are_not_seen_and_sales_not_negative() -> None:
    orders = {"a": [("2023-01-01", 10, "A"), ("2023-02-01", -15, None, "A"), ("2023-07-01", 99)]}
    seen = last_year(make_ledger(orders), AS_OF, Parameters())
    assert (seen.purchases.tolist(), seen.sales.tolist()) == ([0], [0])


def test_an_ending_holds_until_the_next_purchase() -> None:
    ledger = make_ledger(
        {name: [("2023-05-01", 1)] for name in "abcd"},
        closed={
            "a": [("2023-05-20", "other")],
            "b": [("2023-04-01", "other")],
            "c": [("2023-05-01", "other"), ("2023-07-05", "other")],
        },
    )
    last_day = np.full(4, as_day("2023-05-01"))
    ended = ended_by_hand(ledger, AS_OF, np.arange(4), last_day)
    assert ended.tolist() == [True, False, True, False]
