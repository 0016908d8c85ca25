"""Restoring on a PostgreSQL server: stepping aside and coming in are one transaction.

The present tables move into a schema of their own within the same database while the
backup's come in: whoever looks sees the one or the other. Tables of other programs stay
where they are.

What comes in counts only once it is ready to be worked in: until then the schema of what
stepped aside bears a name of its own, and whoever opens the database after a restore that
was killed puts it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from crm_core.errors import RefusedError
from crm_core.records.backup_files import blocks_of, copy_content
from crm_core.records.engine import QUIET, speaking_plainly
from crm_core.records.migrate import LOCK_NUMBER
from crm_core.records.models import Base
from crm_core.records.postgres_programs import (
    address_for_programs,
    find_program,
    reading_from,
    server_major,
    writing_to,
)
from crm_core.records.restoring import (
    Restored,
    aside_name,
    holds_anything,
    make_ready,
    refuse_unless_told,
)
from crm_core.records.restoring_erased import remember

_ROOM = "SELECT current_schema()"

UNFINISHED = "regulars_unfinished_"
"""Begins the name of the schema of what stepped aside, until the restore is done."""

FUNCTIONS = ("audit_is_append_only",)
"""Of the schema's own making, beside its tables."""


def restore_on_server(file: Path, begun: Restored, at: datetime, *, replace_it: bool) -> Restored:
    """Put a backup of a PostgreSQL database in place of the tables that are there.

    Parameters
    ----------
    file : Path
        The backup, checked.
    begun : Restored
        With its manifest and the database's URL.
    at : datetime
        Marks the schema the present tables are kept in.
    replace_it : bool
        Whether tables that hold something may be put aside.

    Raises
    ------
    RefusedError, DatabaseError
        As :func:`crm_core.records.restoring.restore`.
    """
    engine = create_engine(begun.url, poolclass=NullPool, **QUIET)
    with speaking_plainly(engine), _sole_restore(engine) as sole:
        if not sole:
            raise RefusedError(
                "Wanted to restore, found another restore of this database under way; wait until "
                "it is done."
            )
        _put_back(engine)
        return _restore(engine, file, begun, at, replace_it=replace_it)


def _restore(
    engine: Engine, file: Path, begun: Restored, at: datetime, *, replace_it: bool
) -> Restored:
    room, aside = begun.manifest.room, f"regulars_{aside_name(at)}"
    unfinished = f"{UNFINISHED}{aside_name(at)}"
    with speaking_plainly(engine), _nobody_migrates(engine) as connection:
        _check_room(connection, room)
        held, before = holds_anything(connection), remember(connection)
        if held and not replace_it:
            raise refuse_unless_told(begun.url)
        there = bool(_tables(connection, room))
        stepping_aside = _moves(connection, room, unfinished) if there else []
        first = [f"CREATE SCHEMA {unfinished}", *stepping_aside] if there else []
        _pour(connection, file, first)
    try:
        done = make_ready(engine, begun, before, at=at)
    except BaseException:
        _take_back(engine, room, unfinished if there else None)
        raise
    if there:
        finish = f"ALTER SCHEMA {unfinished} RENAME TO {aside}"
        with speaking_plainly(engine), engine.begin() as connection:
            connection.execute(text(finish if held else f"DROP SCHEMA {unfinished} CASCADE"))
    return replace(done, kept=aside if held else "")


def put_back_unfinished(engine: Engine) -> bool:
    """Put back what a killed restore had moved aside, unless a restore is at work right now.

    Parameters
    ----------
    engine : Engine
        Of a PostgreSQL server.

    Returns
    -------
    bool
        Whether there was anything.
    """
    with engine.connect() as connection:
        if not _unfinished(connection):
            return False
    with _sole_restore(engine) as sole:
        return sole and _put_back(engine)


def _put_back(engine: Engine) -> bool:
    with engine.connect() as connection:
        left, room = _unfinished(connection), connection.execute(text(_ROOM)).scalar_one()
    for aside in left:
        _take_back(engine, room, aside)
    return bool(left)


def _unfinished(connection: Connection) -> list[str]:
    statement = text("SELECT nspname FROM pg_namespace WHERE starts_with(nspname, :begins)")
    return list(connection.execute(statement, {"begins": UNFINISHED}).scalars())


@contextmanager
def _sole_restore(engine: Engine) -> Iterator[bool]:
    """Hold the lock of restoring, if nobody else does; a killed process holds it no more."""
    with engine.connect() as connection:
        asked = text("SELECT pg_try_advisory_lock(:n)")
        sole = bool(connection.execute(asked, {"n": LOCK_NUMBER + 1}).scalar())
        connection.commit()
        try:
            yield sole
        finally:
            if sole:
                connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": LOCK_NUMBER + 1})
                connection.commit()


@contextmanager
def _nobody_migrates(engine: Engine) -> Iterator[Connection]:
    """Hold the lock under which tables are made, so that no dashboard makes any meanwhile."""
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": LOCK_NUMBER})
        connection.commit()
        yield connection  # the lock ends with the connection


def _check_room(connection: Connection, room: str) -> None:
    found = connection.execute(text(_ROOM)).scalar()
    if found != room:
        raise RefusedError(
            f"Wanted a database whose tables go into the schema {room}, as in the backup, found "
            f"{found}; set the search_path of the user or of the URL accordingly."
        )


def _tables(connection: Connection, room: str) -> list[str]:
    known = {table.name for table in Base.metadata.sorted_tables} | {"alembic_version"}
    return sorted(known & set(inspect(connection).get_table_names(schema=room)))


def _functions(connection: Connection, room: str) -> list[str]:
    statement = (
        "SELECT proname FROM pg_proc JOIN pg_namespace AS room ON room.oid = pronamespace "
        "WHERE room.nspname = :room AND proname = ANY(:names)"
    )
    named = {"room": room, "names": [*FUNCTIONS]}
    return list(connection.execute(text(statement), named).scalars())


def _moves(connection: Connection, room: str, into: str) -> list[str]:
    """Return the statements that move the tables and functions of Regulars to another schema."""
    q = connection.dialect.identifier_preparer.quote
    tables = [
        f"ALTER TABLE {q(room)}.{q(name)} SET SCHEMA {q(into)}"
        for name in _tables(connection, room)
    ]
    functions = [
        f"ALTER FUNCTION {q(room)}.{q(name)}() SET SCHEMA {q(into)}"
        for name in _functions(connection, room)
    ]
    return [*tables, *functions]


def _drops(connection: Connection, room: str) -> list[str]:
    q = connection.dialect.identifier_preparer.quote
    tables = [f"DROP TABLE {q(room)}.{q(name)} CASCADE" for name in _tables(connection, room)]
    functions = [f"DROP FUNCTION {q(room)}.{q(name)}()" for name in _functions(connection, room)]
    return [*tables, *functions]


def _take_back(engine: Engine, room: str, aside: str | None) -> None:
    """Remove what came in and put back what stepped aside."""
    with speaking_plainly(engine), _nobody_migrates(engine) as connection:
        statements = _drops(connection, room)
        if aside:
            statements += [*_moves(connection, aside, room), f"DROP SCHEMA {aside}"]
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


def _pour(connection: Connection, file: Path, first: list[str]) -> None:
    """Let the backup's tables come in, after the first statements and in their transaction."""
    at_least, room = server_major(connection), connection.execute(text(_ROOM)).scalar_one()
    reader, writer = (find_program(name, at_least=at_least) for name in ("pg_restore", "psql"))
    connection.commit()
    address, environment = address_for_programs(connection.engine)
    unpack = [reader, "--no-owner", "--no-privileges", f"--schema={room}", "--file=-"]
    speak = [writer, "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    with writing_to([*speak, f"--dbname={address}"], environment) as told:
        # Not for ever: whoever works in the tables would wait behind us.
        for statement in ("BEGIN", "SET LOCAL lock_timeout = '20s'", *first):
            told.write(f"{statement};\n".encode())
        with reading_from(
            unpack, environment, feed=lambda stream: copy_content(file, stream.write)
        ) as script:
            for block in blocks_of(script):
                told.write(block)
        # Only now is it whole; without this line all of it is undone.
        told.write(b"COMMIT;\n")
