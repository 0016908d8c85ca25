from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics import cadence
from crm_core.metrics.cadence import COMMITMENT, EXPANSION, History, history_at, purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.tables import STAGES, to_date
from tests.builders import as_day, make_ledger
from tests.metrics.lives import days_from, every, ledger_of, scenes
from tests.metrics.plain_stages import PlainClient
from tests.metrics.test_stages import SETTINGS

P = Parameters()


def history_of(gaps: list[int], parameters: Parameters = P, **events) -> History:
    days = [(day, 10) for day in days_from(as_day("2024-01-01"), gaps)]
    return purchase_history(make_ledger({"a": days}, **events), parameters)


def columns_of(history: History) -> dict[str, list]:
    return {field.name: getattr(history, field.name).tolist() for field in fields(history)}


def test_the_first_purchase_carries_the_rhythm_of_the_business() -> None:
    history = history_of([])
    assert history.cadence_days.tolist() == [30]
    assert np.isnan(history.usual_gap_days).all()
    assert history.wait_days.tolist() == [60]


def test_the_own_rhythm_weighs_more_with_every_gap() -> None:
    history = history_of(every(10, times=20))
    ln = [(4 * math.log(30) + n * math.log(10)) / (4 + n) for n in range(1, 21)]
    np.testing.assert_allclose(history.cadence_days[1:], np.exp(ln), rtol=1e-6)


def test_the_usual_gap_is_the_median_of_the_last_eight() -> None:
    gaps = [100, 100, 1, 2, 3, 4, 5, 6, 7, 9]
    assert history_of(gaps).usual_gap_days[1:].tolist() == [
        *(100, 100, 100, 51, 3, 3.5, 4, 4.5, 4.5, 4.5),
    ]


@pytest.mark.parametrize("size", range(1, 12))
def test_median_and_maximum_are_those_of_the_last_eight_whatever_their_number(size: int) -> None:
    gaps = np.random.default_rng(size).integers(1, 60, size).tolist()
    limits = history_of(gaps, Parameters(k_gone=0.5, k_late=0.5, floor=1, own_max_factor=2))
    assert limits.usual_gap_days[-1] == np.median(gaps[-8:])
    assert limits.quiet_gone_on[-1] - limits.day[-1] - 1 == max(
        2 * max(gaps[-8:]), int(limits.cadence_days[-1] / 2)
    )


def test_the_cap_bounds_the_limit_and_the_wait() -> None:
    history = history_of([300], Parameters(cap=90))
    assert (history.late_on - history.day).tolist() == [61, 91]
    assert (history.quiet_gone_on - history.day).tolist() == [91, 91]


def test_the_floor_bounds_the_limit_of_quick_buyers() -> None:
    history = history_of(every(1, times=30))
    assert history.quiet_gone_on[-1] - history.day[-1] == 31


def test_the_same_weeks_last_year_lengthen_wait_and_limit() -> None:
    history = history_of([367, 361])
    # He was away for 361 days a year ago, so 365 + 14 days are in time; the limit of
    # 1.25 times his longest gap, 458 days, is more than 365 + 30.
    assert history.wait_days[2] == 379
    assert history.quiet_gone_on[2] - history.day[2] == 459


def test_last_years_quiet_weeks_count_from_351_to_730_days_back() -> None:
    # The quiet 120 days began 350, and 351, days before the last purchase.
    assert [history_of([100, 120, 115, g]).wait_days[-1] for g in (115, 116)] == [117, 148]
    # The only gap began 730, and 731, days before it.
    assert [history_of([g]).wait_days[-1] for g in (730, 731)] == [379, 113]


def test_closed_months_do_not_count_as_silence() -> None:
    history = history_of([182], Parameters(closed_months=(8,)))  # 1 July
    assert (
        to_date(history.late_on[1]).isoformat()
        == to_date(history_of([182]).late_on[1] + 31).isoformat()
    )


def test_streaks_count_within_the_spell() -> None:
    history = history_of([30, 30, 75, 75, 30, 300, 30])
    assert history.streak.tolist() == [0, 1, 2, -1, -2, 1, 0, 1]
    assert history.spell.tolist() == [1, 1, 1, 1, 1, 1, 2, 2]
    assert history.n_in_spell.tolist() == [1, 2, 3, 4, 5, 6, 1, 2]


def test_a_regular_falls_after_two_late_gaps_and_keeps_buying_again() -> None:
    history = history_of([*every(30, times=6), 75, 75])
    names = [STAGES[code] for code in history.stage]
    assert names == ["exploration"] * 2 + ["expansion"] * 4 + ["commitment"] * 2 + ["expansion"]
    assert history.since[-1] == history.day[-1]


def test_an_ending_between_two_purchases_opens_a_new_spell() -> None:
    history = history_of([30, 30], closed={"a": [("2024-02-10", "other")]})
    assert history.spell.tolist() == [1, 1, 2]
    assert to_date(history.gone_on[1]).isoformat() == "2024-02-10"


def test_an_empty_ledger_has_an_empty_history() -> None:
    history = purchase_history(make_ledger({}, created={"a": 5}), P)
    assert len(history) == 0
    assert history.offsets.tolist() == [0, 0]


@settings(max_examples=40)
@given(scenes(refunds=False), SETTINGS)
def test_every_row_is_what_the_slow_rule_says(scene, parameters) -> None:
    lives, _ = scene
    ledger = ledger_of(lives)
    history = purchase_history(ledger, parameters)
    for client, life in enumerate(lives):
        plain = PlainClient(life, as_day("2040-01-01"), parameters).states
        a, b = history.offsets[client : client + 2]
        assert history.day[a:b].tolist() == [after.day for after in plain]
        for name in ("late_on", "quiet_gone_on", "gone_on", "spell", "since"):
            found = getattr(history, name)[a:b].tolist()
            assert found == [getattr(after, name) for after in plain], name
        assert history.n_in_spell[a:b].tolist() == [after.n for after in plain]
        assert [STAGES[code] for code in history.stage[a:b]] == [after.stage for after in plain]


@settings(max_examples=30)
@given(scenes(), SETTINGS)
def test_blocks_of_any_size_give_the_same_history(scene, parameters) -> None:
    lives, _ = scene
    ledger = ledger_of(lives * 2)
    whole = columns_of(purchase_history(ledger, parameters))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cadence, "BLOCK_ROWS", 3)
        assert str(columns_of(purchase_history(ledger, parameters))) == str(whole)


@settings(max_examples=40)
@given(scenes(), SETTINGS)
def test_a_history_drawn_on_a_day_equals_one_computed_for_it(scene, parameters) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    base = purchase_history(ledger, parameters)
    drawn = columns_of(history_at(ledger, base, as_of, parameters))
    assert str(drawn) == str(columns_of(purchase_history(ledger, parameters, as_of=as_of)))


def test_nobody_is_both_buying_again_and_regular() -> None:
    history = history_of(every(30, times=12))
    assert set(history.stage[2:].tolist()) == {EXPANSION, COMMITMENT}
