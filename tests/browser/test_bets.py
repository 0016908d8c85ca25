"""What an owner bets on, by mouse and keyboard: segments, a loss, a rule, the month, the proof."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from playwright.sync_api import expect

from crm_core.demo import fill_with_demo
from crm_core.formatting import format_money
from crm_core.metrics.what_if import lose, two_years
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.browser.conftest import (
    Dashboard,
    Visitor,
    choose,
    settle,
    turn_to,
)
from tests.browser.screenshots import wait_for_pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

MIDDLE_OF_MARK = """key => {
    const plot = document.querySelector('.js-plotly-plot')
    const at = plot.data[0].customdata.indexOf(key)
    const box = plot.querySelectorAll('.points path')[at].getBoundingClientRect()
    return [box.x + box.width / 2, box.y + box.height / 2]
}"""
FIGURE_SAYS = """text => [...document.querySelectorAll('[data-testid=stMetric]')].some(
    one => one.innerText.replaceAll('\\u00a0', ' ').trim() === text
)"""


@pytest.fixture(scope="module")
def demo(
    launch_dashboard: Callable[..., Dashboard], tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    url = f"sqlite:///{(tmp_path_factory.mktemp('demo') / 'demo.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=date.today())
    engine.dispose()
    return launch_dashboard(url)


def sentence(page: Page, address: str = "", title: str = "") -> str:
    """Return the answer at the head of a page; with an address and its title, of that page."""
    if address:
        turn_to(page, address)
        page.get_by_role("heading", level=1, name=title).wait_for()
    wait_for_pictures(page)
    page.locator("h4").first.wait_for()
    return page.locator("h4").first.inner_text()


def click_until(page: Page, mark: str, box: Locator, value: re.Pattern[str]) -> None:
    """Click a mark of the picture until the list beside follows; it may move while drawn."""
    for patience_ms in (5_000, 10_000, 20_000):
        page.mouse.click(*page.evaluate(MIDDLE_OF_MARK, mark))
        with suppress(AssertionError):
            expect(box).to_have_value(value, timeout=patience_ms)
            return
    expect(box).to_have_value(value)


def test_a_click_in_the_grid_lists_the_clients_of_that_cell(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(f"{demo.url}/segments")
    sentence(page)
    expect(page.locator("h4").first).to_contain_text("champions")
    box = page.get_by_role("combobox", name="Clients", exact=True)
    click_until(page, "cell55", box, re.compile("R 5, FM 5"))
    settle(page)
    counted = re.search(r"\(([\d,]+)\)$", box.input_value())
    assert counted
    page.get_by_role("heading", level=3, name=re.compile(f"^Champions.* {counted[1]}$")).wait_for()


def test_what_two_clients_leaving_would_cost_is_answered(demo: Dashboard, visitor: Visitor) -> None:
    engine = open_database(demo.database_url)
    ledger = load_ledger(engine)
    engine.dispose()
    years = two_years(ledger, ledger.default_as_of(to_day(date.today())))
    largest = np.argsort(-years.recent)[:2].tolist()

    def said(n: int) -> str:
        lost = format_money(lose(years, largest[:n]).lost, ledger.currency)
        return lost.replace("\u00a0", " ")

    page = visitor.open(f"{demo.url}/key_accounts")
    expect(page.locator("h4").first).to_contain_text("Losing this client would cost")
    page.wait_for_function(FIGURE_SAYS, arg=said(1))
    settle(page)
    box = page.get_by_role("combobox", name="Clients that would leave")
    second = str(ledger.clients.name[largest[1]].as_py())
    choose(page, box, re.compile(re.escape(second)), typed=second)
    page.wait_for_function(FIGURE_SAYS, arg=said(2))


def save_rule(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Save: {name}").click()
    page.get_by_text(f"Saved: {name}. Every page follows").wait_for()
    settle(page)


def test_a_rule_saved_on_its_page_is_followed_everywhere_until_taken_back(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(f"{demo.url}/late")
    before = sentence(page)
    sentence(page, "goodbyes", "Which goodbye to believe")
    box = page.get_by_role("combobox", name="Rule", exact=True)
    choose(page, box, re.compile("^180 days for everybody"), typed="180 days for")
    page.get_by_text(re.compile("clients? would move")).wait_for()
    save_rule(page, "180 days for everybody")

    sentence(page, "settings", "Settings")
    expect(page.locator("h4").first).to_contain_text("after 180 days of silence")
    sentence(page, "late", "Late and gone")
    expect(page.locator("h4").first).not_to_have_text(before)
    followed = sentence(page)

    sentence(page, "goodbyes", "Which goodbye to believe")
    choose(page, box, re.compile("^90 days for everybody"), typed="90 days for")
    page.get_by_role("button", name="Back to the default rule").click()
    save_rule(page, "4 × own rhythm")
    sentence(page, "settings", "Settings")
    expect(page.locator("h4").first).to_contain_text("after 4 times")
    page.goto(f"{demo.url}/late")
    sentence(page)
    expect(page.locator("h4").first).not_to_have_text(followed)


def test_the_month_on_paper_opens_offline_and_without_scripts(
    demo: Dashboard, visitor: Visitor, chromium: Browser, tmp_path: Path
) -> None:
    page = visitor.open(demo.url)
    sentence(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("on paper")).click()
    file = tmp_path / "month.html"
    download.value.save_as(file)
    context = chromium.new_context(java_script_enabled=False, offline=True)
    paper = context.new_page()
    paper.goto(file.as_uri())
    assert paper.get_by_role("heading", level=1).count() == 1
    assert paper.get_by_role("img").count() >= 5
    assert "Why sales changed" in paper.locator("body").inner_text()
    context.close()


def test_the_self_check_says_that_all_passed(demo: Dashboard, visitor: Visitor) -> None:
    page = visitor.open(f"{demo.url}/self_check")
    said = r"All \d+ checks passed: [\d,]+ sales in \d+ imports agree with your files to the cent"
    expect(page.locator("h4").first).to_have_text(re.compile(rf"^{said}\.$"))
    page.get_by_role("button", name="Check again").wait_for()
