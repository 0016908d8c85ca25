"""The dashboard under load: a process of its own, its log and its memory."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_core.launch import dashboard_command

ROOT = Path(__file__).resolve().parent.parent.parent
SIGNS = ("Traceback", "Exception", "ERROR", "Error:")
"""What a log may not hold."""


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def megabytes(self) -> float:
        """Return the memory it holds now (resident; mapped ledgers included)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def complaints(self) -> list[str]:
        """Return the lines of its log that tell of something wrong."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(sign in line for sign in SIGNS)]


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Dashboard]:
    """Serve the dashboard over a database, on a free port of this computer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*dashboard_command(ROOT, port), "--server.fileWatcherType=none"],
            env={**os.environ, "DATABASE_URL": url},
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, address, log)
        yield Dashboard(address, process, log)
    finally:
        process.terminate()
        process.wait(timeout=300)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    for _ in range(1_500):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=60).close()
        except (OSError, urllib.error.URLError):
            if process.poll() is not None:
                break
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"the dashboard did not start:\n{log.read_text(errors='replace')}")
