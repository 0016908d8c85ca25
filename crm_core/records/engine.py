"""Opening the database, and the only two ways to work in it: reading and writing.

SQLite is the embedded default, PostgreSQL serves teams; the code above this
module does not know which one it has.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import StaticPool

from crm_core.errors import DatabaseError
from crm_core.records.faults import driver_errors, in_words
from crm_core.records.versions import bump_versions

DEFAULT_FILE = Path("data") / "regulars.sqlite"
BUSY_SECONDS = 30
"""How long a writer waits for another one before it gives up and says so, on both databases."""

DURABLE = "FULL"
"""How SQLite commits: what was said to be done is on the disk, whatever happens to the power."""

SERVER_POOL = {"pool_size": 5, "max_overflow": 25, "pool_timeout": BUSY_SECONDS}
"""Connections a process keeps to a server, and how many more it may open at a rush."""

SERVER_OPTIONS: dict[str, Any] = {
    "application_name": "regulars",
    "connect_timeout": 10,
    # A cable that was pulled is noticed within a minute, not within two hours.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    # Poolers in front of hosted servers hand statements to whichever connection is free.
    "prepare_threshold": None,
}
"""What psycopg is told, where the address does not say otherwise."""

QUIET: dict[str, Any] = {"hide_parameters": True}
"""What an error says of a statement, and a log keeps, is the statement without its values:
those are names, addresses and notes."""


def database_url(url: str | None = None) -> URL:
    """Return the database to use: the one named, else ``DATABASE_URL``, else the embedded one.

    Parameters
    ----------
    url : str or None
        An SQLAlchemy URL; ``postgres://`` and ``postgresql://`` mean psycopg. A text
        without ``://`` is the path of an SQLite file.

    Returns
    -------
    sqlalchemy.engine.URL

    Raises
    ------
    DatabaseError
        If the text is no URL, or names a database Regulars does not know.

    Examples
    --------
    >>> database_url("postgres://me@host/crm").drivername
    'postgresql+psycopg'
    >>> database_url("shop.sqlite").database
    'shop.sqlite'
    """
    given = url or os.environ.get("DATABASE_URL") or f"sqlite:///{DEFAULT_FILE.as_posix()}"
    if "://" not in given:
        given = f"sqlite:///{given}"
    try:
        parsed = make_url(given)
    except (exc.ArgumentError, ValueError) as error:
        shown = re.sub(r"(://[^:@]*):.*@", r"\1:…@", given)  # the password stays unsaid
        raise DatabaseError(
            "Wanted a database URL such as sqlite:///data/shop.sqlite or "
            f"postgresql://USER:PASSWORD@HOST/NAME, found {shown!r}."
        ) from error
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseError(
            f"Wanted a SQLite or PostgreSQL database, found {backend!r}; "
            "use sqlite:///FILE or postgresql://USER@HOST/NAME."
        )
    return parsed


def open_database(url: str | None = None) -> Engine:
    """Open a database, make or upgrade its tables, and return the engine.

    Parameters
    ----------
    url : str or None
        See :func:`database_url`. ``sqlite://`` is a database in memory, for tests.

    Returns
    -------
    sqlalchemy.Engine
        Safe to share between threads; dispose of it when done.

    Raises
    ------
    DatabaseError
        If the database cannot be opened, is no database, is locked, or was
        written by a newer Regulars.
    """
    from crm_core.records.migrate import migrate  # noqa: PLC0415  (alembic is slow to import)

    engine = _create(database_url(url))
    try:
        with speaking_plainly(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine, *, sales: bool = True) -> Iterator[Connection]:
    """Hold the one write transaction: everything within happens, or nothing.

    Parameters
    ----------
    engine : Engine
        From :func:`open_database`.
    sales : bool, default True
        False for changes the ledger cannot see (settings, snoozes, notes): the
        cached ledger then stays valid.

    Yields
    ------
    Connection
        Committed at the end, rolled back on an exception.

    Raises
    ------
    DatabaseError
        If the database is locked for longer than 30 seconds, read-only or gone.
    RecordError
        If a record breaks a rule of the schema.
    """
    with (
        speaking_plainly(engine),
        _connected(engine, "BEGIN IMMEDIATE") as connection,
        connection.begin(),
    ):
        # The row lock of this first statement lets one writer in at a time,
        # on PostgreSQL as on SQLite: the next one waits here, and nobody can deadlock.
        bump_versions(connection, sales=sales)
        yield connection
    _written.times = times_written() + 1


_written = threading.local()


def times_written() -> int:
    """Return how often this thread has written: what it read before is old by then."""
    return int(getattr(_written, "times", 0))


@contextmanager
def recording(engine: Engine) -> Iterator[Connection]:
    """Hold a write transaction for what no number depends on: the team, the audit, saved views.

    As :func:`writing`, but grows no version: everything cached stays valid.

    Yields
    ------
    Connection
        Committed at the end, rolled back on an exception.

    Raises
    ------
    DatabaseError, RecordError
        As :func:`writing`.
    """
    with (
        speaking_plainly(engine),
        _connected(engine, "BEGIN IMMEDIATE") as connection,
        connection.begin(),
    ):
        yield connection


def note_quietly(engine: Engine, work: Callable[[Connection], object]) -> bool:
    """Write down something no number depends on (a visit, who has a card open), if there is time.

    Grows no version. A busy database is not waited for: the note is dropped,
    as is one about somebody who is no longer there. Nor is the disk: of an SQLite file,
    a power cut may take the last notes with it.

    Parameters
    ----------
    engine : Engine
        From :func:`open_database`.
    work : callable
        Gets the connection, inside a transaction of its own.

    Returns
    -------
    bool
        Whether it was written.
    """
    try:
        with (
            _connected(engine, "BEGIN") as connection,
            _unhurried(connection),
            connection.begin(),
        ):
            work(connection)
    except (exc.OperationalError, exc.IntegrityError):
        return False
    return True


@contextmanager
def _unhurried(connection: Connection) -> Iterator[None]:
    """Neither wait long for a lock nor for the disk, until the end of the block."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(regulars_patience="200ms")
    if connection.dialect.name != "sqlite" or in_memory(connection.engine.url):
        yield
        return
    # Past SQLAlchemy, which would begin a transaction: within one, neither can be changed.
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout = 200")
    driver.execute("PRAGMA synchronous = NORMAL")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        driver.execute(f"PRAGMA synchronous = {DURABLE}")


@contextmanager
def rehearsing(engine: Engine) -> Iterator[Connection]:
    """Hold a write transaction that is always rolled back: for dry runs.

    Yields
    ------
    Connection
        As of :func:`writing`; what it wrote is visible to it alone and gone at the end.
    """
    with speaking_plainly(engine), _connected(engine, "BEGIN IMMEDIATE") as connection:
        transaction = connection.begin()
        try:
            bump_versions(connection, sales=True)
            yield connection
        finally:
            transaction.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hold a read transaction: all statements within see the same moment.

    Yields
    ------
    Connection
    """
    with speaking_plainly(engine), _connected(engine, "BEGIN") as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def _connected(engine: Engine, begin: str) -> Iterator[Connection]:
    with engine.connect().execution_options(regulars_begin=begin) as connection:
        yield connection


def _create(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        options = {k: v for k, v in SERVER_OPTIONS.items() if k not in url.query}
        pool = {**SERVER_POOL, "pool_pre_ping": True}
        engine = create_engine(url, connect_args=options, **pool, **QUIET)
        event.listen(engine, "begin", _begin_on_server)
        return engine
    if in_memory(url):
        apart = {"check_same_thread": False}
        engine = create_engine(url, poolclass=StaticPool, connect_args=apart, **QUIET)
    else:
        _make_folder(Path(str(url.database)))
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **QUIET)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def in_memory(url: URL) -> bool:
    """Return whether an SQLite address names no file: such a database ends with its program."""
    return url.database in (None, "", ":memory:")


def _make_folder(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"Wanted to keep the database in {file.parent}, but the folder cannot be made "
            f"({error.strerror}); name another with --db."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions on its own and too late; see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        for pragma in (
            f"busy_timeout = {BUSY_SECONDS * 1000}",
            "journal_mode = WAL",
            f"synchronous = {DURABLE}",
            "fullfsync = ON",  # of a Mac: its own sync leaves the data in the drive's memory
            "foreign_keys = ON",
            "cache_size = -16384",
        ):
            cursor.execute(f"PRAGMA {pragma}")
    finally:
        cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get("regulars_begin", "BEGIN")
    connection.exec_driver_sql(statement)


def _begin_on_server(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("regulars_begin") == "BEGIN IMMEDIATE":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
    elif patience := options.get("regulars_patience"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{patience}'")


@contextmanager
def speaking_plainly(engine: Engine) -> Iterator[None]:
    """Turn what a database driver raises into words: wanted, found, what to do."""
    try:
        yield
    except driver_errors() as error:
        plain = in_words(engine.url, error)
        if plain is None:
            raise
        raise plain from error
