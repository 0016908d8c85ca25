"""Running all checks, in one reading of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import chain

from sqlalchemy import Connection, Engine

from crm_core.errors import CrmError
from crm_core.policy import read_parameters
from crm_core.records.engine import reading
from crm_core.self_check.answers_business import business_checks
from crm_core.self_check.answers_import import import_checks
from crm_core.self_check.answers_models import model_checks
from crm_core.self_check.answers_small import small_checks
from crm_core.self_check.answers_stages import stage_checks
from crm_core.self_check.cache import cache_check
from crm_core.self_check.database import database_checks
from crm_core.self_check.figures import Figures, figure_checks
from crm_core.self_check.files import Stored, file_checks
from crm_core.self_check.findings import (
    BROKEN,
    Check,
    CheckReport,
    Finding,
    Group,
    Progress,
    run_group,
)
from crm_core.self_check.plain_sums import PlainSums, add_up
from crm_core.self_check.records import ledger_checks
from crm_core.snapshot import build_ledger
from crm_core.tables import NEVER, to_day

TITLES = {
    "answers": "Known answers",
    "files": "Your files",
    "ledger": "The ledger and the figures",
    "database": "The database",
}

ENDS = {"answers": 0.15, "files": 0.3, "ledger": 0.75, "database": 1.0}
"""Which part of the whole is done when a group begins to end, roughly."""


def run_checks(
    engine: Engine,
    today: date,
    progress: Progress | None = None,
    *,
    answers: Group | None = None,
) -> CheckReport:
    """Make every check: known answers, files, ledger and figures, database.

    Parameters
    ----------
    engine : Engine
        From :func:`crm_core.records.engine.open_database`; it is only read.
    today : date
        The day on the wall: up to it hand-made records count.
    progress : callable, optional
        Told the part that is done (0 to 1) and what is being checked.
    answers : Group, optional
        From :func:`check_answers`, where it was run just now.

    Returns
    -------
    CheckReport
        One finding a check; whatever fails is a finding, never an exception. An empty
        database has nothing to differ.

    Notes
    -----
    Nothing is written and nothing repaired. All that is read is of one moment. Holds a
    ledger made anew (60 bytes a sale at its peak) and 40 bytes a sale of one source.
    """
    watch = _Watch(progress)
    answers = answers or check_answers(watch.within("answers"))
    found: CheckReport | None = None
    try:
        with reading(engine) as connection:
            found = _check_records(engine, connection, today, answers, watch)
    except CrmError as error:
        # A damaged file may be read to the end and fail on letting go: that is told by then.
        return found or CheckReport((answers, _unreadable(error)))
    return found


def _unreadable(error: CrmError) -> Group:
    finding = Finding(
        "Reading the database", "the records, with what can be read", "differs", str(error), BROKEN
    )
    return Group("database", TITLES["database"], (finding,))


def check_answers(say: Callable[[str], object] | None = None) -> Group:
    """Compute known answers from known data with the installed program.

    Parameters
    ----------
    say : callable, optional
        Told what is being checked.
    """
    checks = chain(
        small_checks(), stage_checks(), model_checks(), business_checks(), import_checks()
    )
    return run_group("answers", TITLES["answers"], checks, say)


def _check_records(
    engine: Engine, connection: Connection, today: date, answers: Group, watch: _Watch
) -> CheckReport:
    stored = cache(lambda: Stored.read(connection))

    def files() -> Iterator[Check]:
        yield from file_checks(connection, stored())

    def ledger() -> Iterator[Check]:
        made = build_ledger(connection)
        yield cache_check(engine, connection, made)
        every = cache(lambda: add_up(connection, made, NEVER - 1))
        yield from ledger_checks(connection, made, every)
        as_of = made.default_as_of(to_day(today))
        shown = made.with_records_until(as_of, to_day(today))
        figures = Figures(shown, read_parameters(connection), as_of)
        yield from figure_checks(figures, cache(lambda: _up_to(connection, figures, every)))

    groups = [
        run_group(key, TITLES[key], checks, watch.within(key))
        for key, checks in (
            ("files", files()),
            ("ledger", ledger()),
            ("database", database_checks(connection)),
        )
    ]
    return CheckReport((answers, *groups), *_counts(stored))


def _up_to(connection: Connection, figures: Figures, every: Callable[[], PlainSums]) -> PlainSums:
    """Return the plain sums up to the day of the figures; those of all days where none is later."""
    ledger, day = figures.ledger, figures.as_of
    if all(len(days) == 0 or days.max() <= day for days in (ledger.sales.day, ledger.unnamed_day)):
        return every()
    return add_up(connection, ledger, day)


def _counts(stored: Callable[[], Stored]) -> tuple[int, int]:
    try:
        return stored().counted, stored().in_force
    except Exception:  # noqa: BLE001  (said in the findings already)
        return 0, 0


class _Watch:
    """Turns the names of checks into steps of one long work."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def within(self, key: str) -> Callable[[str], object]:
        """Return what to tell the names of a group's checks."""
        return lambda name: self._progress(ENDS[key], name) if self._progress else None
