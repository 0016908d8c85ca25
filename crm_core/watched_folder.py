"""What lies in a watched folder: no link is followed, nothing overwritten."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from crm_core.errors import FileError, RefusedError

DONE, FAILED = "done", "failed"
LOCK = ".regulars-watch.lock"
UNFINISHED = (
    ".part",
    ".partial",
    ".crdownload",
    ".download",
    ".filepart",
    ".tmp",
    ".temp",
    ".lock",
)
"""Endings of files that something still writes."""

IGNORED = frozenset({"desktop.ini", "thumbs.db"})
EMPTY_FOR = 3_600
"""Seconds an empty file is given to be filled."""

LONGEST_NAME = 150
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Seen:
    """How a file looked: another look that differs means that it still grows."""

    size: int
    changed: int
    inode: int
    mode: int


Looks = Mapping[str, Seen]
"""Files by name."""


def open_folder(folder: Path) -> Path:
    """Return a folder that can be watched, with its folders for what is done and what failed.

    Raises
    ------
    FileError
        If it is none, cannot be written, or one of the two is a link.
    """
    try:
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise FileError(f"Wanted a folder to watch, found {folder}, which is none; name one.")
        for name in (DONE, FAILED):
            inner = folder / name
            inner.mkdir(exist_ok=True)
            if not stat.S_ISDIR(inner.lstat().st_mode):
                raise FileError(
                    f"Wanted a folder {inner}, found a link or a file of that name; remove it."
                )
    except OSError as error:
        raise FileError(
            f"Wanted to watch {folder}, found that it cannot be used ({error.strerror}); name "
            "another, or allow writing."
        ) from error
    return folder


@contextmanager
def watching_alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock; the system lets go of it whatever happens to the process.

    Raises
    ------
    RefusedError
        If another program watches the folder.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(folder / LOCK, flags, 0o600)
    except OSError as error:
        raise FileError(
            f"Wanted to lock {folder}, found that {LOCK} cannot be opened ({error.strerror})."
        ) from error
    try:
        if not _lock(handle):
            raise RefusedError(
                f"Wanted to watch {folder} alone, found another program watching it; stop that one."
            )
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415  (there is none elsewhere)

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl  # noqa: PLC0415  (there is none on Windows)

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def look(folder: Path) -> dict[str, Seen]:
    """Return the files that lie in a folder, unfinished and hidden ones left out."""
    found = {}
    for entry in os.scandir(folder):
        name = entry.name.lower()
        if name.startswith((".", "~$")) or name.endswith(UNFINISHED) or name in IGNORED:
            continue
        try:
            seen = entry.stat(follow_symlinks=False)
        except OSError:
            # Gone between two glances.
            continue
        if not stat.S_ISDIR(seen.st_mode):
            # A directory entry may know no inode of its own: only the file itself does.
            found[entry.name] = seen_now(folder / entry.name)
    return {name: seen for name, seen in found.items() if seen is not None}


def seen_now(path: Path) -> Seen | None:
    """Return how a file looks, None where it is gone; links are not followed."""
    try:
        now = path.lstat()
    except OSError:
        return None
    return Seen(now.st_size, now.st_mtime_ns, now.st_ino, now.st_mode)


def steady_files(before: Looks, after: Looks, now: datetime) -> list[str]:
    """Return the files that have stopped growing, oldest first.

    Parameters
    ----------
    before, after : mapping of str to Seen
        Two looks, some seconds apart.
    now : datetime
        The moment; an empty file is given an hour.
    """
    steady = [
        name
        for name, seen in after.items()
        if before.get(name) == seen
        and (not _is_empty(seen) or now.timestamp() - seen.changed / 1e9 > EMPTY_FOR)
    ]
    return sorted(steady, key=lambda name: (after[name].changed, name))


def _is_empty(seen: Seen) -> bool:
    return seen.size == 0 and stat.S_ISREG(seen.mode)


def put_away(path: Path, where: str, said: str, *, now: datetime) -> bool:
    """Move a file beside a text that says why; return whether it could be moved.

    The text comes first: a file without one was never put away.
    """
    place = path.parent / where
    for number in count(1):
        target = place / dated(path.name, now, number)
        note = place / f"{target.name}.txt"
        if os.path.lexists(target) or os.path.lexists(note):
            continue
        try:
            with note.open("x", encoding="utf-8") as stream:
                stream.write(f"{now:%Y-%m-%d %H:%M}\n{said}\n")
            path.rename(target)
        except FileExistsError:
            continue
        except OSError as error:
            _log.warning("a file of the watched folder cannot be moved: %s", error.strerror)
            note.unlink(missing_ok=True)
            return False
        return True
    raise AssertionError("numbers do not end")


def dated(name: str, now: datetime, number: int) -> str:
    """Return a file's name behind the day, cut where it is too long.

    Examples
    --------
    >>> dated("sales.csv", datetime(2026, 5, 3), 1), dated("sales.csv", datetime(2026, 5, 3), 2)
    ('2026-05-03 sales.csv', '2026-05-03 sales (2).csv')
    """
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, f"{dot}{ending}") if stem and len(ending) <= 10 else (name, "")
    while len(stem.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
        stem = stem[:-1]
    again = "" if number == 1 else f" ({number})"
    return f"{now:%Y-%m-%d} {stem}{again}{ending}"
