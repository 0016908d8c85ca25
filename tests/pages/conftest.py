"""The dashboard without a browser, over databases filled the way an owner fills them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from crm_core.demo import fill_with_demo
from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.engine import open_database
from crm_core.records.secret_keys import PSEUDONYMS, secret_key
from tests.conftest import ROOT
from tests.databases import Databases, close_for_good

TODAY = date(2025, 6, 2)
ODD_NAMES = (
    "![x](https://example.invalid/p.png) :red[hot] $a^2$",
    "<b>bold</b><img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0",
    "شركة الشمس للتجارة",
    "X" * 10_000,
    "50 % off & more %{x}",
)

Visit = Callable[..., AppTest]


def fill(url: str, text: str) -> None:
    """Import a CSV text into a database."""
    engine = open_database(url)
    choices = Choices(source="shop", currency="EUR")
    prepared = prepare(engine, text.encode(), name="sales.csv", choices=choices, today=TODAY)
    carry_out(engine, prepared, now=datetime(2025, 6, 2, 12, tzinfo=UTC))
    engine.dispose()


def as_csv(rows: list[tuple[str, str, str]]) -> str:
    """Return (client, day, amount) as a file."""
    lines = ['"' + '","'.join(v.replace('"', '""') for v in row) + '"' for row in rows]
    return "\n".join(['"Client","Date","Amount"', *lines]) + "\n"


@pytest.fixture(scope="session")
def demo_url(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a database with the made-up business, made once, to be copied."""
    url = shared_databases.new(tmp_path_factory.mktemp("demo"), "demo")
    engine = open_database(url)
    fill_with_demo(engine, today=TODAY)
    secret_key(engine, PSEUDONYMS)  # the copies call a client the same
    close_for_good(engine)
    return url


@pytest.fixture
def fresh_caches() -> Iterator[None]:
    """Forget what pages of other tests computed, before and after.

    Only for tests of the keeping itself: all that is kept goes by the ids of a database and
    of its versions, so copies of the made-up business share it until somebody writes.
    """
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def database(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of an empty database that the dashboard opens."""
    url = databases.new(tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def demo_database(
    databases: Databases, demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Return the address of a copy of the made-up business."""
    url = databases.copy(demo_url, tmp_path)
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def odd_database(database: str) -> str:
    """Return the address of a database whose clients have names made to break a page."""
    rows = [
        (name, f"2025-0{month}-1{number}", f"{100 * (number + 1)}.50")
        for number, name in enumerate(ODD_NAMES)
        for month in range(1, 6)
    ]
    fill(database, as_csv(rows))
    return database


@pytest.fixture
def one_client_database(database: str) -> str:
    """Return the address of a database with a single client."""
    fill(database, as_csv([("Only", "2025-05-01", "100.00"), ("Only", "2025-05-20", "50.00")]))
    return database


@pytest.fixture
def visit() -> Visit:
    """Return a function that opens a page through ``app.py`` and runs it."""

    def open_page(page: str = "overview", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=300)
        for name, value in query.items():
            app.query_params[name] = value
        if page != "overview":
            app.switch_page(f"pages/{page}.py")
        app.run()
        assert not app.exception, [error.value for error in app.exception]
        return app

    return open_page


def text_of(app: AppTest) -> str:
    """Return all Markdown of the main part of a page."""
    parts = (*app.title, *app.subheader, *app.markdown, *app.caption, *app.info)
    return "\n".join(str(part.value) for part in parts)
