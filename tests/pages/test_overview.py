from __future__ import annotations

import json
from datetime import date

from crm_core.formatting import format_money
from crm_core.ledger import Ledger
from crm_core.metrics.bridge import SalesBridge, sales_bridge
from crm_core.metrics.cadence import purchase_history
from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.people import snooze
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from crm_core.ui.clients import find_by_text
from crm_core.ui.lists import PAGE_ROWS, table_key
from tests.pages.conftest import TODAY, Visit, text_of


def bridge_of(url: str) -> tuple[Ledger, SalesBridge]:
    """Return the ledger and its bridge as the core computes it."""
    engine = open_database(url)
    ledger = load_ledger(engine)
    with reading(engine) as connection:
        values = read_parameters(connection).values
    as_of = ledger.default_as_of(to_day(TODAY))
    return ledger, sales_bridge(ledger, purchase_history(ledger, values), values, as_of)


def test_sentence_says_the_change_the_core_computes(demo_database: str, visit: Visit) -> None:
    _, bridge = bridge_of(demo_database)
    text = text_of(visit("overview"))
    assert format_money(abs(bridge.recent - bridge.before), "EUR") in text
    assert "Call " in text


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


def test_clicking_a_line_opens_the_clients_card(demo_database: str, visit: Visit) -> None:
    app = visit("overview")
    ledger, bridge = bridge_of(demo_database)
    gone = bridge.clients("gone")
    key = table_key("behind", gone[:PAGE_ROWS])
    app.session_state[key] = {"selection": {"rows": [], "columns": [], "cells": [[2, "Client"]]}}
    app.run()
    assert not app.exception
    name = ledger.clients.name[int(gone[2])].as_py()
    assert name in "".join(title.value for title in app.title)


def test_snoozed_client_is_not_called_first(demo_database: str, visit: Visit) -> None:
    before = visit("overview")
    first = next(b.label for b in before.get("page_link") if b.label.startswith("**"))
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    position = find_by_text(ledger, first.strip("*"), most=1)[0][0]
    with writing(engine, sales=False) as connection:
        client = int(ledger.clients.record_id[position])
        snooze(connection, client, from_day=date(2020, 1, 1), until=date(2099, 1, 1))
    after = visit("overview")
    assert first not in [b.label for b in after.get("page_link")]


def test_single_client_gives_a_page_in_words(one_client_database: str, visit: Visit) -> None:
    app = visit("overview")
    assert "no year before to compare with" in text_of(app)


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("overview", as_of="2025-06-30")
    text = text_of(app)
    assert "](http" not in text
    assert "<img" not in text.replace("\\<img", "")


def test_month_on_paper_is_that_of_the_day_and_filters_shown(
    demo_database: str, visit: Visit
) -> None:
    app = visit("overview", as_of="2025-04-30")
    [button] = [one for one in app.get("download_button") if "on paper" in one.proto.label]
    assert button.proto.label == "The month on paper: April 2025"
