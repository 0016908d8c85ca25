"""Backups are whole or not there; restoring puts back every row and loses nothing else."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, insert, select, text
from sqlalchemy.pool import NullPool

from crm_core.access import Actor, Role, acting_as
from crm_core.cli import main
from crm_core.errors import AccessError, CrmError, DatabaseError, FileError, RefusedError
from crm_core.records import backups, restoring
from crm_core.records.audit import list_audit
from crm_core.records.backup_files import (
    verify,
    write_archive,
    written_aside,
)
from crm_core.records.backups import back_up, state_of
from crm_core.records.batches import write_import
from crm_core.records.engine import open_database, reading, writing
from crm_core.records.models import Base, Product, Source
from crm_core.records.restoring import restore
from crm_core.records.versions import read_versions
from tests.builders import make_staged
from tests.databases import Databases, SqliteFiles

NOW = datetime(2026, 11, 22, 9, 15, tzinfo=UTC)
ROWS = [
    {"client": "Zażółć", "day": "2026-01-05", "amount": "10.5", "product": "tea"},
    {"client": "b", "day": "2026-01-07", "amount": -3, "currency": "USD"},
]
MOVES_ON = {"versions", "audit_events"}
"""What a restore changes on purpose."""

Home = Callable[[str], Engine]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """Make databases of one kind by name, empty ones."""
    kind = request.param == "sqlite"
    made: Databases = SqliteFiles() if kind else request.getfixturevalue("server_databases")
    opened: list[Engine] = []

    def make(name: str) -> Engine:
        opened.append(open_database(made.new(tmp_path, name)))
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


def url_of(engine: Engine) -> str:
    engine.dispose()  # nobody is at work in it any more
    return engine.url.render_as_string(hide_password=False)


def fill(engine: Engine, rows: list[dict[str, object]] = ROWS) -> Engine:
    with writing(engine) as connection:
        write_import(connection, make_staged(rows), imported_at=NOW)
    return engine


def everything_in(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with reading(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
            if table.name not in MOVES_ON
        }


def test_a_backup_brings_back_every_row_under_new_versions(new: Home, tmp_path: Path):
    shop = fill(new("shop"))
    made = back_up(shop, tmp_path / "kept", at=NOW)
    assert made.file == tmp_path / "kept" / "regulars-2026-11-22T091500Z.backup"
    assert made.manifest == verify(made.file)
    assert made.manifest.rows["sales"] == len(ROWS)
    if os.name != "nt":
        assert made.file.stat().st_mode & 0o077 == 0
    empty = new("empty")
    done = restore(made.file, url_of(empty), at=NOW)
    assert done.kept == ""
    assert everything_in(empty) == everything_in(shop)
    with reading(empty) as connection:
        now, (line,) = read_versions(connection), list_audit(connection, most=1)
    assert now.database_id == made.manifest.database_id
    assert now.sales_id != made.manifest.sales_id
    assert now.data_id != made.manifest.data_id
    assert (now.sales_version, line.deed) == (2, "restored from a backup")
    with reading(shop) as connection:
        assert list_audit(connection)[0].deed == "backed up"


def test_a_backup_is_one_moment_of_a_database_that_others_write_to(new: Home, tmp_path: Path):
    shop, enough = new("shop"), threading.Event()

    def work() -> None:
        for number in range(5_000):
            with writing(shop) as connection:
                connection.execute(insert(Source).values(name=f"{number}"))
                connection.execute(insert(Product).values(id=number, name=f"{number}", category=""))
            if enough.is_set():
                return

    worker = threading.Thread(target=work)
    worker.start()
    try:
        made = [back_up(shop, tmp_path / f"{turn}.backup", at=NOW).manifest for turn in range(3)]
    finally:
        enough.set()
        worker.join()
    for manifest in made:
        assert manifest.rows["sources"] == manifest.rows["products"] == manifest.data_version
    restore(tmp_path / "2.backup", url_of(new("empty")), at=NOW)


def test_what_is_there_is_replaced_only_when_told_and_then_kept_aside(new: Home, tmp_path: Path):
    shop = fill(new("shop"))
    before = everything_in(shop)
    file = back_up(shop, tmp_path, at=NOW).file
    fill(shop, [{"client": "later", "day": "2026-02-01", "amount": 1}])
    later = everything_in(shop)
    with pytest.raises(RefusedError, match=r"holds records; .* --replace"):
        restore(file, url_of(shop), at=NOW)
    assert everything_in(shop) == later
    done = restore(file, url_of(shop), at=NOW, replace=True)
    assert everything_in(shop) == before
    if shop.dialect.name == "sqlite":
        aside = open_database(done.kept)
    else:
        aside = create_engine(shop.url.update_query_dict({"options": f"-csearch_path={done.kept}"}))
    assert everything_in(aside) == later
    aside.dispose()


def test_a_restore_that_fails_leaves_what_was_there(
    new: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shop = fill(new("shop"))
    file = back_up(shop, tmp_path, at=NOW).file
    fill(shop, [{"client": "later", "day": "2026-02-01", "amount": 1}])
    later = everything_in(shop)

    def unsound(engine: Engine) -> None:
        raise DatabaseError("unsound")

    monkeypatch.setattr(restoring, "_refuse_unsound", unsound)
    with pytest.raises(DatabaseError, match="unsound"):
        restore(file, url_of(shop), at=NOW, replace=True)
    assert everything_in(shop) == later
    if shop.dialect.name == "sqlite":
        left = {path.name for path in tmp_path.iterdir()}
        assert left <= {file.name, "shop.sqlite", "shop.sqlite-wal", "shop.sqlite-shm"}
    else:
        with shop.connect() as connection:
            schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'regulars%'"
            assert connection.execute(text(schemas)).all() == []


def test_a_changed_or_cut_backup_is_refused_before_anything_is_touched(new: Home, tmp_path: Path):
    file = back_up(fill(new("shop")), tmp_path, at=NOW).file
    whole, empty = file.read_bytes(), new("empty")
    content = whole.index(b"database.") + 40
    for place in (content, content + 500, len(whole) // 2, whole.rindex(b"manifest") - 60):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(FileError, match="use another backup"):
            restore(file, url_of(empty), at=NOW)
    for length in (0, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(FileError, match="use another backup"):
            restore(file, url_of(empty), at=NOW)
    with pytest.raises(FileError, match="no such file"):
        restore(tmp_path / "none.backup", url_of(empty), at=NOW)
    with reading(empty) as connection:
        assert state_of(connection)["rows"]["sales"] == 0


def test_only_whoever_may_maintain_the_database_backs_up_or_restores(new: Home, tmp_path: Path):
    shop = new("shop")
    with acting_as(Actor("member 2", Role.MANAGER)):
        with pytest.raises(AccessError, match="back up"):
            back_up(shop, tmp_path, at=NOW)
        with pytest.raises(AccessError, match="back up"):
            restore(tmp_path / "x.backup", url_of(shop), at=NOW)
    assert list(tmp_path.glob("*.backup")) == []


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Engine]:
    """Return a small database in an SQLite file."""
    engine = fill(open_database(SqliteFiles().new(tmp_path, "shop")))
    yield engine
    engine.dispose()


def test_the_commands_back_up_thin_out_restore_and_check(
    shop: Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    url, folder = url_of(shop), tmp_path / "kept"
    old = back_up(shop, folder, at=NOW - timedelta(days=900)).file
    (folder / "notes.txt").write_text("mine")
    assert main(["backup", str(folder), "--keep-daily", "1", "--db", url]) == 0
    assert "Deleted 1 older ones" in capsys.readouterr().out
    assert not old.exists()
    (made,) = folder.glob("*.backup")
    assert (folder / "notes.txt").exists()
    assert main(["restore", str(made), "--db", url]) == 1
    assert "--replace" in capsys.readouterr().err
    assert main(["restore", str(made), "--db", f"{url}.restored"]) == 0
    said = capsys.readouterr().out
    assert "If clients were erased after that moment" in said
    assert "checks passed" in said


def test_a_database_somebody_works_in_is_not_replaced(shop: Engine, tmp_path: Path):
    file = back_up(shop, tmp_path, at=NOW).file
    with reading(shop), pytest.raises(RefusedError, match="stop the dashboard"):
        restore(file, shop.url.render_as_string(), at=NOW, replace=True)


def test_going_to_the_other_kind_of_database_is_the_work_of_move(shop: Engine, tmp_path: Path):
    file = back_up(shop, tmp_path, at=NOW).file
    with pytest.raises(RefusedError, match="move --to URL"):
        restore(file, "postgresql://nobody@127.0.0.1:1/none", at=NOW)


def archive(file: Path, database: Path, **changed: object) -> Path:
    """Write a backup of an SQLite file as another version of the program might have."""
    engine = create_engine(f"sqlite:///{database.as_posix()}", poolclass=NullPool)
    with engine.connect() as connection:
        about = {"format": 1, "program": "0", "made_at": NOW.isoformat(), **state_of(connection)}
    write_archive(file, [database.read_bytes()], kind="sqlite", about=about | changed)
    return file


def test_a_backup_of_an_older_program_is_migrated_and_one_of_a_newer_refused(tmp_path: Path):
    from alembic import command
    from alembic.config import Config

    database, target = tmp_path / "old.sqlite", f"sqlite:///{(tmp_path / 'new.sqlite').as_posix()}"
    config = Config()
    config.set_main_option("script_location", str(Path(restoring.__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    old = create_engine(f"sqlite:///{database.as_posix()}", poolclass=NullPool)
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.execute(text("INSERT INTO versions VALUES (1, 'd', 5, 's', 6, 't')"))
        connection.execute(text("INSERT INTO sources (name) VALUES ('shop')"))
    done = restore(archive(tmp_path / "old.backup", database), target, at=NOW)
    assert done.migrated_from == "0002"
    engine = open_database(target)
    with reading(engine) as connection:
        assert connection.execute(select(Source.name)).scalars().all() == ["shop"]
    engine.dispose()
    for changed in ({"schema": "9999"}, {"format": 99}):
        newer = archive(tmp_path / "newer.backup", database, **changed)
        with pytest.raises(FileError, match="newer Regulars"):
            restore(newer, target, at=NOW, replace=True)


def test_missing_rows_and_broken_references_are_noticed_before_the_old_one_goes(
    shop: Engine, tmp_path: Path
):
    shop.dispose()
    url, database = shop.url.render_as_string(), Path(str(shop.url.database))
    looking = open_database(url)
    with looking.connect() as connection:
        rows = state_of(connection)["rows"]
    looking.dispose()
    lacking = archive(tmp_path / "a.backup", database, rows=rows | {"sales": 99})
    copy = tmp_path / "copy.sqlite"
    shutil.copy(database, copy)
    broken = create_engine(f"sqlite:///{copy.as_posix()}", poolclass=NullPool)
    with broken.begin() as connection:
        connection.execute(text("UPDATE sales SET client_id = 99 WHERE client_id IS NOT NULL"))
    orphaned = archive(tmp_path / "b.backup", copy)
    for file, said in ((lacking, "numbers in sales"), (orphaned, "sales.client_id")):
        with pytest.raises(DatabaseError, match=said):
            restore(file, url, at=NOW, replace=True)
        assert database.exists()


def test_a_damaged_database_is_not_backed_up_over_good_backups(shop: Engine, tmp_path: Path):
    file = Path(str(shop.url.database))
    shop.dispose()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    damaged = bytearray(file.read_bytes())
    page = 4096
    damaged[page * 3 : page * 40] = bytes(page * 37)
    file.write_bytes(damaged)
    with pytest.raises(CrmError, match=r"older backups|malformed|damaged"):
        back_up(create_engine(shop.url, poolclass=NullPool), tmp_path / "kept", at=NOW)
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(
    shop: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "kept"

    def full(file: Path, *_: object, **__: object) -> None:
        file.write_bytes(b"half")
        assert list(folder.glob("*.backup")) == []
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backups, "write_archive", full)
    with pytest.raises(FileError, match=r"No space left .* free some space"):
        back_up(shop, folder, at=NOW)
    assert list(folder.iterdir()) == []


def test_a_backup_writes_over_nothing(shop: Engine, tmp_path: Path):
    file = back_up(shop, tmp_path, at=NOW).file
    before = file.read_bytes()
    with pytest.raises(FileError, match="a file there already"):
        back_up(shop, tmp_path, at=NOW)
    assert file.read_bytes() == before
    with suppress(RuntimeError), written_aside(tmp_path / "other.backup") as aside:
        aside.write_bytes(b"half")
        raise RuntimeError
    assert [path.name for path in tmp_path.glob("*other*")] == []


def fake_programs(folder: Path, body: str) -> str:
    """Put a pg_dump of our own into a folder and return the PATH that finds it first."""
    program = folder / "pg_dump"
    program.write_text(f"#!{sys.executable}\nimport os, sys\n{body}\n")
    program.chmod(0o755)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.postgres
@pytest.mark.skipif(os.name == "nt", reason="the made-up pg_dump is a script")
def test_pg_dump_must_be_there_new_enough_and_never_sees_the_password_in_its_words(
    server_databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from sqlalchemy import make_url

    url = make_url(server_databases.new(tmp_path, "shop")).set(password="top secret'\\")
    engine, seen = open_database(url.render_as_string(hide_password=False)), tmp_path / "seen"
    monkeypatch.setenv("PATH", fake_programs(tmp_path, "print('pg_dump (PostgreSQL) 9.6')"))
    with pytest.raises(DatabaseError, match=r"server is PostgreSQL \d+; found 9"):
        back_up(engine, tmp_path, at=NOW)
    note = "print('pg_dump (PostgreSQL) 99.1') if '--version' in sys.argv else " + (
        f"(open({str(seen)!r}, 'w').write(repr((sys.argv, os.environ['PGPASSWORD']))), "
        "sys.exit('pg_dump: error: no luck'))"
    )
    fake_programs(tmp_path, note)
    with pytest.raises(DatabaseError, match="no luck"):
        back_up(engine, tmp_path, at=NOW)
    words, password = eval(seen.read_text())
    assert password == "top secret'\\"
    assert "secret" not in " ".join(words)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    with pytest.raises(DatabaseError, match=r"found none .* apt install postgresql-client"):
        back_up(engine, tmp_path, at=NOW)
    assert list(tmp_path.glob("*.backup*")) == []
    engine.dispose()
