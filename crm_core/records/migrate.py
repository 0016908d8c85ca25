"""Bringing a database to the schema this program knows, at every start."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, text

from crm_core.errors import DatabaseError
from crm_core.records.models import Version

HEAD = "0003"
"""The newest revision in ``migrations/versions``."""

LOCK_NUMBER = 7_308_604_759
"""Names the advisory lock under which PostgreSQL lets one program migrate at a time."""

_one_upgrade = threading.Lock()
# Alembic keeps the connection at work in a global: two threads would write into one database.


def migrate(engine: Engine) -> None:
    """Make or upgrade the tables, in one transaction, one program at a time.

    Parameters
    ----------
    engine : Engine
        Of a database that is empty, or of this or an older schema.

    Raises
    ------
    DatabaseError
        If the database was written by a newer Regulars, or holds tables of
        another program.
    """
    if engine.dialect.name == "postgresql":
        from crm_core.records.restoring_server import put_back_unfinished  # noqa: PLC0415  (circle)

        put_back_unfinished(engine)
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    immediate = engine.connect().execution_options(regulars_begin="BEGIN IMMEDIATE")
    with immediate as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK_NUMBER})
        found = _revision(connection)
        if found == HEAD:
            return
        _refuse_strangers(connection, found)
        _upgrade(connection)
        if found is None:
            _first_version(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _refuse_strangers(connection: Connection, found: str | None) -> None:
    where = connection.engine.url.render_as_string(hide_password=True)
    if found is not None and found > HEAD:
        raise DatabaseError(
            f"Wanted a database of schema {HEAD} or older, found {found} in {where}: it was "
            "written by a newer Regulars; update the program, or name another with --db."
        )
    if found is None and inspect(connection).has_table("sales"):
        raise DatabaseError(
            f"Wanted an empty database or one of Regulars, found other tables in {where}; "
            "name another with --db."
        )


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  (slow to import, needed once a schema)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # Interpolation reads % in the path as its own mark.
    folder = str(Path(__file__).with_name("migrations")).replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    with _one_upgrade:
        command.upgrade(config, "head")


def _first_version(connection: Connection) -> None:
    connection.execute(
        insert(Version),
        {
            "id": 1,
            "database_id": secrets.token_hex(8),
            "sales_version": 0,
            "sales_id": secrets.token_hex(8),
            "data_version": 0,
            "data_id": secrets.token_hex(8),
        },
    )
