"""Backing up a database while it is used: one moment of it, whole, in one file.

SQLite copies itself (its online backup), PostgreSQL is dumped by its own ``pg_dump``;
neither stops anybody from working.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from crm_core import __version__
from crm_core.access import Right, require
from crm_core.errors import DatabaseError
from crm_core.records.audit import write_down
from crm_core.records.backup_files import (
    ENDING,
    FORMAT,
    Manifest,
    backup_name,
    blocks_of,
    verify,
    write_archive,
    written_aside,
)
from crm_core.records.backup_retention import Keeping, thin_out
from crm_core.records.engine import QUIET, reading, recording, speaking_plainly
from crm_core.records.models import Base
from crm_core.records.postgres_programs import (
    address_for_programs,
    find_program,
    reading_from,
    server_major,
)
from crm_core.records.versions import read_versions

COPY = ".copy"


@dataclass(frozen=True)
class Backup:
    """A backup that was made.

    Attributes
    ----------
    file : Path
        The whole, checked file.
    manifest : Manifest
        What it says about itself.
    deleted : list of Path
        Older backups that had their day.
    written_down : bool
        Whether the audit could take the line; a full or read-only database cannot.
    """

    file: Path
    manifest: Manifest
    deleted: list[Path]
    written_down: bool


def default_folder(engine: Engine) -> Path:
    """Return where backups go unless told: beside an SQLite file, else in ``data/backups``."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return (Path(file).parent if file else Path("data")) / "backups"


def back_up(
    engine: Engine, to: Path | None = None, *, at: datetime, keeping: Keeping | None = None
) -> Backup:
    """Back a database up into one file, while others go on working in it.

    Parameters
    ----------
    engine : Engine
        From :func:`crm_core.records.engine.open_database`.
    to : Path, optional
        A folder, or a file whose name ends in ``.backup``; by default
        :func:`default_folder`. In a folder the file is named by the moment.
    at : datetime
        The present moment, with its zone.
    keeping : Keeping, optional
        Which older backups of this database stay in the folder.

    Returns
    -------
    Backup

    Raises
    ------
    AccessError
        If whoever is at work may not maintain the database.
    FileError
        If the file cannot be written; nothing is left that looks like a backup.
    DatabaseError
        If the database cannot be read or is damaged, or PostgreSQL's programs are
        missing or older than the server.
    """
    require(Right.MAINTAIN)
    place = to or default_folder(engine)
    file = place if place.suffix == ENDING else place / backup_name(at)
    with written_aside(file) as aside:
        with _copied(engine, aside) as (content, about):
            about |= {"format": FORMAT, "program": __version__}
            about["made_at"] = at.astimezone(UTC).isoformat(timespec="seconds")
            write_archive(aside, content, kind=engine.dialect.name, about=about)
        manifest = verify(aside)
    deleted = thin_out(file.parent, keeping or Keeping(), database_id=manifest.database_id, now=at)
    return Backup(file, manifest, deleted, _tell_audit(engine, manifest))


def state_of(connection: Connection) -> dict[str, Any]:
    """Return what a manifest says of a database as the connection sees it.

    Returns
    -------
    dict
        ``schema``, ``rows``, ``room`` and the five attributes of
        :class:`crm_core.records.versions.Versions`.
    """
    there = set(inspect(connection).get_table_names())
    names = [table.name for table in Base.metadata.sorted_tables if table.name in there]
    rows = {
        name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())
        for name in names
    }
    schema = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    room = ""
    if connection.dialect.name == "postgresql":
        room = str(connection.execute(text("SELECT current_schema()")).scalar_one())
    return {"schema": schema, "rows": rows, "room": room} | asdict(read_versions(connection))


@contextmanager
def _copied(engine: Engine, aside: Path) -> Iterator[tuple[Iterator[bytes], dict[str, Any]]]:
    kind = _copied_file if engine.dialect.name == "sqlite" else _dumped
    with kind(engine, aside) as copied:
        yield copied


@contextmanager
def _copied_file(engine: Engine, aside: Path) -> Iterator[tuple[Iterator[bytes], dict[str, Any]]]:
    copy = aside.with_name(aside.name + COPY)
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with speaking_plainly(engine), engine.connect() as connection:
        source = connection.connection.driver_connection
        with closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA synchronous = OFF")  # only a stage on the way into the archive
            # In one step, of one moment: writers go on in the journal meanwhile.
            try:
                source.backup(target, pages=-1)  # type: ignore[union-attr]
            except sqlite3.OperationalError as error:
                if "full" not in str(error) and "disk I/O" not in str(error):
                    raise
                # The place of the copy has no room, not that of the database: that is only read.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            target.execute("PRAGMA journal_mode = DELETE")
            found = target.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise DatabaseError(
            f"Wanted to back up a sound database, found: {found}. Keep the older backups, and "
            "restore one of them."
        )
    about = _state_of_file(copy)
    with copy.open("rb") as stream:
        yield blocks_of(stream), about


def _state_of_file(copy: Path) -> dict[str, Any]:
    engine = create_engine(URL.create("sqlite", database=str(copy)), poolclass=NullPool, **QUIET)
    with engine.connect() as connection:
        return state_of(connection)


@contextmanager
def _dumped(engine: Engine, _aside: Path) -> Iterator[tuple[Iterator[bytes], dict[str, Any]]]:
    with reading(engine) as connection:
        program = find_program("pg_dump", at_least=server_major(connection))
        about = state_of(connection)
        # The dump sees exactly what this transaction sees.
        moment = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        address, environment = address_for_programs(engine)
        command = [program, "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
        command += [f"--schema={_quoted(about['room'])}", f"--snapshot={moment}"]
        with reading_from([*command, f"--dbname={address}"], environment) as stream:
            yield blocks_of(stream), about


def _quoted(name: str) -> str:
    """Return a name as the programs' patterns take it literally."""
    return '"' + name.replace('"', '""') + '"'


def _tell_audit(engine: Engine, manifest: Manifest) -> bool:
    detail = {"data_version": manifest.data_version, "rows": sum(manifest.rows.values())}
    try:
        with recording(engine) as connection:
            write_down(connection, "backed up", detail=detail)
    except DatabaseError:
        return False
    return True
