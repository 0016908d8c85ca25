"""The dashboard in a real browser: served on a free port, over a database of its own."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as OutOfPatienceError
from playwright.sync_api import expect, sync_playwright

from crm_core.launch import dashboard_command
from tests.conftest import ROOT

if TYPE_CHECKING:
    import re

    from playwright.sync_api import Browser, Locator, Page

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 90_000
"""How long a condition is waited for: a busy machine is slow."""

REST_MS, EVERY_MS = 300, 250
WAITS = itertools.count()
AT_REST = """([wait, rest_ms]) => {
    const app = document.querySelector('[data-testid=stApp]')
    const rests = app?.dataset.testScriptState === 'notRunning'
        && app.dataset.testConnectionState === 'CONNECTED'
        && document.querySelector('[data-testid=stMainBlockContainer]')
    if (!rests || window.restWait !== wait) {
        window.restWait = wait
        window.atRestSince = performance.now()
    }
    return rests && performance.now() - window.atRestSince >= rest_ms
}"""
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard: where it answers, where its records are, what it wrote."""

    url: str
    database_url: str
    log: Path


@dataclass
class Visitor:
    """Opens pages and remembers every address they asked for."""

    browser: Browser
    closing: ExitStack
    requests: list[str] = field(default_factory=list)

    def open(self, url: str, *, scheme: str = "light", size: str = "wide") -> Page:
        """Open an address in a window of its own and wait until the page stands."""
        context = self.browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport=SIZES[size],  # type: ignore[arg-type]
            locale="en-GB",
            accept_downloads=True,
        )
        self.closing.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda line: self.requests.append(line.url))
        page.goto(url)
        settle(page)
        return page

    def other_hosts(self) -> set[str]:
        """Return the hosts asked for that are not this computer."""
        hosts = {urlsplit(address).hostname for address in self.requests}
        return {host for host in hosts if host} - {"127.0.0.1"}


def free_port() -> int:
    """Return a port the system picked, so that tests side by side do not meet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_chromium() -> str | None:
    """Return the path of this machine's Chromium, None without one.

    Without windows (Debian's chromium-headless-shell) it needs a quarter less of the processor.
    """
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("REGULARS_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def settle(page: Page) -> None:
    """Wait until Streamlit has drawn the page and has had nothing to run for a while.

    At rest for one moment is not enough: a page may run again at once, and on a busy machine
    there is time to look in between.
    """
    page.wait_for_function(AT_REST, arg=[next(WAITS), REST_MS])


def choose(
    page: Page,
    box: Locator,
    option: str | re.Pattern[str],
    *,
    typed: str = "",
    by_key: bool = False,
) -> None:
    """Choose an option from a list, again where the page, still being drawn, closed the list.

    With ``typed`` the list is searched; ``by_key`` presses Enter on what was found, for a
    list that closes when what it stands on scrolls beneath the pointer.
    """
    found = page.get_by_role("option", name=option).first
    for patience_ms in (2_000, 3_000, 5_000, 10_000, 20_000, 40_000):
        box.click()
        if typed:
            box.fill("")
            box.press_sequentially(typed, delay=20)
        try:
            found.wait_for(timeout=patience_ms)
            if by_key:
                box.press("Enter", timeout=patience_ms)
            else:
                found.click(timeout=patience_ms)
        except OutOfPatienceError:
            continue
        return
    found.click()


def eventually(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Assert what a page shows as soon as it does: what is drawn late is waited for."""
    for _ in range(PATIENCE_MS // EVERY_MS):
        if read() == wanted:
            break
        page.wait_for_timeout(EVERY_MS)
    assert read() == wanted


def turn_to(page: Page, address: str) -> None:
    """Turn to another page of the dashboard as Back and Forward do, without loading it anew."""
    page.evaluate(
        "to => { history.pushState({}, '', to); dispatchEvent(new PopStateEvent('popstate')) }",
        f"/{address}",
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return the system's Chromium, driven by Playwright."""
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    # One a module: while it lasts, its event loop blocks others in this thread.
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def launch_dashboard(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Dashboard]]:
    """Return a function that starts dashboards; all stop when the module's tests are done."""
    with ExitStack() as running:

        def launch(database_url: str | None = None) -> Dashboard:
            folder = tmp_path_factory.mktemp("dashboard")
            return running.enter_context(serve(folder, database_url))

        yield launch


@pytest.fixture(scope="module")
def dashboard(launch_dashboard: Callable[..., Dashboard]) -> Dashboard:
    """Return one dashboard over an empty database, shared by the module's tests."""
    return launch_dashboard()


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[Visitor]:
    """Return a visitor; afterwards no page may have asked another host for anything."""
    with ExitStack() as closing:
        someone = Visitor(chromium, closing)
        yield someone
    assert someone.other_hosts() == set()


@contextmanager
def serve(
    folder: Path,
    database_url: str | None,
    *,
    port: int | None = None,
    variables: Mapping[str, str] | None = None,
) -> Iterator[Dashboard]:
    """Serve the dashboard on a free port; its log, and without an address its data, in a folder."""
    port, more = port or free_port(), dict(variables or {})
    url = database_url or f"sqlite:///{(folder / 'regulars.db').as_posix()}"
    log = folder / "log.txt"
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [*dashboard_command(ROOT, port, variables=more), "--server.fileWatcherType=none"],
            env={**os.environ, "DATABASE_URL": url, **more},
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
        try:
            _wait_until_awake(server, port, log)
            yield Dashboard(f"http://127.0.0.1:{port}", url, log)
        finally:
            server.terminate()
            server.wait(timeout=120)


def _wait_until_awake(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(900):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the dashboard did not start:\n{log.read_text(errors='replace')}")
