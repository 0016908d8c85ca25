"""A backup as a file: the database and a manifest that says what it is, in one ZIP archive.

Written aside, checked, and renamed last: a file with a backup's name is a whole one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from crm_core.errors import FileError

FORMAT = 1
"""What this program writes and reads; a newer program may write a higher one."""

ENDING = ".backup"
ASIDE = ".part"
MANIFEST = "manifest.json"
CONTENT = {"sqlite": "database.sqlite", "postgresql": "database.pgdump"}
"""Name of the database within the archive, by kind of database."""

BLOCK = 1 << 20
DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(KeyError, TypeError, ValueError),
)
"""What reading a cut-off or altered archive, or a manifest that is none, may raise."""

_NAME = re.compile(r"regulars-(\d{4}-\d\d-\d\dT\d{6})Z(-\d+)?\.backup")


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself.

    Attributes
    ----------
    format : int
        Of the file; this program writes :data:`FORMAT`.
    program, schema : str
        Version of the program, and of its tables, that made it.
    kind : str
        ``sqlite`` or ``postgresql``: it can only go back into the same kind.
    made_at : str
        ISO 8601, in UTC.
    database_id, sales_id, data_id : str
        Which database, and which state of it (:mod:`crm_core.records.versions`).
    sales_version, data_version : int
        How many changes it had seen.
    room : str
        The schema on the PostgreSQL server the tables were in; empty for SQLite.
    rows : dict of str to int
        Rows by table.
    size : int
        Bytes of the database within, unpacked.
    sha256 : str
        Of those bytes, in hexadecimal.
    """

    format: int
    program: str
    schema: str
    kind: str
    made_at: str
    database_id: str
    sales_version: int
    sales_id: str
    data_version: int
    data_id: str
    room: str
    rows: dict[str, int]
    size: int
    sha256: str

    @property
    def moment(self) -> datetime:
        """When it was made, in UTC."""
        return datetime.fromisoformat(self.made_at)


def backup_name(at: datetime) -> str:
    """Return the name of a backup made at a moment.

    Examples
    --------
    >>> backup_name(datetime(2026, 11, 22, 9, 15, tzinfo=UTC))
    'regulars-2026-11-22T091500Z.backup'
    """
    return f"regulars-{at.astimezone(UTC):%Y-%m-%dT%H%M%S}Z{ENDING}"


def moment_of_name(name: str) -> datetime | None:
    """Return when a backup was made by its name, None where it is no name of a backup.

    Examples
    --------
    >>> moment_of_name("regulars-2026-11-22T091500Z.backup").isoformat()
    '2026-11-22T09:15:00+00:00'
    >>> moment_of_name("regulars.sqlite") is None
    True
    """
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y-%m-%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


@contextmanager
def written_aside(file: Path) -> Iterator[Path]:
    """Give a path to write to; at the end it becomes ``file``, after a failure it is gone.

    Raises
    ------
    FileError
        If the folder cannot be made or written to, the disk is full, or ``file`` is there.
    """
    aside = file.with_name(f".{file.name}.{secrets.token_hex(4)}{ASIDE}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():
            raise FileError(
                f"Wanted to write {file}, found a file there already; name another, or a folder."
            )
        aside.touch(mode=0o600, exist_ok=False)
        yield aside
        _settle(aside)
        aside.replace(file)
        _settle(file.parent)
    except OSError as error:
        raise FileError(
            f"Wanted to write the backup {file}, found: {error.strerror or error}; free some "
            "space, allow writing there, or name another place."
        ) from error
    finally:
        for left in aside.parent.glob(f"{aside.name}*") if aside.parent.is_dir() else ():
            with contextlib.suppress(OSError):
                left.unlink()


def write_archive(
    file: Path, content: Iterable[bytes], *, kind: str, about: Mapping[str, Any]
) -> Manifest:
    """Write an archive of a database and its manifest.

    Parameters
    ----------
    file : Path
        Written over.
    content : iterable of bytes
        The database, block by block; never held whole.
    kind : str
        Key of :data:`CONTENT`.
    about : mapping
        The other attributes of :class:`Manifest`, without ``size`` and ``sha256``.
    """
    # A dump of pg_dump is packed already.
    packing = zipfile.ZIP_DEFLATED if kind == "sqlite" else zipfile.ZIP_STORED
    size, seal = 0, hashlib.sha256()
    with zipfile.ZipFile(file, "w", packing, compresslevel=6) as archive:
        with archive.open(CONTENT[kind], "w", force_zip64=True) as stream:
            for block in content:
                stream.write(block)
                seal.update(block)
                size += len(block)
        manifest = Manifest(kind=kind, size=size, sha256=seal.hexdigest(), **about)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says about itself; the database within is not looked at.

    Raises
    ------
    FileError
        If the file is not there, no backup, cut off, or of a newer format.
    """
    with _reading(file) as archive:
        held = json.loads(archive.read(MANIFEST))
        if held["format"] > FORMAT:
            raise FileError(
                f"Wanted a backup of format {FORMAT}, found {held['format']} in {file}: a newer "
                "Regulars made it; update the program and restore with that."
            )
        manifest = Manifest(**{field.name: held[field.name] for field in fields(Manifest)})
        if CONTENT[manifest.kind] not in archive.namelist():
            raise KeyError(manifest.kind)
    return manifest


def verify(file: Path) -> Manifest:
    """Read a backup to its end and return its manifest if every byte is as it was written.

    Raises
    ------
    FileError
        As :func:`read_manifest`, and if the database within was damaged.
    """
    return copy_content(file, lambda _: None)


def copy_content(file: Path, take: Callable[[bytes], object]) -> Manifest:
    """Hand over the database in a backup block by block, and compare its checksum at the end.

    Parameters
    ----------
    file : Path
        The backup.
    take : callable
        Gets each block. What it was given counts only once this function has returned.

    Raises
    ------
    FileError
        As :func:`verify`.
    """
    manifest = read_manifest(file)
    seal = hashlib.sha256()
    with _reading(file) as archive, archive.open(CONTENT[manifest.kind]) as stream:
        while block := stream.read(BLOCK):
            seal.update(block)
            take(block)
    if seal.hexdigest() != manifest.sha256:
        raise FileError(
            f"Wanted the backup {file} as it was written, found that its content has changed "
            "(the checksum differs); use another backup."
        )
    return manifest


@contextmanager
def _reading(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except FileError:
        raise
    except FileNotFoundError as error:
        raise FileError(f"Wanted the backup {file}, found no such file; check its name.") from error
    except OSError as error:
        raise FileError(
            f"Wanted to read the backup {file}, found: {error.strerror or error}."
        ) from error
    except DAMAGE as error:
        raise FileError(
            f"Wanted a whole backup in {file}, found something else or a damaged one; "
            "use another backup."
        ) from error


def _settle(path: Path) -> None:
    """Have the system write a file, or the names in a folder, to the disk itself."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def blocks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what a stream holds, block by block."""
    while block := stream.read(BLOCK):
        yield block
