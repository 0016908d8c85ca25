"""Text with delimiters → table, through Arrow's reader."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.errors import FileError
from crm_core.intake.encoding import to_utf8
from crm_core.intake.layout import cell_kind, common_width, find_header
from crm_core.intake.sources import Limits, Source
from crm_core.intake.splitting import SplitRows, split_rows
from crm_core.intake.table import Evidence, Reading, Table, unique_names

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
WHITESPACE = " "
_WORDS = {"\\t": "\t"} | {word: mark for mark, word in DELIMITERS.items()}
HEAD_BYTES = 256 * 1024
HEAD_RECORDS = 500
_BLANKS = re.compile(rb"[ \t]+")
_HINT = re.compile(r"^\"?sep=(.)\"?\r?$", re.IGNORECASE)


@dataclass(frozen=True)
class _Head:
    """The first records, and where each ends in the file's bytes."""

    records: list[list[str]]
    ends: list[int]


def read_delimited(
    source: Source,
    *,
    limits: Limits,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
) -> Table:
    """Read CSV, TSV, semicolons, pipes or aligned columns.

    Parameters
    ----------
    source : Source
        The file's bytes.
    limits : Limits
        Sizes refused.
    delimiter : str or None
        One of ``, ; | tab``, a space for columns parted by blanks, or any
        other single character; detected when None.
    encoding : str or None
        Detected over the whole file when None.
    header_row : int or None
        Record number of the header (1-based), 0 for none; detected when None.

    Returns
    -------
    Table
        Rows too short are filled with empty cells; rows too long are held back.

    Raises
    ------
    FileError
        If there is no table in the file.
    """
    delimiter = _check_delimiter(delimiter)
    data, found_encoding, evidence = to_utf8(source.data, source.name, encoding)
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    data, delimiter, delimiter_evidence = _settle_delimiter(data, delimiter)
    head = _read_head(data, delimiter)
    if not any(any(cell.strip() for cell in record) for record in head.records):
        raise FileError(
            f"Wanted a table of sales, found only blank lines in {source.name}; export it again."
        )
    place, header_evidence = _settle_header(head.records, header_row)
    names = _names(head.records, place, source.name, limits)
    start = head.ends[place] if place >= 0 else 0
    rows = _read_rows(data[start:] if start else data, len(names), delimiter, place + 1)
    if not len(rows.lines) and not rows.held_back:
        raise FileError(
            f"Wanted rows of sales below the header, found only the header in {source.name} "
            f"({', '.join(names[:6])}); export it again with its rows."
        )
    kept = _named_or_filled(head.records[place] if place >= 0 else names, rows.columns)
    return Table(
        names=tuple(names[i] for i in kept),
        columns=tuple(rows.columns[i] for i in kept),
        lines=rows.lines,
        reading=Reading(
            name=source.name,
            kind="delimited",
            encoding=found_encoding,
            delimiter=delimiter,
            header_row=place + 1,
            compressed=source.compressed,
        ),
        held_back=rows.held_back,
        evidence=(*evidence, *delimiter_evidence, *header_evidence),
    )


def _check_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    mark = _WORDS.get(delimiter.strip(" ").lower(), delimiter)
    if len(mark) != 1 or mark in '"\r\n' or not mark.isascii():
        raise FileError(
            f"Wanted one character that parts the cells, found {delimiter!r}; use a comma, a "
            "semicolon, a bar, a blank or the word tab."
        )
    return mark


def _settle_delimiter(
    data: bytes, delimiter: str | None
) -> tuple[bytes, str, tuple[Evidence, ...]]:
    head = _head_text(data)
    evidence: tuple[Evidence, ...] = ()
    hint = _HINT.match(head.split("\n", 1)[0])
    if delimiter is None and hint:
        delimiter = hint.group(1)
        evidence = (Evidence("delimiter", "The file's first line names it.", chosen=delimiter),)
    elif delimiter is None:
        delimiter, found = _sniff_delimiter(head)
        evidence = (found,)
    if delimiter == WHITESPACE:
        lines = (_BLANKS.sub(b"\t", line.strip(b" \t\r")) for line in data.split(b"\n"))
        data = b"\n".join(lines)
    return data, delimiter, evidence


def _head_text(data: bytes) -> str:
    head = data[:HEAD_BYTES]
    if len(data) > HEAD_BYTES:
        cut = head.rfind(b"\n")
        head = data[: data.find(b"\n", HEAD_BYTES) + 1 or len(data)] if cut < 0 else head[: cut + 1]
    return head.decode(errors="replace")


def _sniff_delimiter(head: str) -> tuple[str, Evidence]:
    """Choose the delimiter that splits most records into the same number of cells."""
    scores: dict[str, tuple[float, int, float]] = {}
    for mark in DELIMITERS:
        width, share = common_width([len(r) for r in _split(head, mark) if r])
        scores[mark] = (share * (1 + 0.1 * np.log2(width)), width, share)
    best = max(scores, key=lambda mark: scores[mark])
    _, width, share = scores[best]
    if share < 0.7 and _is_aligned(head):
        return WHITESPACE, Evidence(
            "delimiter", "The columns are parted by blanks.", chosen=WHITESPACE
        )
    if width == 1:
        return ",", Evidence("delimiter", "Every record has one cell.", chosen=",")
    rivals = [m for m in DELIMITERS if m != best and scores[m][0] > 0.9 * scores[best][0]]
    sentence = f"A {DELIMITERS[best]} splits {share:.0%} of the first records into {width} cells."
    return best, Evidence(
        "delimiter",
        sentence,
        doubtful=bool(rivals) or share < 0.5,
        chosen=best,
        alternatives=tuple(rivals),
    )


def _is_aligned(head: str) -> bool:
    """Whether blanks part the lines evenly, with at least one column of numbers."""
    lines = [line.split() for line in head.split("\n")[:HEAD_RECORDS] if line.strip()]
    width, share = common_width([len(line) for line in lines])
    if width < 2 or share < 0.95:
        return False
    body = [line for line in lines[1:] or lines if len(line) == width]
    return any(
        sum(cell_kind(line[i]) != "text" for line in body) >= 0.9 * len(body) for i in range(width)
    )


def _split(text: str, delimiter: str) -> list[list[str]]:
    return _records(text, delimiter)[0]


def _records(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return the first records and the number of physical lines up to each one's end."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if delimiter == WHITESPACE else csv.QUOTE_MINIMAL,
    )
    records, ends = [], []
    try:
        for record in reader:
            records.append(record)
            ends.append(reader.line_num)
            if len(records) >= HEAD_RECORDS:
                break
    except csv.Error:
        pass
    return records, ends


def _read_head(data: bytes, delimiter: str) -> _Head:
    text = _head_text(data)
    mark = "\t" if delimiter == WHITESPACE else delimiter
    records, line_ends = _records(text, mark)
    sizes = [len(line.encode()) for line in io.StringIO(text, newline="")]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return _Head(records, [int(offsets[end]) for end in line_ends])


def _settle_header(
    records: list[list[str]], header_row: int | None
) -> tuple[int, tuple[Evidence, ...]]:
    if header_row is not None:
        if not 0 <= header_row <= len(records):
            raise FileError(
                f"Wanted the header in record {header_row}, found {len(records)} records; "
                "choose one of these, or 0 for none."
            )
        return header_row - 1, ()
    header = find_header(records)
    return header.place, (header.evidence,)


def _names(records: list[list[str]], place: int, name: str, limits: Limits) -> tuple[str, ...]:
    header = records[place] if place >= 0 else []
    width, share = common_width([len(record) for record in records[place + 1 :] if record])
    wide = max(len(header), width if share >= 0.5 else 0, 1)
    if wide > limits.columns:
        raise FileError(
            f"Wanted a table of at most {limits.columns:,} columns, found {wide:,} in {name}; "
            "delete the columns that are not needed, or swap rows and columns."
        )
    return unique_names([*header, *[""] * (wide - len(header))])


def _named_or_filled(header: Sequence[str], columns: Sequence[pa.ChunkedArray]) -> list[int]:
    """Return the places of columns with a name or a cell; trailing delimiters make neither."""
    return [
        place
        for place, column in enumerate(columns)
        if (place < len(header) and header[place].strip())
        or pc.any(pc.greater(pc.binary_length(column), 0)).as_py()
    ]


def _read_rows(data: bytes, width: int, delimiter: str, before: int) -> SplitRows:
    mark = "\t" if delimiter == WHITESPACE else delimiter
    quoted = delimiter != WHITESPACE and b'"' in data
    return split_rows(data, width, mark, quoted=quoted, before=before)
