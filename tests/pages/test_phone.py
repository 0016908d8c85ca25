"""What a telephone shows otherwise."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.ui import phone, shell, sidebar
from tests.pages.conftest import Visit


@pytest.fixture
def on_a_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (phone, shell, sidebar):
        monkeypatch.setattr(module, "on_a_phone", lambda: True)


def found(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.main.get("page_link") if "client=" in str(link.proto)]


def test_search_stands_on_the_page_and_is_empty_once_it_led_to_a_card(
    on_a_phone: None, demo_database: str, visit: Visit
) -> None:
    app = visit("stages")
    assert "Find a client" not in [field.label for field in app.sidebar.text_input]
    field = app.main.text_input(key="find")
    assert field.label == "Find a client"
    field.set_value("Nordlicht").run()
    assert "Nordlicht" in found(app)
    app.query_params["client"] = "1369"
    app.switch_page("pages/client.py").run()
    assert not app.exception
    assert app.main.text_input(key="find").value == ""


def test_search_stands_in_the_sidebar_elsewhere(demo_database: str, visit: Visit) -> None:
    app = visit("stages")
    assert app.sidebar.text_input(key="find").label == "Find a client"


def test_buttons_of_a_table_get_room_only_where_they_are_always_shown(
    monkeypatch: pytest.MonkeyPatch, on_a_phone: None, demo_database: str, visit: Visit
) -> None:
    app = visit("team")
    n_tables, n_spaces = len(app.dataframe), len(app.get("space"))
    assert n_tables
    assert n_spaces >= n_tables
    monkeypatch.setattr(phone, "on_a_phone", lambda: False)
    assert len(app.run().get("space")) == n_spaces - n_tables
