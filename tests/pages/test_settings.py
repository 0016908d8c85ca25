from __future__ import annotations

from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading
from tests.pages.conftest import Visit, text_of


def stored_k_late(url: str) -> float:
    with reading(open_database(url)) as connection:
        return read_parameters(connection).values.k_late


def test_change_is_counted_before_it_is_saved(demo_database: str, visit: Visit) -> None:
    app = visit("settings")
    app.main.selectbox(key="setting").set_value("k_gone").run()
    app.main.number_input[0].set_value(6.0).run()
    assert not app.exception
    assert "would move" in text_of(app)
    effect = app.dataframe[1].value
    assert effect["Now"].sum() == effect["Then"].sum()
    assert effect["Change"].sum() == 0


def test_saved_change_is_in_force_with_its_source_and_can_be_taken_back(
    demo_database: str, visit: Visit
) -> None:
    app = visit("settings")
    app.main.selectbox(key="setting").set_value("k_late").run()
    app.main.number_input[0].set_value(3.0).run()
    app.main.button(key="save_setting").click().run()
    assert not app.exception
    assert stored_k_late(demo_database) == 3.0
    table = app.dataframe[0].value.set_index("Setting")
    assert table.loc["Late after so many rhythms", "Comes from"] == "set by you"
    app.main.button(key="reset_k_late").click().run()
    assert stored_k_late(demo_database) == 2.0
