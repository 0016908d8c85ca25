"""What is chosen in the sidebar stays: over pages, reloads and the Back button."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from crm_core.demo import fill_with_demo
from crm_core.records.engine import open_database
from tests.browser.conftest import Dashboard, Visitor, choose, eventually, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page


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
    segment = side.get_by_role("combobox", name="Segment")
    choose(page, segment, "Restaurants", typed="Restaurants", by_key=True)
    segment.press("Escape")
    wait_for_link(page, "segment")
    eventually(page, lambda: bool(re.match(r"\d+ of \d+ clients known", counted(page))), True)
    said = counted(page)

    last_month = (date.today() - timedelta(days=1)).replace(day=1) - timedelta(days=1)
    wanted = {"period": ["All time"], "segment": ["Restaurants"], "as_of": [last_month.isoformat()]}
    for title in ("Stages", "Key accounts", "Segments", "Late and gone"):
        side.get_by_role("link", name=title).click()
        heading(page, title)
        eventually(page, lambda: choices_in(page.url), wanted)
        eventually(page, lambda: counted(page), said)
    page.reload()
    heading(page, "Late and gone")
    eventually(page, lambda: choices_in(page.url), wanted)
    eventually(page, lambda: counted(page), said)

    someone_else = visitor.open(page.url)
    heading(someone_else, "Late and gone")
    eventually(someone_else, lambda: counted(someone_else), said)
    expect(someone_else.locator("h4").first).to_have_text(page.locator("h4").first.inner_text())


def test_back_leads_from_a_card_to_the_list_it_was_opened_from(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(f"{demo.url}/?period=All+time")
    heading(page, "Overview")
    page.get_by_test_id("stMain").get_by_role("link", name="Nordlicht", exact=True).click()
    heading(page, "Nordlicht")
    eventually(page, lambda: choices_in(page.url).get("period"), ["All time"])
    page.go_back()
    heading(page, "Overview")
    eventually(page, lambda: choices_in(page.url), {"period": ["All time"]})
