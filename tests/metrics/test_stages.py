from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import StageResult, assign_stages
from crm_core.tables import STAGES, to_date
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lives import Life, ledger_of, scenes
from tests.metrics.plain_stages import PlainClient
from tests.metrics.worked_examples import CASES, Case

SETTINGS = st.sampled_from(
    (
        Parameters(),
        Parameters(),
        Parameters(closed_months=(8,)),
        Parameters(closed_months=(1, 7, 8)),
        Parameters(m0=100.0),
        Parameters(window=90),
        Parameters(same_weeks=False),
        Parameters(model=(0.24, 4.4, 0.79, 2.4, 39.0)),
        Parameters(model=(1.5, 6.0, 0.4, 3.0, 20.0), closed_months=(8,)),
        Parameters(m0=7.3, k_late=1.5, k_gone=3, n_expand=2, late_streak=1, reentry_credit=0),
    )
)


def stands(stages: StageResult, client: int = 0) -> str:
    """Return where a client stands as the worked examples write it."""
    stage = STAGES[stages.stage[client]]
    if stage == "none":
        return stage
    flags = [flag for flag in ("reentry", "late") if getattr(stages, flag)[client]]
    days = [to_date(day[client]).isoformat() for day in (stages.since, stages.gone_on)]
    return " ".join([stage, *days, str(stages.purchases[client]), *flags])


def on(day: str, ledger: Ledger, parameters: Parameters | None = None) -> StageResult:
    return assign_stages(ledger, parameters or Parameters(), as_day(day))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_worked_example(case: Case) -> None:
    assert stands(on(case.as_of, case.ledger())) == case.stands


@settings(max_examples=50)
@given(scenes(), SETTINGS)
def test_vectorised_pass_equals_the_slow_and_obvious_rule(
    scene: tuple[list[Life], int], parameters: Parameters
) -> None:
    lives, as_of = scene
    found = assign_stages(ledger_of(lives), parameters, as_of)
    for client, life in enumerate(lives):
        side = PlainClient(life, as_of, parameters).standing()
        plain = (side.since, side.late, side.reentry, side.late_on, side.gone_on, side.purchases)
        names = ("since", "late", "reentry", "late_on", "gone_on", "purchases")
        assert STAGES[found.stage[client]] == side.stage
        assert tuple(getattr(found, name)[client] for name in names) == plain


@settings(max_examples=40)
@given(scenes(), SETTINGS)
def test_a_history_at_hand_gives_the_same_as_one_computed_on_the_day(
    scene: tuple[list[Life], int], parameters: Parameters
) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    history = purchase_history(ledger, parameters)
    fresh, looked_up = (
        assign_stages(ledger, parameters, as_of, history=h) for h in (None, history)
    )
    for name, column in vars(fresh).items():
        np.testing.assert_array_equal(getattr(looked_up, name), column, err_msg=name)


def test_cdnow_stages_are_the_published_ones(shared_data) -> None:
    stages = assign_stages(read_cdnow(shared_data), Parameters(), LAST_DAY)
    assert stages.counts() == {
        "awareness": 0,
        "exploration": 251,
        "expansion": 301,
        "commitment": 65,
        "termination": 1740,
    }
    assert stages.late.sum() == 229
    assert stages.never_bought.sum() == 0


def test_an_empty_ledger_has_nobody_in_any_stage() -> None:
    stages = on("2024-01-01", make_ledger({}))
    assert sum(stages.counts().values()) == 0


def test_a_lead_given_up_is_told_from_a_client_gone() -> None:
    ledger = make_ledger({"bought": [("2024-01-01", 5)]}, created={"asked": "2024-01-01"})
    stages = on("2025-01-01", ledger)
    assert stages.counts()["termination"] == 2
    assert stages.never_bought.tolist() == [True, False]


def test_a_client_with_refunds_only_is_a_lead_known_on_its_first_row() -> None:
    stages = on("2024-02-01", make_ledger({"a": [("2024-01-05", -20)]}))
    assert stands(stages) == "awareness 2024-01-05 2024-07-04 0"


# -- overrides --------------------------------------------------------------------------


def override(stage: str, set_on: str, until: str, **rest: object) -> Ledger:
    moves = {"a": [(stage, "we talked", set_on, until)]}
    orders = rest.pop("orders", {"a": [("2024-01-01", 10)]})
    return make_ledger(orders, overrides=moves, **rest)


def test_an_override_ends_after_its_last_day() -> None:
    ledger = override("commitment", "2024-01-10", "2024-02-10")
    assert [STAGES[on(day, ledger).stage[0]] for day in ("2024-02-10", "2024-02-11")] == [
        "commitment",
        "exploration",
    ]


def test_the_computed_stage_stays_visible_beside_an_override() -> None:
    stages = on("2024-01-20", override("commitment", "2024-01-10", "2024-02-10"))
    assert (STAGES[stages.stage[0]], STAGES[stages.computed[0]]) == ("commitment", "exploration")
    assert stages.overridden.all()


def test_an_override_to_gone_is_voided_by_a_later_purchase() -> None:
    orders = {"a": [("2024-01-01", 10), ("2024-02-01", 10)]}
    ledger = override("termination", "2024-01-10", "2024-06-30", orders=orders)
    assert [STAGES[on(day, ledger).stage[0]] for day in ("2024-01-31", "2024-02-01")] == [
        "termination",
        "exploration",
    ]


def test_an_override_set_after_the_goodbye_is_not_voided_by_it() -> None:
    ledger = override("expansion", "2024-06-01", "2024-11-28")
    assert STAGES[on("2024-10-01", ledger).stage[0]] == "expansion"


def test_an_override_of_a_client_who_went_and_came_back_since_is_void() -> None:
    orders = {"a": [("2024-01-01", 10), ("2024-05-10", 10)]}
    ledger = override("commitment", "2024-01-10", "2024-12-31", orders=orders)
    assert STAGES[on("2024-05-20", ledger).stage[0]] == "exploration"


def test_a_lead_given_up_is_revived_by_an_override() -> None:
    ledger = override(
        "awareness", "2024-08-01", "2024-12-31", orders={}, created={"a": "2024-01-01"}
    )
    stages = on("2024-09-01", ledger)
    assert STAGES[stages.stage[0]] == "awareness"
    assert STAGES[stages.computed[0]] == "termination"


# -- endings and contracts ---------------------------------------------------------------


def test_the_ending_row_tells_who_ended_it() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 10)]},
        created={"lead": "2024-01-01"},
        closed={"a": [("2024-02-01", "dissatisfied")], "lead": [("2024-03-01", "other", "us")]},
    )
    stages = on("2024-03-01", ledger)
    assert stages.ending.tolist() == [0, 1]
    assert on("2024-02-29", ledger).ending.tolist() == [0, -1]


def test_an_ending_that_comes_after_the_silence_confirms_it() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]}, closed={"a": [("2024-06-01", "closed down")]})
    stages = on("2024-06-01", ledger)
    assert stands(stages) == "termination 2024-05-01 2024-05-01 1"
    assert stages.ending.tolist() == [0]


def test_contract_and_purchases_together_count_with_the_higher_live_stage() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 10)]}, contracts={"a": [("2024-01-01", "2024-12-31", "paid")]}
    )
    assert stands(on("2024-06-30", ledger)) == "expansion 2024-01-01 2025-01-15 1"
    assert on("2024-06-30", ledger).by_contract.all()
    assert stands(on("2025-01-15", ledger)) == "termination 2025-01-15 2025-01-15 1"
