from __future__ import annotations

import io

import openpyxl
import pytest

from crm_core.errors import MappingError
from crm_core.intake.sheets import ALL_SHEETS, read_sheets


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


HEADER: list[object] = ["client", "date", "amount"]
JANUARY = [HEADER, ["ann", "2024-01-02", 10], ["bob", "2024-01-03", 20]]
FEBRUARY = [HEADER, ["ann", "2024-02-02", 30]]
ORDERS: list[list[object]] = [["order", "client no"], [1, "A7"], [2, "A8"], [3, "A7"]]
ITEMS: list[list[object]] = [
    ["order", "date", "amount"],
    *([1, "2024-01-02", 10], [1, "2024-01-02", 5], [2, "2024-01-03", 20], [3, "2024-01-09", 1]),
]


def test_sheets_with_the_same_columns_are_read_as_one() -> None:
    table = read_sheets(workbook(Jan=JANUARY, Feb=FEBRUARY), name="year.xlsx")
    assert table.column("amount").to_pylist() == ["10", "20", "30"]
    assert any("read as one: Jan, Feb" in e.sentence and not e.doubtful for e in table.evidence)


def test_sheet_left_out_is_said_and_doubted() -> None:
    notes: list[list[object]] = [["who", "what"], ["x", "y"]]
    table = read_sheets(workbook(Jan=JANUARY, Feb=FEBRUARY, Notes=notes), name="year.xlsx")
    assert table.n_rows == 3
    assert any("Left out: Notes." in e.sentence and e.doubtful for e in table.evidence)


def test_sheet_asked_for_is_the_only_one_read() -> None:
    table = read_sheets(workbook(Jan=JANUARY, Feb=FEBRUARY), name="year.xlsx", sheet="Feb")
    assert table.column("amount").to_pylist() == ["30"]


def test_sheets_that_share_a_key_are_joined_when_asked() -> None:
    table = read_sheets(workbook(Items=ITEMS, Orders=ORDERS), name="shop.xlsx", sheet=ALL_SHEETS)
    assert table.column("client no").to_pylist() == ["A7", "A7", "A8", "A7"]


def test_sheets_that_share_nothing_are_refused_with_advice() -> None:
    other: list[list[object]] = [["colour", "shape"], ["red", "round"]]
    with pytest.raises(MappingError, match="one by one"):
        read_sheets(workbook(Items=ITEMS, Other=other), name="shop.xlsx", sheet=ALL_SHEETS)
