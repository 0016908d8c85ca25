"""One kind of work, killed again and again at random moments."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Engine

from benchmarks.faults.child import COMMITS, COMMITTED, DONE, MOST_TICKS, NOTES, WROTE, do_work
from benchmarks.faults.homes import Home
from benchmarks.faults.material import TODAY
from benchmarks.faults.moments import Course, Moment, course_of, draw, wait_for
from benchmarks.faults.states import (
    State,
    differing,
    ledger_digest,
    loose,
    raw_tables_of,
    tables_of,
)
from benchmarks.faults.works import Work
from crm_core.errors import CrmError
from crm_core.ledger import Ledger
from crm_core.records.engine import open_database, reading
from crm_core.records.health import orphans, schema_fault, storage_fault
from crm_core.self_check import Group, check_answers, run_checks
from crm_core.self_check.cache import cache_check
from crm_core.snapshot import build_ledger, load_ledger

LONGEST = 120.0
"""Seconds after which a work counts as hanging."""

AGAIN_EVERY = 5
"""After every so many moments the work is done again; after the first two always."""

WHOLE = 2
"""After so many moments the whole self-check runs."""


@cache
def _answers() -> Group:
    """Return the known answers, which no database changes, computed once."""
    return check_answers()


@dataclass
class Tally:
    """What came of killing one kind of work in one kind of database.

    Attributes
    ----------
    work, home : str
        The kind.
    sales : int
        Of a file of the database it was done in.
    seconds : float
        How long the work takes when nobody kills it.
    moments : int
        How often it was killed, or had just finished when it should have been.
    before, within, after : int
        Killed before its first change, between that and its commit, after its commit.
    undone, done : int
        Found as if it had never begun, found wholly done.
    again : int
        How often the work was done again afterwards.
    checked : int
        How often the whole self-check ran, besides the checks of every moment.
    faults : list of str
        Everything that was not as it should be.
    """

    work: str
    home: str
    sales: int = 0
    seconds: float = 0.0
    moments: int = 0
    before: int = 0
    within: int = 0
    after: int = 0
    undone: int = 0
    done: int = 0
    again: int = 0
    checked: int = 0
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return asdict(self)


@dataclass(frozen=True)
class Known:
    """A state that may be found: the digests of its tables, and the ledger they lead to."""

    tables: State
    ledger: Ledger
    digest: str


class Trials:
    """A work prepared in a home, with the states before and after it."""

    def __init__(
        self,
        work: Work,
        home: Home,
        *,
        n_sales: int,
        seed: int,
        ledgers: str,
        quick: bool = False,
    ) -> None:
        self.work, self.home, self.ledgers, self.quick = work, home, ledgers, quick
        self.tally = Tally(work.name, home.name, n_sales)
        self.chance = random.Random(f"{seed} {work.name} {home.name}")
        self.spawn = multiprocessing.get_context("forkserver")
        self.spawn.set_forkserver_preload(["benchmarks.faults.child"])
        self.ticks = self.spawn.RawArray("d", MOST_TICKS)
        self.payload = work.prepare(home.url, n_sales)
        home.settle()
        home.freeze()
        self._rehearse()

    def _rehearse(self) -> None:
        """Do the work undisturbed: note its states, its commits and its course."""
        self.raw_before = raw_tables_of(self.home.url)
        self.before = None if self.work.upgrades else self._known()
        self.home.restore()
        # The second time is the one to measure: the first one also warms the disk.
        for number in range(1 if self.quick else 2):
            notes = self._run(None)
            if not notes[DONE]:
                raise SystemExit(f"{self.work.name} on {self.home.name} fails undisturbed")
            if not self.work.commits_last:
                notes[COMMITTED] = notes[DONE]
            self.course: Course = course_of(notes, self.ticks)
            self.tally.seconds, self.commits = self.course.done, int(notes[COMMITS])
            if number == 0:
                self.raw_after = raw_tables_of(self.home.url)
                self.after = self._known()
                if not self.quick:
                    self._check_all()
            self.home.restore()

    def kill(self, moments: int) -> Tally:
        """Kill the work at so many moments."""
        for number in range(moments):
            self.home.restore()
            notes = self._run(draw(self.course, self.chance))
            self._count(notes)
            found = self._try("opening", self._left_behind)
            self._judge(found, notes)
            if number < WHOLE and not self.quick:
                self._try("checking all", self._check_all)
            if self.work.upgrades or number < WHOLE or number % AGAIN_EVERY == 0:
                self._do_again(found)
        return self.tally

    def _run(self, moment: Moment | None) -> list[float]:
        """Run the child, kill it at a moment, and return its notes."""
        notes = self.spawn.RawArray("d", NOTES)
        child = self.spawn.Process(
            target=do_work,
            args=(self.work, self.home.url, self.payload, (notes, self.ticks), self.ledgers),
        )
        child.start()
        if moment is None:
            child.join(LONGEST)
        else:
            until = time.monotonic() + LONGEST
            wait_for(moment, notes, self.ticks, alive=child.is_alive, until=until)
        child.kill()
        child.join()
        child.close()
        self.home.settle()
        return list(notes)

    def _count(self, notes: list[float]) -> None:
        self.tally.moments += 1
        if self._committed(notes):
            self.tally.after += 1
        elif notes[WROTE]:
            self.tally.within += 1
        else:
            self.tally.before += 1

    def _committed(self, notes: list[float]) -> bool:
        every = self.work.commits_last and notes[COMMITS] >= self.commits
        return every or bool(notes[DONE])

    def _judge(self, found: str | None, notes: list[float]) -> None:
        if found == "done":
            self.tally.done += 1
        elif found == "undone":
            self.tally.undone += 1
            if self._committed(notes):
                self._fault("committed work is not there")
        elif found is not None:
            self._fault(found)

    def _left_behind(self) -> str:
        """Say whether the work is done or undone, or what is in between."""
        if self.work.upgrades:
            raw = raw_tables_of(self.home.url)
            if raw == self.raw_before:
                return "undone"
            if half := sorted(raw.keys() ^ self.raw_after.keys()):
                return f"neither before nor after: {half}"
        engine = open_database(self.home.url)
        try:
            with reading(engine) as connection:
                tables = tables_of(connection)
                for fault in (schema_fault(connection), storage_fault(connection)):
                    if fault:
                        self._fault(fault)
                if lost := orphans(connection):
                    self._fault(f"rows refer to nothing: {lost}")
            return self._which(engine, tables)
        finally:
            engine.dispose()

    def _which(self, engine: Engine, tables: State) -> str:
        half = [] if self.before is None else differing(tables, self.before.tables)
        if self.before is not None and not half:
            self._check_ledger(engine, self.before)
            return "undone"
        wrong = differing(loose(tables), loose(self.after.tables))
        if wrong:
            return f"neither before ({half} differ) nor after ({wrong} differ)"
        self._check_ledger(engine, self.after)
        return "done"

    def _check_ledger(self, engine: Engine, known: Known) -> None:
        """Hold the ledger kept on disk, and the one a page would show, against the known one."""
        with reading(engine) as connection:
            finding = cache_check(engine, connection, known.ledger).run()
        if finding.outcome != "ok":
            self._fault(finding.sentence)
        if ledger_digest(load_ledger(engine)) != known.digest:
            self._fault("the ledger differs")

    def _known(self) -> Known:
        engine = open_database(self.home.url)
        try:
            with reading(engine) as connection:
                tables, ledger = tables_of(connection), build_ledger(connection)
            return Known(tables, ledger, ledger_digest(ledger))
        finally:
            engine.dispose()

    def _check_all(self) -> None:
        engine = open_database(self.home.url)
        try:
            report = run_checks(engine, TODAY, answers=_answers())
        finally:
            engine.dispose()
        self.tally.checked += 1
        if not report.is_well:
            self._fault(report.sentence())

    def _do_again(self, found: str | None) -> None:
        """Do the work again, which must lead to the state after."""
        self.tally.again += 1
        again = self._try("doing it again", self._repeat)
        # What was done already and is not refused (another receipt of an erasure) may add a line.
        if again is not None and (found != "done" or again[1]):
            wrong = differing(loose(again[0]), loose(self.after.tables))
            if wrong:
                self._fault(f"done again, it differs in {wrong}")

    def _repeat(self) -> tuple[State, bool]:
        """Do the work again; return what is there then, and whether it was refused in words."""
        self.home.recount()
        target = open_database(self.home.url) if self.work.opens else None
        refused = False
        try:
            self.work.do(target or self.home.url, self.payload)
        except CrmError:
            refused = True
        finally:
            if target is not None:
                target.dispose()
        engine = open_database(self.home.url)
        try:
            with reading(engine) as connection:
                return tables_of(connection), refused
        finally:
            engine.dispose()

    def _try(self, what: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  (whatever fails is what the trial is after)
            self._fault(f"{what}: {type(error).__name__}: {error}")
            return None

    def _fault(self, words: str) -> None:
        self.tally.faults.append(f"moment {self.tally.moments}: {words}")


__all__ = ["Tally", "Trials"]
