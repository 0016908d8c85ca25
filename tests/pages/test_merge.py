"""The page of duplicates: groups to tick, the effect, the run and the way back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.merging import propose
from crm_core.records.engine import open_database, reading
from crm_core.records.merge_runs import list_runs
from crm_core.snapshot import load_ledger
from crm_core.ui import merging
from tests.pages.conftest import Visit, as_csv, fill, text_of


def known(url: str) -> int:
    engine = open_database(url)
    count = load_ledger(engine).n_clients
    engine.dispose()
    return count


def effect(app: AppTest) -> dict[str, tuple[str, str]]:
    table = next(d.value for d in app.dataframe if "Before" in d.value.columns)
    return {row["Number"]: (row["Before"], row["After"]) for _, row in table.iterrows()}


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_the_first_sentence_and_the_effect_before_anything_is_merged(
    demo_database: str, visit: Visit
) -> None:
    before = known(demo_database)
    app = visit("merge")
    assert f"**6 groups** look like one client each: merged, **{before - 6}**" in text_of(app)
    assert effect(app)["Known clients"] == (str(before), str(before - 6))
    sales = effect(app)["Net sales of clients"]
    assert sales[0] == sales[1]
    assert known(demo_database) == before


def test_a_run_merges_and_is_taken_back_with_a_click_each(demo_database: str, visit: Visit) -> None:
    before = known(demo_database)
    app = press(visit("merge"), "merge_now")
    assert "6 clients became part of another (run 1)" in app.success[0].value.replace("\\", "")
    assert known(demo_database) == before - 6
    assert "No two clients are one by these rules" in text_of(app)
    app.selectbox(key="merge_of_1").select_index(0).run()
    press(app, "merge_apart")
    assert known(demo_database) == before - 5
    press(app, "take_back_1")
    assert known(demo_database) == before
    assert "taken back on" in text_of(app)
    assert "**5 pairs** to look at" in text_of(app)


def test_rules_unticked_find_nothing_and_say_so(demo_database: str, visit: Visit) -> None:
    app = visit("merge")
    app.session_state["merge_rules"] = ["phone"]
    app.run()
    assert "No two clients are one by these rules" in text_of(app)
    app.session_state["merge_rules"] = []
    app.run()
    assert not app.exception


def test_many_sales_are_counted_on_a_click(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "AT_ONCE", 10)
    app = visit("merge")
    assert app.button(key="merge_now").disabled
    press(app, "merge_ask")
    assert effect(app)["Known clients"]
    assert not app.button(key="merge_now").disabled


def test_a_group_that_changed_meanwhile_is_refused_in_words(
    demo_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit("merge")
    engine = open_database(demo_database)
    stale = propose(engine)
    merging.carry_out(engine, stale[:1], rules=["email"], now=merging.now())
    monkeypatch.setattr(merging, "carry_out", lambda e, t, **k: _again(e, stale, **k))
    press(app, "merge_now")
    assert "nothing was merged" in app.error[0].value.replace("\\", "")
    with reading(engine) as connection:
        assert len(list_runs(connection)) == 1
    engine.dispose()


def _again(engine, stale, **options) -> int:
    from crm_core.merging import carry_out

    return carry_out(engine, stale, **options)


def test_names_made_of_markup_stay_text(database: str, visit: Visit) -> None:
    odd = "![x](https://example.invalid/p.png) :red[hot]"
    rows = [(odd, "2025-05-01", "10"), (f"{odd}.", "2025-05-02", "10")]
    fill(database, as_csv(rows))
    engine = open_database(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE clients SET city = 'Bonn', email = 'a@x.org'")
    engine.dispose()
    app = visit("merge")
    app.selectbox(key="merge_closer").select_index(0).run()
    assert not app.exception
    assert odd not in text_of(app)


def test_an_empty_database_gets_the_welcome(database: str, visit: Visit) -> None:
    app = visit("merge")
    assert "Welcome to Regulars" in [title.value for title in app.title]
