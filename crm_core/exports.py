"""Lists as CSV and Excel files that no spreadsheet program will run as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from xlsxwriter import Workbook

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_LINE_END = re.compile(r"\r\n?")
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
    stream = io.BytesIO()
    # Text is written as text, so nothing a person typed becomes a formula or a link.
    with Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(re.sub(r"[\\/*?:\[\]']", " ", title)[:31] or "Clients")
        sheet.freeze_panes(1, 0)
        for place, values in enumerate(chain([header], rows)):
            for column, value in enumerate(values):
                _write_cell(sheet, place, column, value)
    return stream.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None or value != value else value  # noqa: PLR0124  (NaN alone differs)


def _write_cell(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, str):
        text = _LINE_END.sub("\n", value)
        # Cut by the writer where a cell of Excel ends.
        sheet.write_string(row, column, _CONTROL.sub("", text))
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif value is not None and value == value:  # noqa: PLR0124  (NaN alone differs)
        sheet.write(row, column, value)
