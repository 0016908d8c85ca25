"""Every page, as a visitor meets it: through the front door, to this computer only, as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from crm_core.demo import fill_with_demo
from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.engine import open_database
from tests.browser.conftest import Dashboard, Visitor, eventually, settle, turn_to
from tests.conftest import ROOT
from tests.pages.conftest import ODD_NAMES, as_csv

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "": "Overview",
    "pareto": "Who carries us",
    "stages": "Stages",
    "late": "Late and gone",
    "returning": "Coming back",
    "import": "Import",
    "my_clients": "Clients by person",
    "key_accounts": "Key accounts",
    "segments": "Segments",
    "worth": "What clients are worth",
    "goodbyes": "Which goodbye to believe",
    "merge": "Duplicates",
    "self_check": "Self-check",
    "settings": "Settings",
    "privacy": "Privacy",
    "team": "Team",
}
"""Titles by address: six first, then those that look deeper and those that keep in order."""

MENU = ["Goodbye rules" if title.startswith("Which") else title for title in PAGES.values()]
"""Names in the menu, in its order; a title may be longer than its name there."""

SCROLLS_SIDEWAYS = """() => [
    document.documentElement, document.querySelector('[data-testid=stMain]')
].some(one => one.scrollWidth > one.clientWidth)"""
LINKS_AS_NAMES = (
    "[click](https://example.invalid/click)",
    "<a href='https://example.invalid/a'>a link</a> <b>and bold</b>",
    "https://example.invalid/bare and www.example.invalid",
    "someone@example.invalid",
)
MADE_OF_A_NAME = """() => [...document.querySelectorAll('a, img, b, iframe')].filter(one => {
    if (['B', 'IFRAME'].includes(one.tagName)) return true
    const address = one.getAttribute('href') ?? one.getAttribute('xlink:href') ?? one.src
    return address && !address.startsWith('data:')
        && new URL(address, location.href).host !== location.host
}).map(one => one.outerHTML)"""
"""Marks and links to elsewhere: the program itself makes none of either."""


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{(tmp_path_factory.mktemp('demo') / 'demo.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=date.today())
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def demo(launch_dashboard: Callable[..., Dashboard], demo_url: str) -> Dashboard:
    return launch_dashboard(demo_url)


def stands(page: Page, title: str) -> None:
    """Wait until the page of that title stands whole, and without a fault."""
    page.get_by_role("heading", level=1, name=title).wait_for()
    settle(page)
    assert page.locator("[data-testid='stException']").count() == 0


def menu_of(page: Page) -> list[str]:
    """Return all that the sidebar leads to, nothing of it behind a click."""
    menu, foot = page.get_by_test_id("stSidebarNav"), page.locator(".st-key-upkeep")
    menu.get_by_text("Look deeper", exact=True).wait_for()
    foot.get_by_text("Keep in order", exact=True).wait_for()
    assert page.get_by_test_id("stSidebarNavViewButton").count() == 0
    texts = [
        *menu.get_by_role("link").all_inner_texts(),
        *foot.get_by_role("link").all_inner_texts(),
    ]
    return [text.strip().split("\n")[-1] for text in texts]


def test_no_page_is_left_out_of_the_walk() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"client", "overview"}
    assert {address for address in PAGES if address} == files


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("client?client=1369", "Nordlicht"),
        ("late", "Late and gone"),
        ("import", "Import"),
        ("goodbyes", "Which goodbye to believe"),
    ],
)
def test_first_request_of_a_fresh_server_goes_through_the_front_door(
    launch_dashboard: Callable[..., Dashboard],
    demo_url: str,
    visitor: Visitor,
    address: str,
    title: str,
) -> None:
    page = visitor.open(f"{launch_dashboard(demo_url).url}/{address}")
    stands(page, title)
    eventually(page, lambda: menu_of(page), MENU)
    page.get_by_test_id("stSidebar").get_by_text("As of", exact=True).wait_for()
    eventually(page, lambda: page.url.endswith(address), True)


def test_every_page_stands_on_a_phone_in_the_dark_and_asks_no_other_host(
    demo: Dashboard, visitor: Visitor
) -> None:
    page = visitor.open(demo.url, scheme="dark", size="phone")
    for address, title in {**PAGES, "client?client=1369": "Nordlicht"}.items():
        page.goto(f"{demo.url}/{address}")
        stands(page, title)
        assert visitor.other_hosts() == set(), address
        eventually(page, lambda: (page.url, page.evaluate(SCROLLS_SIDEWAYS)), (page.url, False))


def odd_sales() -> bytes:
    """Return clients who all bought every other week and are late now, one who is not."""
    names = (*LINKS_AS_NAMES, *(name for name in ODD_NAMES if len(name) < 100))
    last = date.today() - timedelta(days=33)
    rows = [
        (name, (last - timedelta(days=14 * turn)).isoformat(), f"{number + 20}.00")
        for number, name in enumerate(names)
        for turn in range(40)
    ]
    rows += [("Plain", (date.today() - timedelta(days=n)).isoformat(), "5.00") for n in range(30)]
    return as_csv(rows).encode()


def test_a_name_made_of_markup_is_shown_as_text_on_every_page(
    launch_dashboard: Callable[..., Dashboard], visitor: Visitor, tmp_path: Path
) -> None:
    url = f"sqlite:///{(tmp_path / 'odd.db').as_posix()}"
    engine = open_database(url)
    prepared = prepare(
        engine, odd_sales(), name="<b>odd</b>.csv", choices=Choices(), today=date.today()
    )
    carry_out(engine, prepared, now=datetime.now(UTC))
    engine.dispose()
    odd = launch_dashboard(url)
    page = visitor.open(odd.url)
    for address, title in PAGES.items():
        turn_to(page, address)
        stands(page, title)
        assert page.evaluate(MADE_OF_A_NAME) == [], address
        eventually(page, lambda: (page.url, page.evaluate(SCROLLS_SIDEWAYS)), (page.url, False))
    for name in LINKS_AS_NAMES:
        page.goto(f"{odd.url}/client?client={quote(name, safe='')}")
        page.get_by_role("heading", level=3, name="Why this stage").wait_for()
        heading = page.locator("h1")
        eventually(page, lambda: heading.inner_text().replace("\u200b", ""), name)  # noqa: B023
        assert page.evaluate(MADE_OF_A_NAME) == [], name
