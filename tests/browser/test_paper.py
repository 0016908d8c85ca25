"""The month on paper in a real browser: on a screen, on a phone, and printed."""

from __future__ import annotations

import re
import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crm_core.demo import fill_with_demo
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import ParameterSet
from crm_core.paper import month_report
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day
from tests.browser.conftest import SIZES, Dashboard, Visitor
from tests.builders import as_day, make_ledger
from tests.paper.reading import read
from tests.paper.test_month import ODD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

MONTH_END = date(2026, 10, 31)
WIDER_THAN_THE_PAGE = """free => [...document.querySelectorAll('body *')].filter(
    one => !one.closest(free) && one.getBoundingClientRect().right
        > document.documentElement.clientWidth + 1
).map(one => one.outerHTML.slice(0, 120))"""
CUT = "svg svg"
"""What cuts its own content off."""

GROUND_AND_INK = """() => [getComputedStyle(document.documentElement).backgroundColor,
    getComputedStyle(document.body).color]"""


@pytest.fixture(scope="module")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    engine = open_database(f"sqlite:///{(tmp_path_factory.mktemp('paper') / 'x.db').as_posix()}")
    fill_with_demo(engine, today=MONTH_END)
    ledger = load_ledger(engine)
    engine.dispose()
    return ledger


@pytest.fixture(scope="module")
def demo_report(demo_ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("report") / "month.html"
    text = month_report(demo_ledger, ParameterSet(), to_day(MONTH_END))
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def odd_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    orders = {
        name: [(f"2024-{month:02}-{5 + at:02}", 987_654_321) for month in range(1, 9)]
        for at, name in enumerate([*ODD_NAMES, "W" * 400])
    }
    file = tmp_path_factory.mktemp("odd") / "month.html"
    ledger = make_ledger(orders, currency="EUR")
    text = month_report(ledger, ParameterSet(), as_day("2024-10-15"))
    file.write_text(text, encoding="utf-8")
    return file


def open_file(chromium: Browser, file: Path, *, size: str = "wide", scheme: str = "light") -> Page:
    page = chromium.new_page(color_scheme=scheme, viewport=SIZES[size])  # type: ignore[arg-type]
    page.goto(file.as_uri())
    return page


def pages_of(pdf: bytes) -> int:
    """Return how many pages a PDF has, also where its objects are packed."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    texts = [pdf]
    for one in packed:
        try:
            texts.append(zlib.decompressobj().decompress(one))
        except zlib.error:
            continue
    return sum(len(re.findall(rb"/Type\s*/Page\b(?!s)", text)) for text in texts)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("which", ["demo_report", "odd_report"])
def test_nothing_is_wider_than_the_screen(
    chromium: Browser, which: str, size: str, request: pytest.FixtureRequest
) -> None:
    page = open_file(chromium, request.getfixturevalue(which), size=size)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size]["width"]
    assert page.evaluate(WIDER_THAN_THE_PAGE, f"{CUT}, .table table") == []
    page.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("which", ["demo_report", "odd_report"])
def test_it_prints_on_a_handful_of_pages(
    chromium: Browser, which: str, paper: str, request: pytest.FixtureRequest
) -> None:
    page = open_file(chromium, request.getfixturevalue(which), scheme="dark")
    assert 5 <= pages_of(page.pdf(format=paper)) <= 11
    page.close()


def test_print_is_black_on_white_whatever_the_screen(chromium: Browser, demo_report: Path) -> None:
    page = open_file(chromium, demo_report, scheme="dark")
    dark, _ = page.evaluate(GROUND_AND_INK)
    assert dark != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.evaluate(GROUND_AND_INK) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    ink = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
    assert ink == "rgb(29, 39, 51)"
    page.close()


def test_nothing_is_wider_than_the_paper(chromium: Browser, odd_report: Path) -> None:
    page = chromium.new_page(viewport={"width": 680, "height": 1000})
    page.goto(odd_report.as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 680
    assert page.evaluate(WIDER_THAN_THE_PAGE, CUT) == []
    page.close()


def test_it_asks_for_nothing_and_runs_nothing(chromium: Browser, odd_report: Path) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(odd_report.as_uri())
    page.wait_for_timeout(200)
    assert asked == [odd_report.as_uri()]
    assert said == []
    page.close()


def test_pictures_tell_what_they_show(chromium: Browser, demo_report: Path) -> None:
    page = open_file(chromium, demo_report)
    pictures = page.get_by_role("img")
    assert pictures.count() == 6
    for name in ("Why sales changed", "Who carries us", "The balance of clients"):
        assert page.get_by_role("img", name=name).count() == 1
    page.close()


def test_one_click_on_the_overview_hands_it_over(
    launch_dashboard: Callable[..., Dashboard], visitor: Visitor, tmp_path: Path
) -> None:
    url = f"sqlite:///{(tmp_path / 'demo.db').as_posix()}"
    engine = open_database(url)
    fill_with_demo(engine, today=date.today())
    engine.dispose()
    page = visitor.open(launch_dashboard(url).url)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("on paper")).click()
    file = Path(download.value.path())
    assert download.value.suggested_filename.startswith("regulars-")
    assert "Made with Regulars" in read(file.read_text(encoding="utf-8")).text
