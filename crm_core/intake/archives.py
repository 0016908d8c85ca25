"""Workbooks are ZIP archives: refused before anything is unpacked that could do harm.

A few kilobytes can claim gigabytes: by packing (a ZIP bomb), by a header that
understates what is inside, or by one cell so far out that the reader lays out
a sheet of billions of empty ones.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from crm_core.errors import FileError

MEGABYTE = 1_000_000
BLOCK = 4 * 1024 * 1024
LEAST_UNPACKED = 100 * MEGABYTE
"""Archives that unpack to less are not looked at for their ratio."""

SMALL_AREA = 5_000_000
"""Cells between the first and the last of a sheet that need no reason."""

SPARSE = 50
"""A larger area may hold at most so many empty cells for each cell that is there."""

_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_COLUMN = re.compile(rb'[\s<]r\s*=\s*["\']\s*([A-Za-z]{1,9})(?=\d)')
_FAR_ROW = re.compile(rb'[\s<]r\s*=\s*["\']\s*[A-Za-z]*(\d{5,20})\s*["\']')
_NEAR_ROWS = 9_999


def check_archive(data: bytes, name: str, *, file_bytes: int, ratio: int) -> None:
    """Refuse a ZIP archive that is no workbook, is damaged, or would not fit once unpacked.

    Parameters
    ----------
    data : bytes
        The archive.
    name : str
        The file's name as the person knows it.
    file_bytes : int
        Most bytes of data once unpacked.
    ratio : int
        Most unpacked bytes for each packed one, beyond 100 MB.

    Raises
    ------
    FileError
        Says what was found and how to save the file instead.
    """
    damaged = FileError(f"Wanted a whole workbook, found a damaged one in {name}; save it again.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_size(entries, len(data), name, file_bytes=file_bytes, ratio=ratio)
            _check_kind({entry.filename for entry in entries}, name)
            for entry in entries:
                _check_entry(archive, entry, name)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, zlib.error) as error:
        if isinstance(error, FileError):
            raise
        raise damaged from error
    except RuntimeError as error:  # zipfile's word for a password
        raise FileError(
            f"Wanted a workbook that opens, found {name} protected by a password; save a "
            "copy without one."
        ) from error


def _check_size(
    entries: list[zipfile.ZipInfo], packed: int, name: str, *, file_bytes: int, ratio: int
) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(file_bytes, max(LEAST_UNPACKED, ratio * packed)):
        raise FileError(
            f"Wanted a workbook, found {name} to unpack to {unpacked // MEGABYTE:,} MB from "
            f"{packed // MEGABYTE:,} MB; save it as CSV, or split it by year."
        )


def _check_kind(names: set[str], name: str) -> None:
    if not names & {"[Content_Types].xml", "mimetype", "content.xml"}:
        raise FileError(
            f"Wanted a table of sales, found a ZIP archive in {name}; unpack it and import what "
            "is inside."
        )
    if "xl/workbook.bin" in names:
        raise FileError(
            f"Wanted a workbook as .xlsx, found a binary one (.xlsb) in {name}; open it in a "
            "spreadsheet program and save it as .xlsx."
        )


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> None:
    """Unpack one entry in blocks: a size or sum that lies shows here, cells are measured.

    Whatever its name: a workbook says itself which of its entries are sheets.
    """
    sheet = Extent()
    with archive.open(entry) as stream:
        while block := stream.read(BLOCK):
            sheet.look(block)
    sheet.finish()
    if sheet.is_sparse:
        raise FileError(
            f"Wanted a sheet of sales, found one cell in {name} far from all others (row "
            f"{sheet.last_row:,}, column {sheet.last_column:,}); delete the rows and columns "
            "behind the last sale, and save it again."
        )


class Extent:
    """How far the cells of a sheet reach, found without laying it out.

    Attributes
    ----------
    cells : int
        Cells that are there.
    last_row, last_column : int
        The furthest ones any of them names; rows below 10,000 are not told apart.
    """

    def __init__(self) -> None:
        self.cells, self.last_row, self.last_column = 0, _NEAR_ROWS, 1
        self._tail = b""

    def look(self, block: bytes) -> None:
        """Take in the next block of the sheet's XML."""
        # What the end of a block cuts in two is looked at again, and only that.
        cut = block.rfind(b"<")
        whole, self._tail = (
            (self._tail + block[:cut], block[cut:]) if cut > 0 else (b"", self._tail + block)
        )
        if len(self._tail) > 2 * BLOCK:
            whole, self._tail = self._tail, b""
        self._count(whole)

    def _count(self, whole: bytes) -> None:
        self.cells += sum(1 for _ in _CELL.finditer(whole))
        columns = set(_COLUMN.findall(whole))
        self.last_column = max([self.last_column, *map(_column_number, columns)])
        rows = set(_FAR_ROW.findall(whole))
        self.last_row = max([self.last_row, *map(int, rows)])

    def finish(self) -> None:
        """Take in what the last block left."""
        self._count(self._tail)
        self._tail = b""

    @property
    def is_sparse(self) -> bool:
        """Whether the sheet would be laid out as almost nothing but empty cells."""
        area = self.last_row * self.last_column
        return area > SMALL_AREA and area > SPARSE * max(self.cells, 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
