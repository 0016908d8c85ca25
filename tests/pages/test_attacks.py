"""What strangers and files can bring: texts, links and names made to harm, on every page."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import inspect, text

from crm_core.exports import safe_cell
from crm_core.formatting import md_escape, plotly_escape
from crm_core.records.engine import open_database
from tests.conftest import ROOT
from tests.databases import Databases, close_for_good
from tests.pages.conftest import Visit, text_of
from tests.pages.hostile import LOOSE, PAYLOAD, PICTURE, loose_in, make_hostile

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
WITH_FILES = {
    *("client", "goodbyes", "import", "key_accounts", "late", "my_clients", "overview"),
    *("pareto", "returning", "segments", "stages", "team", "worth"),
}
"""Pages that offer files whatever is chosen on them."""

HOSTILE_LINKS = (
    {
        "as_of": "'; DROP TABLE clients;--",
        "period": "../../etc/passwd",
        "client": "0 OR 1=1",
        "city": "x' UNION SELECT value FROM secret_keys--",
        "segment": "%00%0d%0aSet-Cookie: a=b",
    },
    {"as_of": "9999-99-99", "manager": PAYLOAD, "find": PAYLOAD, "client": "9" * 400},
    {"client": "record:" + "9" * 5_000},
)


@pytest.fixture(scope="module")
def hostile_url(
    shared_databases: Databases, demo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Return the made-up business with every text somebody could have typed made hostile."""
    url = shared_databases.copy(demo_url, tmp_path_factory.mktemp("hostile"), "hostile")
    engine = open_database(url)
    filled = make_hostile(engine)
    close_for_good(engine)
    assert {"clients.name", "contacts.note", "products.name", "batches.file_name"} <= set(filled)
    return url


@pytest.fixture
def hostile_database(hostile_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", hostile_url)
    return hostile_url


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Return the files a page offers, by name: each is made as soon as it is offered."""
    made: dict[str, bytes] = {}
    button = st.download_button

    def offer(label: str, data: Any, file_name: str, *more: Any, **named: Any) -> bool:
        file = data() if callable(data) else data
        made[file_name] = file.encode() if isinstance(file, str) else file
        return button(label, b"", file_name, *more, **named)

    monkeypatch.setattr(st, "download_button", offer)
    return made


@pytest.mark.parametrize("name", PAGES)
def test_no_text_anybody_typed_becomes_markup_on_the_page_or_a_formula_in_its_files(
    name: str, hostile_database: str, visit: Visit, files: dict[str, bytes]
) -> None:
    assert hostile_database
    app = visit(name, **({"client": "record:1"} if name == "client" else {}))
    assert loose_in(app) == []
    assert files or name not in WITH_FILES
    for file_name, content in files.items():
        assert _formulas(file_name, content) == [], file_name


def _formulas(file_name: str, content: bytes) -> list[str]:
    """Return what a spreadsheet program would run of a file."""
    if file_name.endswith(".csv"):
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return [cell for row in rows for cell in row if safe_cell(cell) != cell]
    if file_name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheets = [book.read(name) for name in book.namelist() if "worksheets" in name]
        return [found.decode() for xml in sheets for found in re.findall(rb"<f>.*?</f>", xml)]
    return []


def test_the_check_sees_a_formula_in_a_file() -> None:
    assert _formulas("a.csv", b"name\r\n=1+1\r\n") == ["=1+1"]
    assert _formulas("a.csv", b"name\r\n'=1+1\r\n") == []


def test_the_hostile_texts_are_really_shown(hostile_database: str, visit: Visit) -> None:
    assert hostile_database
    shown = {name: visit(name, client="record:1") for name in ("overview", "client")}
    assert shown["client"].title[0].value.startswith(md_escape(PAYLOAD[:5]))
    assert all(md_escape("=1+1") in text_of(app) for app in shown.values())


def test_the_check_sees_text_that_is_let_loose() -> None:
    from streamlit.testing.v1 import AppTest

    for shown in ("markdown", "expander"):
        page = f"import streamlit as st; st.{shown}({PICTURE!r})"
        assert loose_in(AppTest.from_string(page, default_timeout=60).run())
    escaped = md_escape(PAYLOAD)
    assert not any(bad in escaped for bad in LOOSE)
    assert "<b" not in plotly_escape(PAYLOAD)


@pytest.mark.parametrize("name", PAGES)
def test_links_made_to_harm_open_the_page_and_change_nothing(
    name: str, demo_database: str, visit: Visit
) -> None:
    engine = open_database(demo_database)
    before = _state(engine)
    for link in HOSTILE_LINKS:
        app = visit(name, **link)
        shown = " ".join(str(one.value) for one in (*app.error, *app.markdown, *app.info))
        assert "Traceback" not in shown
        assert "sqlite3" not in shown
    assert _state(engine) == before
    engine.dispose()


def _state(engine) -> list[object]:
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        versions = connection.execute(text("SELECT * FROM versions")).all()
        clients = connection.execute(text("SELECT count(*), max(name) FROM clients")).all()
    return [tables, versions, clients]
