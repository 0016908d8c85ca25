"""A small crowd on one server, as ``python -m benchmarks.load`` lets in a large one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_a_small_crowd_sees_no_error_and_no_number_of_no_state(tmp_path: Path):
    options = "--sessions 5 --browsers 0 --seconds 5 --think 0.8 --pause 1 --sales 1000 --few"
    command = [sys.executable, "-m", "benchmarks.load", *options.split(), "--database", "SQLite"]
    command += ["--json", str(tmp_path / "found")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((tmp_path / "found").read_text())
    assert found["faults"] == []
    assert found["pages"] >= 5
    assert found["writes"] >= 2
