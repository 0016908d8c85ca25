"""What a page shows while something is broken, and that it comes back on its own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import streamlit as st

from tests.pages.conftest import Visit, as_csv, fill, text_of
from tests.postgres import Server

ROWS = [(f"Client {n % 7}", f"2025-0{1 + n % 5}-1{n % 9}", f"{10 + n}.00") for n in range(60)]


@pytest.fixture
def stored(database: str) -> Path:
    """Return the file of a database with a few sales, its pages closed."""
    fill(database, as_csv(ROWS))
    return Path(database.removeprefix("sqlite:///"))


def forget_what_is_open() -> None:
    st.cache_resource.clear()


@pytest.mark.sqlite_only("damages the file")
def test_a_damaged_database_is_said_on_the_page_with_what_to_do(stored: Path, visit: Visit):
    with stored.open("r+b") as out:
        out.seek(4096)
        out.write(os.urandom(stored.stat().st_size - 4096))
    shutil.rmtree(f"{stored}-ledgers", ignore_errors=True)
    Path(f"{stored}-wal").unlink(missing_ok=True)
    app = visit()
    assert any("restore a backup" in error.value for error in app.error)


@pytest.mark.sqlite_only("damages the ledger beside the file")
def test_a_damaged_cached_ledger_shows_the_right_numbers(stored: Path, visit: Visit):
    before = text_of(visit())
    forget_what_is_open()
    files = list(Path(f"{stored}-ledgers").rglob("*.npy"))
    assert files
    for file in files:
        file.write_bytes(file.read_bytes()[:-1] + b"\x7f")
    after = visit()
    assert not after.error
    assert text_of(after) == before


@pytest.mark.sqlite_only("the folder beside the file")
def test_a_cache_that_cannot_be_written_costs_no_page(stored: Path, visit: Visit):
    before = text_of(visit())
    forget_what_is_open()
    shutil.rmtree(f"{stored}-ledgers")
    Path(f"{stored}-ledgers").write_text("a file where the folder should be")
    after = visit()
    assert not after.error
    assert text_of(after) == before


@pytest.mark.postgres
@pytest.mark.slow
def test_a_page_lives_through_a_restart_of_the_server(
    own_server: Server, database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", own_server.url)
    fill(own_server.url, as_csv(ROWS))
    app = visit()
    before = text_of(app)
    own_server.stop()
    app.run()
    assert not app.exception
    assert any("server" in error.value for error in app.error)
    own_server.start()
    app.run()
    assert not app.exception
    assert not app.error
    assert text_of(app) == before
