"""Lines of text → cells, with every line accounted for.

Arrow splits the well-formed lines. The ragged ones come back here one by one:
too short is filled up, too long is held back, and a quotation mark that is
opened and never closed costs only the line it stands on.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from crm_core.intake.sources import LIMITS
from crm_core.intake.table import HeldBackRow

csv.field_size_limit(LIMITS.line_bytes)  # Python's own limit is below what Arrow reads
BLOCK_BYTES = 16 * 1024 * 1024
OPEN_QUOTE = "a quotation mark is opened and never closed"
SWALLOWED = "a quoted value runs over lines that look like rows; a quotation mark is missing"


@dataclass(frozen=True)
class SplitRows:
    """Columns of cells, the record number of each row, and the rows held back."""

    columns: tuple[pa.ChunkedArray, ...]
    lines: npt.NDArray[np.int64]
    held_back: tuple[HeldBackRow, ...]


@dataclass(frozen=True)
class _Ragged:
    line: int
    text: str


def split_rows(data: bytes, width: int, mark: str, *, quoted: bool, before: int = 0) -> SplitRows:
    r"""Split UTF-8 lines into ``width`` cells each.

    Parameters
    ----------
    data : bytes
        The lines below the header.
    width : int
        Cells wanted per row.
    mark : str
        The delimiter.
    quoted : bool
        Whether double quotes enclose values (which may then hold line breaks).
    before : int, default 0
        Records above ``data`` in the file.

    Returns
    -------
    SplitRows
        Rows in file order; wholly empty ones are left out, but counted in ``lines``.

    Examples
    --------
    >>> rows = split_rows(b"Ann,3\nBob\n\nCy,4,5\n", 2, ",", quoted=False, before=1)
    >>> [column.to_pylist() for column in rows.columns], rows.lines.tolist()
    ([['Ann', 'Bob'], ['3', '']], [2, 3])
    >>> rows.held_back
    (HeldBackRow(line=5, text='Cy,4,5', reason='3 cells where the header has 2'),)
    """
    table, ragged = _arrow_rows(data, width, mark, quoted=quoted)
    lines = _numbers(table.num_rows, ragged)
    mended, held_back, shifts = _mend(ragged, width, mark, quoted=quoted)
    for line, extra in shifts:
        lines[lines > line] += extra
    columns = [table.column(i) for i in range(width)]
    if mended:
        columns, lines = _merge(columns, lines, mended)
    if quoted and data.count(b"\n") > len(lines) + len(held_back):
        columns, lines, swallowed = _hold_back_swallowed(columns, lines, mark)
        held_back += swallowed
    columns, lines = _without_blank_rows(columns, lines)
    numbered = sorted(
        (HeldBackRow(row.line + before, row.text, row.reason) for row in held_back),
        key=lambda row: row.line,
    )
    return SplitRows(tuple(columns), lines + before, tuple(numbered))


def _arrow_rows(
    data: bytes, width: int, mark: str, *, quoted: bool
) -> tuple[pa.Table, list[_Ragged]]:
    try:
        return _arrow_read(data, width, mark, quoted=quoted)
    except pa.ArrowInvalid:
        # A record beyond any block: a quote is open, so each line stands for itself.
        empty = pa.table({f"c{i}": pa.array([], pa.string()) for i in range(width)})
        lines = io.StringIO(data.decode(errors="replace"), newline=None)
        return empty, [_Ragged(i, line.rstrip("\n")) for i, line in enumerate(lines, start=1)]


def _arrow_read(
    data: bytes, width: int, mark: str, *, quoted: bool
) -> tuple[pa.Table, list[_Ragged]]:
    ragged: list[_Ragged] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        ragged.append(_Ragged(row.number, row.text))
        return "skip"

    names = [f"c{i}" for i in range(width)]
    if not data or data.isspace():
        return pa.table({name: pa.array([], pa.string()) for name in names}), []
    table = arrow_csv.read_csv(
        pa.py_buffer(data),
        read_options=arrow_csv.ReadOptions(
            column_names=names,
            use_threads=False,  # only a single thread knows the numbers of ragged rows
            block_size=BLOCK_BYTES,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=mark,
            quote_char='"' if quoted else False,
            newlines_in_values=quoted,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )
    return table, ragged


def _numbers(n_rows: int, ragged: list[_Ragged]) -> npt.NDArray[np.int64]:
    """Return the record numbers of the rows Arrow kept."""
    numbers = np.arange(1, n_rows + len(ragged) + 1, dtype=np.int64)
    return np.delete(numbers, np.array([row.line - 1 for row in ragged], dtype=np.int64))


_Mended = list[tuple[int, list[str]]]


def _mend(
    ragged: list[_Ragged], width: int, mark: str, *, quoted: bool
) -> tuple[_Mended, list[HeldBackRow], list[tuple[int, int]]]:
    """Return rows mended, rows held back, and where records turned out to be several."""
    mended: _Mended = []
    held_back: list[HeldBackRow] = []
    shifts: list[tuple[int, int]] = []
    grown = 0
    for row in ragged:
        records = list(_records(row.text, mark, quoted=quoted))
        for place, (text, cells) in enumerate(records):
            line = row.line + grown + place
            if cells is None:
                held_back.append(HeldBackRow(line, text, OPEN_QUOTE))
            elif len(cells) <= width or not any(cells[width:]):
                mended.append((line, (cells + [""] * width)[:width]))
            else:
                reason = f"{len(cells)} cells where the header has {width}"
                held_back.append(HeldBackRow(line, text, reason))
        if len(records) > 1:
            shifts.append((row.line + grown, len(records) - 1))
            grown += len(records) - 1
    return mended, held_back, shifts


def _records(text: str, mark: str, *, quoted: bool) -> Iterator[tuple[str, list[str] | None]]:
    """Split one ragged record; with an unclosed quote, each of its lines by itself."""
    if not quoted:
        yield from ((line, line.split(mark)) for line in text.splitlines() or [""])
        return
    if text.count('"') % 2 == 0 or "\n" not in text:
        yield text, _cells(text, mark)
        return
    for line in io.StringIO(text, newline=None):
        yield line.rstrip("\n"), _cells(line.rstrip("\n"), mark)


def _cells(text: str, mark: str) -> list[str] | None:
    """Return the cells of one record, None when a quote stays open."""
    if '"' not in text:
        return text.split(mark)
    try:
        rows = list(csv.reader(io.StringIO(text + "\n\x00", newline=""), delimiter=mark))
    except csv.Error:
        return None
    # An open quote swallows the sentinel line; a sound record leaves it alone.
    return rows[0] if len(rows) == 2 and rows[1] == ["\x00"] else None


def _merge(
    columns: list[pa.ChunkedArray], lines: npt.NDArray[np.int64], mended: _Mended
) -> tuple[list[pa.ChunkedArray], npt.NDArray[np.int64]]:
    lines = np.concatenate([lines, [line for line, _ in mended]])
    order = np.argsort(lines, kind="stable")
    merged = []
    for place, column in enumerate(columns):
        extra = pa.array([cells[place] for _, cells in mended], pa.string())
        merged.append(pa.chunked_array([*column.chunks, extra]).take(pa.array(order)))
    return merged, lines[order]


def _hold_back_swallowed(
    columns: list[pa.ChunkedArray], lines: npt.NDArray[np.int64], mark: str
) -> tuple[list[pa.ChunkedArray], npt.NDArray[np.int64], list[HeldBackRow]]:
    """Hold back rows whose value ran on over what must be other rows."""
    suspects: list[int] = []
    for place, column in enumerate(columns):
        broken = pc.match_substring(column, "\n")
        if not pc.any(broken).as_py():
            continue
        rows = np.flatnonzero(broken.to_numpy())
        cells = column.take(pa.array(rows)).to_pylist()
        suspects += [
            int(row)
            for row, cell in zip(rows, cells, strict=True)
            if _runs_over_rows(cell, place, len(columns), mark)
        ]
    if not suspects:
        return columns, lines, []
    gone = np.unique(suspects)
    held_back = [
        HeldBackRow(int(lines[i]), mark.join(c[int(i)].as_py() for c in columns), SWALLOWED)
        for i in gone
    ]
    left = np.delete(np.arange(len(lines)), gone)
    return [column.take(pa.array(left)) for column in columns], lines[left], held_back


def _runs_over_rows(cell: str, place: int, width: int, mark: str) -> bool:
    """Whether the parts of a value have just the delimiters that rows would."""
    counts = [part.count(mark) for part in cell.split("\n")]
    expected = [width - 1 - place, *[width - 1] * (len(counts) - 2), place]
    return counts == expected and (width > 3 or len(counts) > 2) and width > 1


def _without_blank_rows(
    columns: list[pa.ChunkedArray], lines: npt.NDArray[np.int64]
) -> tuple[list[pa.ChunkedArray], npt.NDArray[np.int64]]:
    blank = np.ones(len(lines), dtype=np.bool_)
    for column in columns:
        blank &= pc.equal(pc.binary_length(column), 0).to_numpy()
        if not blank.any():
            return columns, lines
    left = pa.array(np.flatnonzero(~blank))
    return [column.take(left) for column in columns], lines[~blank]
