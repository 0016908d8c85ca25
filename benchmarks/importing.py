"""Importing a CSV of generated sales beside a bare ``executemany`` of what it stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from benchmarks.generated import Rows
from benchmarks.timing import time_once
from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.engine import open_database, writing
from crm_core.records.importing import write_import

NOW = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class ImportTimes:
    """Seconds of an import and of its peers.

    Attributes
    ----------
    n_rows : int
        Rows of the file.
    prepare : float
        Reading, recognising, checking and staging.
    write : float
        Storing them in one transaction, indexes included.
    bare : float
        ``executemany`` of the stored rows into the same tables, the faster of indexes
        made before and after.
    """

    n_rows: int
    prepare: float
    write: float
    bare: float

    @property
    def ratio(self) -> float:
        """The whole import as a multiple of the bare one."""
        return (self.prepare + self.write) / self.bare


def write_csv(rows: Rows, file: Path) -> None:
    """Write the rows as a shop would export them: client, order, date, amount."""
    n = len(rows)
    text = pa.string()
    units = np.abs(rows.amount) // 10_000
    cents = np.abs(rows.amount) // 100 % 100
    amount = pc.binary_join_element_wise(
        pa.array(np.where(rows.amount < 0, "-", "")).cast(text),
        pa.array(units).cast(text),
        pa.array(["."] * n),
        pc.utf8_lpad(pa.array(cents).cast(text), 2, "0"),
        "",
    )
    day = pa.array(rows.day.astype("datetime64[D]"))
    order = pc.binary_join_element_wise("R", pa.array(np.arange(n)).cast(text), "")
    client = pc.binary_join_element_wise("K", pa.array(rows.client).cast(text), "")
    table = pa.table({"Client": client, "Order": order, "Date": day, "Amount": amount})
    csv.write_csv(table, file)


def time_import(rows: Rows, folder: Path) -> ImportTimes:
    """Import the rows once into a new SQLite database and time the bare way beside it."""
    file, database = folder / "sales.csv", folder / "regulars.sqlite"
    write_csv(rows, file)
    engine = open_database(f"sqlite:///{database}")
    prepared = []
    reading = time_once(
        lambda: prepared.append(
            prepare(engine, file, name=file.name, choices=Choices(), today=NOW.date())
        )
    )

    def write() -> None:
        with writing(engine) as connection:
            write_import(connection, prepared[0].staged, imported_at=NOW)

    writing_time = time_once(write)
    engine.dispose()
    bare = min(time_bare(database, folder / f"bare{early}.sqlite", early) for early in (0, 1))
    return ImportTimes(len(rows), reading, writing_time, bare)


def time_bare(database: Path, target: Path, early_indexes: int) -> float:
    """Return the seconds ``executemany`` takes for all rows of a database, tables made before."""
    source = sqlite3.connect(database)
    made = source.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    statements: dict[str, list[str]] = {"table": [], "index": []}
    rows: dict[str, Sequence[tuple[object, ...]]] = {}
    for kind, name, sql in made.fetchall():
        if kind not in statements or name.startswith("sqlite_"):
            continue
        statements[kind].append(sql)
        if kind == "table":
            rows[name] = source.execute(f'SELECT * FROM "{name}"').fetchall()
    source.close()
    bare = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        bare.execute(f"PRAGMA {pragma}")
    for sql in statements["table"] + (statements["index"] if early_indexes else []):
        bare.execute(sql)

    def insert() -> None:
        bare.execute("BEGIN")
        bare.execute("PRAGMA defer_foreign_keys = ON")
        for name, own in rows.items():
            if own:
                marks = ", ".join("?" * len(own[0]))
                bare.executemany(f'INSERT INTO "{name}" VALUES ({marks})', own)
        for sql in [] if early_indexes else statements["index"]:
            bare.execute(sql)
        bare.execute("COMMIT")

    seconds = time_once(insert)
    bare.close()
    return seconds


def carry_out_once(rows: Rows, folder: Path) -> Path:
    """Import the rows as a person would, ledger cached, and return the database."""
    file, database = folder / "shop.csv", folder / "shop.sqlite"
    write_csv(rows, file)
    engine = open_database(f"sqlite:///{database}")
    ready = prepare(engine, file, name=file.name, choices=Choices(), today=NOW.date())
    carry_out(engine, ready, now=NOW)
    engine.dispose()
    return database
