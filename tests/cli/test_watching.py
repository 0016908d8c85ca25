"""The watched folder and the scheduled import from the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from crm_core.cli import cli
from crm_core.cli import watching as command
from crm_core.records.engine import open_database
from tests.databases import Databases
from tests.inbox import FEBRUARY, arrivals, drop, import_first, notices

Run = Callable[..., Any]


@pytest.fixture
def engine(databases: Databases, tmp_path: Path) -> Any:
    engine = open_database(databases.new(tmp_path, "crm"))
    yield import_first(engine)
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(command, "SETTLING", 0.01)
    url = engine.url.render_as_string()

    def call(*arguments: str | Path, code: int = 0) -> str:
        result = CliRunner().invoke(cli, [*map(str, arguments), "--db", url])
        assert result.exit_code == code, result.output
        return result.output

    return call


def test_once_takes_what_lies_there_and_ends_with_one_where_a_file_failed(
    run: Run, folder: Path
) -> None:
    drop(folder)
    assert "2 rows" in run("watch", folder, "--once")
    assert run("watch", folder, "--once") == ""
    drop(folder, "nonsense")
    assert "sales.csv: " in run("watch", folder, "--once", code=1)
    drop(folder, FEBRUARY.replace("11,50", "12,50"))
    assert "waits for approval" in run("watch", folder, "--once", "--approve")
    run("watch", folder / "none", "--once", code=1)


def test_a_scheduled_import_leaves_a_notice_where_it_fails(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "export.csv"
    run("import", file, "--notify", code=1)
    file.write_text(FEBRUARY, encoding="utf-8")
    run("import", file, "--notify")
    run("import", file, "--notify", code=1)
    file.write_text(FEBRUARY.replace("11,50", "12,50"), encoding="utf-8")
    run("import", file, "--approve")
    assert [row.state for row in arrivals(engine)] == ["waiting", "refused", "taken", "failed"]
    assert notices(engine) == ["import failed", "import failed", "import waiting"]
    assert [line.rpartition("  ")[2] for line in run("imports").splitlines() if "(" in line] == [
        "(waits for approval)"
    ]


def test_a_name_of_a_file_neither_moves_the_cursor_nor_writes_a_line_of_its_own(
    run: Run, folder: Path
) -> None:
    name = "a\x1b[2J\nimport 99 \u202e.csv"
    drop(folder).rename(folder / name)
    said = run("watch", folder, "--once") + run("imports")
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert not any(line.startswith("import 99") for line in said.splitlines())
    drop(folder, "nonsense").rename(folder / name)
    assert "\x1b" not in run("watch", folder, "--once", code=1)
