from __future__ import annotations

import pytest

from tests.browser.conftest import Dashboard, Visitor
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / "app.py").exists(), reason="there is no app.py yet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "phone"])
def test_first_visit_shows_a_page_and_asks_no_other_host(
    dashboard: Dashboard, visitor: Visitor, scheme: str, size: str
) -> None:
    page = visitor.open(dashboard.url, scheme=scheme, size=size)
    assert page.locator("h1, h2").first.inner_text().strip()
    assert page.locator("[data-testid='stException']").count() == 0
    assert visitor.other_hosts() == set()


def test_every_request_went_to_this_computer_even_the_live_connection(
    dashboard: Dashboard, visitor: Visitor
) -> None:
    visitor.open(dashboard.url)
    assert any(address.startswith("ws://127.0.0.1") for address in visitor.requests)
