from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

from crm_core.formatting import say_name
from crm_core.records.clients import add_client
from crm_core.records.consents import latest_consents, record_consent
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.models import Client
from crm_core.records.receipts import list_erasures
from tests.databases import ON_POSTGRES
from tests.pages.conftest import TODAY, Visit, text_of

NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def first_late(visit: Visit) -> str:
    links = [part for part in visit("overview").get("page_link") if "client=" in str(part.proto)]
    return str(links[0].proto.query_string).split("client=")[1].split("&")[0]


@pytest.fixture
def engine(demo_database: str) -> Engine:
    return open_database(demo_database)


def test_page_says_that_nobody_was_erased_and_no_rule_holds(
    demo_database: str, visit: Visit
) -> None:
    shown = text_of(visit("privacy"))
    assert "Nobody was erased; no rule forgets leads who never bought" in shown
    assert "Nothing is written down yet" in shown


def test_person_is_erased_from_the_card_after_a_preview(engine: Engine, visit: Visit) -> None:
    key = first_late(visit)
    with writing(engine) as connection:
        name = connection.execute(select(Client.name).where(Client.external_id == key)).scalar_one()
        add_client(connection, name=name, known_on=NOW.date())
    app = press(visit("client", client=key), "Erase this person")
    assert "Names in files: 1" in text_of(app).replace("\\", "")
    assert say_name(name) in app.warning[0].value, "who stays and may be the same is named"
    app.text_input("erase_reason").set_value("letter 7")
    press(app, "Erase for good")
    with reading(engine) as connection:
        assert list_erasures(connection) == []
    press(app, "Erase this person")
    app.text_input("erase_reason").set_value("letter 7")
    app.checkbox("erase_sure").check()
    press(app, "Erase for good")
    assert "from now on" in app.success[0].value
    assert app.title[0].value.startswith("Erased client")
    with reading(engine) as connection:
        (receipt,) = list_erasures(connection)
    # A server cleans its own files in its own time; the receipt says so.
    clean = None if ON_POSTGRES else True
    assert (receipt.reason, receipt.file_clean) == ("letter 7", clean)
    assert "Call Erased client" not in text_of(visit("overview")), "nobody can call them"
    page = visit("privacy")
    assert "**1\xa0person** erased" in text_of(page).replace("1 person", "1\xa0person")
    assert page.dataframe[0].value["Client"].tolist() == [receipt.pseudonym]


def test_rule_is_set_previewed_and_run(engine: Engine, visit: Visit) -> None:
    app = visit("privacy")
    app.number_input("privacy_months_None").set_value(1)
    app.run()
    press(app, "Switch the rule on")
    assert "to forget" in text_of(app)
    app.checkbox("privacy_sure").check()
    app.run()
    press(app, "Forget them now")
    with reading(engine) as connection:
        assert list_erasures(connection)
    assert "nobody to forget" in text_of(app)


def test_refusal_is_written_on_the_card_and_marked_on_lists(engine: Engine, visit: Visit) -> None:
    late = next(one for one in visit("late").dataframe if "Days late" in one.value)
    with writing(engine, sales=False) as connection:
        names = connection.exec_driver_sql("SELECT id, name FROM clients").all()
        number = next(row.id for row in names if row.name == late.value["Client"].iloc[0])
        record_consent(
            connection,
            number,
            channel="phone",
            state="refused",
            day=TODAY,
            source="call",
            created_at=NOW,
        )
    late = next(one for one in visit("late").dataframe if "Days late" in one.value)
    assert late.value["Do not use"].iloc[0] == "phone"
    overview = visit("privacy").dataframe[0].value
    assert dict(zip(overview["Channel"], overview["Refused"], strict=True))["Phone"] == 1


def test_answer_is_written_down_in_a_dialog(engine: Engine, visit: Visit) -> None:
    app = press(visit("client", client=first_late(visit)), "Write down an answer")
    app.text_input("act_note").set_value("form on paper")
    app.button("act_save").click().run()
    assert not app.exception
    with reading(engine) as connection:
        (held,) = latest_consents(connection).values()
    assert (held["email"].state, held["email"].source) == ("given", "form on paper")
