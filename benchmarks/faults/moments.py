"""When to kill: moments drawn from how the work went undisturbed, found again by its own steps.

A busy machine makes the same work take half or thrice as long. A moment is therefore not so
many seconds after the start, but so long after a step (a statement begun or ended) that the
child reports; where the child takes that step later, the moment comes later too.
"""

from __future__ import annotations

import random
import time
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from benchmarks.faults.child import COMMITTED, DONE, STARTED, TICKS, WROTE

BEFORE, WITHIN = 0.08, 0.80
"""Shares of the moments before the first change, and from there to the commit."""

POLL_SECONDS = 0.0005

LIVES_EVERY = 50
"""After so many looks at the notes, one at the process, which costs more."""


@dataclass(frozen=True)
class Course:
    """How a work went undisturbed, in seconds after its start.

    Attributes
    ----------
    wrote, committed, done : float
        First change, last commit, end.
    steps : tuple of float
        Of every step; the start is the first.
    """

    wrote: float
    committed: float
    done: float
    steps: tuple[float, ...]


@dataclass(frozen=True)
class Moment:
    """So many seconds after the step of this number."""

    step: int
    delay: float


def course_of(notes: Any, ticks: Any) -> Course:
    """Return how a work went that nobody killed."""
    began = notes[STARTED]
    steps = tuple(ticks[number] - began for number in range(int(notes[TICKS])))
    return Course(notes[WROTE] - began, notes[COMMITTED] - began, notes[DONE] - began, steps)


def draw(course: Course, chance: random.Random) -> Moment:
    """Return a moment: mostly between first change and commit, and evenly there.

    Parameters
    ----------
    course : Course
        Of the work undisturbed.
    chance : random.Random
        Draws twice for each moment.

    Examples
    --------
    >>> course = Course(1.0, 9.0, 10.0, (0.0, 1.0, 4.0, 9.5))
    >>> [draw(course, random.Random(seed)).step for seed in range(6)]
    [3, 3, 4, 3, 2, 3]
    """
    part, share = chance.random(), chance.random()
    if part < BEFORE:
        first, last = 0.0, course.wrote
    elif part < BEFORE + WITHIN:
        first, last = course.wrote, course.committed
    else:
        first, last = course.committed, course.done
    at = first + share * (last - first)
    step = bisect_right(course.steps, at)
    return Moment(step, at - course.steps[step - 1])


def wait_for(moment: Moment, notes: Any, ticks: Any, *, alive: Any, until: float) -> None:
    """Return when the child has come to the moment or past it, or is no more.

    Parameters
    ----------
    moment : Moment
        From :func:`draw`.
    notes, ticks : shared arrays
        What the child writes.
    alive : callable
        Whether the child lives.
    until : float
        Give up at this moment of the monotonic clock.
    """
    looks = 0
    while (now := time.monotonic()) < until:
        steps = int(notes[TICKS])
        if steps > moment.step or notes[DONE]:
            return
        if steps == moment.step and now - ticks[steps - 1] >= moment.delay:
            return
        looks += 1
        if looks % LIVES_EVERY == 0 and not alive():
            return
        time.sleep(POLL_SECONDS)
