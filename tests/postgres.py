"""A PostgreSQL server that lives as long as one test run."""

from __future__ import annotations

import os
import shutil
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


@contextmanager
def running_server(programs: Path) -> Iterator[str]:
    """Start a server on a free port of this computer; afterwards stop it and remove its data."""
    user = _who_may_serve()
    # Not in pytest's own folder: the account that serves may not pass through that.
    data = Path(tempfile.mkdtemp(prefix="regulars-postgres-"))
    if user:
        shutil.chown(data, user)
    command = [programs / "initdb", "-D", data, "-U", "regulars", "--auth=trust", "-E", "UTF8"]
    subprocess.run(command, check=True, capture_output=True, user=user, cwd="/")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"listen_addresses": "127.0.0.1", "port": port, "fsync": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", "", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user,
        cwd="/",
    )
    try:
        _wait_until_up(port)
        yield f"postgresql+psycopg://regulars@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(data)


def _who_may_serve() -> str | None:
    """Return the account to run as; PostgreSQL refuses to be run by root."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd  # there is none on Windows

    return "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"


def _wait_until_up(port: int) -> None:
    for _ in range(100):
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=regulars dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not start within ten seconds")
