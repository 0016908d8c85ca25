"""PostgreSQL's own programs for backups: found, compared with the server, run without secrets.

The password goes to them in their environment, never on the command line, where every
user of the computer could read it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine

from crm_core.errors import DatabaseError

HINT = "on Debian or Ubuntu: apt install postgresql-client; on a Mac: brew install libpq"


def server_major(connection: Connection) -> int:
    """Return the main version number of the server: 17 for PostgreSQL 17.2."""
    return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000


def find_program(name: str, *, at_least: int) -> str:
    """Return the path of ``pg_dump`` or ``pg_restore``.

    Parameters
    ----------
    name : str
        The program's name.
    at_least : int
        The server's main version: an older program cannot read a newer server.

    Raises
    ------
    DatabaseError
        If there is none, or an older one.
    """
    program = shutil.which(name)
    if program is None:
        raise DatabaseError(
            f"Wanted PostgreSQL's program {name}, found none on this computer; install "
            f"PostgreSQL's client programs of version {at_least} or newer ({HINT})."
        )
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\) (\d+)", done.stdout)
    if found is None or int(found[1]) < at_least:
        said = found[1] if found else "an unknown version"
        raise DatabaseError(
            f"Wanted {name} of version {at_least} or newer, because the server is PostgreSQL "
            f"{at_least}; found {said}. Install newer client programs ({HINT})."
        )
    return program


def address_for_programs(engine: Engine) -> tuple[str, dict[str, str]]:
    """Return how a program reaches the database: its ``--dbname``, and its environment.

    Returns
    -------
    address : str
        Without the password.
    environment : dict of str to str
        That of this process, the password added.
    """
    _, given = engine.dialect.create_connect_args(engine.url)
    environment = dict(os.environ)
    if given.get("password"):
        environment["PGPASSWORD"] = str(given["password"])
    secret = ("password", "sslpassword", "context")
    return make_conninfo("", **{k: v for k, v in given.items() if k not in secret}), environment


@contextmanager
def reading_from(
    command: list[str],
    environment: dict[str, str],
    *,
    feed: Callable[[IO[bytes]], object] | None = None,
) -> Iterator[IO[bytes]]:
    """Run a program and give what it writes.

    Parameters
    ----------
    command, environment
        The program; nothing secret in the former.
    feed : callable, optional
        Writes to the program's input, beside the reading.

    Raises
    ------
    DatabaseError
        If the program does not end well, with what it said.
    CrmError
        Whatever ``feed`` raises.
    """
    with _started(command, environment, feeds=feed is not None) as (program, said):
        fault: list[BaseException] = []
        feeder = threading.Thread(target=_feed, args=(program, feed, fault), daemon=True)
        feeder.start()
        yield _pipe(program.stdout)
        _pipe(program.stdout).close()
        feeder.join()
        if fault:
            raise fault[0]
        if program.wait() != 0:
            raise _failure(command[0], said)


@contextmanager
def writing_to(command: list[str], environment: dict[str, str]) -> Iterator[IO[bytes]]:
    """Run a program and give what it reads; killed where the writing fails.

    Raises
    ------
    DatabaseError
        If the program does not end well, with what it said.
    """
    with _started(command, environment, feeds=True, quiet=True) as (program, said):
        with contextlib.suppress(BrokenPipeError):  # it ended early: its words tell why
            yield _pipe(program.stdin)
            _pipe(program.stdin).close()
        if program.wait() != 0:
            raise _failure(command[0], said)


@contextmanager
def _started(
    command: list[str], environment: dict[str, str], *, feeds: bool, quiet: bool = False
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE if feeds else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else subprocess.PIPE,
            stderr=said,
        )
        try:
            yield program, said
        finally:
            program.kill()
            program.wait()
            for stream in (program.stdin, program.stdout):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()


def _feed(
    program: subprocess.Popen[bytes],
    feed: Callable[[IO[bytes]], object] | None,
    fault: list[BaseException],
) -> None:
    if feed is None:
        return
    stream = _pipe(program.stdin)
    try:
        feed(stream)
        stream.close()
    except BrokenPipeError:
        pass  # it ended early: its exit code and words tell why
    except BaseException as error:  # noqa: BLE001  (raised again in the thread that waits)
        fault.append(error)
        program.kill()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _failure(program: str, said: IO[bytes]) -> DatabaseError:
    said.seek(0)
    lines = said.read().decode("utf-8", "replace").strip().splitlines()
    named = [line for line in lines if "error:" in line.lower()] or lines[-1:] or ["nothing"]
    return DatabaseError(
        f"Wanted {Path(program).name} to do its work, but it stopped and said: {named[0].strip()}"
    )
