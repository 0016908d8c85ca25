from __future__ import annotations

from crm_core.metrics.cadence import TERMINATION
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import assign_stages
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {"ann": [("2025-03-01", 10), ("2025-03-20", 10)], "bob": [("2025-03-05", 10)]},
    closed={"ann": [("2025-03-25", "better offer", "client")]},
    inbound={"bob": ["2025-03-24", "2025-03-30"]},
)
LAST_SALE, TODAY = as_day("2025-03-20"), as_day("2025-03-26")


def test_who_left_after_the_last_sale_is_gone_at_once() -> None:
    assert assign_stages(LEDGER, Parameters(), LAST_SALE).stage[0] != TERMINATION
    drawn = LEDGER.with_records_until(LAST_SALE, TODAY)
    assert assign_stages(drawn, Parameters(), LAST_SALE).stage[0] == TERMINATION


def test_records_after_today_keep_their_day() -> None:
    drawn = LEDGER.with_records_until(LAST_SALE, TODAY)
    assert drawn.contacts.day.tolist() == [LAST_SALE, as_day("2025-03-30")]


def test_earlier_records_and_sales_stay_as_they_are() -> None:
    drawn = LEDGER.with_records_until(as_day("2025-03-28"), as_day("2025-03-29"))
    assert drawn.endings.day.tolist() == LEDGER.endings.day.tolist()
    assert drawn.sales is LEDGER.sales
