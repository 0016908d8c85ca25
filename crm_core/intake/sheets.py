"""Several sheets or files as one table: below one another, or side by side by a shared key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from crm_core.errors import FileError
from crm_core.intake.joining import join_all
from crm_core.intake.reading import read_table, sheet_names
from crm_core.intake.table import Evidence, Table, stack_tables

ALL_SHEETS = "*"
"""Given as the sheet: read all of them as one table."""


def read_sheets(
    source: Path | bytes, *, name: str, sheet: str | None = None, **options: Any
) -> Table:
    """Read a file; of a workbook the sheet asked for, or all that belong together.

    Parameters
    ----------
    source : Path or bytes
        The file, or its content.
    name : str
        The file's name as the person knows it.
    sheet : str or None
        A sheet; ``"*"`` joins all of them; None reads the sheets that have the columns
        of the fullest one below each other, and leaves the others out, said so.
    **options
        Of :func:`~crm_core.intake.reading.read_table`.

    Returns
    -------
    Table

    Raises
    ------
    FileError, MappingError
        If the file cannot be read, or its sheets share nothing to be joined by.
    """
    sheets = () if sheet not in (None, ALL_SHEETS) else sheet_names(source, name=name)
    if len(sheets) < 2:
        chosen = None if sheet == ALL_SHEETS else sheet
        return read_table(source, name=name, sheet=chosen, **options)
    if sheet == ALL_SHEETS:
        return combine([read_table(source, name=name, sheet=s, **options) for s in sheets])
    fullest = read_table(source, name=name, **options)
    alike = [
        table
        for table in (_try_read(source, name, s, fullest, options) for s in sheets)
        if table is not None and set(table.names) == set(fullest.names)
    ]
    if len(alike) < 2:
        return fullest
    stacked = stack_tables([replace(table, evidence=()) for table in alike])
    read = tuple(table.reading.sheet for table in alike)
    left = [s for s in sheets if s not in read]
    sentence = f"{len(read)} sheets have the same columns and are read as one: {', '.join(read)}."
    if left:
        sentence += f" Left out: {', '.join(left)}."
    found = Evidence("sheet", sentence, doubtful=bool(left), chosen="", alternatives=sheets)
    kept = tuple(e for e in fullest.evidence if e.topic != "sheet")
    return replace(stacked, evidence=(*kept, found), reading=replace(stacked.reading, sheet=""))


def _try_read(
    source: Path | bytes, name: str, sheet: str, fullest: Table, options: dict[str, Any]
) -> Table | None:
    """Return a sheet's table, None where it holds no table at all (notes, a picture's legend)."""
    if sheet == fullest.reading.sheet:
        return fullest
    try:
        return read_table(source, name=name, sheet=sheet, **options)
    except FileError:
        return None


def combine(tables: Sequence[Table]) -> Table:
    """Return tables as one: below each other if their columns agree, else joined by a key.

    Raises
    ------
    MappingError
        If a table shares no key with the others.
    """
    if all(set(table.names) == set(tables[0].names) for table in tables):
        return stack_tables(tables)
    return join_all(tables)
