from __future__ import annotations

import json

from crm_core.formatting import format_money
from crm_core.metrics.bridge import sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, text_of


def test_sentence_says_the_change_the_core_computes(demo_database: str, visit: Visit) -> None:
    app = visit("overview")
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    with reading(engine) as connection:
        values = read_parameters(connection).values
    as_of = ledger.default_as_of(to_day(TODAY))
    bridge = sales_bridge(ledger, purchase_history(ledger, values), values, as_of)
    change = format_money(abs(bridge.recent - bridge.before), "EUR")
    assert change in text_of(app)
    assert "Call " in text_of(app)


def test_bridge_has_a_bar_for_every_cause_and_both_years(demo_database: str, visit: Visit) -> None:
    app = visit("overview")
    bars = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][0]
    assert bars["y"][0] == "12 months before"
    assert bars["y"][-1] == "Last 12 months"
    assert {"Gone", "Shrinking", "Growing", "New"} <= set(bars["y"])


def test_clicking_a_bar_opens_the_list_of_its_clients(demo_database: str, visit: Visit) -> None:
    app = visit("overview")
    app.button_group(key="cause").set_value("new").run()
    assert not app.exception
    assert any(part.value.startswith("New ") for part in app.subheader)
    assert len(app.dataframe[0].value) > 0


def test_single_client_gives_a_page_in_words(one_client_database: str, visit: Visit) -> None:
    app = visit("overview")
    assert "no year before to compare with" in text_of(app)


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("overview", as_of="2025-06-30")
    text = text_of(app)
    assert "](http" not in text
    assert "<img" not in text.replace("\\<img", "")
