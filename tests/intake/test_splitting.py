"""Every line ends as a row or is held back, under its own number."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.intake.splitting import OPEN_QUOTE, SWALLOWED, split_rows


def cells(data: bytes, width: int, *, quoted: bool = True) -> tuple[list[tuple[str, ...]], list]:
    rows = split_rows(data, width, ",", quoted=quoted)
    table = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    return list(zip(rows.lines.tolist(), table, strict=True)), list(rows.held_back)


def test_short_rows_are_filled_and_long_ones_held_back() -> None:
    rows, held = cells(b"1,2,3\n4\n5,6,7,8\n9,9,9,\n", 3)
    assert rows == [(1, ("1", "2", "3")), (2, ("4", "", "")), (4, ("9", "9", "9"))]
    assert [(h.line, h.text, h.reason) for h in held] == [
        (3, "5,6,7,8", "4 cells where the header has 3")
    ]


def test_blank_lines_and_rows_of_delimiters_are_counted_but_no_rows() -> None:
    rows, held = cells(b"1,2\n\n,\n3,4\n", 2)
    assert rows == [(1, ("1", "2")), (4, ("3", "4"))]
    assert held == []


def test_an_open_quote_costs_its_own_line_only() -> None:
    rows, held = cells(b'1,2\n"x,3\n4,5\n6\n7,8\n', 2)
    assert rows == [(1, ("1", "2")), (3, ("4", "5")), (4, ("6", "")), (5, ("7", "8"))]
    assert [(h.line, h.text, h.reason) for h in held] == [(2, '"x,3', OPEN_QUOTE)]


def test_an_open_quote_before_many_megabytes_costs_its_own_line_only() -> None:
    rows, held = cells(b'"x,3\n' + (b"4," + b"5" * 1_000 + b"\n") * 20_000, 2)
    assert len(rows) == 20_000
    assert rows[-1] == (20_001, ("4", "5" * 1_000))
    assert [(h.line, h.reason) for h in held] == [(1, OPEN_QUOTE)]


def test_a_value_that_swallowed_rows_is_held_back() -> None:
    rows, held = cells(b'1,2,3,4\na,"x,3,4\nb,y,5,6\nc,"z,7,8\nd,e,f,g\n', 4)
    assert [row for _, row in rows] == [("1", "2", "3", "4"), ("d", "e", "f", "g")]
    assert [h.reason for h in held] == [SWALLOWED]


def test_inch_marks_inside_a_value_are_plain_text() -> None:
    rows, _ = cells(b'5" ruler,2\n12" plate,3\n', 2)
    assert [row for _, row in rows] == [('5" ruler', "2"), ('12" plate', "3")]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)


@settings(max_examples=30)
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8))
def test_what_was_written_as_csv_comes_back(table: list[tuple[str, str, str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    rows, held = cells(buffer.getvalue().encode(), 3)
    assert [row for _, row in rows] == [row for row in table if any(row)]
    assert held == []


@settings(max_examples=60)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_every_line_with_cells_is_a_row_or_held_back(widths: list[int]) -> None:
    data = "".join(",".join(["x"] * n) + "\n" for n in widths).encode()
    rows, held = cells(data, 3, quoted=False)
    expected = [i for i, n in enumerate(widths, start=1) if n]
    assert sorted([line for line, _ in rows] + [h.line for h in held]) == expected
    assert [h.line for h in held] == [i for i, n in enumerate(widths, start=1) if n > 3]
