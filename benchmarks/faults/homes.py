"""Where a trial's database lives, and how it is put back as it was before each moment."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from crm_core.records.engine import database_url

SEQUENCES = """
    SELECT table_name, column_name, pg_get_serial_sequence(table_name, column_name)
    FROM information_schema.columns
    WHERE table_schema = 'public' AND pg_get_serial_sequence(table_name, column_name) IS NOT NULL
"""


class Home(Protocol):
    """A database that can be put back."""

    name: str
    url: str

    def empty(self) -> None:
        """Make a database without tables."""

    def freeze(self) -> None:
        """Keep the database as it is now; nobody has it open."""

    def restore(self) -> None:
        """Put the database back as it was kept."""

    def settle(self) -> None:
        """Wait until nothing of a killed process works on."""

    def recount(self) -> None:
        """Let the next numbers follow the highest there are, as if none had been given in vain."""


class FileHome:
    """An SQLite file in a folder of its own, its cached ledgers beside it."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "trial.sqlite"
        self.url = f"sqlite:///{self.file.as_posix()}"

    def empty(self) -> None:
        """Remove the file and what stands beside it."""
        self._clear()

    def freeze(self) -> None:
        """Keep a copy of the file; the last connection has folded the log into it."""
        shutil.copy(self.file, self.folder / "kept.sqlite")

    def restore(self) -> None:
        """Copy it back and remove log and ledgers."""
        self._clear()
        shutil.copy(self.folder / "kept.sqlite", self.file)

    def settle(self) -> None:
        """Do nothing: a killed process takes its locks with it."""

    def recount(self) -> None:
        """Do nothing: numbers given in a transaction go with it."""

    def _clear(self) -> None:
        for left in self.folder.glob("*trial.sqlite*"):
            if left.is_dir():
                shutil.rmtree(left)
            else:
                left.unlink()


class ServerHome:
    """A database on a PostgreSQL server, kept as a template."""

    name = "PostgreSQL"

    def __init__(self, server: str, name: str, ledgers: Path) -> None:
        self.server: URL = database_url(server)
        self.database, self.ledgers = name, ledgers
        self.url = self.server.set(database=name).render_as_string(hide_password=False)

    def empty(self) -> None:
        """Make the database anew."""
        self._run(
            f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
            f"CREATE DATABASE {self.database}",
        )

    def freeze(self) -> None:
        """Make a template of it."""
        self._run(
            f"DROP DATABASE IF EXISTS {self.database}_kept",
            f"CREATE DATABASE {self.database}_kept TEMPLATE {self.database}",
        )

    def restore(self) -> None:
        """Make the database from the template, and remove its ledgers."""
        shutil.rmtree(self.ledgers, ignore_errors=True)
        self._run(
            f"DROP DATABASE {self.database} WITH (FORCE)",
            f"CREATE DATABASE {self.database} TEMPLATE {self.database}_kept",
        )

    def settle(self) -> None:
        """Wait until the server has noticed that its client is gone."""
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = :name"
        engine = create_engine(self.server, poolclass=NullPool)
        with engine.connect() as connection:
            for _ in range(3000):
                if connection.execute(text(asked), {"name": self.database}).scalar() == 0:
                    return
                connection.rollback()
                time.sleep(0.01)
        raise TimeoutError("the server still works for a client that was killed 30 s ago")

    def recount(self) -> None:
        """Set every sequence back: PostgreSQL never returns numbers of a lost transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            for table, column, sequence in connection.execute(text(SEQUENCES)).all():
                highest = f'SELECT max("{column}") FROM "{table}"'
                after = f"coalesce(({highest}), 0) + 1"
                connection.execute(text(f"SELECT setval('{sequence}', {after}, false)"))

    def _run(self, *statements: str) -> None:
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
