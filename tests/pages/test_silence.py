"""Where most of those given up come back, the pages speak of silence, not of gone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm_core.policy import write_rule
from crm_core.records.engine import open_database, writing
from tests.pages.conftest import Visit, as_csv, fill, text_of


@pytest.fixture
def doubtful_database(database: str) -> str:
    """Return sixty clients who buy every hundred days, given up after thirty."""
    first = date(2023, 1, 2)
    rows = [
        (f"c{k}", (first + timedelta(days=(7 * k) % 100 + 100 * i)).isoformat(), f"{10 + k}.00")
        for k in range(60)
        for i in range(8)
    ]
    fill(database, as_csv(rows))
    with writing(open_database(database), sales=False) as connection:
        write_rule(connection, {"window": 30}, since=date(2025, 6, 2))
    return database


@pytest.mark.parametrize("page", ["stages", "late", "overview"])
def test_pages_speak_of_silence(page: str, doubtful_database: str, visit: Visit) -> None:
    assert doubtful_database
    app = visit(page)
    if page == "late":
        app.session_state["late_tabs"] = "Silent"
        app.run()
        assert not app.exception
    if page == "stages":
        app.main.selectbox(key="stage_group").set_value("termination").run()
        assert not app.exception
    text = text_of(app)
    assert "Silence says little here" in text or page == "overview"
    assert "robably gone" not in text
    assert "**Gone**" not in text
    if page == "stages":
        assert "**Silent** (termination)" in text


def test_card_of_a_silent_client_says_how_long_not_that_he_is_gone(
    doubtful_database: str, visit: Visit
) -> None:
    assert doubtful_database
    text = text_of(visit("client", client="c1"))
    assert "ilent longer than usual" in text
    assert "robably gone" not in text


def test_the_page_of_the_rules_says_it_first(doubtful_database: str, visit: Visit) -> None:
    assert doubtful_database
    headline = next(m.value for m in visit("goodbyes").markdown if m.value.startswith("#### "))
    assert "silence says little" in headline


def test_lists_of_the_gone_say_how_often_that_was_wrong(demo_database: str, visit: Visit) -> None:
    assert demo_database
    app = visit("stages")
    app.main.selectbox(key="stage_group").set_value("termination").run()
    assert "came back** since" in text_of(app)
    app = visit("overview")
    app.session_state["cause"] = "gone"
    app.run()
    assert not app.exception
    assert "came back** since" in text_of(app)
    app = visit("late")
    app.session_state["late_tabs"] = "The balance"
    app.run()
    assert "came back** since" in text_of(app)
