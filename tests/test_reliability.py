"""The page of reliability: parts that commands write, the rest by hand."""

from __future__ import annotations

import argparse
import collections
import shutil
from pathlib import Path

import pytest

from benchmarks.faults import __main__ as faults
from benchmarks.faults.killing import Tally
from benchmarks.fuzzing import describe as describe_fuzzing
from benchmarks.load.__main__ import Found, describe, make_parser
from benchmarks.reliability import PAGE, read_part, write_part


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return Path(shutil.copy(PAGE, tmp_path / "reliability.md"))


def test_every_part_can_be_written_and_nothing_else_changes(page: Path):
    before = page.read_text()
    for name in ("kills", "durability", "load", "fuzzing"):
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
    options = argparse.Namespace(seed=4)
    counts = {"before": 10, "within": 30, "after": 10, "undone": 40, "done": 10, "again": 12}
    undo = Tally("undo", "SQLite", 4_000, 0.5, 50, **counts)
    faults.write_page([Tally("redo", "SQLite", 1_000, 0.5, 25, **counts), undo], options)
    undo.within, undo.faults = 31, ["moment 1: half"]
    faults.write_page([undo], options)
    text = read_part("kills", page)
    assert "**75 kills, 61 of them within a transaction, 1 faults.**" in text
    assert "| undo | SQLite | 4,000 | 0.50 | 50 | 10 | 31 | 10 | 40 | 10 | 12 | 1 |" in text
    assert "| redo | SQLite | 1,000 | 0.50 | 25 |" in text, "each row says what it was found with"
    assert text.index("| undo |") < text.index("| redo |"), "as the list of works has them"
    assert text.count("| undo |") == text.count("|---|") == 1


def test_what_the_fuzzer_found_is_named_beside_the_counts():
    counts = {"files": 90, "read": 50, "refused": 39, "found ValueError-days-7": 1}
    seen = collections.Counter({**counts, "seconds": 60, "processor": 30, "kept": 20})
    text = describe_fuzzing(seen, argparse.Namespace(minutes=1, seed=1))
    assert "**90 files in 1 minutes (3 for each second of a processor" in text
    assert "39 refused in words, 1 anything else.**" in text
    assert "Anything else: ValueError-days-7 (1)." in text


def test_a_crowd_that_saw_nothing_is_described_too_with_the_command_that_repeats_it():
    options = make_parser().parse_args(["--sessions", "30", "--think", "25", "--few", "--write"])
    text = describe(Found(), options)
    assert "| 30 + 3, 120 |" in text
    assert "`python -m benchmarks.load --sessions 30 --think 25 --few --write`" in text
