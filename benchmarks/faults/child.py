"""The process that does the work and is killed; it notes how far it came."""

from __future__ import annotations

import os
import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect

from benchmarks.faults.works import Work
from crm_core.records.engine import open_database

STARTED, WROTE, COMMITTED, DONE, COMMITS = range(5)
"""Places in the notes: moments by the monotonic clock (0: not yet), and a count."""

CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "COPY")


def do_work(work: Work, url: str, payload: Any, notes: Any, ledgers: str) -> None:
    """Do a piece of work, writing into ``notes`` (shared memory) when it gets where."""
    os.environ["XDG_CACHE_HOME"] = ledgers
    target = open_database(url) if work.opens else url
    _take_notes(notes)
    notes[STARTED] = time.monotonic()
    work.do(target, payload)
    notes[DONE] = time.monotonic()


def _take_notes(notes: Any) -> None:
    pending = False

    def before(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal pending
        if statement.lstrip()[:6].upper().startswith(CHANGES):
            notes[WROTE] = notes[WROTE] or time.monotonic()
            pending = True

    plain = DefaultDialect.do_commit

    def commit(dialect: Any, connection: Any) -> None:
        nonlocal pending
        plain(dialect, connection)
        if pending:
            pending = False
            notes[COMMITS] += 1
            notes[COMMITTED] = time.monotonic()

    event.listen(Engine, "before_cursor_execute", before)
    DefaultDialect.do_commit = commit  # type: ignore[method-assign]
