"""What the commands share: their options, the database, the day and the settings asked for."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy import Engine

from crm_core.errors import DatabaseError
from crm_core.ledger import Ledger
from crm_core.metrics.parameters import ParameterSet
from crm_core.policy import read_parameters
from crm_core.records.engine import database_url, in_memory, open_database, reading
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day

DAY = click.DateTime(["%Y-%m-%d"])

database = click.option(
    "--db", metavar="URL", help="The database (default: DATABASE_URL, then the embedded one)."
)
as_of_day = click.option(
    "--as-of", type=DAY, metavar="DAY", help="Last day counted (default: the last sale day)."
)
which_parameters = click.option(
    "--parameters",
    type=click.Choice(["stored", "default"]),
    default="stored",
    help="What the database holds, or every default.",
)
pareto_period = click.option(
    "--period",
    type=click.Choice(["12m", "all"]),
    default="12m",
    help="The base of the Pareto figures.",
)


def open_existing(db: str | None) -> Engine:
    """Open a database that has to be there already.

    Raises
    ------
    DatabaseError
        If there is no such SQLite file: a slip in its name would make an empty one, and a
        backup of that looks as good as any. Else as
        :func:`crm_core.records.engine.open_database`.
    """
    url = database_url(db)
    if url.get_backend_name() == "sqlite" and not in_memory(url):
        file = str(url.database)
        if not file.startswith("file:") and not Path(file).exists():
            raise DatabaseError(
                f"Wanted a database at {file}, found no such file; name another with --db or "
                "DATABASE_URL."
            )
    return open_database(db)


def today() -> date:
    """Return the day on this computer's calendar."""
    return datetime.now().astimezone().date()


def ledger_on(engine: Engine, chosen: datetime | None) -> tuple[Ledger, int]:
    """Return the ledger and the as-of day; by default what was noted since counts too."""
    ledger, now = load_ledger(engine), to_day(today())
    if chosen is not None:
        return ledger, to_day(chosen.date())
    as_of = ledger.default_as_of(now)
    return ledger.with_records_until(as_of, now), as_of


def parameters_of(engine: Engine, which: str) -> ParameterSet:
    """Return the settings ``--parameters`` asks for: ``"stored"`` or ``"default"``."""
    if which == "default":
        return ParameterSet()
    with reading(engine) as connection:
        return read_parameters(connection)
