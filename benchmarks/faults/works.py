"""The pieces of work that are killed; one more is a few lines in :data:`WORKS`.

A work prepares a database, makes what it needs beforehand (its *payload*: whatever can
be pickled), and is then done by a child process, and once more by the parent.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

from benchmarks.faults.material import NOW, import_part, read_file
from crm_core.importing import carry_out
from crm_core.merging import Proposal, propose
from crm_core.merging import carry_out as merge_by_rule
from crm_core.moving import move
from crm_core.records import migrate
from crm_core.records.backups import back_up
from crm_core.records.batches import redo, undo
from crm_core.records.clients import merge, unmerge
from crm_core.records.engine import database_url, open_database, writing
from crm_core.records.erasing import erase_many
from crm_core.records.fingerprints import FINGERPRINTS
from crm_core.records.models import Base
from crm_core.records.receipts import clean_file
from crm_core.records.restoring import aside_name, restore
from crm_core.records.secret_keys import secret_key


@dataclass(frozen=True)
class Work:
    """One kind of work.

    Attributes
    ----------
    name : str
        As the table of results calls it.
    prepare : callable
        ``prepare(url, n_sales)`` fills an empty database and returns the payload.
    do : callable
        ``do(engine, payload)`` does the work.
    opens : bool
        False where ``do`` gets the address of the database, not an engine.
    upgrades : bool
        Opening the database is itself the work.
    commits_last : bool
        False where what makes it count is no commit: it is done when all is done.
    """

    name: str
    prepare: Callable[[str, int], Any]
    do: Callable[[Any, Any], object]
    opens: bool = True
    upgrades: bool = False
    commits_last: bool = True


def _ready_for_first(url: str, n_sales: int) -> Any:
    return _with(url, lambda engine: read_file(engine, n_sales, part=1))


def _ready_for_second(url: str, n_sales: int) -> Any:
    def fill(engine: Engine) -> Any:
        import_part(engine, n_sales, part=1)
        return read_file(engine, n_sales, part=2)

    return _with(url, fill)


def _with_two(url: str, n_sales: int) -> int:
    def fill(engine: Engine) -> int:
        import_part(engine, n_sales, part=1)
        return import_part(engine, n_sales, part=2)

    return _with(url, fill)


def _with_undone(url: str, n_sales: int) -> int:
    number = _with_two(url, n_sales)
    _with(url, lambda engine: _undo(engine, number))
    return number


def _with_pairs(url: str, n_sales: int) -> list[tuple[int, int]]:
    """Fill and return pairs of neighbours, a tenth of the clients in all."""
    _with(url, lambda engine: import_part(engine, n_sales, part=1))
    return [(number, number + 1) for number in range(1, n_sales // 20, 5)]


def _of_first_release(url: str, n_sales: int) -> None:
    """Make the tables of the first release and put into them what today's would hold."""
    with tempfile.TemporaryDirectory() as folder:
        filled = open_database(f"sqlite:///{folder}/filled.sqlite")
        import_part(filled, n_sales, part=1)
        engine = create_engine(database_url(url), poolclass=NullPool)
        with engine.begin() as connection, filled.connect() as source:
            _make_tables(connection, "0001")
            _copy_rows(source, connection)
        filled.dispose()


def _make_tables(connection: Connection, revision: str) -> None:
    config = Config()
    folder = Path(migrate.__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _copy_rows(source: Connection, target: Connection) -> None:
    there = inspect(target)
    for table in Base.metadata.sorted_tables:
        if not there.has_table(table.name):
            continue
        known = {column["name"] for column in there.get_columns(table.name)}
        columns = [column for column in table.columns if column.name in known]
        rows = [dict(row._mapping) for row in source.execute(select(*columns))]
        if rows:
            target.execute(table.insert(), rows)


def _merge_by_rule(engine: Engine, proposals: list[Proposal]) -> None:
    merge_by_rule(engine, proposals, rules=("phone",), now=NOW)


def _erase(engine: Engine, numbers: list[int]) -> None:
    with writing(engine) as connection:
        erase_many(connection, numbers, at=NOW, reason="request 7")
    clean_file(engine)


def _move(engine: Engine, file: str) -> None:
    # A copy each time: the source is told of every move.
    source = shutil.copy(file, f"{file}-{os.getpid()}")
    _with(f"sqlite:///{source}", lambda here: move(here, engine))


def _open(url: str, _payload: object) -> None:
    open_database(url).dispose()


def _with_namesakes(url: str, n_sales: int) -> list[Proposal]:
    """Fill from two sources that know the same telephone numbers; return who may be one."""

    def fill(engine: Engine) -> list[Proposal]:
        for part, source in ((1, "shop"), (2, "web")):
            import_part(engine, n_sales // 2, part=part, source=source)
        return propose(engine, ("phone",))

    return _with(url, fill)


def _with_requests(url: str, n_sales: int) -> list[int]:
    """Fill and return the clients who wish to be forgotten: one in fifty."""

    def fill(engine: Engine) -> list[int]:
        import_part(engine, n_sales, part=1)
        secret_key(engine, FINGERPRINTS)  # random, so made once and for all moments
        return list(range(1, n_sales // 12, 50))

    return _with(url, fill)


def _with_source(url: str, n_sales: int) -> str:
    """Leave the target empty; return the file to move from."""
    file = Path(os.environ["XDG_CACHE_HOME"]) / f"source-{os.getpid()}-{id(url)}.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    _with(f"sqlite:///{file}", lambda engine: import_part(engine, n_sales, part=1))
    open_database(url).dispose()
    return str(file)


def _import(engine: Engine, prepared: Any) -> None:
    carry_out(engine, prepared, now=NOW)


def _undo(engine: Engine, number: int) -> None:
    with writing(engine) as connection:
        undo(connection, number, at=NOW)


def _redo(engine: Engine, number: int) -> None:
    with writing(engine) as connection:
        redo(connection, number)


def _merge(engine: Engine, pairs: list[tuple[int, int]]) -> None:
    with writing(engine) as connection:
        for merged, into in pairs:
            merge(connection, merged, into, merged_at=NOW, by="trial", evidence="neighbours")


def _with_merged(url: str, n_sales: int) -> list[tuple[int, int]]:
    pairs = _with_pairs(url, n_sales)
    _with(url, lambda engine: _merge(engine, pairs))
    return pairs


def _unmerge(engine: Engine, pairs: list[tuple[int, int]]) -> None:
    with writing(engine) as connection:
        for merged, _into in pairs:
            unmerge(connection, merged, undone_at=NOW)


def _with_backup(url: str, n_sales: int) -> str:
    """Make a backup, erase some and import once more, and return the backup.

    Who was erased since the backup must not be back after it.
    """

    def fill(engine: Engine) -> str:
        import_part(engine, n_sales, part=1)
        folder = Path(os.environ["XDG_CACHE_HOME"]) / f"backups-{os.getpid()}-{id(url)}"
        made = back_up(engine, folder, at=NOW)
        _erase(engine, list(range(1, n_sales // 12, 50)))
        import_part(engine, n_sales, part=2)
        return str(made.file)

    return _with(url, fill)


def _restore(url: str, file: str) -> None:
    _forget_the_first_try(url)
    restore(Path(file), url, at=NOW, replace=True)


def _forget_the_first_try(url: str) -> None:
    """Remove what a restore of the same second put aside: a second try comes later than that."""
    if url.startswith("sqlite"):
        place = Path(str(database_url(url).database))
        for left in (
            *place.parent.glob(f"{place.name}.before*"),
            *place.parent.glob("*.restoring*"),
        ):
            left.unlink()
        return
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS regulars_{aside_name(NOW)} CASCADE"))


def _with(url: str, work: Callable[[Engine], Any]) -> Any:
    engine = open_database(url)
    try:
        return work(engine)
    finally:
        engine.dispose()


WORKS = {
    work.name: work
    for work in (
        Work("first import", _ready_for_first, _import),
        Work("import", _ready_for_second, _import),
        Work("undo", _with_two, _undo),
        Work("redo", _with_undone, _redo),
        Work("merge by hand", _with_pairs, _merge),
        Work("unmerge", _with_merged, _unmerge),
        Work("merge by rule", _with_namesakes, _merge_by_rule),
        Work("erase", _with_requests, _erase),
        Work("restore", _with_backup, _restore, opens=False, commits_last=False),
        Work("move", _with_source, _move),
        Work("migration", _of_first_release, _open, opens=False, upgrades=True),
    )
}
