"""What a database holds and shows, as digests that differ when anything does."""

from __future__ import annotations

import hashlib
import json
import marshal
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from benchmarks.faults.material import TODAY
from crm_core.ledger_files import arrays_of
from crm_core.metrics.parameters import ParameterSet
from crm_core.policy import read_parameters
from crm_core.records.engine import database_url, reading
from crm_core.records.models import Base
from crm_core.report import build_report
from crm_core.snapshot import load_ledger
from crm_core.tables import to_day

BY_CHANCE = {
    "versions": {"database_id", "sales_id", "data_id"},
    "audit_events": {"at"},
}
"""Columns that hold a random number or the clock: no two runs of a work agree on them."""

State = dict[str, str]
"""A digest for each table, for the ledger and for the report."""


def state_of(engine: Engine, *, exact: bool) -> State:
    """Return the state of a database.

    Parameters
    ----------
    engine : Engine
        The database.
    exact : bool
        Whether random numbers and the clock count: they do for "nothing has happened",
        they cannot for "the work was done".
    """
    with reading(engine) as connection:
        found = {
            table.name: _table_digest(connection, table, exact=exact)
            for table in Base.metadata.sorted_tables
        }
        parameters = read_parameters(connection)
    return found | _shown(engine, parameters)


def shape_of(url: str) -> State:
    """Return the tables, their columns and the schema's revision, without upgrading it."""
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        look = inspect(connection)
        found = {
            table: ", ".join(column["name"] for column in look.get_columns(table))
            for table in look.get_table_names()
        }
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
        return found | {"revision": ", ".join(revision)}


def differing(one: State, other: State) -> list[str]:
    """Return the names of what two states do not agree on."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _table_digest(connection: Connection, table: Any, *, exact: bool) -> str:
    left_out = set() if exact else BY_CHANCE.get(table.name, set())
    columns = ", ".join(f'"{c.name}"' for c in table.columns if c.name not in left_out)
    keys = ", ".join(f'"{c.name}"' for c in table.primary_key) or columns
    statement = f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}'
    cursor = connection.connection.cursor()
    found = hashlib.sha256()
    if connection.dialect.name == "postgresql":
        with cursor, cursor.copy(f"COPY ({statement}) TO STDOUT") as rows:  # type: ignore[attr-defined]
            for piece in rows:
                found.update(piece)
    else:
        # Version 2 writes equal values the same, however they are shared in memory.
        found.update(marshal.dumps(cursor.execute(statement).fetchall(), 2))
        cursor.close()
    return found.hexdigest()


def _shown(engine: Engine, parameters: ParameterSet) -> State:
    ledger = load_ledger(engine)
    found = hashlib.sha256()
    for name, values in sorted(arrays_of(ledger).items()):
        found.update(name.encode() + values.tobytes())
    texts = [ledger.products, ledger.categories, ledger.channels, ledger.managers]
    texts += [ledger.clients.external_id.to_pylist(), ledger.clients.name.to_pylist()]
    found.update(repr(texts).encode())
    report = build_report(ledger, parameters, to_day(TODAY), period="12m")
    told = json.dumps(report.as_json(), default=str, sort_keys=True)
    return {"ledger": found.hexdigest(), "report": hashlib.sha256(told.encode()).hexdigest()}
