from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.metrics.backtest.run import run_backtest
from crm_core.metrics.parameters import Parameters
from crm_core.policy import read_parameters
from crm_core.records.engine import open_database, reading
from crm_core.sentences.goodbyes import advice_sentence
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.pages.conftest import TODAY, Visit, as_csv, fill, text_of


def held(url: str) -> Parameters:
    with reading(open_database(url)) as connection:
        return read_parameters(connection).values


def table(app: AppTest, column: str):
    return next(one.value for one in app.dataframe if column in one.value.columns)


def pick(app: AppTest, rule: str) -> AppTest:
    app.main.selectbox(key="goodbye_rule").set_value(rule).run()
    assert not app.exception
    return app


def test_first_sentence_is_the_advice_of_the_core(demo_database: str, visit: Visit) -> None:
    ledger = load_ledger(open_database(demo_database))
    day = ledger.default_as_of(to_day(TODAY))
    found = run_backtest(ledger, day, held(demo_database))
    text = text_of(visit("goodbyes"))
    assert f"#### {advice_sentence(found)}" in text
    assert "A rule sees only what was known on the day it is tried on" in text


def test_table_names_the_rule_in_force_and_every_window(demo_database: str, visit: Visit) -> None:
    assert demo_database
    rules = list(table(visit("goodbyes"), "False alarms, %")["Rule"])
    assert any("●" in rule and "4 × own rhythm" in rule for rule in rules)
    for days in (30, 60, 90, 180, 365):
        assert any(f"{days} days for everybody" in rule for rule in rules)


def test_other_days_and_money_change_the_table(demo_database: str, visit: Visit) -> None:
    assert demo_database
    app = visit("goodbyes")
    first = table(app, "False alarms, %").set_index("Rule")["Given up"]
    app.main.selectbox(key="goodbye_day").set_value("pooled").run()
    assert not app.exception
    pooled = table(app, "False alarms, %").set_index("Rule")["Given up"]
    assert (pooled >= first.reindex(pooled.index)).any()
    app.session_state["goodbye_unit"] = "Money"
    app.run()
    assert not app.exception
    assert "95 % range" not in table(app, "False alarms, %")


def test_all_rules_are_listed_on_request(demo_database: str, visit: Visit) -> None:
    assert demo_database
    app = visit("goodbyes")
    app.session_state["all_rules"] = True
    app.run()
    assert not app.exception
    assert max(len(one.value) for one in app.dataframe) > 60


def test_switch_is_counted_first_saved_at_once_and_taken_back(
    demo_database: str, visit: Visit
) -> None:
    app = pick(visit("goodbyes"), "fixed:180")
    assert "would move" in text_of(app)
    effect = table(app, "Sales then")
    assert effect["Now"][:5].sum() == effect["Then"][:5].sum()
    assert held(demo_database).window is None
    app.main.button(key="save_rule").click().run()
    assert not app.exception
    assert held(demo_database).window == 180
    assert "Saved: 180 days for everybody" in app.success[0].value
    assert "This rule is in force since" in text_of(app)
    app = pick(app, "fixed:90")
    app.main.button(key="default_rule").click().run()
    assert app.main.selectbox(key="goodbye_rule").value == "personal:4:4"
    app.main.button(key="save_rule").click().run()
    assert not app.exception
    assert held(demo_database).rule == "personal"


@pytest.mark.parametrize(
    "rule", ["fixed:60", "personal:16:2.5", "personal:2:6:no-same-weeks", "personal:4:3:groups"]
)
def test_every_page_follows_the_rule_saved(rule: str, demo_database: str, visit: Visit) -> None:
    app = pick(visit("goodbyes"), rule)
    app.main.button(key="save_rule").click().run()
    assert not app.exception
    values = held(demo_database)
    if rule.startswith("personal"):
        _, kappa, k_gone = rule.split(":")[:3]
        assert (values.kappa, values.k_gone) == (float(kappa), float(k_gone))
        assert values.same_weeks is ("no-same-weeks" not in rule)
        assert bool(values.m0_groups) is ("groups" in rule)
    else:
        assert values.window == 60
    for page in ("goodbyes", "late", "stages"):
        assert not visit(page).exception


def test_one_client_is_too_little(one_client_database: str, visit: Visit) -> None:
    assert one_client_database
    assert "Too little history to try any rule" in text_of(visit("goodbyes"))


def test_ten_clients_stand(database: str, visit: Visit) -> None:
    rows = [
        (f"c{k}", f"202{y}-0{1 + m}-1{k}", str(5 * k + m + 1))
        for k in range(10)
        for y in (3, 4)
        for m in range(9 - k)
    ]
    fill(database, as_csv(rows))
    assert "####" in text_of(visit("goodbyes"))


def test_nobody_stored_is_greeted(database: str, visit: Visit) -> None:
    assert database
    assert not visit("goodbyes").exception


def test_odd_names_stay_text(odd_database: str, visit: Visit) -> None:
    assert odd_database
    assert "](http" not in text_of(visit("goodbyes"))
