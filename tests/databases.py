"""A database for a test: of SQLite by default, of PostgreSQL when this run is about that.

``REGULARS_TEST_DATABASE=postgresql`` runs every test that asks for ``databases``, or for
a fixture above it, on a real server. Tests of SQLite's own files carry the marker
``sqlite_only`` with the reason.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.pool import NullPool, Pool

ON_POSTGRES = os.environ.get("REGULARS_TEST_DATABASE", "sqlite").startswith("postgres")
TEMPLATE = f"regulars_template_{os.getpid()}"

_numbers = count(1)


class Databases(Protocol):
    """Makes databases that are gone when the test, or the run, is over."""

    def new(self, folder: Path, name: str = "regulars") -> str:
        """Return the address of an empty database."""
        ...

    def copy(self, url: str, folder: Path, name: str = "regulars") -> str:
        """Return the address of a copy of one that nobody has open, its id included."""
        ...


class SqliteFiles:
    """Files in the folder a test names, removed with it."""

    def new(self, folder: Path, name: str = "regulars") -> str:
        """Return the address of a file that is not there yet."""
        return f"sqlite:///{(folder / f'{name}.sqlite').as_posix()}"

    def copy(self, url: str, folder: Path, name: str = "regulars") -> str:
        """Copy the file."""
        made = self.new(folder, name)
        shutil.copy(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made


class ServerDatabases:
    """Databases on the server of this run, made from a template that has the tables already."""

    def __init__(self, server: str) -> None:
        self.server = make_url(server)
        self.made: list[str] = []

    def new(self, folder: Path, name: str = "regulars") -> str:
        """Return the address of a database with tables, an id of its own, and no rows."""
        url = self._create(name, TEMPLATE)
        with _autocommit(make_url(url)) as connection:
            connection.execute(
                text("UPDATE versions SET database_id = :name"), {"name": _name(url)}
            )
        return url

    def copy(self, url: str, folder: Path, name: str = "regulars") -> str:
        """Copy a database, its id included, as one copies a file."""
        close_connections(_name(url))
        return self._create(name, _name(url))

    def bare(self, name: str = "bare") -> str:
        """Return the address of a database without a single table."""
        return self._create(name, "template1")

    def _create(self, name: str, template: str) -> str:
        database = f"{name}_{os.getpid()}_{next(_numbers)}"
        with _autocommit(self.server) as connection:
            connection.execute(text(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'))
        self.made.append(database)
        return self.server.set(database=database).render_as_string(hide_password=False)

    def drop_all(self) -> None:
        """Drop what was made, whoever is connected still."""
        close_connections(*self.made)
        with _autocommit(self.server) as connection:
            for database in self.made:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))
        self.made.clear()


def make_template(server: str) -> None:
    """Bring a database to the newest schema once, for all others to be copied from."""
    from crm_core.records.engine import open_database

    with _autocommit(make_url(server)) as connection:
        known = "SELECT 1 FROM pg_database WHERE datname = :name"
        if connection.execute(text(known), {"name": TEMPLATE}).first():
            return
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    url = make_url(server).set(database=TEMPLATE).render_as_string(hide_password=False)
    open_database(url).dispose()


def close_for_good(engine: Engine) -> None:
    """Let go of a database so that its file, or it as a template, can be copied whole."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    engine.dispose()


def ledgers_of(engine: Engine) -> Path:
    """Return the folder in which a database's ledgers are cached."""
    from crm_core.records.engine import reading
    from crm_core.records.versions import read_versions
    from crm_core.snapshot import default_cache

    root = default_cache(engine)
    assert root is not None, "a database in memory keeps none"
    with reading(engine) as connection:
        return root / read_versions(connection).database_id


def run_sql(url: str, *statements: str) -> None:
    """Change a database behind the program's back: no version moves, no SQLite key is looked at."""
    if make_url(url).get_backend_name() == "sqlite":
        file = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            for statement in statements:
                file.execute(statement)
            file.commit()
        finally:
            file.close()
        return
    with _autocommit(make_url(url)) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _name(url: str) -> str:
    return str(make_url(url).database)


@contextmanager
def _autocommit(url: Any) -> Iterator[Any]:
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


# Tests open engines as they need them and leave them to the collector; a connection to a
# server that is collected open warns, and a warning is an error here. So all are held.
_opened: list[Any] = []


def hold_connections() -> None:
    """Remember every connection to a server from now on."""
    event.listen(Pool, "connect", _hold)


def _hold(connection: Any, _record: Any) -> None:
    if hasattr(connection, "info"):
        _opened.append(connection)


def close_connections(*names: str) -> None:
    """Close the connections to databases, or all where none is named."""
    for connection in list(_opened):
        if connection.closed or not names or connection.info.dbname in names:
            connection.close()
            _opened.remove(connection)
