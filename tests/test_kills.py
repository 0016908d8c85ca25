"""Killed at random moments, a few of the many that ``python -m benchmarks.faults`` tries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.faults.homes import FileHome
from benchmarks.faults.killing import Trials
from benchmarks.faults.material import NOW, import_part
from benchmarks.faults.works import Work
from crm_core.records.batches import undo
from crm_core.records.engine import open_database, writing
from tests.conftest import ROOT
from tests.postgres import find_server_programs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="processes are forked here"),
]


@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"])
def test_work_killed_at_any_moment_is_wholly_there_or_wholly_not(database: str, tmp_path: Path):
    if database == "PostgreSQL" and find_server_programs() is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    moments = "2" if database == "SQLite" else "1"
    command = [sys.executable, "-m", "benchmarks.faults", "--moments", moments]
    command += [
        "--sales",
        "1000",
        "--quick",
        "--databases",
        database,
        "--json",
        str(tmp_path / "found"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    tallies = json.loads((tmp_path / "found").read_text())
    assert {tally["home"] for tally in tallies} == {database}
    assert len(tallies) >= 6
    for tally in tallies:
        assert tally["moments"] == int(moments)
        assert tally["done"] + tally["undone"] == tally["moments"], tally
        assert tally["before"] + tally["within"] + tally["after"] == tally["moments"]
    assert sum(tally["within"] for tally in tallies) >= 3


def undo_in_two_parts(engine: Engine, numbers: list[int]) -> None:
    """Do what no work of the program does: commit half of it, and go on later."""
    for number in numbers:
        with writing(engine) as connection:
            undo(connection, number, at=NOW)
        time.sleep(1.0)


def two_imports(url: str, n_sales: int) -> list[int]:
    engine = open_database(url)
    numbers = [import_part(engine, n_sales, part=part) for part in (1, 2)]
    engine.dispose()
    return numbers


def test_a_work_that_can_be_left_half_done_is_found_out(tmp_path: Path):
    work = Work("in two parts", two_imports, undo_in_two_parts)
    trials = Trials(
        work, FileHome(tmp_path), n_sales=300, seed=1, ledgers=str(tmp_path), quick=True
    )
    # Around the moment between the two halves, wherever a busy machine puts it.
    shares = iter((0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8))
    trials.chance.uniform = lambda _from, until: until * next(shares)  # type: ignore[method-assign]
    found = trials.kill(7)
    assert any("neither before" in fault and "nor after" in fault for fault in found.faults)
