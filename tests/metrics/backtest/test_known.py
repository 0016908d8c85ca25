from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics import parts
from crm_core.metrics.backtest.known import ROW_COLUMNS, known_at
from crm_core.metrics.clock import Clock
from crm_core.metrics.second_purchase import second_purchase
from crm_core.metrics.signals import day_of
from crm_core.metrics.trailing import trailing_sales
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes

CLOCK = Clock((), 0, 1)


def known(ledger, cut: str, as_of: str = "2024-12-31", horizon: int = 100):
    return known_at(ledger, as_day(cut), as_day(as_of), horizon, CLOCK)


def test_what_is_known_on_a_cut_by_hand() -> None:
    ledger = make_ledger(
        {
            "a": [("2024-01-01", 10), ("2024-01-11", 20), ("2024-02-10", 30), ("2024-05-01", 9)],
            "b": [("2024-02-01", 5)],
            "later": [("2024-06-01", 5)],
        },
        inbound={"a": ["2024-01-05", "2024-02-20", "2024-03-03"], "b": ["2024-01-31"]},
        closed={"b": [("2024-02-15", "other")]},
    )
    found = known(ledger, "2024-03-01")
    assert len(found) == 2
    assert found.silence.tolist() == [20, 29]
    assert found.n_gaps.tolist() == [2, 0]
    assert found.twice_median.tolist() == [40, 0]
    assert found.largest.tolist() == [30, 0]
    assert found.recency.tolist() == [40, 0]
    assert found.age.tolist() == [60, 29]
    assert found.first_gap.tolist() == [10, -1]
    assert found.money.tolist() == [600_000, 50_000]
    assert found.ended.tolist() == [False, True]
    assert found.bought.tolist() == [True, False]
    assert day_of(found.contacts).tolist() == [as_day("2024-02-20")]
    assert len(found.without_ended()) == 1


def test_the_truth_is_a_live_purchase_within_the_horizon() -> None:
    rows = [("2024-01-01", 10, "x")]
    ledger = make_ledger(
        {
            "on the cut": [*rows, ("2024-03-01", 5)],
            "in time": [*rows, ("2024-03-31", 5)],
            "too late": [*rows, ("2024-04-01", 5)],
            "paid back": [*rows, ("2024-03-10", 5, "y"), ("2024-05-01", -5, None, "y")],
            "refund only": [*rows, ("2024-03-10", -5)],
        }
    )
    found = known(ledger, "2024-03-01", horizon=30)
    assert dict(zip(ledger.clients.name.to_pylist(), found.bought.tolist(), strict=True)) == {
        "in time": True,
        "on the cut": False,
        "paid back": False,
        "refund only": False,
        "too late": False,
    }
    assert known(ledger, "2024-03-01", "2024-04-30", 30).bought.sum() == 2


def test_a_refund_after_the_cut_is_not_known_on_it() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10, "x"), ("2024-06-01", -10, None, "x")]})
    assert known(ledger, "2024-03-01").money.tolist() == [100_000]
    assert len(known(ledger, "2024-07-01")) == 0


def test_the_gap_of_the_same_weeks_last_year_and_its_end() -> None:
    days = ["2023-01-10", "2023-01-12", "2024-01-10", "2024-01-12"]
    ledger = make_ledger({"a": [(day, 10) for day in days]})
    found = known(ledger, "2024-03-01")
    assert (found.quiet.tolist(), found.back.tolist()) == ([363], [363])
    assert known(ledger, "2024-01-10").quiet.tolist() == [363]
    assert known(ledger, "2023-12-30").quiet.tolist() == [-1]


def test_clients_ended_by_word_leave_the_contacts_of_the_others_in_place() -> None:
    rows = [("2024-01-01", 10)]
    ledger = make_ledger(
        {"a": rows, "b": rows, "c": rows},
        inbound={"a": ["2024-01-03"], "b": ["2024-01-04"], "c": ["2024-01-05", "2024-01-06"]},
        closed={"b": [("2024-02-01", "other")]},
    )
    kept = known(ledger, "2024-03-01").without_ended()
    assert (kept.contacts >> 32).tolist() == [0, 1, 1]
    assert (day_of(kept.contacts) - as_day("2024-01-01")).tolist() == [2, 4, 5]


def test_a_purchase_after_an_ending_takes_it_back() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 10), ("2024-02-05", 10)]}, closed={"a": [("2024-02-01", "other")]}
    )
    assert known(ledger, "2024-03-01").ended.tolist() == [False]


@settings(max_examples=40)
@given(scenes())
def test_purchases_and_money_agree_with_the_other_measures(scene) -> None:
    lives, cut = scene
    ledger = ledger_of(lives * 3)
    found = known_at(ledger, cut, cut + 200, 200, CLOCK)
    curve = second_purchase(ledger, cut).curve
    assert len(found) == curve.n
    assert (found.first_gap >= 0).sum() == curve.n_events
    assert (
        found.money.sum() == np.maximum(trailing_sales(ledger, cut), 0)[_buyers(ledger, cut)].sum()
    )
    assert (found.silence >= 0).all()
    assert (found.age == found.recency + found.silence).all()


def _buyers(ledger, cut):
    live = ledger.live_purchases(cut)
    return np.unique(ledger.purchases.clients()[live])


@settings(max_examples=25)
@given(scenes())
def test_parts_of_any_size_know_the_same(scene) -> None:
    lives, cut = scene
    ledger = ledger_of(lives * 4)
    whole = known_at(ledger, cut, cut + 200, 200, CLOCK)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ROWS_PER_PART", 5)
        pieces = known_at(ledger, cut, cut + 200, 200, CLOCK)
    for name in (*ROW_COLUMNS, "contacts"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(pieces, name), err_msg=name)
        assert getattr(whole, name).dtype == getattr(pieces, name).dtype
