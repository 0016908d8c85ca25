"""Every file that leaves is text: no formula, no markup, whatever people typed."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from crm_core.cli import main
from crm_core.demo import fill_with_demo
from crm_core.exports import safe_cell
from crm_core.records.engine import open_database, reading
from crm_core.records.models import Client
from tests.databases import Databases, close_for_good
from tests.pages.hostile import PAYLOAD, make_hostile

VOID_OF_SCRIPT = {"script", "iframe", "object", "embed", "form", "img", "link", "base"}


@pytest.fixture(scope="module")
def hostile(shared_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = shared_databases.new(tmp_path_factory.mktemp("hostile"), "hostile_exports")
    engine = open_database(url)
    fill_with_demo(engine, today=date(2025, 6, 2))
    make_hostile(engine)
    close_for_good(engine)
    return url


def test_no_cell_of_an_exported_list_is_a_formula(hostile: str, tmp_path: Path) -> None:
    files = {"clients.csv": ["export", "clients"], "audit.csv": ["audit", "--csv"]}
    for name, command in files.items():
        out = tmp_path / name
        assert main([*command, str(out), "--db", hostile]) == 0
        rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
        assert len(rows) > 1
        assert [cell for row in rows for cell in row if safe_cell(cell) != cell] == []
    assert "DROP TABLE" in (tmp_path / "clients.csv").read_text(encoding="utf-8-sig")


class Markup(HTMLParser):
    """Collects the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


@pytest.mark.parametrize("kind", ["report", "client-file"])
def test_no_text_becomes_markup_in_a_page_that_leaves(
    kind: str, hostile: str, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    command = ["report", "--html", str(out)]
    if kind == "client-file":
        engine = open_database(hostile)
        with reading(engine) as connection:
            client = connection.execute(Client.__table__.select()).first()
        engine.dispose()
        assert client is not None
        command = ["client-file", str(client.external_id), "--html", str(out)]
    assert main([*command, "--db", hostile]) == 0
    text = out.read_text(encoding="utf-8")
    assert "DROP TABLE" in text or "=1+1" in text
    # Were something let loose all the same, it could neither run nor ask for anything.
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert policy
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "script" not in policy[1]
    page = Markup()
    page.feed(text)
    assert page.elements & VOID_OF_SCRIPT == set()
    assert [name for name in page.attributes if name.startswith("on")] == []
    assert [link for link in page.links if not link.startswith("#")] == []
    assert re.search(r"url\s*\(\s*['\"]?(?!#|data:)", text) is None


def test_a_clients_own_file_as_json_is_one_object(hostile: str, tmp_path: Path) -> None:
    engine = open_database(hostile)
    with reading(engine) as connection:
        client = connection.execute(Client.__table__.select()).first()
    engine.dispose()
    out = tmp_path / "client.json"
    command = ["client-file", str(client.external_id), "--json", str(out), "--db", hostile]
    assert main(command) == 0
    assert PAYLOAD in json.dumps(json.loads(out.read_text("utf-8")), ensure_ascii=False)
