"""A PostgreSQL server whose own disk fills: said plainly, nothing lost, afterwards all goes on."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from benchmarks.faults.material import NOW, TODAY, import_part, read_file
from benchmarks.faults.states import differing, state_of
from crm_core.errors import DatabaseError
from crm_core.importing import carry_out
from crm_core.records.engine import open_database
from crm_core.self_check import check_answers, run_checks
from tests.faulty import fill_up, small_disk
from tests.postgres import Server, find_server_programs

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="needs mounts of a Unix"),
]

SAID = r"No space left on device; the server's disk is full and nothing was changed; free some"
STOPPED = r"the connection to the server was cut|the server stopped|the server was shut down"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = find_server_programs()
    if found is None:
        pytest.skip("no PostgreSQL server programs on this machine")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return found


@contextmanager
def running(server: Server) -> Iterator[Engine]:
    """Start a server, fill it with a file of sales, and stop it at the end."""
    server.start()
    shop = open_database(server.url)
    try:
        import_part(shop, 400, part=1)
        yield shop
    finally:
        shop.dispose()
        if server.process.poll() is None:
            server.stop(signal.SIGQUIT)
        shutil.rmtree(server.data, ignore_errors=True)


def check(engine: Engine) -> None:
    report = run_checks(engine, TODAY, answers=check_answers())
    assert report.is_well, [f.sentence for f in report.differing]


def test_a_server_whose_disk_fills_during_an_import_says_so_and_loses_nothing(
    programs: Path, monkeypatch: pytest.MonkeyPatch
):
    with small_disk(120) as disk:
        with monkeypatch.context() as patch:
            patch.setattr("tempfile.tempdir", str(disk))
            server = Server(programs)
        with running(server) as shop:
            before = state_of(shop, exact=True)
            prepared = read_file(shop, 4_000, part=2)
            with fill_up(disk), pytest.raises(DatabaseError, match=SAID):
                carry_out(shop, prepared, now=NOW)
            assert server.process.poll() is None, "it served on"
            assert differing(state_of(shop, exact=True), before) == []
            assert carry_out(shop, prepared, now=NOW).n_rows == 4_000
            check(shop)


def test_a_server_whose_log_finds_no_room_stops_and_comes_back_whole(programs: Path):
    with small_disk(48) as disk:
        # Segments of 1 MB instead of 16: a small import needs new ones.
        server = Server(programs, f"--waldir={disk / 'log'}", "--wal-segsize=1")
        with running(server) as shop:
            before = state_of(shop, exact=True)
            prepared = read_file(shop, 12_000, part=2)
            with fill_up(disk), pytest.raises(DatabaseError, match=f"{SAID}|{STOPPED}"):
                carry_out(shop, prepared, now=NOW)
            come_back(server)
            assert differing(state_of(shop, exact=True), before) == []
            assert carry_out(shop, prepared, now=NOW).n_rows == 12_000
            check(shop)


def come_back(server: Server) -> None:
    """Wait until a server has recovered, and start it where it ended for good."""
    for _ in range(3_000):
        if server.process.poll() is not None:
            server.start()
        try:
            psycopg.connect(
                f"host=127.0.0.1 port={server.port} user=regulars dbname=postgres"
            ).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not come back within five minutes")
