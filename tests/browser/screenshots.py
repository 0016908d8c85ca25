"""Takes the pictures of the README from the demo: ``python -m tests.browser.screenshots``.

Another folder, scheme or width makes them for looking at instead.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from crm_core.demo import fill_with_demo
from crm_core.records.engine import open_database
from tests.browser.conftest import CHROMIUM_FLAGS, find_chromium, serve, settle
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = {
    "overview": "",
    "who-carries-us": "pareto",
    "stages": "stages",
    "late": "late",
    "coming-back": "returning",
    "client": "client?client={client}",
    "import": "import",
    "key-accounts": "key_accounts",
    "segments": "segments",
    "worth": "worth",
    "goodbyes": "goodbyes",
    "self-check": "self_check",
    "my-clients": "my_clients",
    "duplicates": "merge",
    "privacy": "privacy",
    "team": "team",
    "settings": "settings",
}
NOT_IN_README = {"settings", "my-clients", "duplicates", "privacy", "team"}
IN_README = tuple(name for name in PAGES if name not in NOT_IN_README)
HEIGHT = 1000


def parse_words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--whole", action="store_true", help="every page, down to its end")
    return parser.parse_args()


def wait_for_pictures(page: Page) -> None:
    """Wait until every chart and list of the page is drawn."""
    settle(page)
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]"
        ".every(box => box.querySelector('.main-svg'))"
        " && !document.querySelector('[data-testid=stSkeleton]')"
    )
    page.wait_for_timeout(600)


def height_of(page: Page) -> int:
    """Return how high the window must be to show the page down to its end."""
    return int(
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight + 20")
    )


def main() -> None:
    """Serve the demo on a free port and save one picture a page."""
    words = parse_words()
    words.into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        url = f"sqlite:///{(Path(folder) / 'demo.db').as_posix()}"
        engine = open_database(url)
        fill_with_demo(engine, today=date.today())
        engine.dispose()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        context = browser.new_context(
            color_scheme=words.scheme,
            viewport={"width": words.width, "height": HEIGHT},
            locale="en-GB",
        )
        page = context.new_page()
        with serve(Path(folder), url) as dashboard:
            page.goto(dashboard.url)
            settle(page)
            card = page.locator("[data-testid=stMain] a[href*='client=']").first
            client = (card.get_attribute("href") or "").partition("client=")[2].partition("&")[0]
            for name in PAGES if words.whole else IN_README:
                page.set_viewport_size({"width": words.width, "height": HEIGHT})
                page.goto(f"{dashboard.url}/{PAGES[name].format(client=client)}")
                wait_for_pictures(page)
                if words.whole:
                    page.set_viewport_size({"width": words.width, "height": height_of(page)})
                    wait_for_pictures(page)
                page.screenshot(path=words.into / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
