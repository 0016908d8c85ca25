"""The page of reliability: parts that commands write, the rest by hand."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pytest

from benchmarks.faults import __main__ as faults
from benchmarks.faults.killing import Tally
from benchmarks.load.__main__ import Found, describe, make_parser
from benchmarks.reliability import PAGE, read_part, write_part


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return Path(shutil.copy(PAGE, tmp_path / "reliability.md"))


def test_every_part_can_be_written_and_nothing_else_changes(page: Path):
    before = page.read_text()
    for name in ("kills", "load", "fuzzing"):
        write_part(name, f"found by {name}", page)
        assert read_part(name, page) == f"found by {name}\n"
    assert page.read_text().count("<!--") == before.count("<!--")
    assert page.read_text().startswith(before[:200])


def test_a_part_that_is_not_there_is_refused(page: Path):
    with pytest.raises(SystemExit, match="no part 'dreams'"):
        write_part("dreams", "", page)


def test_rows_of_works_that_were_not_run_now_stay(page: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(faults, "read_part", lambda name: read_part(name, page))
    monkeypatch.setattr(faults, "write_part", lambda name, text: write_part(name, text, page))
    write_part("kills", "", page)
    options = argparse.Namespace(moments=100, seed=4, sales=10)
    undo = Tally("undo", "SQLite", 0.5, 50, 10, 30, 10, 40, 10)
    faults.write_page([undo, Tally("redo", "SQLite", 0.5, 50, 10, 30, 10, 40, 10)], options)
    undo.within, undo.faults = 31, ["moment 1: half"]
    faults.write_page([undo], options)
    text = read_part("kills", page)
    assert "**100 kills, 61 of them within a transaction, 1 faults.**" in text
    assert text.count("| undo | SQLite |") == text.count("| redo | SQLite |") == 1
    assert text.count("|---|") == 1


def test_a_crowd_that_saw_nothing_is_described_too_with_the_command_that_repeats_it():
    options = make_parser().parse_args(["--sessions", "30", "--think", "25", "--few", "--write"])
    text = describe(Found(), options)
    assert "| 30 + 3, 120 |" in text
    assert "`python -m benchmarks.load --sessions 30 --think 25 --few --write`" in text
