"""A PostgreSQL server that lives as long as one test run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg


def find_server_programs() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``, newest release first."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    found = shutil.which("initdb")
    candidates = [*debian, *([Path(found)] if found else [])]
    return candidates[0].parent if candidates else None


class Server:
    """A PostgreSQL server on a free port of this computer, with data of its own.

    Attributes
    ----------
    port : int
        Where it listens, the same after a restart.
    url : str
        Its first database.
    """

    def __init__(self, programs: Path, *more: str) -> None:
        """Make its data, with ``more`` words for ``initdb``."""
        self.programs, self.user = programs, _who_may_serve()
        # Not in pytest's own folder: the account that serves may not pass through that.
        self.data = Path(tempfile.mkdtemp(prefix="regulars-postgres-"))
        if self.user:
            shutil.chown(self.data, self.user)
        options = ["-U", "regulars", "--auth=trust", "-E", "UTF8", *more]
        command = [programs / "initdb", "-D", self.data, *options]
        subprocess.run(command, check=True, capture_output=True, user=self.user, cwd="/")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"postgresql+psycopg://regulars@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {"listen_addresses": "127.0.0.1", "port": self.port, "fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, "-k", "", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.user,
            cwd="/",
        )
        _wait_until_up(self.process, self.port)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop it: politely to its clients (SIGINT), or as a power cut does (SIGQUIT)."""
        self.process.send_signal(how)
        self.process.wait(timeout=300)


@contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Start a server; afterwards stop it and remove its data."""
    with stoppable_server(programs) as server:
        yield server.url


@contextmanager
def stoppable_server(programs: Path) -> Iterator[Server]:
    """Start a server that a test may stop and start; afterwards remove its data."""
    server = Server(programs)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
        shutil.rmtree(server.data)


def _who_may_serve() -> str | None:
    """Return the account to run as; PostgreSQL refuses to be run by root."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd  # there is none on Windows

    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


def _wait_until_up(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(3_000):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended with {server.returncode} instead of starting")
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=regulars dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not start within five minutes")
