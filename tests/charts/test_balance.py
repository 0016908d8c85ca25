from __future__ import annotations

import pytest

from crm_core.charts.balance import balance_bars
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn_months import ChurnMonths, churn_months
from crm_core.metrics.parameters import Parameters
from crm_core.money import UNIT
from tests.builders import as_day, make_ledger

ORDERS = {
    "ann": [("2024-01-05", 100), ("2024-02-04", 100), ("2025-01-10", 50)],
    "bob": [("2024-03-01", 10)],
    "cy": [("2024-01-20", 7), ("2024-12-30", 7)],
}


def balance(as_of: str) -> ChurnMonths:
    ledger = make_ledger(ORDERS)
    history = purchase_history(ledger, Parameters())
    return churn_months(ledger, history, Parameters(), as_of=as_day(as_of))


def test_bars_show_the_terms_of_the_balance_gone_downwards() -> None:
    months = balance("2025-01-15")
    figure = balance_bars(months)
    shown = {trace.name: list(trace.y) for trace in figure.data}
    assert shown["New"] == months.new.tolist()
    assert shown["Came back"] == months.back.tolist()
    assert shown["Gone"] == (-months.lost).tolist()
    assert shown["Active at the end"] == months.end.tolist()


def test_bar_knows_its_term_and_month() -> None:
    figure = balance_bars(balance("2025-01-15"))
    gone = next(trace for trace in figure.data if trace.name == "Gone")
    assert [list(facts) for facts in gone.customdata[:2]] == [["lost", 0], ["lost", 1]]


def test_money_is_drawn_in_units() -> None:
    months = balance("2025-01-15")
    new = next(t for t in balance_bars(months, unit="money").data if t.name == "New")
    assert list(new.y) == (months.sales_new / UNIT).tolist()


@pytest.mark.parametrize(("as_of", "hatched"), [("2025-01-15", "/"), ("2025-01-31", "")])
def test_only_a_running_month_is_hatched_and_labelled(as_of: str, hatched: str) -> None:
    figure = balance_bars(balance(as_of))
    new = next(trace for trace in figure.data if trace.name == "New")
    assert new.marker.pattern.shape[-1] == hatched
    assert set(new.marker.pattern.shape[:-1]) == {""}
    texts = [note.text for note in figure.layout.annotations]
    assert ("15 of 31 days" in texts) == bool(hatched)


def test_no_sales_give_empty_axes() -> None:
    ledger = make_ledger({}, created={"lead": "2025-01-01"})
    history = purchase_history(ledger, Parameters())
    figure = balance_bars(churn_months(ledger, history, Parameters(), as_day("2025-02-01")))
    assert all(len(trace.x) == 0 for trace in figure.data)
