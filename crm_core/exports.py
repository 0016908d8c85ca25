"""Lists as CSV and Excel files that no spreadsheet program will run as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

LONGEST_CELL = 32_767
"""Characters an Excel cell holds."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def safe_cell(value: object) -> object:
    """Return a value for a CSV cell: text that would start a formula gets a leading quote mark.

    Parameters
    ----------
    value : object
        Numbers, plain negative numbers as text, days and None stay as they are.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-4), safe_cell("-4.50"), safe_cell("Ann")
    ("'=1+1", -4, '-4.50', 'Ann')
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA_STARTS) else value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    r"""Yield the lines of a CSV file, each with its line end.

    Parameters
    ----------
    header : sequence of str
        Column names.
    rows : iterable of sequence
        Text, numbers, dates (ISO) or None (empty).

    Examples
    --------
    >>> from decimal import Decimal
    >>> "".join(csv_lines(["client", "net"], [["=x", Decimal("1.50")], ["b", None]]))
    "client,net\r\n'=x,1.50\r\nb,\r\n"
    """
    line = io.StringIO()
    writer = csv.writer(line)
    for row in chain([header], rows):
        line.seek(0)
        line.truncate()
        writer.writerow([safe_cell(_plain(value)) for value in row])
        yield line.getvalue()


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    r"""Return a CSV file in UTF-8 with the mark by which Excel knows it.

    Examples
    --------
    >>> to_csv(["a"], [["é"]])
    b'\xef\xbb\xbfa\r\n\xc3\xa9\r\n'
    """
    return "".join(csv_lines(header, rows)).encode("utf-8-sig")


def to_xlsx(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "Clients"
) -> bytes:
    """Return an Excel file with one sheet; text stays text whatever it starts with.

    Parameters
    ----------
    header : sequence of str
        Column names.
    rows : iterable of sequence
        Text, numbers, dates or None.
    title : str, default "Clients"
        Name of the sheet.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31] or "Clients")
    sheet.freeze_panes = "A2"
    for values in chain([header], rows):
        sheet.append([_xlsx_value(sheet, value) for value in values])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None or value != value else value  # noqa: PLR0124  (NaN alone differs)


def _xlsx_value(sheet: Any, value: object) -> object:
    if isinstance(value, str):
        return _text_cell(sheet, value)
    return None if value is None or value != value else value  # noqa: PLR0124


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value="")
    # Set apart from the value: openpyxl would take a leading "=" for a formula.
    cell._value = _CONTROL.sub("", text)[:LONGEST_CELL]
    cell.data_type = "s"
    return cell
