"""A folder to drop files into, and a database that knows files like them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from crm_core.importing import Choices, carry_out, prepare
from crm_core.records.arrivals import list_arrivals
from crm_core.records.engine import reading
from crm_core.records.models import Notice
from crm_core.snapshot import build_ledger
from crm_core.watched_folder import look
from crm_core.watching import Options, Outcome, take_files

NOW = datetime(2025, 6, 2, 12, tzinfo=UTC)
HEAD = "Kunde;Datum;Betrag\n"
JANUARY = HEAD + "Ann;13.01.2025;10,50\nBo;14.01.2025;20,00\n"
FEBRUARY = HEAD + "Ann;13.02.2025;11,50\nCy;14.02.2025;30,00\n"


def import_first(engine: Engine) -> Engine:
    """Import a first file, as somebody did on the page."""
    prepared = prepare(
        engine, JANUARY.encode(), name="first.csv", choices=Choices(), today=NOW.date()
    )
    carry_out(engine, prepared, now=NOW)
    return engine


def drop(folder: Path, text: str = FEBRUARY, name: str = "sales.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def take(engine: Engine, folder: Path, *, approve: bool = False) -> list[Outcome]:
    seen = look(folder)
    options = Options(approve=approve)
    return take_files(engine, folder, (seen, look(folder)), options, clock=lambda: NOW)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file() or path.is_symlink())


def arrivals(engine: Engine) -> list[Any]:
    with reading(engine) as connection:
        return list(list_arrivals(connection))


def notices(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(Notice.kind).order_by(Notice.id)).scalars())


def ledger(engine: Engine) -> Any:
    with reading(engine) as connection:
        return build_ledger(connection)
