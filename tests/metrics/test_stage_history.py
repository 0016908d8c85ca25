from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.ledger import Ledger
from crm_core.metrics import stage_history
from crm_core.metrics.cadence import TERMINATION, history_at, purchase_history
from crm_core.metrics.history_parts import cut_history
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.purchases import live_days
from crm_core.metrics.stage_history import stage_calendar, stage_months
from crm_core.metrics.stages import assign_stages
from crm_core.tables import NEVER, STAGES, Purchases
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lives import ledger_of, scenes
from tests.metrics.test_stages import SETTINGS


def drawn_on(ledger: Ledger, as_of: int) -> Ledger:
    """Return the ledger with the purchases live on a day and no others."""
    days = live_days(ledger, as_of)
    void_on = np.full(len(days.day), NEVER, dtype=np.int32)
    return dataclasses.replace(ledger, purchases=Purchases(days.offsets, days.day, void_on))


@settings(max_examples=30)
@given(scenes(), SETTINGS)
def test_every_column_is_what_the_stages_say_on_that_day(scene, parameters) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    months = stage_months(ledger, purchase_history(ledger, parameters), parameters, as_of)
    drawn = drawn_on(ledger, as_of)
    for column, day in enumerate(MonthEnds(months.calendar).days):
        stages = assign_stages(drawn, parameters, int(day))
        found = np.bincount(stages.stage, minlength=len(STAGES))
        assert months.counts[:, column].tolist() == found.tolist()
        assert months.never_bought[column] == stages.never_bought.sum()


@settings(max_examples=25)
@given(scenes())
def test_last_column_is_the_as_of_day(scene) -> None:
    lives, as_of = scene
    ledger, parameters = ledger_of(lives), Parameters()
    months = stage_months(ledger, purchase_history(ledger, parameters), parameters, as_of)
    counts = assign_stages(ledger, parameters, as_of).counts()
    known = sum(counts.values()) > 0
    assert (len(months.calendar) > 0) == known
    if known:
        assert {name: months.of(name)[-1] for name in counts} == counts


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(scene=scenes())
def test_parts_add_up_to_the_whole(count, scene) -> None:
    lives, as_of = scene
    ledger, parameters = ledger_of(lives * 3), Parameters()
    history = purchase_history(ledger, parameters)
    months = stage_calendar(ledger, as_of)
    parts = list(ledger.parts(count))
    drawn = cut_history(parts, history_at(ledger, history, as_of, parameters))
    measured = [
        stage_history.measure(part, own, parameters, months)
        for part, own in zip(parts, drawn, strict=True)
    ]
    whole = stage_months(ledger, history, parameters, as_of)
    np.testing.assert_array_equal(stage_history.conclude(measured, months).counts, whole.counts)


def test_a_regular_fills_one_stage_after_the_other() -> None:
    ledger = make_ledger({"a": [(f"2024-{month:02}-01", 10) for month in range(1, 8)]})
    history = purchase_history(ledger, Parameters())
    months = stage_months(ledger, history, Parameters(), as_day("2024-12-31"))
    assert months.calendar.labels[0] == "2024-01"
    assert months.of("exploration").tolist() == [1, 1, *[0] * 10]
    assert months.of("commitment").tolist() == [*[0] * 6, 1, 1, 1, 0, 0, 0]
    assert months.of("termination").tolist() == [*[0] * 9, 1, 1, 1]


def test_leads_count_from_the_first_sale_of_anybody() -> None:
    ledger = make_ledger({"a": [("2024-03-10", 10)]}, created={"lead": "2023-10-20"})
    history = purchase_history(ledger, Parameters())
    months = stage_months(ledger, history, Parameters(), as_day("2024-04-30"))
    assert months.of("awareness").tolist() == [1, 0]
    assert months.never_bought.tolist() == [0, 1]


def test_without_sales_months_begin_with_the_first_client_known() -> None:
    ledger = make_ledger({}, created={"lead": "2024-02-10"})
    history = purchase_history(ledger, Parameters())
    months = stage_months(ledger, history, Parameters(), as_day("2024-04-05"))
    assert months.of("awareness").tolist() == [1, 1, 1]


def test_an_empty_ledger_gives_no_months() -> None:
    ledger = make_ledger({})
    history = purchase_history(ledger, Parameters())
    assert stage_months(ledger, history, Parameters(), 0).counts.shape == (6, 0)


def test_cdnow_months_are_what_the_stages_say(shared_data) -> None:
    ledger, parameters = read_cdnow(shared_data), Parameters()
    history = purchase_history(ledger, parameters)
    months = stage_months(ledger, history, parameters, LAST_DAY)
    for column, day in enumerate(MonthEnds(months.calendar).days):
        stages = assign_stages(ledger, parameters, int(day), history=history)
        assert months.counts[TERMINATION, column] == stages.counts()["termination"]
