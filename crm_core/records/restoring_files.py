"""Restoring into an SQLite file: made ready beside it, then put in its place in one step."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.pool import NullPool, StaticPool

from crm_core.errors import DatabaseError, FileError, RefusedError
from crm_core.records.backup_files import copy_content
from crm_core.records.backup_retention import FORGOTTEN
from crm_core.records.engine import QUIET, speaking_plainly
from crm_core.records.restoring import (
    Restored,
    aside_name,
    holds_anything,
    make_ready,
    refuse_unless_told,
)
from crm_core.records.restoring_erased import Replaced, remember

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file while it is used."""


def restore_file(file: Path, begun: Restored, at: datetime, *, replace_it: bool) -> Restored:
    """Put a backup of an SQLite database in place of a file.

    Parameters
    ----------
    file : Path
        The backup, checked.
    begun : Restored
        With its manifest and the database's URL.
    at : datetime
        Marks the file the present database is kept in.
    replace_it : bool
        Whether a database that holds something may be put aside.

    Raises
    ------
    RefusedError, DatabaseError, FileError
        As :func:`crm_core.records.restoring.restore`.
    """
    place = Path(str(_engine(begun.url).url.database))
    fresh = place.with_name(f".{place.name}.{at:%Y%m%d%H%M%S}.restoring")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear_forgotten(place, at)
        if not replace_it and _holds_anything(place):
            raise refuse_unless_told(begun.url)
        with _alone_with(place) as held:
            if held.holds and not replace_it:
                raise refuse_unless_told(begun.url)
            _unpack(file, fresh)
            done = _made_ready(fresh, begun, held.before, at)
            kept = _keep(place, at) if held.holds else None
        _swap(fresh, place)
    except OSError as error:
        raise FileError(
            f"Wanted to restore into {place}, found: {error.strerror or error}; what was there "
            "before is still in place. Free some space or allow writing, and try again."
        ) from error
    finally:
        _remove(fresh)
    return replace(done, url=begun.url, kept=str(kept or ""))


class _Held:
    """What is known of the file that is there, while nobody else has it open."""

    def __init__(self) -> None:
        self.holds = False
        self.before = Replaced()


def _holds_anything(place: Path) -> bool:
    if not place.exists():
        return False
    engine = _engine(f"sqlite:///{place.as_posix()}")
    with speaking_plainly(engine), engine.connect() as connection:
        return holds_anything(connection)


@contextmanager
def _alone_with(place: Path) -> Iterator[_Held]:
    """Hold the present file so that nobody else has it open; its journal is written into it."""
    held = _Held()
    if not place.exists() or place.stat().st_size == 0:
        yield held
        return
    engine = create_engine("sqlite://", creator=lambda: _sole(place), poolclass=StaticPool, **QUIET)
    try:
        with engine.connect() as connection:
            held.holds = holds_anything(connection)
            held.before = remember(connection)
            yield held
    finally:
        engine.dispose()


def _sole(place: Path) -> sqlite3.Connection:
    """Connect to a file that nobody else has open, and keep it so."""
    connection = sqlite3.connect(place, timeout=1, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Leaving the journal needs the whole file: it fails while a dashboard has it open.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        connection.close()
        if "locked" not in str(error):
            raise _no_database(place, error) from error
        raise RefusedError(
            f"Wanted to put a backup in place of {place}, found that another program has it "
            "open; stop the dashboard, the watched folder and other commands, and try again."
        ) from error
    return connection


def _no_database(place: Path, error: sqlite3.Error) -> DatabaseError:
    return DatabaseError(
        f"Wanted to look at {place} before it is replaced, found: {error}; move the file away "
        "by hand, then restore."
    )


def _engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool, **QUIET)


def _unpack(file: Path, fresh: Path) -> None:
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
        copy_content(file, stream.write)
        stream.flush()
        os.fsync(stream.fileno())


def _made_ready(fresh: Path, begun: Restored, before: Replaced, at: datetime) -> Restored:
    url = URL.create("sqlite", database=str(fresh)).render_as_string()
    engine = _engine(url)
    done = make_ready(engine, replace(begun, url=url), before, at=at)
    with closing(sqlite3.connect(fresh)) as connection:
        # One file again, so that one rename takes all of it.
        connection.execute("PRAGMA journal_mode = DELETE")
    return done


def _keep(place: Path, at: datetime) -> Path:
    """Give the present file a second name; without links on the disk, copy it."""
    kept = place.with_name(f"{place.name}.{aside_name(at)}")
    try:
        os.link(place, kept)
    except OSError:
        shutil.copy2(place, kept)
    return kept


def _swap(fresh: Path, place: Path) -> None:
    for ending in COMPANIONS:
        place.with_name(place.name + ending).unlink(missing_ok=True)
    fresh.replace(place)


def _clear_forgotten(place: Path, at: datetime) -> None:
    """Remove what a killed restore left more than a day ago: it holds clients too."""
    for left in place.parent.glob(f".{glob.escape(place.name)}.*.restoring"):
        with contextlib.suppress(OSError):
            if at.timestamp() - left.stat().st_mtime > FORGOTTEN.total_seconds():
                _remove(left)


def _remove(fresh: Path) -> None:
    for ending in ("", *COMPANIONS, "-ledgers"):
        left = fresh.with_name(fresh.name + ending)
        with contextlib.suppress(OSError):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink(missing_ok=True)
