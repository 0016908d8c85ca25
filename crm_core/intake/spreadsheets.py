"""Workbooks and Parquet → table: typed cells back to exact text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import python_calamine as calamine

from crm_core.errors import FileError
from crm_core.intake.layout import find_header
from crm_core.intake.sources import Limits, Source
from crm_core.intake.table import (
    CellKind,
    Evidence,
    Reading,
    Table,
    as_cells,
    unique_names,
)

HEAD_RECORDS = 500
MANY_CELLS = 50_000_000
REPEATED = 20
"""Cells a byte beyond which a large Parquet file is taken for a bomb; real ones hold one or two."""


def read_workbook(
    source: Source, *, limits: Limits, sheet: str | None = None, header_row: int | None = None
) -> Table:
    """Read one sheet of an .xlsx, .xls or .ods workbook.

    Numbers become their shortest exact text (``17850``, not ``17850.0``), days
    ISO text, empty cells ``""``. Record numbers are the sheet's row numbers.

    Parameters
    ----------
    source : Source
        The file's bytes.
    limits : Limits
        Sizes refused.
    sheet : str or None
        The sheet's name; the visible one with most cells when None.
    header_row : int or None
        Row of the header, 1-based, 0 for none; detected when None.

    Returns
    -------
    Table
        With ``kinds`` telling the columns the workbook typed.

    Raises
    ------
    FileError
        If the workbook is damaged or encrypted, the sheet is not there or holds no rows.
    """
    book = _open_workbook(source)
    filled = _filled_sheets(book, source.name)
    sheet, evidence = _choose_sheet(filled, sheet, source.name)
    with _as_damaged(source.name):
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    texts = [[cell_text(cell) for cell in row] for row in rows[:HEAD_RECORDS]]
    header = find_header([_trim(row) for row in texts])
    if header_row is not None and not 0 <= header_row <= len(rows):
        raise FileError(
            f"Wanted the header in row {header_row}, found {len(rows):,} rows on the sheet "
            f"“{sheet}”; choose one of these, or 0 for none."
        )
    place = header.place if header_row is None else header_row - 1
    body = rows[place + 1 :]
    if not any(cell != "" for row in body for cell in row):
        raise FileError(
            f"Wanted rows of sales below the header, found none on the sheet “{sheet}” of "
            f"{source.name}; choose another sheet or export it again."
        )
    reading = Reading(
        name=source.name,
        kind="workbook",
        header_row=place + 1,
        sheet=sheet,
        sheets=tuple(filled),
        compressed=source.compressed,
    )
    found = (*evidence, header.evidence) if header_row is None else evidence
    head = texts[place] if 0 <= place < len(texts) else []
    return _table(head, body, reading, evidence=found, limits=limits)


def workbook_sheets(source: Source) -> tuple[str, ...]:
    """Return the names of a workbook's visible sheets that hold cells."""
    return tuple(_filled_sheets(_open_workbook(source), source.name))


def cell_text(cell: Any) -> str:
    """Return a typed cell as the shortest text that is exactly its value.

    Examples
    --------
    >>> [cell_text(c) for c in (17850.0, 2.5, 1e-7, True, dt.date(2024, 1, 2), "", "x")]
    ['17850', '2.5', '0.0000001', 'true', '2024-01-02', '', 'x']
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if number.is_integer() and abs(number) < 1e16:
        return str(int(number))
    text = repr(number)
    return format(Decimal(text), "f") if "e" in text else text


def _open_workbook(source: Source) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.data))
    except calamine.PasswordError as error:
        raise FileError(
            f"Wanted a workbook that opens, found {source.name} protected by a password; save a "
            "copy without one."
        ) from error
    except calamine.CalamineError as error:
        if "Encrypt".encode("utf-16-le") in source.data[:4_000_000]:
            raise FileError(
                f"Wanted a workbook that opens, found {source.name} encrypted; save a copy "
                "without a password."
            ) from error
        raise _damaged(source.name) from error


@contextmanager
def _as_damaged(name: str) -> Iterator[None]:
    """Say of whatever the reader stumbles over that the workbook is damaged."""
    try:
        yield
    except calamine.CalamineError as error:
        raise _damaged(name) from error
    except BaseException as error:
        # A fault inside the reader is no Exception of Python's.
        if type(error).__name__ != "PanicException":
            raise
        raise _damaged(name) from error


def _damaged(name: str) -> FileError:
    return FileError(
        f"Wanted a workbook, found a damaged one in {name}; open it in a spreadsheet program and "
        "save it again."
    )


def _filled_sheets(book: Any, name: str) -> dict[str, int]:
    """Return the visible sheets that hold cells, with the size of their area."""
    filled: dict[str, int] = {}
    damaged: FileError | None = None
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            continue
        try:
            with _as_damaged(name):
                sheet = book.get_sheet_by_name(meta.name)
        except FileError as error:
            damaged = error  # the other sheets may still be read
            continue
        if sheet.height:
            filled[meta.name] = sheet.height * sheet.width
    if damaged is not None and not filled:
        raise damaged
    return filled


def _choose_sheet(
    filled: dict[str, int], sheet: str | None, name: str
) -> tuple[str, tuple[Evidence, ...]]:
    if not filled:
        raise FileError(f"Wanted a sheet with sales, found only empty ones in {name}.")
    if sheet is not None:
        if sheet not in filled:
            raise FileError(
                f"Wanted the sheet “{sheet}”, found {', '.join(filled)} in {name}; choose one."
            )
        return sheet, ()
    best = max(filled, key=lambda title: filled[title])
    if len(filled) == 1:
        return best, ()
    others = tuple(title for title in filled if title != best)
    sentence = f"The sheet “{best}” holds the most cells of {len(filled)}: {', '.join(filled)}."
    doubt = any(filled[title] * 4 > filled[best] for title in others)
    return best, (Evidence("sheet", sentence, doubtful=doubt, chosen=best, alternatives=others),)


def _trim(row: Sequence[str]) -> list[str]:
    """Return a record without the empty cells at its end, [] for a blank one."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return list(row[:end])


def _table(
    head: Sequence[str],
    body: Sequence[Sequence[Any]],
    reading: Reading,
    *,
    evidence: tuple[Evidence, ...],
    limits: Limits,
) -> Table:
    width = max((len(row) for row in body), default=0)
    head = [*head, *[""] * (width - len(head))]
    cells = {
        place: column
        for place, column in enumerate(zip(*body, strict=True))
        if head[place].strip() or any(cell != "" for cell in column)
    }
    if len(cells) > limits.columns:
        raise FileError(
            f"Wanted a table of at most {limits.columns:,} columns, found {len(cells):,} in "
            f"{reading.name}; delete the columns that are not needed, or swap rows and columns."
        )
    names = unique_names(head)
    kinds = tuple(_kind(column) for column in cells.values())
    columns = tuple(as_cells([cell_text(cell) for cell in col]) for col in cells.values())
    table = Table(
        names=tuple(names[place] for place in cells),
        columns=columns,
        lines=np.arange(1, 1 + len(body), dtype=np.int64) + reading.header_row,
        reading=reading,
        kinds=kinds,
        evidence=evidence,
    )
    return table.select(np.array([any(cell != "" for cell in row) for row in body]))


def _kind(column: Sequence[Any]) -> CellKind:
    types = {type(cell) for cell in column if cell != ""}
    if types and types <= {int, float}:
        return "number"
    return "day" if types and types <= {dt.date, dt.datetime} else "text"


def read_parquet(source: Source, *, limits: Limits) -> Table:
    """Read a Parquet file, each value as its exact text.

    Parameters
    ----------
    source : Source
        The file's bytes.
    limits : Limits
        Sizes refused.

    Returns
    -------
    Table
        Without a header line: row ``i`` is record ``i`` (1-based).

    Raises
    ------
    FileError
        If the file is damaged, too large, too wide or holds no rows.
    """
    try:
        parquet = pq.ParquetFile(pa.BufferReader(source.data))
        meta = parquet.metadata
        groups = [meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)]
        cells = meta.num_columns * meta.num_rows
        if cells > MANY_CELLS and cells > REPEATED * len(source.data):
            raise FileError(
                f"Wanted a table of sales, found {meta.num_rows:,} rows of almost nothing but "
                f"repeats in {source.name}; export it again, or split it by year."
            )
        if meta.num_columns > limits.columns or sum(groups) > limits.file_bytes:
            raise FileError(
                f"Wanted a table of at most {limits.columns:,} columns and "
                f"{limits.file_bytes // 10**6:,} MB, found {meta.num_columns:,} columns and "
                f"{sum(groups) // 10**6:,} MB in {source.name}; export less of it."
            )
        arrow = parquet.read()
        columns = tuple(_parquet_cells(column) for column in arrow.columns)
    except (pa.ArrowException, OSError) as error:
        raise FileError(
            f"Wanted a whole Parquet file, found a damaged one in {source.name}; export it again."
        ) from error
    if not arrow.num_rows:
        raise FileError(f"Wanted rows of sales, found a Parquet file without any: {source.name}.")
    return Table(
        names=unique_names(arrow.column_names),
        columns=columns,
        lines=np.arange(1, arrow.num_rows + 1, dtype=np.int64),
        reading=Reading(
            name=source.name, kind="parquet", header_row=0, compressed=source.compressed
        ),
        kinds=tuple(_parquet_kind(field.type) for field in arrow.schema),
    )


def _parquet_kind(kind: pa.DataType) -> CellKind:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    return "day" if pa.types.is_date(kind) or pa.types.is_timestamp(kind) else "text"


def _parquet_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        return as_cells([cell_text(value) for value in column.to_pylist()])
    cells = as_cells(column.cast(pa.string()))
    if pa.types.is_timestamp(column.type):
        return as_cells(pc.replace_substring_regex(cells, r"\.0+(Z?)$", r"\1"))
    if pa.types.is_floating(column.type):
        odd = pc.match_substring_regex(cells, "[a-z]")
        if pc.any(odd).as_py():
            mended = [
                "" if value is None or value != value else _number_text(value)  # noqa: PLR0124
                for value in column.filter(odd).to_pylist()
            ]
            flat = cells.combine_chunks()
            return as_cells(pc.replace_with_mask(flat, odd.combine_chunks(), pa.array(mended)))
    return cells
