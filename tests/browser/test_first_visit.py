from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Dashboard, Visitor
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / "app.py").exists(), reason="there is no app.py yet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_first_visit_shows_a_page_and_asks_no_other_host(
    dashboard: Dashboard, visitor: Visitor, scheme: str, size: str
) -> None:
    page = visitor.open(dashboard.url, scheme=scheme, size=size)
    expect(page.locator("h1, h2").first).to_contain_text(re.compile(r"\w"))
    assert page.locator("[data-testid='stException']").count() == 0
    assert visitor.other_hosts() == set()


def test_every_request_went_to_this_computer_even_the_live_connection(
    dashboard: Dashboard, visitor: Visitor
) -> None:
    visitor.open(dashboard.url)
    assert any(address.startswith("ws://127.0.0.1") for address in visitor.requests)


def test_first_start_offers_two_ways_in_and_the_demo_shows_its_numbers(
    launch_dashboard: Callable[..., Dashboard], visitor: Visitor
) -> None:
    page = visitor.open(launch_dashboard().url)
    expect(page.get_by_role("button", name="Import my sales")).to_have_count(1)
    page.get_by_role("button", name="Look around with demo data").click()
    page.get_by_role("heading", level=1, name="Overview").wait_for()
    expect(page.locator("h4").first).to_contain_text("regulars bring")
    page.get_by_test_id("stSidebar").get_by_text("made-up business").wait_for()
