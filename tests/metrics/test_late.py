from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.late import gone_clients, late_clients, pick_late
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from crm_core.metrics.trailing import NetSales, trailing_sales
from crm_core.tables import NEVER, to_date
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lives import ledger_of, scenes

P = Parameters()

SHOP = make_ledger(
    {
        "big": [("2024-01-10", 900)],  # late from 11 March, gone from 10 May
        "fresh": [("2024-04-20", 70)],
        "gone": [("2023-12-01", 50), ("2023-12-20", 30)],
        "small": [("2024-01-05", 20)],  # late from 6 March, gone from 5 May
        "told us": [("2024-04-01", 60)],
    },
    created={"lead": "2023-01-01"},
    closed={"told us": [("2024-04-15", "better offer", "client")]},
)


def late_on(day: str):
    stages = assign_stages(SHOP, P, as_day(day))
    return late_clients(stages, trailing_sales(SHOP, stages.as_of))


def names(positions) -> list[str]:
    return [SHOP.clients.name[int(position)].as_py() for position in positions]


def test_late_clients_come_by_the_money_at_stake() -> None:
    late = late_on("2024-05-01")
    assert names(late.client) == ["big", "small"]
    assert late.sales.tolist() == [900_0000, 20_0000]
    assert late.total == 920_0000
    assert [to_date(day).isoformat() for day in late.late_on] == ["2024-03-11", "2024-03-06"]
    assert [to_date(day).isoformat() for day in late.gone_on] == ["2024-05-10", "2024-05-05"]
    assert late.days_late.tolist() == [52, 57]


def test_the_first_day_late_is_one_day_late() -> None:
    assert "small" not in names(late_on("2024-03-05").client)
    late = late_on("2024-03-06")
    assert late.days_late[names(late.client).index("small")] == 1


def test_who_is_gone_within_a_week_is_told() -> None:
    late = late_on("2024-05-01")
    assert names(late.client[late.soon]) == ["small"]
    assert (late.n_soon, late.total_soon) == (1, 20_0000)
    assert late_on("2024-05-03").n_soon == 2


def test_gone_clients_count_with_what_they_brought_when_they_last_bought() -> None:
    stages = assign_stages(SHOP, P, as_day("2024-05-01"))
    gone = gone_clients(SHOP, stages)
    assert names(gone.client) == ["gone", "told us"]
    assert gone.sales.tolist() == [80_0000, 60_0000]
    assert gone.n_ended == 1
    assert gone.total == 140_0000
    assert names(gone_clients(SHOP, stages, since=as_day("2024-04-15")).client) == ["told us"]


def test_a_late_contract_without_a_purchase_has_no_last_purchase() -> None:
    ledger = make_ledger({}, contracts={"a": [("2023-03-01", "2024-02-29", "paid")]})
    stages = assign_stages(ledger, P, as_day("2024-03-10"))
    late = late_clients(stages, trailing_sales(ledger, stages.as_of))
    assert late.last_purchase.tolist() == [NEVER]
    assert late.days_late.tolist() == [10]


def test_cdnow_has_229_late_clients(shared_data) -> None:
    ledger = read_cdnow(shared_data)
    stages = assign_stages(ledger, P, LAST_DAY)
    assert len(late_clients(stages, trailing_sales(ledger, LAST_DAY))) == 229
    assert len(gone_clients(ledger, stages)) == 1740


@settings(max_examples=40)
@given(scenes())
def test_late_gone_and_the_others_are_all_clients(scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    stages = assign_stages(ledger, P, as_of)
    late = late_clients(stages, trailing_sales(ledger, as_of))
    gone = gone_clients(ledger, stages)
    assert (np.diff(late.sales) <= 0).all()
    assert (late.days_late >= 1).all()
    assert not set(late.client.tolist()) & set(gone.client.tolist())
    assert sorted(late.client.tolist()) == np.flatnonzero(stages.late).tolist()
    bought = NetSales(ledger.sales).trailing(gone.client, gone.last_purchase)
    np.testing.assert_array_equal(bought, gone.sales)
    assert (stages.stage[gone.client] == TERMINATION).all()


def test_snoozed_clients_can_be_taken_out_of_the_late_list() -> None:
    late = late_on("2024-04-30")
    rest = pick_late(late, np.arange(len(late)) > 0)
    assert names(rest.client) == names(late.client)[1:]
    assert rest.total == late.total - int(late.sales[0])
