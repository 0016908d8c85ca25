"""One kind of work, killed again and again at random moments."""

from __future__ import annotations

import multiprocessing
import random
import time
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Engine

from benchmarks.faults.child import COMMITS, DONE, STARTED, WROTE, do_work
from benchmarks.faults.homes import Home
from benchmarks.faults.material import TODAY
from benchmarks.faults.states import State, differing, shape_of, state_of
from benchmarks.faults.works import Work
from crm_core.errors import CrmError
from crm_core.records.engine import open_database, reading
from crm_core.records.health import orphans, schema_fault, storage_fault
from crm_core.self_check import Group, check_answers, run_checks
from crm_core.self_check.cache import cache_check
from crm_core.snapshot import build_ledger

LONGEST = 120.0
"""Seconds after which a work counts as hanging."""


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
    seconds : float
        How long the work takes when nobody kills it.
    moments : int
        How often it was killed, or had just finished when it should have been.
    before, within, after : int
        Killed before its first change, between that and its commit, after its commit.
    undone, done : int
        Found as if it had never begun, found wholly done.
    checked : int
        How often the whole self-check ran, besides the checks of every moment.
    faults : list of str
        Everything that was not as it should be.
    """

    work: str
    home: str
    seconds: float = 0.0
    moments: int = 0
    before: int = 0
    within: int = 0
    after: int = 0
    undone: int = 0
    done: int = 0
    checked: int = 0
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return asdict(self)


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
        self.tally = Tally(work.name, home.name)
        self.chance = random.Random(f"{seed} {work.name} {home.name}")
        self.spawn = multiprocessing.get_context("forkserver")
        self.spawn.set_forkserver_preload(["benchmarks.faults.child"])
        self.payload = work.prepare(home.url, n_sales)
        self.answers = _answers()
        home.settle()
        home.freeze()
        self._rehearse()

    def _rehearse(self) -> None:
        """Do the work undisturbed: note its states, its commits and its seconds."""
        self.states: dict[str, State] = {"exactly before": self._look_first()}
        self.home.restore()
        # The second time is the one to measure: the first one also warms the disk.
        for number in range(1 if self.quick else 2):
            notes = self._run(None)
            if not notes[DONE]:
                raise SystemExit(f"{self.work.name} on {self.home.name} fails undisturbed")
            self.tally.seconds = notes[DONE] - notes[STARTED]
            self.commits = int(notes[COMMITS])
            self.states["shape after"] = shape_of(self.home.url)
            self.states["after"] = self._look(exact=False, whole=number == 0)
            self.home.restore()

    def kill(self, moments: int) -> Tally:
        """Kill the work at so many moments; run the whole self-check after the first two."""
        whole = 0 if self.quick else 2
        for number in range(moments):
            self.home.restore()
            notes = self._run(self.chance.uniform(0, self.tally.seconds * 1.02))
            self._count(notes)
            self._judge(notes, whole=number < whole)
        return self.tally

    def _run(self, moment: float | None) -> list[float]:
        """Run the child and return its notes; kill it ``moment`` seconds after it began."""
        notes = self.spawn.RawArray("d", 5)
        child = self.spawn.Process(
            target=do_work,
            args=(self.work, self.home.url, self.payload, notes, self.ledgers),
        )
        child.start()
        end = time.monotonic() + LONGEST
        while not notes[STARTED] and child.is_alive() and time.monotonic() < end:
            time.sleep(0.0005)
        wait = LONGEST if moment is None else notes[STARTED] + moment - time.monotonic()
        child.join(max(wait, 0.0))
        child.kill()
        child.join()
        child.close()
        self.home.settle()
        return list(notes)

    def _count(self, notes: list[float]) -> None:
        self.tally.moments += 1
        if notes[COMMITS] >= self.commits or notes[DONE]:
            self.tally.after += 1
        elif notes[WROTE]:
            self.tally.within += 1
        else:
            self.tally.before += 1

    def _judge(self, notes: list[float], *, whole: bool) -> None:
        """Hold what was left behind against before and after, and do the work again."""
        found = self._try("opening", lambda: self._left_behind(whole=whole))
        if found == "done":
            self.tally.done += 1
        elif found == "undone":
            self.tally.undone += 1
            if notes[COMMITS] >= self.commits:
                self._fault("committed work is not there")
        elif found is not None:
            self._fault(found)
        again = self._try("doing it again", self._repeat)
        # What was done already and is not refused (another receipt of an erasure) may add a line.
        if again is not None and (found != "done" or again[1]):
            wrong = differing(again[0], self.states["after"])
            if wrong:
                self._fault(f"done again, it differs in {wrong}")

    def _left_behind(self, *, whole: bool) -> str:
        """Say whether the work is done or undone, or what is in between."""
        first = self._look_first(whole=whole)
        half = differing(first, self.states["exactly before"])
        if not half:
            return "undone"
        after = "after" if self.work.opens else "shape after"
        last = self._look(exact=False) if self.work.opens else first
        wrong = differing(last, self.states[after])
        return f"neither before ({half} differ) nor after ({wrong} differ)" if wrong else "done"

    def _look_first(self, *, whole: bool = False) -> State:
        """Look without changing anything: where opening is the work, at the tables alone."""
        if self.work.opens:
            return self._look(exact=True, whole=whole)
        return shape_of(self.home.url)

    def _look(self, *, exact: bool, whole: bool = False) -> State:
        engine = open_database(self.home.url)
        try:
            state = state_of(engine, exact=exact)
            self._check(engine, whole=whole)
        finally:
            engine.dispose()
        return state

    def _check(self, engine: Engine, *, whole: bool) -> None:
        with reading(engine) as connection:
            for fault in (schema_fault(connection), storage_fault(connection)):
                if fault:
                    self._fault(fault)
            if lost := orphans(connection):
                self._fault(f"rows refer to nothing: {lost}")
            finding = cache_check(engine, connection, build_ledger(connection)).run()
            if finding.outcome != "ok":
                self._fault(finding.sentence)
        if whole:
            self.tally.checked += 1
            report = run_checks(engine, TODAY, answers=self.answers)
            if not report.is_well:
                self._fault(report.sentence())

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
        return self._look(exact=False), refused

    def _try(self, what: str, work: Any) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001  (whatever fails is what the trial is after)
            self._fault(f"{what}: {type(error).__name__}: {error}")
            return None

    def _fault(self, words: str) -> None:
        self.tally.faults.append(f"moment {self.tally.moments}: {words}")


__all__ = ["Tally", "Trials"]
