"""First start, own file, own numbers: the way every new user goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.engine import open_database
from tests.browser.conftest import Dashboard, Visitor, choose, settle

if TYPE_CHECKING:
    from playwright.sync_api import Page

LAST = date.today() - timedelta(days=3)
"""Recent sales, so that the newest clients are not all gone."""


def sales_file() -> bytes:
    """Return forty weeks of ten clients, in a German spreadsheet's way of writing."""
    lines = ["Kunde;Datum;Betrag;Beleg"]
    for week in range(40):
        for number in range(10):
            day = LAST - timedelta(days=7 * (39 - week) + number % 3)
            lines.append(f"Kunde {number};{day:%d.%m.%Y};{10 * (number + 1)},50;R{week}-{number}")
    lines.append("Kunde 1;31.02.2024;99,00;R-odd")
    return "\n".join(lines).encode("cp1252")


def bring(page: Page, name: str, data: bytes) -> None:
    page.set_input_files(
        "input[type=file]", files=[{"name": name, "mimeType": "text/csv", "buffer": data}]
    )
    page.get_by_role("button", name=re.compile(r"^.*Import \d")).wait_for()
    settle(page)


def test_a_new_user_gets_from_a_file_to_the_numbers(dashboard: Dashboard, visitor: Visitor) -> None:
    page = visitor.open(dashboard.url)
    page.get_by_role("button", name="Import my sales").click()
    page.get_by_role("heading", name="Import").wait_for()
    settle(page)

    bring(page, "umsatz **2024**.csv", sales_file())
    page.get_by_text("400 of 401 rows", exact=False).first.wait_for()
    expect(page.get_by_role("heading", name="umsatz **2024**.csv")).to_have_count(1)

    page.get_by_role("button", name=re.compile(r"Import \d")).click()
    page.get_by_text("is imported.", exact=False).wait_for()
    expect(page.locator("h4").first).to_have_text(
        "400 of 401 rows taken; 1 held back (99.00); total 22,299.00, as in your file."
    )

    page.get_by_test_id("stMain").get_by_role("link", name="Who carries us").click()
    page.get_by_role("heading", name="Who carries us").wait_for()
    expect(page.locator("h4").first).to_contain_text("of 10 buying clients")
    settle(page)
    assert page.locator("[data-testid='stException']").count() == 0


def choose_import(page: Page) -> None:
    """Choose the only import."""
    box = page.get_by_role("combobox", name=re.compile("Look at an import"))
    choose(page, box, re.compile("."))


def test_a_later_visit_sees_the_import_and_can_undo_it(
    launch_dashboard: Callable[..., Dashboard], visitor: Visitor, tmp_path: Path
) -> None:
    url = f"sqlite:///{(tmp_path / 'regulars.db').as_posix()}"
    engine = open_database(url)
    prepared = prepare(
        engine, sales_file(), name="umsatz.csv", choices=Choices(), today=date.today()
    )
    carry_out(engine, prepared, now=datetime.now(UTC))
    engine.dispose()
    page = visitor.open(f"{launch_dashboard(url).url}/import", size="phone", scheme="dark")
    page.locator(".js-plotly-plot").first.wait_for()
    choose_import(page)
    settle(page)
    page.get_by_role("button", name="Undo this import").click()
    page.get_by_text("is undone", exact=False).first.wait_for()
    expect(page.get_by_role("button", name="Redo this import")).to_have_count(1)
