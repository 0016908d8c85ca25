"""Where a trial's database lives, and how it is put back as it was before each moment."""

from __future__ import annotations

import re
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

    def freeze(self, name: str) -> None:
        """Keep the database as it is now, under a name; nobody has it open."""

    def has(self, name: str) -> bool:
        """Say whether something is kept under that name."""

    def restore(self, name: str) -> None:
        """Put the database back as it was kept under that name."""

    def rewind(self) -> None:
        """Put back what a database has beside its rows, which are those last kept or put back."""

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

    def freeze(self, name: str) -> None:
        """Keep a copy of the file; the last connection has folded the log into it."""
        shutil.copy(self.file, self._kept(name))
        self._latest = name

    def has(self, name: str) -> bool:
        """Say whether there is such a copy."""
        return self._kept(name).exists()

    def restore(self, name: str) -> None:
        """Copy it back and remove log and ledgers."""
        self._clear()
        shutil.copy(self._kept(name), self.file)
        self._latest = name

    def rewind(self) -> None:
        """Copy it back all the same: that is the least work."""
        self.restore(self._latest)

    def settle(self) -> None:
        """Do nothing: a killed process takes its locks with it."""

    def recount(self) -> None:
        """Do nothing: numbers given in a transaction go with it."""

    def _kept(self, name: str) -> Path:
        return self.folder / f"kept {name}"

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
        self._frozen: set[str] = set()
        self._engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        # Its own cleaning would only take turns with the trials.
        self._run("ALTER SYSTEM SET autovacuum = off", "SELECT pg_reload_conf()")

    def empty(self) -> None:
        """Make the database anew."""
        self._run(
            f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
            f"CREATE DATABASE {self.database}",
        )

    def freeze(self, name: str) -> None:
        """Make a template of it."""
        self.recount()
        self.settle()
        self._run(
            f"DROP DATABASE IF EXISTS {self._kept(name)}",
            f"CREATE DATABASE {self._kept(name)} TEMPLATE {self.database}",
        )
        self._frozen.add(name)

    def has(self, name: str) -> bool:
        """Say whether there is such a template."""
        return name in self._frozen

    def restore(self, name: str) -> None:
        """Make the database from the template, and remove its ledgers."""
        shutil.rmtree(self.ledgers, ignore_errors=True)
        self._run(
            f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)",
            f"CREATE DATABASE {self.database} TEMPLATE {self._kept(name)}",
        )

    def rewind(self) -> None:
        """Set the sequences back, and remove the ledgers."""
        shutil.rmtree(self.ledgers, ignore_errors=True)
        self.recount()

    def settle(self) -> None:
        """Wait until the server has noticed that its client is gone."""
        asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
        until = time.monotonic() + 60
        with self._engine.connect() as connection:
            while time.monotonic() < until:
                if connection.execute(asked, {"name": self.database}).scalar() == 0:
                    return
                time.sleep(0.01)
        raise TimeoutError("the server still works for a client that was killed 60 s ago")

    def recount(self) -> None:
        """Set every sequence back: PostgreSQL never returns numbers of a lost transaction."""
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            back = [_set_back(*found) for found in connection.execute(text(SEQUENCES)).all()]
            if back:
                connection.execute(text("SELECT " + ", ".join(back)))

    def _kept(self, name: str) -> str:
        return f"{self.database}_{re.sub('[^a-z]', '_', name)}"

    def _run(self, *statements: str) -> None:
        with self._engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


def _set_back(table: str, column: str, sequence: str) -> str:
    highest = f'SELECT max("{column}") FROM "{table}"'
    return f"setval('{sequence}', coalesce(({highest}), 0) + 1, false)"
