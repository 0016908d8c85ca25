"""Bytes of a file, refused by size before they can do harm."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from crm_core.errors import FileError
from crm_core.intake.archives import BLOCK, MEGABYTE, check_archive

SUFFIXES = ".csv, .tsv, .txt, .xlsx, .xls, .ods, .parquet, or one of these with .gz"
BINARY_STARTS = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)
OLE_START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_START = b"PK\x03\x04"


@dataclass(frozen=True)
class Limits:
    """What a file may hold before it is refused.

    Parameters
    ----------
    line_bytes : int
        Longest line; nothing behind it is read.
    file_bytes : int
        Size of the data once uncompressed.
    columns : int
        Columns of a table; the widest known export has under 200.
    ratio : int
        Uncompressed over compressed size, looked at beyond 100 MB.
    """

    line_bytes: int = 8 * MEGABYTE
    file_bytes: int = 4_000 * MEGABYTE
    columns: int = 2_000
    ratio: int = 200


LIMITS = Limits()


@dataclass(frozen=True)
class Source:
    """The uncompressed bytes of a file, its name without ``.gz``, and its kind."""

    data: bytes
    name: str
    kind: str
    compressed: bool = False


def load_source(source: Path | str | bytes, name: str | None, limits: Limits = LIMITS) -> Source:
    """Read a file's bytes and tell its kind by its first bytes.

    Parameters
    ----------
    source : Path, str or bytes
        A path, or the content itself.
    name : str or None
        The file's name as the person knows it; from the path when None.
    limits : Limits
        Sizes refused.

    Returns
    -------
    Source
        ``kind`` is ``delimited``, ``workbook`` or ``parquet``.

    Raises
    ------
    FileError
        If the file is missing, empty, too large, or of no known kind.
    """
    if isinstance(source, bytes):
        name = name or "the file"
        return _from_stream(io.BytesIO(source), name, len(source), limits)
    path = Path(source)
    name = name or path.name
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing there"
        raise FileError(f"Wanted a sales file at {path}, found {found}; check the path.")
    try:
        with path.open("rb") as stream:
            return _from_stream(stream, name, path.stat().st_size, limits)
    except OSError as error:
        raise FileError(
            f"Wanted to read {name}, but the system refused ({error.strerror or error}); "
            "close it in other programs and try again."
        ) from error


def _from_stream(stream: IO[bytes], name: str, size: int, limits: Limits) -> Source:
    if size == 0:
        raise FileError(f"Wanted a table of sales, found 0 bytes in {name}; export the file again.")
    compressed = stream.read(2) == b"\x1f\x8b"
    stream.seek(0)
    if compressed:
        name = name[:-3] if name.lower().endswith(".gz") else name
        unpacked = gzip.GzipFile(fileobj=stream)
        return _read_kind(unpacked, name, size, limits, compressed=True)
    return _read_kind(stream, name, size, limits, compressed=False)


def _read_kind(
    stream: IO[bytes] | gzip.GzipFile, name: str, size: int, limits: Limits, *, compressed: bool
) -> Source:
    packed = size if compressed else None
    try:
        start = stream.read(4096)
        kind = sniff_kind(start, name)
        blocks = _blocks(start, stream)
        if kind == "delimited":
            blocks = _checked_lines(blocks, name, limits)
        data = b"".join(_checked_size(blocks, name, packed, limits))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(
            f"Wanted a whole gzip file, found a damaged one in {name}; download it again."
        ) from error
    if not data:
        raise FileError(f"Wanted a table of sales, found nothing inside {name}; export it again.")
    if data.startswith(ZIP_START):
        check_archive(data, name, file_bytes=limits.file_bytes, ratio=limits.ratio)
    return Source(data, name, kind, compressed)


def sniff_kind(start: bytes, name: str) -> str:
    """Tell the kind of file by its first bytes; its name counts for nothing but the message.

    Examples
    --------
    >>> sniff_kind(b"client,amount", "sales.csv"), sniff_kind(b"PAR1....", "sales.csv")
    ('delimited', 'parquet')
    """
    if start.startswith((ZIP_START, OLE_START)):
        return "workbook"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK"):
        raise FileError(f"Wanted a sales file, found an empty ZIP archive in {name}.")
    for magic, what in BINARY_STARTS:
        if start.startswith(magic) and (magic != b"MZ" or b"\0" in start):
            raise FileError(
                f"Wanted a table of sales, found {what} in {name}; export the sales as {SUFFIXES}."
            )
    head = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        raise FileError(
            f"Wanted a table of sales, found a web page or XML in {name}; "
            "open it in a spreadsheet program and save it as .xlsx."
        )
    if head.startswith((b"{\\rtf", b'{"', b'[{"', b"[\n")):
        raise FileError(f"Wanted a table of sales, found {name} to be JSON or RTF; use {SUFFIXES}.")
    return "delimited"


def _blocks(start: bytes, stream: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    yield start
    while block := stream.read(BLOCK):
        yield block


def _checked_size(
    blocks: Iterator[bytes], name: str, packed: int | None, limits: Limits
) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += len(block)
        bomb = packed is not None and total > max(100 * MEGABYTE, limits.ratio * packed)
        if total > limits.file_bytes or bomb:
            raise FileError(
                f"Wanted at most {limits.file_bytes // MEGABYTE:,} MB, found {name} to hold more "
                f"(stopped at {total // MEGABYTE:,} MB); split the file by year."
            )
        yield block


def _checked_lines(blocks: Iterator[bytes], name: str, limits: Limits) -> Iterator[bytes]:
    open_bytes = 0
    for block in blocks:
        first = min((i for i in (block.find(b"\n"), block.find(b"\r")) if i >= 0), default=-1)
        open_bytes += len(block) if first < 0 else first
        if open_bytes > limits.line_bytes:
            raise FileError(
                f"Wanted lines of at most {limits.line_bytes // MEGABYTE or 1:,} MB, found a "
                f"longer one in {name}; this is not a table of sales, or its line breaks are gone: "
                "export it again."
            )
        if first >= 0:
            open_bytes = len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))
        yield block
