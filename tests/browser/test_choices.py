"""What is chosen in the sidebar stays: over pages, reloads and the Back button."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from crm_core.demo import fill_with_demo
from crm_core.records.engine import open_database
from tests.browser.conftest import Dashboard, Visitor, settle

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@pytest.fixture(scope="module")
def demo(
    launch_dashboard: Callable[..., Dashboard], tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    url = f"sqlite:///{(tmp_path_factory.mktemp('demo') / 'demo.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=date.today())
    engine.dispose()
    return launch_dashboard(url)


def heading(page: Page, title: str) -> None:
    page.get_by_role("heading", level=1, name=title).wait_for()
    settle(page)


def choices_in(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query)


def wait_for_link(page: Page, name: str) -> None:
    page.wait_for_function("name => new URLSearchParams(location.search).has(name)", arg=name)
    settle(page)


def search_option(page: Page, box: Locator, text: str) -> None:
    """Type into a select box until its option shows: a redraw beneath it closes the list."""
    option = page.get_by_role("option", name=text)
    for _ in range(6):
        box.fill("")
        box.press_sequentially(text, delay=20)
        page.wait_for_timeout(1500)
        if option.is_visible():
            return
    option.wait_for()


def counted(page: Page) -> str:
    """Return how many clients the sidebar says the pages are about."""
    return page.get_by_test_id("stSidebar").get_by_text(re.compile(r" known, ")).inner_text()


def test_filter_day_and_period_survive_pages_and_reload_and_are_in_the_link(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(demo.url)
    heading(page, "Overview")
    side = page.get_by_test_id("stSidebar")
    side.get_by_text("All time", exact=True).click()
    wait_for_link(page, "period")
    side.get_by_role("button", name="Last month").click()
    wait_for_link(page, "as_of")
    side.get_by_text("Filters", exact=True).click()
    settle(page)
    # By keyboard: an open list closes when the sidebar scrolls beneath it.
    segment = side.get_by_role("combobox", name="Segment")
    search_option(page, segment, "Restaurants")
    segment.press("Enter")
    segment.press("Escape")
    wait_for_link(page, "segment")
    said = counted(page)
    assert re.match(r"\d+ of \d+ clients known", said)

    last_month = (date.today() - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    wanted = {"period": ["All time"], "segment": ["Restaurants"], "as_of": [last_month.isoformat()]}
    for title in ("Stages", "Key accounts", "Segments", "Late and gone"):
        side.get_by_role("link", name=title).click()
        heading(page, title)
        assert choices_in(page.url) == wanted
        assert counted(page) == said
    page.reload()
    heading(page, "Late and gone")
    assert choices_in(page.url) == wanted
    assert counted(page) == said

    someone_else = visitor.open(page.url)
    heading(someone_else, "Late and gone")
    assert counted(someone_else) == said
    assert someone_else.locator("h4").first.inner_text() == page.locator("h4").first.inner_text()


def test_back_leads_from_a_card_to_the_list_it_was_opened_from(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(f"{demo.url}/?period=All+time")
    heading(page, "Overview")
    page.get_by_test_id("stMain").get_by_role("link", name="Nordlicht", exact=True).click()
    heading(page, "Nordlicht")
    assert choices_in(page.url)["period"] == ["All time"]
    page.go_back()
    heading(page, "Overview")
    assert choices_in(page.url) == {"period": ["All time"]}
