"""What reading a file gives: text cells, where they came from, and what was concluded.

Nothing here interprets a cell. A :class:`Table` holds each cell as the file
had it, so a person may overrule every later conclusion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.errors import FileError, MappingError

BoolArray = npt.NDArray[np.bool_]
LineArray = npt.NDArray[np.int64]
FileKind = Literal["delimited", "workbook", "parquet"]
CellKind = Literal["text", "number", "day"]


@dataclass(frozen=True)
class Evidence:
    """One conclusion drawn from a file, with what it rests on.

    Parameters
    ----------
    topic : str
        What was decided: ``encoding``, ``delimiter``, ``header``, ``sheet``,
        ``marks``, ``day order``, ``shape`` …
    sentence : str
        The proof in one sentence, e.g. "1,254 values can only be day-first."
    doubtful : bool, default False
        True when nothing in the file decides; a person should look.
    chosen : str, default ""
        The value in force, as the matching option takes it.
    alternatives : tuple of str
        Other values that are possible, likeliest first.
    """

    topic: str
    sentence: str
    doubtful: bool = False
    chosen: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldBackRow:
    """A row that could not be split into cells: its record number, text and reason."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """How a file was read; each field may be given back to ``read_table`` changed.

    ``header_row`` is the record number of the header (1-based), 0 when the file
    has none. Fields that do not apply to the kind of file are empty.
    """

    name: str
    kind: FileKind
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 1
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    compressed: bool = False


@dataclass(frozen=True)
class Table:
    """The text cells of one file or sheet.

    Parameters
    ----------
    names : tuple of str
        Unique column names: a repeated name gets `` (2)``, an empty one
        becomes ``column 3`` (its place, 1-based).
    columns : tuple of ChunkedArray of string
        One per name, all of one length, never null: an empty cell is ``""``.
        Cells are not trimmed.
    lines : ndarray of int64
        The record number of each row in its file, 1-based, title and header
        lines counted. A quoted value with line breaks is one record.
    reading : Reading
        The options in force.
    kinds : tuple of {"text", "number", "day"}
        ``number`` or ``day`` where a workbook or Parquet file typed every
        filled cell of the column so: numbers then have a decimal point and no
        thousands mark, days are ISO text.
    held_back : tuple of HeldBackRow
        Rows that could not be split.
    evidence : tuple of Evidence
        What reading concluded.

    Examples
    --------
    >>> table = make_table(["who", "sum"], [["Ann", "3.50"], ["Bob", "4"]])
    >>> table.n_rows, table.column("sum").to_pylist(), table.lines.tolist()
    (2, ['3.50', '4'], [2, 3])
    """

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    lines: LineArray
    reading: Reading
    kinds: tuple[CellKind, ...] = ()
    held_back: tuple[HeldBackRow, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows below the header."""
        return len(self.lines)

    @property
    def n_columns(self) -> int:
        """Number of columns."""
        return len(self.names)

    def column(self, name: str) -> pa.ChunkedArray:
        """Return the cells of one column, or raise ``MappingError`` naming those there are."""
        if name not in self.names:
            known = ", ".join(self.names[:20])
            raise MappingError(
                f"Wanted a column named “{name}”, found {known}; choose one of these."
            )
        return self.columns[self.names.index(name)]

    def kind(self, name: str) -> CellKind:
        """Return how the file itself typed a column: text, number or day."""
        return self.kinds[self.names.index(name)] if self.kinds else "text"

    def select(self, rows: npt.NDArray[np.int64] | BoolArray) -> Table:
        """Return the table with these rows only (positions, or a mask as long as the table)."""
        positions = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        taken = pa.array(positions)
        columns = tuple(column.take(taken) for column in self.columns)
        return replace(self, columns=columns, lines=self.lines[positions])

    def cells(self, row: int) -> tuple[str, ...]:
        """Return the cells of one row, by position (0-based)."""
        return tuple(column[row].as_py() for column in self.columns)

    def with_evidence(self, *evidence: Evidence) -> Table:
        """Return the table with more evidence."""
        return replace(self, evidence=self.evidence + evidence)

    def replace_column(self, name: str, cells: pa.ChunkedArray | pa.Array) -> Table:
        """Return the table with the cells of one column exchanged."""
        place = self.names.index(name)
        columns = list(self.columns)
        columns[place] = as_cells(cells)
        return replace(self, columns=tuple(columns))


def as_cells(cells: pa.ChunkedArray | pa.Array | Sequence[str]) -> pa.ChunkedArray:
    """Return cells as a chunked string column without nulls."""
    if not isinstance(cells, pa.Array | pa.ChunkedArray):
        cells = pa.array(cells, type=pa.string())
    if not isinstance(cells, pa.ChunkedArray):
        cells = pa.chunked_array([cells])
    if cells.type != pa.string():
        cells = cells.cast(pa.string())
    return pc.fill_null(cells, "") if cells.null_count else cells


def unique_names(raw: Sequence[str]) -> tuple[str, ...]:
    r"""Return column names made unique: empty ones numbered, repeated ones counted.

    Examples
    --------
    >>> unique_names(["Date", "", "Date", " Amount\n(EUR) "])
    ('Date', 'column 2', 'Date (2)', 'Amount (EUR)')
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, text in enumerate(raw, start=1):
        stem = " ".join(text.replace("\ufeff", "").split()) or f"column {place}"
        name, count = stem, 1
        while name in taken:
            count += 1
            name = f"{stem} ({count})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def make_table(
    names: Sequence[str], rows: Sequence[Sequence[str]], *, name: str = "table"
) -> Table:
    """Return a table from rows typed in code, as if read from a file with one header line."""
    columns = tuple(as_cells([row[i] for row in rows]) for i in range(len(names)))
    lines = np.arange(2, len(rows) + 2, dtype=np.int64)
    return Table(unique_names(names), columns, lines, Reading(name=name, kind="delimited"))


def stack_tables(tables: Sequence[Table], *, origin: str = "sheet") -> Table:
    """Return tables with the same columns one below the other.

    Parameters
    ----------
    tables : sequence of Table
        At least one; the names must agree as sets, any order.
    origin : str, default "sheet"
        Name of an added column saying which sheet (or file) a row came from.

    Raises
    ------
    FileError
        If the columns differ.
    """
    first = tables[0]
    for other in tables[1:]:
        if set(other.names) != set(first.names):
            odd = ", ".join(sorted(set(other.names) ^ set(first.names))[:8])
            raise FileError(
                f"Wanted sheets with the same columns, found {odd} on one side only; "
                "import these sheets one by one."
            )
    columns = [
        pa.chunked_array([c for t in tables for c in t.column(name).chunks], type=pa.string())
        for name in first.names
    ]
    origins = [t.reading.sheet or t.reading.name for t in tables]
    source = np.repeat(np.array(origins, dtype=object), [t.n_rows for t in tables])
    names = unique_names([*first.names, origin])
    return replace(
        first,
        names=names,
        columns=(*columns, as_cells(pa.array(source, type=pa.string()))),
        lines=np.concatenate([t.lines for t in tables]),
        kinds=(),
        held_back=tuple(row for t in tables for row in t.held_back),
        evidence=tuple(e for t in tables for e in t.evidence),
    )
