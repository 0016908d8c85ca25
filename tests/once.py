"""What every test would do again to the same end, done once in a run.

None of it is under test here: the packages installed do not change while a run lasts, nor do
the pages' sources, and a database without tables becomes the same tables every time. The
first of each is the real thing; only in this process, never in programs that tests start.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from sqlalchemy import Connection, inspect

from crm_core.records import migrate


def share_what_apps_have_in_common() -> None:
    """Let all AppTests look through the installed packages, and compile each page, once.

    Streamlit's own server does both once; AppTest does them for every app and every run.
    """
    if "streamlit.testing.v1" not in sys.modules:
        return
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.testing.v1 import app_test, local_script_runner

    if hasattr(manifest_scanner.scan_component_manifests, "cache_info"):
        return
    found = functools.cache(manifest_scanner.scan_component_manifests)
    manifest_scanner.scan_component_manifests = found
    compiled = ScriptCache()
    app_test.ScriptCache = local_script_runner.ScriptCache = lambda: compiled  # type: ignore


def make_tables_from_memory() -> None:
    """Let the first empty SQLite file be migrated, and give those after it what came out."""
    really = migrate._upgrade
    remembered: list[str] = []

    def upgrade(connection: Connection) -> None:
        empty = connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()
        if not empty or not remembered:
            really(connection)
            if empty:
                remembered[:] = _statements(connection)
            return
        for statement in remembered:
            connection.exec_driver_sql(statement)

    migrate._upgrade = upgrade


def _statements(connection: Connection) -> list[str]:
    """Return what makes the tables of a database, and the rows they are born with."""
    driver: Any = connection.connection.dbapi_connection
    return [line for line in driver.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
