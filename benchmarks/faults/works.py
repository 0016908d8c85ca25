"""The pieces of work that are killed; one more is a few lines in :data:`WORKS`.

A work begins with a database of some stage (:data:`STAGES`), makes what it needs beforehand
(its *payload*: whatever can be pickled), and is then done by a child process, and once more
by the parent.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, text
from sqlalchemy.pool import NullPool

from benchmarks.faults.material import NOW, TODAY, import_part, read_file
from crm_core.importing import carry_out
from crm_core.merging import Proposal, propose
from crm_core.merging import carry_out as merge_by_rule
from crm_core.moving import move
from crm_core.records import migrate
from crm_core.records.backups import back_up
from crm_core.records.batches import redo, undo
from crm_core.records.clients import add_client, merge, unmerge
from crm_core.records.engine import database_url, open_database, reading, writing
from crm_core.records.erasing import erase_many
from crm_core.records.fingerprints import FINGERPRINTS
from crm_core.records.handing_over import hand_over
from crm_core.records.models import Base, Batch
from crm_core.records.receipts import clean_file
from crm_core.records.restoring import aside_name, restore
from crm_core.records.retention import forget_leads
from crm_core.records.secret_keys import secret_key


@dataclass(frozen=True)
class Work:
    """One kind of work.

    Attributes
    ----------
    name : str
        As the table of results calls it.
    stage : str
        Of :data:`STAGES`: what the database holds to begin with.
    prepare : callable
        ``prepare(url, n_sales)`` adds what is missing and returns the payload.
    do : callable
        ``do(engine, payload)`` does the work.
    adds : bool
        False where ``prepare`` leaves the database as it is.
    opens : bool
        False where ``do`` gets the address of the database, not an engine.
    upgrades : bool
        Opening the database is itself the work.
    commits_last : bool
        False where what makes it count is no commit: it is done when all is done.
    """

    name: str
    stage: str
    prepare: Callable[[str, int], Any]
    do: Callable[[Any, Any], object]
    adds: bool = True
    opens: bool = True
    upgrades: bool = False
    commits_last: bool = True


def _ready_for_first(url: str, n_sales: int) -> Any:
    return _with(url, lambda engine: read_file(engine, n_sales, part=1))


def _ready_for_second(url: str, n_sales: int) -> Any:
    return _with(url, lambda engine: read_file(engine, n_sales, part=2))


def _last_import(url: str, _n_sales: int) -> int:
    def look(engine: Engine) -> int:
        with reading(engine) as connection:
            return int(connection.execute(select(func.max(Batch.id))).scalar_one())

    return int(_with(url, look))


def _with_undone(url: str, n_sales: int) -> int:
    number = _last_import(url, n_sales)
    _with(url, lambda engine: _undo(engine, number))
    return number


def _pairs(_url: str, n_sales: int) -> list[tuple[int, int]]:
    """Return pairs of neighbours, a tenth of the clients in all."""
    return [(number, number + 1) for number in range(1, n_sales // 20, 5)]


def _of_first_release(url: str, n_sales: int) -> None:
    """Make the tables of the first release and put into them what today's would hold."""
    filled = open_database(f"sqlite:///{_filled_file(n_sales)}")
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.begin() as connection, filled.connect() as source:
        _make_tables(connection, "0001")
        _copy_rows(source, connection)
    filled.dispose()


_one_fills = threading.Lock()


def _filled_file(n_sales: int) -> Path:
    """Return an SQLite file that holds one import, made once for all who ask."""
    file = Path(os.environ["XDG_CACHE_HOME"]) / f"filled-{n_sales}.sqlite"
    with _one_fills:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            _with(f"sqlite:///{file}", lambda engine: import_part(engine, n_sales, part=1))
    return file


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


def _move(engine: Engine, source: str) -> None:
    """Move from a copy: a source is told of every move."""
    if source.startswith("postgresql"):
        address = database_url(source)
        copied = address.set(database=f"{address.database}_copy")
        names = [sql.Identifier(str(name)) for name in (copied.database, address.database)]
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names)
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(names[0])
        # Past SQLAlchemy: the copying is no step of the work.
        host, port, user = address.host, address.port, address.username
        with psycopg.connect(
            host=host, port=port, user=user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(drop)
            connection.execute(make)
        _with(copied.render_as_string(hide_password=False), lambda here: move(here, engine))
        return
    copy = shutil.copy(source, f"{source}-{os.getpid()}")
    _with(f"sqlite:///{copy}", lambda here: move(here, engine))


def _open(url: str, _payload: object) -> None:
    open_database(url).dispose()


def _namesakes(url: str, n_sales: int) -> list[Proposal]:
    """Fill from two sources that know the same telephone numbers; return who may be one."""

    def fill(engine: Engine) -> list[Proposal]:
        for part, source in ((1, "shop"), (2, "web")):
            import_part(engine, n_sales // 2, part=part, source=source)
        return propose(engine, ("phone",))

    return _with(url, fill)


def _with_requests(url: str, n_sales: int) -> list[int]:
    """Return the clients who wish to be forgotten: one in fifty."""
    _with(url, lambda engine: secret_key(engine, FINGERPRINTS))  # random: once for all moments
    return list(range(1, n_sales // 12, 50))


def _with_leads(url: str, n_sales: int) -> None:
    """Add leads of ten years ago who never bought: one for two hundred sales."""

    def fill(engine: Engine) -> None:
        secret_key(engine, FINGERPRINTS)
        with writing(engine) as connection:
            for number in range(1 + n_sales // 200):
                mail = f"lead{number}@example.com"
                add_client(connection, name=f"Lead {number}", known_on=LONG_AGO, email=mail)

    _with(url, fill)


LONG_AGO = date(TODAY.year - 10, 1, 15)


def _source(url: str, n_sales: int) -> str:
    """Return what to move from: a database of the other kind where there is a server."""
    file = _filled_file(n_sales)
    server = os.environ.get(SERVER)
    if server is None or not url.startswith("sqlite"):
        return str(file)
    name = f"source_{n_sales}"
    there = database_url(server).set(database=name).render_as_string(hide_password=False)
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    _with(there, lambda target: _move(target, str(file)))
    return there


SERVER = "REGULARS_TRIAL_SERVER"
"""The variable that names a server where databases to move from can be made."""


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
    pairs = _pairs(url, n_sales)
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


def _forget_leads(engine: Engine, _payload: object) -> None:
    with writing(engine) as connection:
        forget_leads(connection, months=24, today=TODAY, at=NOW)
    clean_file(engine)


def _hand_over(engine: Engine, pairs: list[tuple[int, int]]) -> None:
    clients = [number for pair in pairs for number in pair]
    with writing(engine) as connection:
        hand_over(connection, clients, to="Eve", from_day=TODAY, until=date(TODAY.year, 12, 31))


def _with(url: str, work: Callable[[Engine], Any]) -> Any:
    engine = open_database(url)
    try:
        return work(engine)
    finally:
        engine.dispose()


NAMED = ("import", "undo", "merge by hand", "merge by rule", "erase", "move", "migration")
"""The works CI kills too; the others are near relations of these."""

STAGES: dict[str, tuple[str, Callable[[str, int], object]]] = {
    "tables": ("", lambda url, _n_sales: open_database(url).dispose()),
    "one import": ("tables", lambda url, n: _with(url, lambda e: import_part(e, n, part=1))),
    "two imports": ("one import", lambda url, n: _with(url, lambda e: import_part(e, n, part=2))),
}
"""What a database may hold to begin with: the stage before, and what leads on from there."""

WORKS = {
    work.name: work
    for work in (
        Work("first import", "tables", _ready_for_first, _import, adds=False),
        Work("import", "one import", _ready_for_second, _import, adds=False),
        Work("undo", "two imports", _last_import, _undo, adds=False),
        Work("redo", "two imports", _with_undone, _redo),
        Work("merge by hand", "one import", _pairs, _merge, adds=False),
        Work("unmerge", "one import", _with_merged, _unmerge),
        Work("merge by rule", "tables", _namesakes, _merge_by_rule),
        Work("handing over", "one import", _pairs, _hand_over, adds=False),
        Work("erase", "one import", _with_requests, _erase),
        Work("forget leads", "one import", _with_leads, _forget_leads),
        Work("restore", "one import", _with_backup, _restore, opens=False, commits_last=False),
        Work("move", "tables", _source, _move, adds=False),
        Work("migration", "", _of_first_release, _open, opens=False, upgrades=True),
    )
}
