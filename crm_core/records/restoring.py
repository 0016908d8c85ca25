"""Putting a backup in place: checked before anything is touched, the old one kept until the end.

A restored database is a state of its own: it gets new version ids, so that no cache
of what was there before passes for it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text, update

from crm_core.access import Right, require
from crm_core.errors import DatabaseError, FileError, RefusedError
from crm_core.records.audit import write_down
from crm_core.records.backup_files import Manifest, verify
from crm_core.records.backups import state_of
from crm_core.records.engine import database_url, open_database, recording
from crm_core.records.health import orphans, schema_fault, storage_fault
from crm_core.records.migrate import HEAD
from crm_core.records.models import Base, Version
from crm_core.records.restoring_erased import Replaced, erase_again

PASSING = {"versions", "audit_events", "secret_keys", "visits", "presence", "notices_seen"}
"""Tables that hold something as soon as a database is looked at."""


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Attributes
    ----------
    manifest : Manifest
        Of the backup.
    url : str
        The database it is in now, password included.
    kept : str
        Where the replaced database is kept: a file, or a schema of the server; empty
        where nothing was replaced.
    migrated_from : str
        The backup's schema where it was older, else empty.
    erased_again, not_erased_again : int
        See :func:`crm_core.records.restoring_erased.erase_again`.
    """

    manifest: Manifest
    url: str
    kept: str = ""
    migrated_from: str = ""
    erased_again: int = 0
    not_erased_again: int = 0


def restore(file: Path, url: str | None = None, *, at: datetime, replace: bool = False) -> Restored:
    """Put a backup in place of a database that is empty, or with ``replace`` of any.

    Parameters
    ----------
    file : Path
        A backup of the same kind of database: going from SQLite to PostgreSQL is the
        work of ``move``.
    url : str, optional
        See :func:`crm_core.records.engine.database_url`.
    at : datetime
        The present moment, with its zone.
    replace : bool, default False
        Put what is there aside first. Nobody may have the database open.

    Returns
    -------
    Restored

    Raises
    ------
    AccessError
        If whoever is at work may not maintain the database.
    FileError
        If the backup is damaged, or of a newer program.
    RefusedError
        If the database holds something and ``replace`` is not given, is of the other
        kind, or is in use. Nothing was touched.
    DatabaseError
        If the restored database is not sound; what was there before is still in place.
    """
    from crm_core.records.restoring_files import restore_file  # noqa: PLC0415
    from crm_core.records.restoring_server import restore_on_server  # noqa: PLC0415

    require(Right.MAINTAIN)
    target = database_url(url)
    manifest = verify(file)
    if manifest.schema > HEAD:
        raise FileError(
            f"Wanted a backup of schema {HEAD} or older, found {manifest.schema} in {file}: a "
            "newer Regulars made it; update the program first."
        )
    if manifest.kind != target.get_backend_name():
        raise RefusedError(
            f"Wanted a backup of {_spoken(target.get_backend_name())}, found one of "
            f"{_spoken(manifest.kind)}; restore it into {_spoken(manifest.kind)} first, then "
            "copy it over with `python -m crm_core move --to URL`."
        )
    begun = Restored(manifest, target.render_as_string(hide_password=False))
    put = restore_file if manifest.kind == "sqlite" else restore_on_server
    return put(file, begun, at, replace_it=replace)


def make_ready(engine: Engine, begun: Restored, before: Replaced, *, at: datetime) -> Restored:
    """Bring a database as the backup had it to what may be worked in, and look it over.

    Parameters
    ----------
    engine : Engine
        Of the database, not yet migrated.
    begun : Restored
        With the backup's manifest.
    before : Replaced
        What is known of the database that goes.
    at : datetime
        The present moment.

    Returns
    -------
    Restored
        With what was migrated and erased again.

    Raises
    ------
    DatabaseError
        If tables lack rows, or the database finds itself damaged.
    """
    _compare_rows(engine, begun.manifest)
    ready = open_database(begun.url)
    try:
        again, unknown = erase_again(ready, before, at=at)
        with recording(ready) as connection:
            _give_new_ids(connection)
            detail = {
                "data_version": begun.manifest.data_version,
                "made_at": begun.manifest.made_at,
            }
            write_down(connection, "restored from a backup", detail=detail)
        _refuse_unsound(ready)
    finally:
        ready.dispose()
    older = begun.manifest.schema if begun.manifest.schema != HEAD else ""
    return replace(begun, migrated_from=older, erased_again=again, not_erased_again=unknown)


def holds_anything(connection: Connection) -> bool:
    """Return whether a database holds more than what opening it leaves there."""
    there = set(inspect(connection).get_table_names())
    if "alembic_version" not in there:
        return bool(there)
    own = {table.name for table in Base.metadata.sorted_tables} - PASSING
    return any(
        connection.execute(text(f"SELECT 1 FROM {name} LIMIT 1")).first() is not None
        for name in sorted(own & there)
    )


def refuse_unless_told(url: str) -> RefusedError:
    """Return the refusal to overwrite a database that holds something."""
    shown = database_url(url).render_as_string(hide_password=True)
    return RefusedError(
        f"Wanted an empty database to restore into, found that {shown} holds records; name "
        "another with --db, or say --replace: the present one is then kept aside."
    )


def aside_name(at: datetime) -> str:
    """Return what marks a database put aside at a moment, good in file and schema names.

    Examples
    --------
    >>> aside_name(datetime(2026, 11, 22, 9, 15, tzinfo=UTC))
    'before_20261122t091500z'
    """
    return f"before_{at.astimezone(UTC):%Y%m%dt%H%M%Sz}"


def _spoken(kind: str) -> str:
    return "a SQLite database" if kind == "sqlite" else "a PostgreSQL database"


def _compare_rows(engine: Engine, manifest: Manifest) -> None:
    with engine.connect() as connection:
        found = state_of(connection)["rows"]
    lacking = [name for name, rows in manifest.rows.items() if found.get(name) != rows]
    if lacking:
        raise DatabaseError(
            f"Wanted every row of the backup back, found other numbers in {', '.join(lacking)}; "
            "what was there before is still in place."
        )


def _give_new_ids(connection: Connection) -> None:
    connection.execute(
        update(Version).values(
            sales_version=Version.sales_version + 1,
            sales_id=secrets.token_hex(8),
            data_version=Version.data_version + 1,
            data_id=secrets.token_hex(8),
        )
    )


def _refuse_unsound(engine: Engine) -> None:
    with engine.connect() as connection:
        broken = orphans(connection)
        fault = schema_fault(connection) or storage_fault(connection)
    if broken:
        fault = f"rows that refer to nothing: {', '.join(broken)}"
    if fault:
        raise DatabaseError(
            f"Wanted a sound database in the backup, found: {fault} What was there before is "
            "still in place; use another backup."
        )
