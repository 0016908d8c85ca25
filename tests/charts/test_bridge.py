from __future__ import annotations

from crm_core.charts.bridge import bridge_chart
from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {
        "gone": [("2024-08-01", 100)],
        "more": [("2024-09-01", 50), ("2026-05-20", 80), ("2026-06-20", 80)],
        "new": [("2026-06-01", 30)],
        "": [("2024-09-01", 5), ("2026-01-01", 9)],
    }
)
DAY = as_day("2026-06-30")
BRIDGE = sales_bridge(LEDGER, purchase_history(LEDGER, Parameters()), Parameters(), DAY)


def test_bars_lead_from_one_year_to_the_other() -> None:
    bars = bridge_chart(BRIDGE, "EUR").data[0]
    assert bars.y[0] == "12 months before"
    assert bars.y[-1] == "Last 12 months"
    assert bars.x[0] + sum(bars.x[1:-1]) == bars.x[-1]
    ends = [base + length for base, length in zip(bars.base, bars.x, strict=True)]
    assert list(bars.base[1:-1]) == ends[:-2]


def test_every_bar_knows_its_cause_and_the_totals_have_none() -> None:
    bars = bridge_chart(BRIDGE).data[0]
    assert bars.customdata[0] == bars.customdata[-1] == ""
    assert all(BRIDGE.amounts()[cause] for cause in bars.customdata[1:-1])
