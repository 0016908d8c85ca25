"""One kind of work, killed again and again at random moments."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine

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
    schema_of,
    tables_of,
)
from benchmarks.faults.works import STAGES, Work
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
    """A state that may be found: its schema, the digests of its tables, and their ledger."""

    schema: str
    tables: State
    ledger: Ledger


_sound: set[str] = set()
"""Digests of the schemas that were looked at and found whole."""


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
        # Each child is a fork of one warm process: starting one costs next to nothing.
        self.spawn.set_forkserver_preload(["benchmarks.faults.warm"])
        self.ticks = self.spawn.RawArray("d", MOST_TICKS)
        _stand_at(home, work.stage, n_sales)
        self.payload = work.prepare(home.url, n_sales)
        home.settle()
        self.kept = "work" if work.adds else work.stage
        if work.adds:
            home.freeze(self.kept)
        self._rehearse()

    def _rehearse(self) -> None:
        """Do the work undisturbed: note its states, its commits and its course."""
        upgrades = self.work.upgrades
        self.raw_before = raw_tables_of(self.home.url) if upgrades else {}
        self.before = None if upgrades else self._known()
        self.home.rewind()
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
                self.raw_after = raw_tables_of(self.home.url) if upgrades else {}
                self.after = self._known()
                if not self.quick:
                    self._check_all()
            self.home.restore(self.kept)

    def kill(self, moments: int) -> Tally:
        """Kill the work at so many moments."""
        for number in range(moments):
            notes = self._run(draw(self.course, self.chance))
            self._count(notes)
            found = self._try("opening", self._left_behind)
            self._judge(found, notes)
            whole = number < WHOLE and not self.quick
            if whole:
                self._try("checking all", self._check_all)
            again = self.work.upgrades or whole or number % AGAIN_EVERY == 0
            if again:
                self._do_again(found)
            # Where nothing is left of the work, the next moment goes on from there.
            if found == "undone" and self.work.opens and not again:
                self.home.rewind()
            elif number + 1 < moments:
                self.home.restore(self.kept)
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
                if fault := storage_fault(connection):
                    self._fault(fault)
                return self._which(engine, connection)
        finally:
            engine.dispose()

    def _which(self, engine: Engine, connection: Connection) -> str:
        tables, schema = tables_of(connection), schema_of(connection)
        half = [] if self.before is None else differing(tables, self.before.tables)
        known, found = self.after, "done"
        if self.before is not None and not half:
            known, found = self.before, "undone"
        elif wrong := differing(loose(tables), loose(self.after.tables)):
            return f"neither before ({half} differ) nor after ({wrong} differ)"
        if schema != known.schema:
            self._fault("the schema is another")
        # What is not kept on disk is made of the tables, which are those of the known state.
        finding = cache_check(engine, connection, known.ledger).run()
        if finding.outcome != "ok":
            self._fault(finding.sentence)
        return found

    def _known(self) -> Known:
        """Return the state there is now, every reference and the schema of it checked."""
        engine = open_database(self.home.url)
        try:
            with reading(engine) as connection:
                schema = schema_of(connection)
                if schema not in _sound:
                    if fault := schema_fault(connection):
                        self._fault(fault)
                    _sound.add(schema)
                if fault := storage_fault(connection):
                    self._fault(fault)
                if lost := orphans(connection):
                    self._fault(f"rows refer to nothing: {lost}")
                held = Known(schema, tables_of(connection), build_ledger(connection))
            kept = None if self.quick else load_ledger(engine)
            if kept is not None and ledger_digest(kept) != ledger_digest(held.ledger):
                self._fault("the ledger kept on disk differs")
            return held
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
        refused = False
        engine = open_database(self.home.url) if self.work.opens else None
        try:
            self.work.do(engine or self.home.url, self.payload)
        except CrmError:
            refused = True
        engine = engine or open_database(self.home.url)
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


def _stand_at(home: Home, stage: str, n_sales: int) -> None:
    """Bring the database to a stage, which is kept for the next work that begins there."""
    if not stage:
        home.empty()
        return
    if home.has(stage):
        home.restore(stage)
        return
    before, lead_on = STAGES[stage]
    _stand_at(home, before, n_sales)
    lead_on(home.url, n_sales)
    home.settle()
    home.freeze(stage)


__all__ = ["Tally", "Trials"]
