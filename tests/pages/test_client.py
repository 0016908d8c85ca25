from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.metrics.products import client_products
from crm_core.records.clients import merge
from crm_core.records.engine import open_database, writing
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from crm_core.ui.clients import client_key, find_client
from tests.pages.conftest import ODD_NAMES, TODAY, Visit, text_of


def test_card_opens_with_where_the_client_stands(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    assert app.title[0].value == "Nordlicht"
    text = text_of(app)
    assert "Nordlicht, **regular** since" in text
    assert "about every " in text
    assert "**late since" in text
    assert "of your sales" in text


def test_share_is_that_of_the_core(demo_database: str, visit: Visit) -> None:
    from crm_core.formatting import format_share
    from crm_core.metrics.pareto import pareto

    ledger = load_ledger(open_database(demo_database))
    position = find_client(ledger, "Nordlicht")
    assert position is not None
    result = pareto(ledger, ledger.default_as_of(to_day(TODAY)))
    shown = {metric.label: metric.value for metric in visit("client", client="Nordlicht").metric}
    assert shown["Share"] == format_share(float(result.shares()[position]))


def test_every_client_of_the_demo_has_a_card(demo_database: str, visit: Visit) -> None:
    ledger = load_ledger(open_database(demo_database))
    app = visit("client", client="Nordlicht")
    for position in range(0, ledger.n_clients, 60):
        app.query_params["client"] = client_key(ledger, position)
        app.run()
        assert not app.exception
        assert app.title[0].value


def test_what_they_stopped_buying_is_what_the_core_says(demo_database: str, visit: Visit) -> None:
    ledger = load_ledger(open_database(demo_database))
    day = ledger.default_as_of(to_day(TODAY))
    found = next(
        (
            (position, products)
            for position in range(ledger.n_clients)
            if (products := client_products(ledger, position, day)).stopped.any()
        ),
        None,
    )
    if found is None:
        pytest.skip("nobody in the demo stopped buying a product")
    position, products = found
    app = visit("client", client=client_key(ledger, position))
    assert f"**{products.name[0]}**: every" in text_of(app).replace("\\", "")


def test_unknown_client_gets_a_friendly_sentence(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="![x](http://evil)")
    text = text_of(app)
    assert "is stored here. Look for another one" in text
    assert "](http" not in text


def test_without_a_client_one_can_be_found_by_name(demo_database: str, visit: Visit) -> None:
    app = visit("client")
    app.text_input(key="card_search").set_value("nordl").run()
    assert any("Nordlicht" in link.proto.label for link in app.get("page_link"))


def noted(app: AppTest) -> str:
    return "\n".join(part.value for part in app.text)


def test_contact_is_noted_as_text_and_can_be_taken_back(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    app.button(key="card_Log a contact").click().run()
    app.text_area(key="act_note").set_value("![x](http://evil) *rang*")
    app.button(key="act_save").click().run()
    app.run()
    assert not app.exception
    assert "![x](http://evil) *rang*" in noted(app)
    key = max(button.key for button in app.button if str(button.key).startswith("withdraw_contact"))
    app.button(key=key).click().run()
    app.run()
    assert "*rang*" not in noted(app)


def test_stage_set_by_hand_needs_a_reason_and_keeps_the_computed_one_in_sight(
    demo_database: str, visit: Visit
) -> None:
    app = visit("client", client="Nordlicht")
    open_more(app, "Set the stage by hand")
    app.button(key="act_save").click().run()
    assert any("reason" in error.value for error in app.error)
    open_more(app, "Set the stage by hand")
    app.selectbox(key="act_stage").set_value("expansion")
    app.text_input(key="act_note").set_value("new buyer")
    app.button(key="act_save").click().run()
    app.run()
    assert "Set by hand; the sales alone say: Regular." in text_of(app)
    assert "Nordlicht, **buying again** since" in text_of(app)


def test_not_a_client_leaves_and_can_come_back(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    open_more(app, "This is not a client")
    app.button(key="act_save").click().run()
    app.run()
    assert "is stored here. Look for another one" in text_of(app)
    again = [b for b in app.button if str(b.key).startswith("client_again_")]
    for button in again:
        button.click()
    app.run()
    app.query_params["client"] = "Nordlicht"
    app.run()
    assert app.title[0].value == "Nordlicht"


def open_more(app: AppTest, choice: str) -> None:
    """Choose from the menu of rarer actions."""
    app.session_state["act_open"] = choice
    app.run()


def test_merges_are_shown_and_can_be_taken_apart(demo_database: str, visit: Visit) -> None:
    engine = open_database(demo_database)
    ledger = load_ledger(engine)
    into = find_client(ledger, "Nordlicht")
    assert into is not None
    with writing(engine) as connection:
        merge(
            connection,
            int(ledger.clients.record_id[0 if into else 1]),
            int(ledger.clients.record_id[into]),
            merged_at=datetime(2025, 6, 2, tzinfo=UTC),
            by="",
            evidence="same phone",
        )
    app = visit("client", client="Nordlicht")
    assert "same phone" in noted(app)
    button = next(b for b in app.button if str(b.key).startswith("unmerge_"))
    button.click().run()
    app.run()
    assert "same phone" not in noted(app)


def test_attributes_are_shown_as_text(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht")
    facts = next(table.value for table in app.dataframe if "What" in table.value.columns)
    assert {"Number", "Group", "Country"} <= set(facts["What"])


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    app = visit("client", client=ODD_NAMES[0])
    ledger = load_ledger(open_database(odd_database))
    for position in range(ledger.n_clients):
        app.query_params["client"] = client_key(ledger, position)
        app.run()
        assert not app.exception
        text = text_of(app)
        assert "](http" not in text
        assert "<img" not in text.replace("\\<img", "")


def test_single_client_has_a_card(one_client_database: str, visit: Visit) -> None:
    app = visit("client", client="Only")
    assert "Only, **trying us** since 1 May 2025: about every 19 days for 75" in text_of(app)
    assert "**100\u00a0%** of your sales" in text_of(app)


def test_day_before_the_client_was_known_says_so(demo_database: str, visit: Visit) -> None:
    app = visit("client", client="Nordlicht", as_of="2021-06-10")
    assert not app.exception


def test_empty_database_greets(database: str, visit: Visit) -> None:
    assert "Welcome" in text_of(visit("client", client="x"))
