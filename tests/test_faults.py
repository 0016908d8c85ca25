"""Disks that are full, files that may not be written, locks, damage: said plainly, nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.faults.material import NOW, TODAY, import_part, read_file
from benchmarks.faults.states import differing, state_of
from crm_core.errors import CrmError, DatabaseError, FileError
from crm_core.importing import carry_out
from crm_core.policy import read_parameters
from crm_core.records import engine as engines
from crm_core.records.backups import back_up
from crm_core.records.batches import list_batches, redo, undo
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.health import storage_fault
from crm_core.self_check import check_answers, run_checks
from crm_core.snapshot import build_ledger, load_ledger
from tests.conftest import ROOT
from tests.databases import close_for_good, ledgers_of
from tests.faulty import fill_up, open_folder, small_disk, without_writing
from tests.ledgers import same_ledgers

pytestmark = [
    pytest.mark.sqlite_only("files of SQLite's own; the server's faults are in test_faults_server"),
    pytest.mark.skipif(os.name == "nt", reason="needs mounts, users and limits of a Unix"),
]


def address(file: Path) -> str:
    return f"sqlite:///{file.as_posix()}"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Engine]:
    """Return a database with a file of sales, its ledger cached."""
    engine = open_database(address(tmp_path / "shop.sqlite"))
    import_part(engine, 400, part=1)
    load_ledger(engine)
    yield engine
    engine.dispose()


answers = cache(check_answers)


def check(engine: Engine) -> None:
    report = run_checks(engine, TODAY, answers=answers())
    assert report.is_well, [f.sentence for f in report.differing]


@pytest.mark.slow
def test_a_disk_that_fills_during_an_import_is_said_and_nothing_is_lost():
    with small_disk(2) as disk:
        engine = open_database(address(disk / "shop.sqlite"))
        import_part(engine, 400, part=1)
        before = state_of(engine, exact=True)
        prepared = read_file(engine, 25_000, part=2)
        with pytest.raises(DatabaseError, match="the disk is full; free some space"):
            carry_out(engine, prepared, now=NOW)
        assert differing(state_of(engine, exact=True), before) == []
        check(engine)
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        assert carry_out(engine, prepared, now=NOW).n_rows == 25_000
        check(engine)
        engine.dispose()


def test_a_full_disk_costs_the_ledger_its_cache_and_nobody_a_number():
    with small_disk(4) as disk:
        engine = open_database(address(disk / "shop.sqlite"))
        import_part(engine, 4_000, part=1)
        shutil.rmtree(ledgers_of(engine))
        with fill_up(disk):
            ledger = load_ledger(engine)
            assert len(ledger.sales) == 4_000
            assert not list(ledgers_of(engine).parent.rglob("*.npy"))
        assert same_ledgers(load_ledger(engine), ledger)
        assert list(ledgers_of(engine).rglob("*.npy"))
        engine.dispose()


def test_a_full_disk_leaves_no_half_a_backup(shop: Engine):
    with small_disk(1) as disk:
        with fill_up(disk), pytest.raises(FileError, match="space"):
            back_up(shop, disk, at=NOW)
        assert list(disk.iterdir()) == []
        assert back_up(shop, disk, at=NOW).file.is_file()


LIMITED = """
import resource, signal, sys
from benchmarks.faults.material import NOW, read_file
from crm_core.errors import CrmError
from crm_core.importing import carry_out
from crm_core.records.engine import open_database
from crm_core.snapshot import load_ledger
engine = open_database(sys.argv[1])
prepared = read_file(engine, 8_000, part=2)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    carry_out(engine, prepared, now=NOW)
except CrmError as error:
    print(error)
print(len(load_ledger(engine).sales))
"""


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_said_and_nothing_is_lost(shop: Engine):
    before = state_of(shop, exact=True)
    command = [sys.executable, "-c", LIMITED, str(shop.url)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    said, sales = done.stdout.splitlines()[-2:]
    assert done.returncode == 0, done.stderr
    assert "Wanted to use the database" in said
    assert "the disk" in said
    assert sales == "400"
    assert differing(state_of(shop, exact=True), before) == []


def test_a_read_only_file_can_be_looked_at_and_says_why_it_takes_nothing():
    with open_folder() as folder:
        file = folder / "shop.sqlite"
        engine = open_database(address(file))
        import_part(engine, 400, part=1)
        close_for_good(engine)
        with without_writing(file):
            engine = open_database(address(file))
            assert len(load_ledger(engine).sales) == 400
            with pytest.raises(DatabaseError, match="read-only; allow writing or name another"):
                import_part(engine, 100, part=2)
            engine.dispose()
        engine = open_database(address(file))
        import_part(engine, 100, part=2)
        check(engine)
        engine.dispose()


def test_a_read_only_folder_is_said_at_once_and_costs_nothing():
    with open_folder() as folder:
        engine = open_database(address(folder / "shop.sqlite"))
        import_part(engine, 400, part=1)
        close_for_good(engine)
        with (
            without_writing(folder),
            pytest.raises(DatabaseError, match="file or its folder is read-only; allow writing"),
        ):
            open_database(address(folder / "shop.sqlite"))
        engine = open_database(address(folder / "shop.sqlite"))
        check(engine)
        engine.dispose()


def test_a_folder_that_takes_no_file_is_said():
    with (
        open_folder() as folder,
        without_writing(folder),
        pytest.raises(DatabaseError, match="check its folder and rights"),
    ):
        open_database(address(folder / "new.sqlite"))


def test_a_database_locked_by_another_program_is_said_and_free_again_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.3)
    engine = open_database(address(tmp_path / "shop.sqlite"))
    import_part(engine, 400, part=1)
    hold = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(tmp_path / "shop.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert len(load_ledger(engine).sales) == 400, "reading never waits"
        with pytest.raises(DatabaseError, match="another program is writing to it; wait until"):
            import_part(engine, 100, part=2)
        other.kill()
    import_part(engine, 100, part=2)
    check(engine)
    engine.dispose()


def damage(file: Path, at: int, length: int = 4096) -> None:
    with file.open("r+b") as out:
        out.seek(at)
        out.write(os.urandom(length))


def test_a_damaged_page_of_the_database_asks_for_a_backup(shop: Engine, tmp_path: Path):
    shutil.rmtree(ledgers_of(shop))
    close_for_good(shop)
    file = tmp_path / "shop.sqlite"
    for page in range(2, file.stat().st_size // 4096):
        damage(file, page * 4096)
    with pytest.raises(DatabaseError, match="the file is damaged; restore a backup"):
        load_ledger(open_database(address(file)))
    damage(file, 0, 16)
    with pytest.raises(DatabaseError, match="the file is something else"):
        open_database(address(file))


def test_one_damaged_page_is_found_by_the_check(shop: Engine, tmp_path: Path):
    close_for_good(shop)
    file = tmp_path / "shop.sqlite"
    damage(file, file.stat().st_size // 2 // 4096 * 4096)
    engine = open_database(address(file))
    try:
        assert not run_checks(engine, TODAY, answers=answers()).is_well
    finally:
        engine.dispose()


@pytest.mark.parametrize("what", ["gone", "cut", "garbled"])
def test_without_its_log_a_database_is_whole_as_of_an_earlier_moment(tmp_path: Path, what: str):
    engine = open_database(address(tmp_path / "shop.sqlite"))
    import_part(engine, 400, part=1)
    close_for_good(engine)
    before = state_of(engine, exact=True)
    import_part(engine, 300, part=2)
    after = state_of(engine, exact=True)
    # As a killed program leaves it: the log not yet folded into the file.
    for ending in ("", "-wal"):
        shutil.copy(tmp_path / f"shop.sqlite{ending}", tmp_path / f"left.sqlite{ending}")
    engine.dispose()
    log = tmp_path / "left.sqlite-wal"
    assert log.stat().st_size > 100_000
    if what == "gone":
        log.unlink()
    elif what == "cut":
        log.write_bytes(log.read_bytes()[: log.stat().st_size // 2])
    else:
        damage(log, log.stat().st_size // 3)
    left = open_database(address(tmp_path / "left.sqlite"))
    found = state_of(left, exact=True)
    assert [] in (differing(found, before), differing(found, after))
    with reading(left) as connection:
        assert storage_fault(connection) is None
    left.dispose()


def test_a_damaged_cached_ledger_is_made_again_before_anything_is_shown(shop: Engine):
    folders = ledgers_of(shop)
    right = load_ledger(shop)
    for file in sorted(folders.rglob("*.npy"))[::4]:
        held = bytearray(file.read_bytes())
        held[-1] ^= 1
        file.write_bytes(held)
        assert same_ledgers(load_ledger(shop), right), file.name
        assert file.read_bytes() != held
    check(shop)


def test_an_import_after_the_clock_was_set_back_counts_as_the_newer_one(shop: Engine):
    early = NOW - timedelta(days=4000)
    prepared = read_file(shop, 200, part=2)
    report = carry_out(shop, prepared, now=early)
    with reading(shop) as connection:
        batches = list_batches(connection)
        assert [batch.id for batch in batches] == sorted(batch.id for batch in batches)
        assert batches[-1].imported_at < batches[0].imported_at
        assert "m0" in read_parameters(connection).origins
        ledger = build_ledger(connection)
    assert report.replaced.rows > 0, "the later import replaces, whatever the clock says"
    assert ledger.default_as_of(20_000) >= ledger.default_as_of(19_000)
    with writing(shop) as connection:
        undo(connection, report.batch_id, at=early - timedelta(days=1))
    with writing(shop) as connection:
        redo(connection, report.batch_id)
    assert same_ledgers(load_ledger(shop), ledger)
    check(shop)


def test_a_clock_before_all_sales_shows_an_empty_business_and_no_error(shop: Engine):
    report = run_checks(shop, date(1999, 1, 1), answers=answers())
    assert report.is_well, [f.sentence for f in report.differing]
    ledger = load_ledger(shop)
    assert ledger.default_as_of(10_000) == 10_000
    assert not ledger.known_at(10_000).any()


def test_a_backup_made_after_the_clock_was_set_back_is_kept(shop: Engine, tmp_path: Path):
    later = back_up(shop, tmp_path / "backups", at=datetime(2030, 1, 1, tzinfo=UTC))
    earlier = back_up(shop, tmp_path / "backups", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert later.file.is_file()
    assert earlier.file.is_file()


def test_what_fails_is_never_anything_but_the_programs_own_words(shop: Engine):
    with sqlite3.connect(str(shop.url.database)) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET sql = 'damaged' WHERE name = 'sales'")
    shop.dispose()
    with pytest.raises(CrmError, match="restore a backup"):
        load_ledger(open_database(address(Path(str(shop.url.database)))))
