"""What a database holds and shows, as digests that differ when anything does."""

from __future__ import annotations

import hashlib
import json
import marshal

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from benchmarks.faults.material import TODAY
from crm_core.ledger import Ledger
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

TO_THE_LETTER = "to the letter: "
"""Begins what only "nothing has happened" has to agree on: random numbers and clocks."""


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
        found = tables_of(connection)
        parameters = read_parameters(connection)
    shown = _shown(load_ledger(engine), parameters)
    return (found if exact else loose(found)) | shown


def tables_of(connection: Connection) -> State:
    """Return a digest of every table, and of some a second one :data:`TO_THE_LETTER`."""
    found = {}
    for table in Base.metadata.sorted_tables:
        keys = [column.name for column in table.primary_key]
        names = [column.name for column in table.columns]
        left_out = BY_CHANCE.get(table.name, set())
        if left_out:
            found[TO_THE_LETTER + table.name] = _digest(connection, table.name, names, keys)
        known = [name for name in names if name not in left_out]
        found[table.name] = _digest(connection, table.name, known, keys)
    return found


def raw_tables_of(url: str) -> State:
    """Return the tables of whichever schema there is, to the letter, without upgrading it."""
    engine = create_engine(database_url(url), poolclass=NullPool)
    with engine.connect() as connection:
        look = inspect(connection)
        columns, primary = look.get_multi_columns(), look.get_multi_pk_constraint()
        found = {}
        for (schema, table), held in columns.items():
            names = [column["name"] for column in held]
            keys = primary[schema, table]["constrained_columns"]
            found[f"{table} ({', '.join(names)})"] = _digest(connection, table, names, keys)
    return found


def schema_of(connection: Connection) -> str:
    """Return a digest of what the database says of its tables, indexes, references and guards."""
    rows = connection.execute(text(_SCHEMA[connection.dialect.name])).all()
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


_SCHEMA = {
    "sqlite": "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2, 3",
    "postgresql": """
        SELECT table_name, column_name,
            concat_ws(' ', ordinal_position, data_type, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes
        WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) || tgenabled::text
        FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2, 3
    """,
}


def loose(state: State) -> State:
    """Return a state without what two runs of the same work never agree on."""
    return {name: held for name, held in state.items() if not name.startswith(TO_THE_LETTER)}


def differing(one: State, other: State) -> list[str]:
    """Return the names of what two states do not agree on."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _digest(connection: Connection, table: str, names: list[str], keys: list[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    order = ", ".join(f'"{name}"' for name in keys) or columns
    statement = f'SELECT {columns} FROM "{table}" ORDER BY {order}'
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


def ledger_digest(ledger: Ledger) -> str:
    """Return a digest of every array and text of a ledger."""
    found = hashlib.sha256()
    for name, values in sorted(arrays_of(ledger).items()):
        found.update(name.encode() + values.tobytes())
    texts = [ledger.products, ledger.categories, ledger.channels, ledger.managers]
    texts += [ledger.clients.external_id.to_pylist(), ledger.clients.name.to_pylist()]
    found.update(repr(texts).encode())
    return found.hexdigest()


def _shown(ledger: Ledger, parameters: ParameterSet) -> State:
    report = build_report(ledger, parameters, to_day(TODAY), period="12m")
    told = json.dumps(report.as_json(), default=str, sort_keys=True)
    return {"ledger": ledger_digest(ledger), "report": hashlib.sha256(told.encode()).hexdigest()}
