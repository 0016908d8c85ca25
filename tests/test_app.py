"""The frame of the dashboard: front door, menu, sidebar, first start."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from crm_core.ui.shell import pages
from tests.conftest import ROOT
from tests.pages.conftest import (
    Visit,
    database,
    demo_database,
    demo_url,
    fresh_caches,
    text_of,
    visit,
)

__all__ = ["database", "demo_database", "demo_url", "fresh_caches", "visit"]

EVERY_PAGE = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


STANDS_ALONE = {"import", "team", "privacy"}
"""Pages that have something to say before anything is stored."""


def test_every_page_file_is_on_the_page_list() -> None:
    text = (ROOT / "crm_core" / "ui" / "shell.py").read_text(encoding="utf-8")
    assert all(f'"pages/{name}.py"' in text for name in EVERY_PAGE)


def test_main_menu_has_at_most_six_entries() -> None:
    assert 1 <= sum(page.visibility == "visible" for page in pages()[""]) <= 6


def test_first_start_offers_demo_data_and_an_import(database: str, visit: Visit) -> None:
    app = visit()
    assert "Welcome" in app.title[0].value
    assert [button.label for button in app.main.button][:2] == [
        "Look around with demo data",
        "Import my sales",
    ]


@pytest.mark.parametrize("page", [name for name in EVERY_PAGE if name not in STANDS_ALONE])
def test_page_greets_while_nothing_is_stored(page: str, database: str, visit: Visit) -> None:
    assert "Welcome" in visit(page).title[0].value


def test_demo_button_fills_the_dashboard_and_it_can_be_taken_out_again(
    database: str, visit: Visit
) -> None:
    app = visit()
    app.main.button[0].click().run()
    assert not app.exception
    assert app.title[0].value.startswith("Overview")
    remove = next(b for b in app.sidebar.button if b.label == "Remove the demo data")
    remove.click().run()
    assert "Welcome" in app.title[0].value


@pytest.mark.parametrize("page", ["pareto", "stages"])
def test_page_opened_after_another_run_still_comes_through_the_front_door(
    page: str, demo_database: str, visit: Visit
) -> None:
    app = visit(page)
    for _ in range(2):
        app.run()
        assert app.sidebar.date_input[0].label == "As of"
        assert not app.exception


def test_as_of_day_comes_from_the_link_and_moves_every_page(
    demo_database: str, visit: Visit
) -> None:
    app = visit("stages", as_of="2024-03-31")
    assert app.sidebar.date_input[0].value == date(2024, 3, 31)
    assert "31 Mar 2024" in app.get("plotly_chart")[1].proto.spec


def test_quick_choice_sets_the_as_of_day(demo_database: str, visit: Visit) -> None:
    app = visit()
    latest = app.sidebar.date_input[0].value
    next(b for b in app.sidebar.button if "Last month" in b.label).click().run()
    assert app.sidebar.date_input[0].value < latest
    next(b for b in app.sidebar.button if "Latest" in b.label).click().run()
    assert app.sidebar.date_input[0].value == latest


def test_filter_leaves_the_clients_it_names_and_says_so(demo_database: str, visit: Visit) -> None:
    app = visit("pareto")
    before = text_of(app)
    box = next(b for b in app.sidebar.multiselect if b.label == "Region")
    box.set_value(box.options[:1]).run()
    assert not app.exception
    assert text_of(app) != before
    assert any(" of " in caption.value for caption in app.sidebar.caption)


def test_filter_that_leaves_nobody_says_why_instead_of_failing(
    demo_database: str, visit: Visit
) -> None:
    for page in EVERY_PAGE:
        app = visit(page, as_of="2021-01-01")
        assert not app.exception, page


def test_search_finds_a_client_by_a_part_of_the_name(demo_database: str, visit: Visit) -> None:
    app = visit()
    app.sidebar.text_input[0].set_value("no such client anywhere").run()
    assert any("Nobody" in caption.value for caption in app.sidebar.caption)


def test_unknown_database_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://nowhere")
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300).run()
    assert not app.exception
    assert "Wanted" in app.error[0].value
