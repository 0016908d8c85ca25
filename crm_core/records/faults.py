"""What a database driver raises, in words: wanted, found, what to do."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from sqlalchemy import exc
from sqlalchemy.engine import URL

from crm_core.errors import CrmError, DatabaseError, RecordError

_OF_SQLITE = {
    "locked": "another program is writing to it; wait until it is done and try again",
    "readonly": "the file or its folder is read-only; allow writing or name another with --db",
    "read-only": "it allows no writing; allow it or name another with --db",
    "unable to open": "the file cannot be opened; check its folder and rights",
    "not a database": "the file is something else; name another with --db",
    "malformed": "the file is damaged; restore a backup",
    "full": "the disk is full; free some space",
    "disk i/o": "the disk failed or takes no more; see that it works and has room",
}
"""What to do, by a word of SQLite's message."""

_OF_SERVER = {
    "40001": "two changes met, and this one was not made; try again",
    "40P01": "two changes met, and this one was not made; try again",
    "55P03": "somebody else is writing, and this change was not made; wait until they are done "
    "and try again",
    "57014": "the server ended it for taking too long; try again, or raise its statement_timeout",
    "53100": "the server's disk is full and nothing was changed; free some space there",
    "53200": "the server is out of memory; try again, or give it more",
    "53300": "the server has no connection left; close other programs that use it or raise its "
    "max_connections",
    "57P01": "the server was shut down, and what was not finished is undone; once it runs again, "
    "load the page anew",
    "57P02": "the server stopped, and what was not finished is undone; once it runs again, load "
    "the page anew",
    "57P03": "the server is starting up or shutting down; wait a moment and try again",
    "25006": "the server allows only reading (a standby, perhaps); name the main server, or allow "
    "writing",
    "42501": "this user lacks the right; let its owner GRANT it, or sign in as the owner",
    "28P01": "check the password in DATABASE_URL",
    "28000": "check that name, user and password are right and that the server lets this computer "
    "in",
    "3D000": "there is no such database; have it made (CREATE DATABASE), or correct its name",
    "XX001": "the server's data is damaged; restore a backup",
    "XX002": "an index of the server is damaged; REINDEX the database, or restore a backup",
}
"""What to do, by PostgreSQL's code of the error."""

_CUT = (
    "the connection to the server was cut, and what was not finished is undone; try again, and "
    "check that the server runs if it stays so"
)
_SIGNS_OF_CUT = ("connection is lost", "connection is closed", "unexpectedly")
"""What psycopg says where it keeps no connection to ask: in the middle of a COPY, say."""

_UNREACHED = "check that the server runs and that name, user and password are right"


def driver_errors() -> tuple[type[BaseException], ...]:
    """Return the classes of everything a database may raise: wrapped by SQLAlchemy, or bare."""
    # Bulk reading and writing speak to the driver itself; psycopg is there once it is in use.
    psycopg = sys.modules.get("psycopg")
    bare = (sqlite3.Error,) if psycopg is None else (sqlite3.Error, psycopg.Error)
    return (exc.DBAPIError, exc.TimeoutError, *bare)


def in_words(url: URL, error: BaseException) -> CrmError | None:
    """Return a driver's error in words, None for a fault of the program.

    Parameters
    ----------
    url : URL
        Of the database that was in use.
    error : BaseException
        One of :func:`driver_errors`.

    Returns
    -------
    DatabaseError, RecordError or None
    """
    if isinstance(error, exc.TimeoutError):
        return _refused(
            url,
            "every connection of this program is in use",
            "wait until those who are writing are done and try again",
        )
    found: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    said = _first_line(found)
    kinds = {kind.__name__ for cls in (type(error), type(found)) for kind in cls.__mro__}
    if "IntegrityError" in kinds:
        return RecordError(
            f"Wanted a record that keeps the rules of the database, found: {said}. "
            "Nothing was changed."
        )
    remedy = _of_sqlite(said) if isinstance(found, sqlite3.Error) else _of_server(found, kinds)
    return None if remedy is None else _refused(url, said, remedy)


def _refused(url: URL, found: str, remedy: str) -> DatabaseError:
    where = url.render_as_string(hide_password=True)
    return DatabaseError(f"Wanted to use the database {where}, found: {found}; {remedy}.")


def _first_line(error: BaseException | None) -> str:
    """Return what a driver says without the lines that quote rows: those may be personal."""
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__


def _of_sqlite(said: str) -> str | None:
    return next((remedy for sign, remedy in _OF_SQLITE.items() if sign in said.lower()), None)


def _of_server(error: Any, kinds: set[str]) -> str | None:
    code = getattr(error, "sqlstate", None)
    if code in _OF_SERVER:
        return _OF_SERVER[code]
    if "OperationalError" not in kinds and "InterfaceError" not in kinds:
        return None
    if "too many" in str(error) or "remaining connection slots" in str(error):
        return _OF_SERVER["53300"]
    if "starting up" in str(error) or "shutting down" in str(error):
        return _OF_SERVER["57P03"]
    # What fails before there is a connection carries no code either.
    made = "connection failed" not in str(error) and "resolve host" not in str(error)
    cut = getattr(error, "pgconn", None) is not None or any(x in str(error) for x in _SIGNS_OF_CUT)
    return _CUT if made and cut else _UNREACHED
