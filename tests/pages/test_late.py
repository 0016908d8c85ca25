from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from crm_core.formatting import format_count, format_money
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.churn import Churn, churn
from crm_core.policy import read_parameters
from crm_core.records.clients import snoozed_clients
from crm_core.records.engine import open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.tables import to_date, to_day
from crm_core.ui.view import today
from tests.pages.conftest import TODAY, Visit, text_of


def core_result(url: str) -> tuple[Ledger, Churn, set[int]]:
    engine = open_database(url)
    ledger = load_ledger(engine)
    day = ledger.default_as_of(to_day(TODAY))
    ledger = ledger.with_records_until(day, to_day(today()))
    with reading(engine) as connection:
        values = read_parameters(connection).values
        snoozed = snoozed_clients(connection, max(today(), to_date(day)))
    return ledger, churn(ledger, purchase_history(ledger, values), values, day), snoozed


def open_tab(app: AppTest, name: str) -> AppTest:
    app.session_state["late_tabs"] = name
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_sentence_counts_the_late_and_their_sales(demo_database: str, visit: Visit) -> None:
    app = visit("late")
    ledger, result, snoozed = core_result(demo_database)
    waiting = ~np.isin(ledger.clients.record_id[result.late.client], list(snoozed))
    money = format_money(int(result.late.sales[waiting].sum()), "EUR")
    assert f"**{int(waiting.sum())} clients** worth **{money}** a year are late" in text_of(app)
    shown = (app.dataframe[0].value["At stake"] * 10_000).round().astype(int)
    assert shown.tolist() == result.late.sales[waiting].tolist()


def test_snoozing_takes_a_client_off_the_list_until_its_day(
    demo_database: str, visit: Visit
) -> None:
    app = visit("late")
    first = app.dataframe[0].value["Client"].iloc[0]
    before = len(app.dataframe[0].value)
    app.button(key="late_Snooze").click().run()
    app.button(key="act_save").click().run()
    app.run()
    assert not app.exception
    assert first not in set(app.dataframe[0].value["Client"])
    assert len(app.dataframe[0].value) == before - 1
    assert any("Snoozed for now" in part.value for part in app.subheader)


def test_ended_client_is_gone_and_says_who_and_why(demo_database: str, visit: Visit) -> None:
    app = visit("late")
    first = app.dataframe[0].value["Client"].iloc[0]
    app.button(key="late_Ended").click().run()
    app.selectbox(key="act_reason").set_value("closed down")
    app.button(key="act_save").click().run()
    app.run()
    assert first not in set(app.dataframe[0].value["Client"])
    gone = open_tab(app, "Gone").dataframe[0].value.set_index("Client")
    assert gone.loc[first, "How we know"] == "client: closed down"


def test_contact_moves_the_gone_day(demo_database: str, visit: Visit) -> None:
    app = visit("late")
    table = app.dataframe[0].value.set_index("Client")
    first = app.dataframe[0].value["Client"].iloc[0]
    app.button(key="late_Log a contact").click().run()
    app.text_area(key="act_note").set_value("rang, *will* order")
    app.button(key="act_save").click().run()
    app.run()
    after = app.dataframe[0].value.set_index("Client")
    due = "Probably gone from"
    assert after.loc[first, due] >= table.loc[first, due]


def test_balance_adds_up_and_every_term_opens_its_clients(demo_database: str, visit: Visit) -> None:
    app = open_tab(visit("late"), "The balance")
    _, result, _ = core_result(demo_database)
    month = int(app.selectbox(key="balance_month").value)
    for term in ("start", "new", "back", "lost", "end"):
        app.button_group(key="balance_term").set_value(term).run()
        count = int(getattr(result.months, term)[month])
        assert f":gray[{format_count(count)}]" in app.subheader[-1].value


def test_money_balance_says_how_those_who_stayed_changed(demo_database: str, visit: Visit) -> None:
    app = open_tab(visit("late"), "The balance")
    app.button_group(key="unit").set_value("Money").run()
    _, result, _ = core_result(demo_database)
    month = int(app.selectbox(key="balance_month").value)
    stayed = format_money(int(result.months.sales_stayed[month]), signed=True)
    assert stayed in text_of(app)


def test_wrong_goodbyes_stand_beside_the_gone(demo_database: str, visit: Visit) -> None:
    app = open_tab(visit("late"), "Gone")
    _, result, _ = core_result(demo_database)
    assert result.goodbyes is not None
    back, gone = len(result.goodbyes.came_back), len(result.goodbyes.gone)
    assert f"{back} of {gone}" in text_of(app)
    assert len(app.dataframe[0].value) == len(result.gone)


def test_shrinking_clients_have_their_own_list(demo_database: str, visit: Visit) -> None:
    app = open_tab(visit("late"), "Shrinking")
    _, result, _ = core_result(demo_database)
    assert len(app.dataframe[0].value) == len(result.shrinking)


def test_rules_stand_beside_each_other(demo_database: str, visit: Visit) -> None:
    app = open_tab(visit("late"), "More")
    rules = app.dataframe[0].value["Gone after"].tolist()
    assert rules == [
        "Own rhythm of each client",
        *(f"{days} days of silence" for days in (60, 90, 180)),
    ]


def test_every_tab_stands_with_one_client_and_with_odd_names(
    odd_database: str, visit: Visit
) -> None:
    app = visit("late")
    for tab in ("Who is late", "The balance", "Gone", "Shrinking", "More"):
        text = text_of(open_tab(app, tab))
        assert "](http" not in text
        assert "<img" not in text.replace("\\<img", "")


def test_single_client_gives_a_page_in_words(one_client_database: str, visit: Visit) -> None:
    app = visit("late")
    assert "Nobody is late" in text_of(app)
    for tab in ("The balance", "Gone", "Shrinking", "More"):
        open_tab(app, tab)


def test_empty_database_greets(database: str, visit: Visit) -> None:
    assert "Welcome" in text_of(visit("late"))
