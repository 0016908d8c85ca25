from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.cadence import history_at, purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stage_moves import (
    moves_between,
    share_of_regulars,
    stage_sales,
    straight_to_termination,
    time_in_stage,
)
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.trailing import trailing_sales
from crm_core.tables import STAGES
from tests.builders import as_day, make_ledger
from tests.metrics.lives import ledger_of, scenes

P = Parameters()

MONTHLY = [(f"2024-{month:02}-01", 100) for month in range(1, 8)]
FIVE = make_ledger(
    {
        "gone": [("2024-01-05", 9000)],
        "new": [("2024-06-20", 50)],
        "regular": MONTHLY,
        "still": [("2024-05-20", 10)],
    },
    created={"lead": "2024-01-01"},
)


def moves(before: str, after: str):
    first, second = (assign_stages(FIVE, P, as_day(day)) for day in (before, after))
    return moves_between(first, second, sales=trailing_sales(FIVE, first.as_of))


def names(positions) -> list[str]:
    return [FIVE.clients.name[int(position)].as_py() for position in positions]


def test_moves_between_two_days_are_counted_and_listed() -> None:
    found = moves("2024-05-01", "2024-07-10")
    assert names(found.clients(found.up)) == ["regular"]
    assert names(found.clients(found.appeared)) == ["new", "still"]
    assert found.matrix.sum() == 5


def test_termination_is_the_lowest_stage() -> None:
    found = moves("2024-05-01", "2024-07-10")
    assert names(found.clients(found.down)) == ["gone", "lead"]
    assert names(found.flow("exploration", "termination")) == ["gone"]
    assert names(found.flow("awareness", "termination")) == ["lead"]


def test_large_movers_are_those_who_bring_most() -> None:
    found = moves("2024-05-01", "2024-07-10")
    assert names(np.flatnonzero(found.large)) == ["gone"]
    assert (found.large & found.down).sum() == 1


def test_without_sales_nobody_is_large() -> None:
    stages = assign_stages(FIVE, P, as_day("2024-05-01"))
    found = moves_between(stages, stages)
    assert not found.large.any()
    assert not (found.up | found.down | found.appeared).any()


def test_days_of_different_ledgers_are_refused() -> None:
    stages = assign_stages(FIVE, P, as_day("2024-05-01"))
    other = assign_stages(make_ledger({"a": [("2024-01-01", 1)]}), P, as_day("2024-05-01"))
    with pytest.raises(ParameterError, match="same clients"):
        moves_between(stages, other)


@settings(max_examples=30)
@given(scenes())
def test_matrix_sums_to_the_stages_of_both_days(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    before, after = (assign_stages(ledger, P, day) for day in (as_of - 90, as_of))
    found = moves_between(before, after)
    for axis, stages in ((1, before), (0, after)):
        counts = np.bincount(stages.stage, minlength=len(STAGES))
        assert found.matrix.sum(axis=axis).tolist() == counts.tolist()
    changed = found.up | found.down | found.appeared
    assert changed.sum() == found.matrix.sum() - np.trace(found.matrix)


# -- time and sales of a stage -------------------------------------------------------------


def test_time_in_stage_counts_days_since_it_was_entered() -> None:
    times = {t.stage: t for t in time_in_stage(assign_stages(FIVE, P, as_day("2024-07-10")))}
    trying = times["exploration"]
    assert (trying.n, trying.quartile, trying.median, trying.upper_quartile) == (
        2,
        27.75,
        35.5,
        43.25,
    )
    assert trying.status == "thin"
    assert times["awareness"].median is None
    assert times["awareness"].status == "not computable"


def test_sales_of_the_stages_sum_to_all_trailing_sales() -> None:
    stages = assign_stages(FIVE, P, as_day("2024-07-10"))
    sales = trailing_sales(FIVE, stages.as_of)
    by_stage = stage_sales(stages, sales)
    assert by_stage.sum() == sales.sum()
    assert by_stage[STAGES.index("exploration")] == 60 * 10_000


def test_share_of_regulars_is_of_all_sales_above_zero() -> None:
    stages = assign_stages(FIVE, P, as_day("2024-07-10"))
    sales = trailing_sales(FIVE, stages.as_of)
    assert share_of_regulars(stages, sales) == 700 / 9760
    assert share_of_regulars(stages, np.zeros_like(sales)) is None


# -- straight to termination ---------------------------------------------------------------


def test_spells_that_never_got_past_trying_are_told_from_the_others() -> None:
    ledger = make_ledger(
        {
            "once": [("2024-01-01", 5)],
            "regular": MONTHLY,
            "back": [("2024-01-01", 5), ("2024-08-01", 5), ("2024-08-20", 5)],
            "alive": [("2025-01-20", 5)],
        }
    )
    rate = straight_to_termination(purchase_history(ledger, P), as_day("2025-02-01"))
    assert (rate.numerator, rate.denominator) == (2, 3)


def test_a_spell_that_ends_later_has_not_ended_yet() -> None:
    ledger = make_ledger({"once": [("2024-01-01", 5)]})
    history = purchase_history(ledger, P)
    days = ("2024-04-30", "2024-05-01")
    assert [straight_to_termination(history, as_day(d)).denominator for d in days] == [0, 1]


@settings(max_examples=30)
@given(scenes(by_hand=False))
def test_open_and_ended_spells_are_all_spells(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    stages = assign_stages(ledger, P, as_of)
    bought = stages.all_purchases > 0
    open_now = (stages.gone_on > as_of) & bought
    opened = ((history.n_in_spell == 1) & (history.day <= as_of)).sum()
    assert straight_to_termination(history, as_of).denominator == opened - open_now.sum()
