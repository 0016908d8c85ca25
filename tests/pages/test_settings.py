from __future__ import annotations

from datetime import date

import pytest

from crm_core.metrics.parameters import Parameters
from crm_core.policy import read_parameters, write_rule
from crm_core.records.engine import open_database, reading, writing
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


MODEL = (0.6, 3.0, 0.4, 2.5, 26.0)


def put_in_force(url: str, **rule: object) -> None:
    with writing(open_database(url), sales=False) as connection:
        write_rule(connection, rule, since=date(2026, 5, 3))


def test_a_window_tried_under_a_model_takes_the_model_away(
    demo_database: str, visit: Visit
) -> None:
    put_in_force(demo_database, model=MODEL)
    app = visit("settings")
    assert "a purchase within" in text_of(app)
    table = app.dataframe[0].value.set_index("Setting")
    assert table.loc["Gone by the chance to buy again", "Value"].startswith("within 26 weeks")
    app.main.selectbox(key="setting").set_value("window").run()
    app.main.number_input[0].set_value(60).run()
    assert not app.exception
    app.main.button(key="save_setting").click().run()
    assert not app.exception
    with reading(open_database(demo_database)) as connection:
        held = read_parameters(connection).values
    assert (held.window, held.model) == (60, None)


@pytest.mark.parametrize("page", ["overview", "late", "stages", "settings"])
def test_pages_stand_under_any_rule(page: str, demo_database: str, visit: Visit) -> None:
    put_in_force(demo_database, model=MODEL, same_weeks=False, m0_groups=(("Private", "", 40.0),))
    assert not visit(page).exception
    put_in_force(demo_database, model=None, same_weeks=True, m0_groups=())
    with reading(open_database(demo_database)) as connection:
        held = read_parameters(connection).values
    assert (held.rule, held.same_weeks, held.m0_groups) == ("personal", True, ())
    assert held.kappa == Parameters().kappa
