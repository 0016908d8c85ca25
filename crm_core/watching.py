"""A folder whose files import themselves: looked at again and again, or once.

A file is taken once it has stopped growing, and then lies in ``done`` or ``failed``
with a text beside it that says why; nothing is deleted or overwritten. Killed at
any moment, the next look finishes what was begun: a file whose content is in the
database already only still has to be put away.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from crm_core.access import WATCHED_FOLDER, acting_as
from crm_core.arrivals import note_failure, prepare_unattended, receive, refuse_known
from crm_core.errors import CrmError, DatabaseError, FileError, RefusedError
from crm_core.import_text import import_json, import_text
from crm_core.importing import Choices, fingerprint
from crm_core.records.arrivals import find_content, mark_moved, reads_approval
from crm_core.records.engine import reading, recording
from crm_core.watched_folder import DONE, FAILED, Looks, Seen, put_away, seen_now, steady_files

FAULT = "Wanted to import this file, found a fault of the program ({kind}); please report it."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How the files of a folder are taken.

    Attributes
    ----------
    choices : Choices
        Source, currency and how to read; what is left out is detected.
    approve : bool
        Files wait for approval, whatever the setting says.
    """

    choices: Choices = field(default_factory=Choices)
    approve: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    name : str
        As it lay in the folder.
    state : {"taken", "waiting", "refused", "failed", "left"}
        ``left``: not touched this time.
    message : str
        Why, in words.
    """

    name: str
    state: str
    message: str

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look at it."""
        return self.state in ("taken", "waiting")


def take_files(
    engine: Engine,
    folder: Path,
    looks: tuple[Looks, Looks],
    options: Options,
    *,
    clock: Callable[[], datetime],
) -> list[Outcome]:
    """Take the files that have stopped growing, and put each away.

    Parameters
    ----------
    engine : Engine
        The database.
    folder : Path
        From :func:`open_folder`, its lock held.
    looks : tuple of two mappings
        What :func:`look` gave before and now.
    options : Options
        How.
    clock : callable
        Returns the moment, with its time zone.

    Returns
    -------
    list of Outcome
        In the order they were taken.

    Raises
    ------
    DatabaseError
        If the database cannot be used; files not taken stay where they are.
    """
    before, after = looks
    with acting_as(WATCHED_FOLDER):
        return [
            take_file(engine, folder, name, after[name], options, now=clock())
            for name in steady_files(before, after, clock())
        ]


def take_file(
    engine: Engine, folder: Path, name: str, seen: Seen, options: Options, *, now: datetime
) -> Outcome:
    """Take one file: import it, or say why not, and put it away."""
    path, content = folder / name, None
    try:
        _check_plain(seen)
        content = fingerprint(path)
        finished = _finish(engine, folder, name, content, now=now)
        return finished or _import(engine, path, seen, options, content=content, now=now)
    except DatabaseError:
        raise
    except (_StillGrowsError, OSError) as error:
        return Outcome(name, "left", f"It cannot be read yet ({error}); tried again next time.")
    except CrmError as error:
        state = "refused" if isinstance(error, RefusedError) else "failed"
        return _fail(engine, path, str(error), now=now, state=state, content=content)
    except Exception as error:  # noqa: BLE001  (one bad file must not end the watch)
        _log.error("%s while importing a file of the watched folder", type(error).__name__)
        reason = FAULT.format(kind=type(error).__name__)
        return _fail(engine, path, reason, now=now, state="failed", content=content)


def _check_plain(seen: Seen) -> None:
    if not stat.S_ISREG(seen.mode):
        raise FileError("Wanted a file, found a link or something else; copy the file itself here.")


class _StillGrowsError(Exception):
    """The file changed while it was read."""


def _import(
    engine: Engine, path: Path, seen: Seen, options: Options, *, content: str, now: datetime
) -> Outcome:
    with reading(engine) as connection:
        waits = options.approve or reads_approval(connection)
        refuse_known(connection, content)
    prepared = prepare_unattended(
        engine, path, name=path.name, choices=options.choices, today=now.date()
    )
    # Whoever swaps the file for a link, or writes on, changes how it looks.
    if seen_now(path) != seen:
        raise _StillGrowsError("it still grows")
    received = receive(engine, prepared, now=now, waits=waits)
    report = import_json(prepared, received.report, twice=received.twice, waits=waits)
    said = import_text(report)
    if waits:
        said += "\n  waits for approval on the page Import: nothing of it counts before"
    if put_away(path, DONE, said, now=now):
        _note_moved(engine, received.arrival_id)
    return Outcome(path.name, "waiting" if waits else "taken", said)


def _finish(
    engine: Engine, folder: Path, name: str, content: str, *, now: datetime
) -> Outcome | None:
    """Put away a file that was imported when the program was killed; None for any other."""
    with reading(engine) as connection:
        found = find_content(connection, content)
    if found is None or found.state not in ("taken", "waiting") or found.detail.get("moved"):
        return None
    if not (found.live or found.state == "waiting"):
        return None
    said = f"{name}: imported before as import {found.batch_id}, and put away now."
    outcome = Outcome(name, found.state, said)
    if put_away(folder / name, DONE, said, now=now):
        _note_moved(engine, found.id)
    return outcome


def _note_moved(engine: Engine, arrival_id: int) -> None:
    with recording(engine) as connection:
        mark_moved(connection, arrival_id)


def _fail(
    engine: Engine, path: Path, reason: str, *, now: datetime, state: str, content: str | None
) -> Outcome:
    note_failure(engine, path.name, reason, now=now, state=state, fingerprint=content)
    put_away(path, FAILED, reason, now=now)
    return Outcome(path.name, state, reason)


def say_outcomes(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield what became of the files, one line or block each."""
    words = {"refused": "refused", "failed": "failed", "left": "left where it is"}
    for one in outcomes:
        name = " ".join(one.name.split())
        yield one.message if one.is_well else f"{name}: {words[one.state]}. {one.message}"
