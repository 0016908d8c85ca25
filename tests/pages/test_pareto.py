from __future__ import annotations

import json

import pytest

from crm_core.metrics.pareto import pareto
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, text_of


@pytest.mark.parametrize(("link", "period"), [("Last 12 months", "12m"), ("All time", "all")])
def test_sentence_and_cards_say_the_numbers_of_the_core(
    link: str, period: str, demo_database: str, visit: Visit
) -> None:
    app = visit("pareto", period=link)
    ledger = load_ledger(open_database(demo_database))
    result = pareto(ledger, ledger.default_as_of(to_day(TODAY)), period=period)
    assert f"{result.for80_clients} of {result.n} buying clients" in text_of(app)
    assert app.metric[0].value == f"{result.for80_clients}"
    assert len(app.dataframe[0].value) == result.n


def test_bars_are_the_largest_clients_and_the_line_sums_them_up(
    demo_database: str, visit: Visit
) -> None:
    app = visit("pareto")
    bars, line = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][:2]
    assert bars["x"] == sorted(bars["x"], reverse=True)
    assert line["x"][0] == pytest.approx(sum(bars["x"][:2]))


def test_class_opens_the_list_of_its_clients(demo_database: str, visit: Visit) -> None:
    app = visit("pareto")
    app.button_group(key="class").set_value("A").run()
    assert set(app.dataframe[0].value["Class"]) == {"A"}


def test_list_is_searched_by_name(demo_database: str, visit: Visit) -> None:
    app = visit("pareto")
    name = app.dataframe[0].value["Client"].iloc[0]
    app.text_input(key="buyers_search").set_value(name.upper()).run()
    found = list(app.dataframe[0].value["Client"])
    assert name in found
    assert all(name.casefold() in one.casefold() for one in found)


def test_single_client_carries_everything(one_client_database: str, visit: Visit) -> None:
    app = visit("pareto")
    assert "everything hangs on one" in text_of(app)


def test_day_before_the_first_sale_says_why_there_are_no_shares(
    demo_database: str, visit: Visit
) -> None:
    app = visit("pareto", as_of="2021-06-03")
    assert not app.exception


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("pareto")
    assert len(app.dataframe[0].value) == 6
    assert "](http" not in text_of(app)
    labels = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]["y"]
    assert not any("<" in label for label in labels)
