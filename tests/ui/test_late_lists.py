"""The words of the lists about late and gone."""

from __future__ import annotations

from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn import churn
from crm_core.metrics.goodbyes import RuleFigures
from crm_core.metrics.parameters import Parameters
from crm_core.ui.late_lists import balance_words, month_words, rule_table
from tests.builders import as_day, make_ledger

FIRST = as_day("2024-01-01")
MONTHLY = [(FIRST + day, 1_000) for day in (0, 30, 60, 90, 120, 150, 180)]


def test_balance_is_written_in_the_order_it_adds_up() -> None:
    ledger = make_ledger({"Nordlicht": MONTHLY})
    months = churn(ledger, purchase_history(ledger, Parameters()), Parameters(), FIRST + 200).months
    words = balance_words(months, 0, money=False)
    assert list(words.values()) == ["Start 0", "+ New 1", "+ Came back 0", "− Gone 0", "= End 1"]
    assert month_words(months, len(months) - 1) == "Jul 2024 (so far)"


def test_rules_without_a_rate_show_a_dash() -> None:
    table = rule_table([RuleFigures("fixed:60", 3, 2, None)])
    assert table["Gone after"] == ["60 days of silence"]
    assert table["Given up and came back"] == ["—"]
