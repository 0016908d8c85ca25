"""Which backups to keep in a folder, and which have had their day."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crm_core.errors import FileError
from crm_core.records.backup_files import ASIDE, ENDING, moment_of_name, read_manifest

FORGOTTEN = timedelta(days=1)
"""After so long, a half-written backup belongs to a program that was killed."""


@dataclass(frozen=True)
class Keeping:
    """How many backups a folder keeps; each kind adds to the others.

    Attributes
    ----------
    last : int
        The newest so many.
    daily, weekly, monthly : int
        The newest of each of the last so many days, weeks (from Monday) and months, in
        UTC, that have a backup at all.
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0

    @property
    def is_named(self) -> bool:
        """Whether anything was asked for; without, every backup is kept."""
        return any((self.last, self.daily, self.weekly, self.monthly))


def kept(moments: Iterable[datetime], keeping: Keeping) -> set[datetime]:
    """Return the moments whose backups stay.

    Parameters
    ----------
    moments : iterable of datetime
        When the backups were made, in any order.
    keeping : Keeping
        All stay where it asks for nothing.

    Returns
    -------
    set of datetime
        Always holds the newest; empty only for no moments.

    Examples
    --------
    >>> from datetime import UTC
    >>> days = [
    ...     datetime(2026, 11, day, hour, tzinfo=UTC) for day in (20, 21, 22) for hour in (3, 9)
    ... ]
    >>> sorted(f"{moment:%d %H}" for moment in kept(days, Keeping(daily=2)))
    ['21 09', '22 09']
    """
    newest_first = sorted(set(moments), reverse=True)
    if not keeping.is_named:
        return set(newest_first)
    periods: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (keeping.last, lambda moment: moment),
        (keeping.daily, lambda moment: moment.date()),
        (keeping.weekly, lambda moment: moment.isocalendar()[:2]),
        (keeping.monthly, lambda moment: (moment.year, moment.month)),
    )
    found = set(newest_first[:1])
    for most, period in periods:
        newest: dict[object, datetime] = {}
        for moment in newest_first:
            newest.setdefault(period(moment), moment)
        found.update(list(newest.values())[:most])
    return found


def thin_out(folder: Path, keeping: Keeping, *, database_id: str, now: datetime) -> list[Path]:
    """Delete the backups of one database that a folder need not keep; return which.

    Parameters
    ----------
    folder : Path
        Other files in it are left alone: only whole backups of this database go, and
        what a killed backup left half-written more than a day ago.
    keeping : Keeping
        Nothing is deleted where it asks for nothing.
    database_id : str
        Whose backups.
    now : datetime
        The present moment. A backup of a later one, by a clock that was ahead, neither
        counts nor goes.
    """
    _clear_forgotten(folder, now)
    if not keeping.is_named:
        return []
    named = ((moment_of_name(path.name), path) for path in sorted(folder.glob(f"*{ENDING}")))
    own = [(moment, path) for moment, path in named if moment and _is_of(path, database_id)]
    # A clock that was ahead for a while must not let the backups of today push each other out.
    past = [(moment, path) for moment, path in own if moment <= now]
    stay = kept((moment for moment, _ in past), keeping)
    gone = [path for moment, path in past if moment not in stay]
    for path in gone:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(
                f"Wanted to delete the old backup {path}, found: {error.strerror}; the new one "
                "is whole. Allow deleting there, or delete it by hand."
            ) from error
    return gone


def _is_of(path: Path, database_id: str) -> bool:
    try:
        return not path.is_symlink() and read_manifest(path).database_id == database_id
    except FileError:
        return False


def _clear_forgotten(folder: Path, now: datetime) -> None:
    for path in folder.glob(f".regulars-*{ENDING}.*{ASIDE}*"):
        with contextlib.suppress(OSError):
            if now.timestamp() - path.stat().st_mtime > FORGOTTEN.total_seconds():
                path.unlink()
