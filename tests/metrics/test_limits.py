from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.goodbyes import compare_rules, false_goodbyes
from crm_core.metrics.lifetime.chances import chance_to_buy
from crm_core.metrics.limits import LONGEST_SILENCE, draw_cadence, silence_allowed
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger

MODEL = (0.2426, 4.4135, 0.7929, 2.4258, 39.0)


def test_the_allowed_silence_is_the_last_day_with_an_even_chance() -> None:
    chance = np.random.default_rng(4)
    repeat = chance.integers(0, 40, 500).astype(np.int32)
    recency = np.where(repeat > 0, chance.integers(1, 700, 500) + repeat, 0).astype(np.int32)
    r, alpha, a, b, horizon = MODEL
    allowed = silence_allowed(MODEL, repeat, recency)
    at = recency / 7

    def after(days: np.ndarray) -> np.ndarray:
        return chance_to_buy(r, alpha, a, b, repeat, at, at + days / 7, horizon)

    assert (after(allowed + 1) < 0.5).all()
    assert (after(allowed)[allowed > 0] >= 0.5).all()
    assert 0 < (allowed == 0).sum() < 500


def test_a_model_of_clients_who_never_leave_gives_up_at_the_bound() -> None:
    endless = (50.0, 1e6, 1e-4, 1e4, 1e6)
    assert silence_allowed(endless, np.int32([3]), np.int32([90])).tolist() == [LONGEST_SILENCE]
    assert len(silence_allowed(MODEL, np.int32([]), np.int32([]))) == 0


def test_a_one_time_buyer_the_model_gives_up_at_once_is_gone_the_day_after() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]})
    parameters = Parameters(model=MODEL)
    history = purchase_history(ledger, parameters)
    assert history.gone_on.tolist() == history.late_on.tolist() == [as_day("2024-01-02")]


def test_the_model_says_who_was_given_up_and_came_back() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 5), ("2024-08-01", 5)], "b": [("2024-01-01", 5)]})
    parameters = Parameters(model=MODEL)
    history = purchase_history(ledger, parameters)
    found = false_goodbyes(ledger, history, parameters, as_day("2024-09-01"))
    assert found is not None
    assert (found.rule, found.gone.tolist(), found.came_back.tolist()) == ("bgnbd", [0, 1], [0])
    beside = compare_rules(ledger, history, parameters, as_day("2024-09-01"), rules=("bgnbd",))
    assert (beside[0].rule, beside[0].gone) == ("bgnbd", 2)


def test_gaps_of_kind_and_channel_stand_in_for_whom_they_name() -> None:
    ledger = make_ledger(
        {name: [("2024-01-01", 10)] for name in ("shop", "trade", "unknown")},
        attributes={"segment": {"shop": "retail", "trade": "trade"}},
    )
    groups = (("trade", "", 14.0), ("retail", "web", 90.0))
    history = purchase_history(ledger, Parameters(m0=40, m0_groups=groups))
    # The shop bought in no channel, so the group of the web is not its own.
    assert history.cadence_days.tolist() == [40, 14, 40]
    assert history.wait_days.tolist() == [80, 28, 80]


def test_the_channel_of_the_first_sale_never_changes_with_later_ones() -> None:
    one = make_ledger({"a": [("2024-01-01", 10)], "b": [("2024-01-02", 10)]})
    more = make_ledger(
        {"a": [("2024-01-01", 10), ("2024-03-01", 9)], "b": [("2023-12-30", -5), ("2024-01-02", 1)]}
    )
    parameters = Parameters(m0_groups=(("", "web", 7.0),))
    before, after = (
        purchase_history(
            replace(
                ledger,
                channels=("shop", "web"),
                sales=replace(ledger.sales, channel=np.array(channel, dtype=np.int16)),
            ),
            parameters,
        )
        for ledger, channel in ((one, (1, 0)), (more, (1, 0, 1, 0)))
    )
    assert before.cadence_days.tolist() == [7, 30]
    # A refund before the first sale does not speak for the channel.
    assert after.cadence_days[[0, 2]].tolist() == [7, 30]


def test_a_large_gap_of_a_group_lifts_its_own_cap() -> None:
    ledger = make_ledger(
        {"a": [("2020-01-01", 1)], "b": [("2020-01-01", 1)]}, attributes={"segment": {"a": "slow"}}
    )
    parameters = Parameters(m0_groups=(("slow", "", 400.0),))
    history = purchase_history(ledger, parameters)
    assert (history.gone_on - history.day).tolist() == [1201, 121]
    capped = purchase_history(ledger, replace(parameters, cap=300))
    assert (capped.gone_on - capped.day).tolist() == [301, 121]


def test_one_gap_for_all_and_the_same_gap_for_each_give_the_same_rhythm() -> None:
    n, twice = np.int32([0, 1, 5, 90]), np.int32([0, 7, 60, 14])
    one = draw_cadence(4, 44.0, n, twice)
    np.testing.assert_array_equal(one, draw_cadence(4, np.full(4, 44.0), n, twice))
    assert draw_cadence(0, 44.0, n, twice).round(9).tolist() == [44, 3.5, 30, 7]


@pytest.mark.parametrize(
    ("same_weeks", "gone_after"), [(True, "2025-02-09"), (False, "2024-09-08")]
)
def test_last_years_quiet_weeks_can_be_left_out(same_weeks: bool, gone_after: str) -> None:
    days = ["2023-01-10", *("2023-01-12", "2024-01-10", "2024-01-12")]
    ledger = make_ledger({"a": [(day, 10) for day in days]})
    parameters = Parameters(same_weeks=same_weeks, own_max_factor=0.66)
    assert purchase_history(ledger, parameters).gone_on[-1] == as_day(gone_after)
