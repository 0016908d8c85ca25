"""The drawer and the headings, drawn without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.access import ALONE, NOBODY, Actor
from crm_core.definitions import define
from crm_core.errors import ParameterError
from crm_core.ui.definitions import Shown, in_small, number_columns, tooltip
from crm_core.ui.lists import Column


def page() -> None:
    """Draw a drawer of two numbers; the first one says when it is worked out elsewhere."""
    import streamlit as st

    from crm_core.ui.definitions import Shown, definition_drawer

    def elsewhere() -> list[tuple[str, str]]:
        st.session_state["asked"] = st.session_state.get("asked", 0) + 1
        return [("late after 1 rhythm", "29"), ("late after 3 rhythms", "23")]

    numbers = [
        Shown("churn.late", "23", "182 active clients", elsewhere),
        Shown("pareto.gini", "0.61", "*142* buying clients"),
    ]
    definition_drawer(numbers, key="drawer")


@pytest.fixture
def app() -> AppTest:
    """Return the page with its drawer closed."""
    return AppTest.from_function(page, default_timeout=60).run()


def test_closed_drawer_works_nothing_out(app: AppTest) -> None:
    assert not app.exception
    assert "asked" not in app.session_state
    assert not app.markdown


def test_open_drawer_says_what_where_and_what_elsewhere(app: AppTest) -> None:
    app.session_state["drawer"] = True
    app.run()
    assert not app.exception
    assert app.session_state["asked"] == 1
    first, second = (part.value for part in app.markdown)
    assert first.startswith("**Late clients: 23**")
    assert second.startswith("**Gini coefficient: 0\\.61**")
    assert app.code[0].value == define("churn.late").formula
    said = "\n".join(part.value for part in app.caption)
    assert "Rests on: 182 active clients" in said
    assert "Rests on: \\*142\\* buying clients" in said
    assert "late after 1 rhythm: **29**" in said
    assert "The same: late after 3 rhythms." in said


@pytest.mark.parametrize(("seen", "may"), [(ALONE, True), (NOBODY, False)])
def test_a_drawer_opened_after_a_role_was_taken_away_works_nothing_out(
    app: AppTest, seen: Actor, may: bool
) -> None:
    app.session_state["_signed_in_as"] = (seen.label, ALONE.view_key)
    app.session_state["drawer"] = True
    app.run()
    assert not app.exception
    assert ("asked" in app.session_state) is may
    assert any("reload the page" in part.value for part in app.caption) is not may


def test_a_number_nobody_defined_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"no\.number"):
        tooltip("no.number")
    assert Shown("churn.late", "1", "2 clients").others() == ()


def test_heading_says_sentence_formula_window_left_out_and_source() -> None:
    said = tooltip("client.days_late")
    assert said.split("\n\n")[
        0
    ] == "How many days the client is late, the first one and the as\\-" + ("of day included\\.")
    assert [line.split(":")[0] for line in said.split("\n\n")[1:]] == [
        "Formula",
        "Window",
        "Left out",
        "Source",
    ]
    assert in_small("Days *late*", "client.days_late").startswith("**Days \\*late\\*.** How")


def test_column_with_a_definition_needs_no_help_of_its_own() -> None:
    assert Column("Days late", [1], definition="client.days_late").tooltip == tooltip(
        "client.days_late"
    )
    assert Column("How we know", ["said so"], help="Who said so").tooltip == "Who said so"


def test_small_tables_say_what_their_numbers_mean() -> None:
    columns = number_columns(
        {"Rows": "import.rows", "Money": "import.money"}, {"Rows": "localized"}
    )
    assert {name: column["help"] for name, column in columns.items()} == {
        "Rows": tooltip("import.rows"),
        "Money": tooltip("import.money"),
    }
    assert columns["Rows"]["type_config"]["format"] == "localized"
