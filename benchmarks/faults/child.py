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

STARTED, WROTE, COMMITTED, DONE, COMMITS, TICKS = range(6)
"""Places in the notes: moments by the monotonic clock (0: not yet), and two counts."""

NOTES = 6
MOST_TICKS = 50_000
"""Steps whose moments are noted: each statement's beginning and end, and each commit's."""

CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "COPY")


def do_work(work: Work, url: str, payload: Any, shared: tuple[Any, Any], ledgers: str) -> None:
    """Do a piece of work, writing into shared memory (notes, ticks) when it gets where."""
    notes, ticks = shared
    os.environ["XDG_CACHE_HOME"] = ledgers
    target = open_database(url) if work.opens else url
    _take_notes(notes, ticks)
    notes[STARTED] = _tick(notes, ticks)
    work.do(target, payload)
    notes[DONE] = _tick(notes, ticks)


def _tick(notes: Any, ticks: Any) -> float:
    now, number = time.monotonic(), int(notes[TICKS])
    if number < MOST_TICKS:
        ticks[number] = now
        notes[TICKS] = number + 1
    return now


def _take_notes(notes: Any, ticks: Any) -> None:
    pending = False

    def before(_conn: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal pending
        now = _tick(notes, ticks)
        if statement.lstrip()[:6].upper().startswith(CHANGES):
            notes[WROTE] = notes[WROTE] or now
            pending = True

    def after(*_any: Any) -> None:
        _tick(notes, ticks)

    plain = DefaultDialect.do_commit

    def commit(dialect: Any, connection: Any) -> None:
        nonlocal pending
        _tick(notes, ticks)
        plain(dialect, connection)
        if pending:
            pending = False
            notes[COMMITS] += 1
            notes[COMMITTED] = time.monotonic()
        _tick(notes, ticks)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    DefaultDialect.do_commit = commit  # type: ignore[method-assign]
