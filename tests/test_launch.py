"""What ``start`` and ``test`` run, and how the dashboard keeps to this computer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_core import launch
from crm_core.errors import CrmError
from tests.conftest import ROOT


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as somebody:
        somebody.bind((launch.HOST, 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def test_taken_port_is_refused_when_asked_for(taken_port: int) -> None:
    with pytest.raises(CrmError, match=f"port {taken_port}, found it taken"):
        launch.choose_port(taken_port)


def test_taken_port_is_passed_over_when_not_asked_for(
    taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "FIRST_PORT", taken_port)
    assert taken_port < launch.choose_port() <= taken_port + launch.PORTS_TRIED


def test_dashboard_listens_on_this_computer_only_and_reports_nothing() -> None:
    command = launch.dashboard_command(ROOT, 8600)
    assert "--server.address=127.0.0.1" in command
    assert "--browser.gatherUsageStats=false" in command
    assert str(ROOT / "served.py") in command


@pytest.mark.parametrize("port", ["0", "70000", "web"])
def test_impossible_port_is_wrong_usage(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_info:
        launch.parse_start(["--port", port])
    assert exit_info.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_whole_suite_is_spread_and_single_tests_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(launch, "become", lambda command, _: seen.append(command) or 0)
    monkeypatch.chdir(ROOT)
    launch.run_tests(ROOT, [])
    launch.run_tests(ROOT, ["tests/test_money.py", "-x"])
    assert "-n" in seen[0]
    assert seen[1] == [sys.executable, "-m", "pytest", "tests/test_money.py", "-x"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="stops the server by a signal")
def test_started_dashboard_answers_and_stops_when_told(tmp_path: Path) -> None:
    (tmp_path / "served.py").write_text("import streamlit as st\nst.title('Regulars')\n")
    port = launch.choose_port()
    script = (
        "from pathlib import Path; from crm_core import launch; "
        f"launch.open_dashboard(Path({str(tmp_path)!r}), "
        f"launch.parse_start(['--port', '{port}', '--no-browser']))"
    )
    server = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        assert _answers(f"http://{launch.HOST}:{port}/_stcore/health")
    finally:
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=300)
    assert f"Regulars: http://127.0.0.1:{port}" in told.decode()


def _answers(url: str) -> bool:
    for _ in range(3_000):
        try:
            urllib.request.urlopen(url, timeout=60).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return True
    return False
