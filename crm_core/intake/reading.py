"""File → :class:`~crm_core.intake.table.Table`: the one door for files."""

from __future__ import annotations

from pathlib import Path

from crm_core.errors import FileError
from crm_core.intake.delimited import read_delimited
from crm_core.intake.sources import LIMITS, Limits, load_source
from crm_core.intake.spreadsheets import read_parquet, read_workbook, workbook_sheets
from crm_core.intake.table import Table


def read_table(
    source: Path | str | bytes,
    *,
    name: str | None = None,
    sheet: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    header_row: int | None = None,
    limits: Limits = LIMITS,
) -> Table:
    r"""Read one file or sheet as text cells; options overrule what would be detected.

    Parameters
    ----------
    source : Path, str or bytes
        A path, or the content of an upload.
    name : str or None
        The file's name as the person knows it; from the path when None.
    sheet : str or None
        Sheet of a workbook; the one with most cells when None.
    delimiter : str or None
        ``,`` ``;`` tab ``|`` or another character; a space for columns parted
        by blanks.
    encoding : str or None
        As Python names it, e.g. ``cp1252``.
    header_row : int or None
        Record number of the header, 1-based; 0 when the file has none.
    limits : Limits
        Sizes refused.

    Returns
    -------
    Table
        Text cells as the file has them, with the evidence of what was detected.

    Raises
    ------
    FileError
        If the file is missing, empty, damaged, encrypted, too large, too wide,
        holds no rows, or is no table; the message says what to do.

    Examples
    --------
    >>> table = read_table(b"Client;Sum\nAnn;3,50\n", name="sales.csv")
    >>> table.names, table.column("Sum").to_pylist(), table.reading.delimiter
    (('Client', 'Sum'), ['3,50'], ';')
    """
    loaded = load_source(source, name, limits)
    if loaded.kind == "workbook":
        return read_workbook(loaded, limits=limits, sheet=sheet, header_row=header_row)
    if sheet is not None:
        raise FileError(
            f"Wanted the sheet “{sheet}”, found {loaded.name} to be no workbook; leave the sheet "
            "out."
        )
    if loaded.kind == "parquet":
        return read_parquet(loaded, limits=limits)
    return read_delimited(
        loaded, limits=limits, delimiter=delimiter, encoding=encoding, header_row=header_row
    )


def sheet_names(
    source: Path | str | bytes, *, name: str | None = None, limits: Limits = LIMITS
) -> tuple[str, ...]:
    """Return the sheets of a workbook that hold anything, in their order; () for other files.

    Parameters
    ----------
    source : Path, str or bytes
        A path, or the content of an upload.
    name : str or None
        The file's name as the person knows it.
    limits : Limits
        Sizes refused.

    Returns
    -------
    tuple of str
        Names of sheets.

    Raises
    ------
    FileError
        As :func:`read_table`.
    """
    loaded = load_source(source, name, limits)
    return workbook_sheets(loaded) if loaded.kind == "workbook" else ()
