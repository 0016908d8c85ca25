"""Killed at random moments, a few of the many that ``python -m benchmarks.faults`` tries."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.faults import killing
from benchmarks.faults.child import COMMITS, DONE, NOTES, WROTE
from benchmarks.faults.homes import FileHome
from benchmarks.faults.killing import Trials
from benchmarks.faults.material import NOW, import_part
from benchmarks.faults.moments import Course, Moment, draw
from benchmarks.faults.works import NAMED, Work
from crm_core.records.batches import undo
from crm_core.records.engine import open_database, writing
from tests.conftest import ROOT
from tests.postgres import find_server_programs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="processes are forked here"),
]


def test_work_killed_at_any_moment_is_wholly_there_or_wholly_not(tmp_path: Path):
    """Five moments of each work, three on SQLite and two on a server where there is one."""
    command = [sys.executable, "-m", "benchmarks.faults", "--moments", "5", "--sales", "200"]
    command += ["--works", *NAMED, "--quick", "--json", str(tmp_path / "found")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    tallies = json.loads((tmp_path / "found").read_text())
    homes = {"SQLite"} | ({"PostgreSQL"} if find_server_programs() else set())
    assert {tally["home"] for tally in tallies} == homes
    killed: Counter[str] = Counter()
    for tally in tallies:
        killed[tally["work"]] += tally["moments"]
        assert tally["done"] + tally["undone"] == tally["moments"], tally
        assert tally["before"] + tally["within"] + tally["after"] == tally["moments"]
    assert killed == dict.fromkeys(NAMED, 5)
    assert sum(tally["within"] for tally in tallies) >= len(NAMED), "most fall within a transaction"


def two_imports(url: str, n_sales: int) -> list[int]:
    engine = open_database(url)
    numbers = [import_part(engine, n_sales, part=part) for part in (1, 2)]
    engine.dispose()
    return numbers


def undo_in_two_parts(engine: Engine, numbers: list[int]) -> None:
    """Do what no work of the program does: commit half of it, and go on later."""
    for number in numbers:
        with writing(engine) as connection:
            undo(connection, number, at=NOW)


def end_after_the_first_half(trials: Trials, moment: Moment | None) -> list[float]:
    """Do the work here, and no more than the first half of it at the moment of a kill."""
    numbers = trials.payload if moment is None else trials.payload[:1]
    engine = open_database(trials.home.url)
    undo_in_two_parts(engine, numbers)
    engine.dispose()
    notes = [0.0] * NOTES
    notes[WROTE], notes[COMMITS], notes[DONE] = 1.0, len(numbers), float(moment is None)
    return notes


def test_a_work_that_can_be_left_half_done_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    work = Work("in two parts", "tables", two_imports, undo_in_two_parts)
    monkeypatch.setattr(Trials, "_run", end_after_the_first_half)
    monkeypatch.setattr(killing, "draw", lambda _course, _chance: Moment(0, 0.0))
    folder = str(tmp_path)
    trials = Trials(work, FileHome(tmp_path), n_sales=100, seed=1, ledgers=folder, quick=True)
    found = trials.kill(1)
    assert found.within == 1
    assert any("neither before" in fault and "nor after" in fault for fault in found.faults)


def test_moments_are_drawn_from_the_whole_course_and_mostly_from_the_transaction():
    course = Course(wrote=1.0, committed=9.0, done=10.0, steps=(0.0, 1.0, 3.0, 8.0, 9.5))
    chance = random.Random(7)
    moments = [draw(course, chance) for _ in range(500)]
    at = [course.steps[moment.step - 1] + moment.delay for moment in moments]
    within = [one for one in at if 1.0 <= one <= 9.0]
    assert 370 < len(within) < 430
    assert 20 < sum(one < 1.0 for one in at) < 60
    assert all(0.17 < sum(low <= one < low + 2 for one in within) / len(within) < 0.33
               for low in (1.0, 3.0, 5.0, 7.0))  # fmt: skip
    assert min(at) >= 0.0
    assert max(at) <= 10.0
