"""The one door for files: every kind of file, and what it says about them."""

from __future__ import annotations

import datetime as dt
import gzip
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_core.errors import FileError
from crm_core.intake.reading import read_table, sheet_names
from crm_core.intake.table import Table


def rows(table: Table) -> list[tuple[str, ...]]:
    return [table.cells(i) for i in range(table.n_rows)]


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for row in cells:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def doubts(table: Table) -> list[str]:
    return [e.topic for e in table.evidence if e.doubtful]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(mark: str) -> None:
    text = "\n".join(mark.join(r) for r in [("who", "day", "sum"), ("Ann", "2024-01-02", "5")])
    table = read_table(text.encode(), name="sales.csv")
    assert table.reading.delimiter == mark
    assert rows(table) == [("Ann", "2024-01-02", "5")]
    assert table.lines.tolist() == [2]


def test_semicolons_win_over_decimal_commas() -> None:
    body = "".join(f"Ann{i};{i},50;{i},75\n" for i in range(100))
    table = read_table(("who;net;gross\n" + body).encode())
    assert table.reading.delimiter == ";"
    assert table.cells(3) == ("Ann3", "3,50", "3,75")


def test_aligned_columns_with_leading_blanks_are_split() -> None:
    text = " id  day n  value\r\n 00001 19970101  1   11.77\r\n 00002 19970112  5   77.00\r\n"
    table = read_table(text.encode(), name="master.txt")
    assert table.names == ("id", "day", "n", "value")
    assert rows(table)[1] == ("00002", "19970112", "5", "77.00")


def test_a_file_without_header_keeps_its_first_row_and_says_so() -> None:
    table = read_table(b" 00004 0001 19970101  2   29.33\n 00004 0001 19970118  2   29.73\n")
    assert table.names == tuple(f"column {i}" for i in range(1, 6))
    assert table.lines.tolist() == [1, 2]
    assert table.reading.header_row == 0
    assert "header" in doubts(table)


def test_excels_separator_line_is_believed() -> None:
    table = read_table(b"sep=;\r\nwho;sum\r\nAnn;5\r\n")
    assert (table.names, table.lines.tolist()) == (("who", "sum"), [3])


def test_title_lines_above_the_header_are_skipped_and_counted() -> None:
    text = (
        "Sales by Customer Detail,,,\nMy Shop,,,\nJanuary - March 2024,,,\n,,,\n"
        ",Transaction date,Num,Amount\nNordlicht,,,\n"
        ',01/15/2024,1001,"$1,045.50"\nTotal for Nordlicht,,,"$1,045.50"\n'
    )
    table = read_table(text.encode())
    assert table.names == ("column 1", "Transaction date", "Num", "Amount")
    assert table.reading.header_row == 5
    assert table.lines.tolist() == [6, 7, 8]
    assert "title lines above it: 3" in next(
        e.sentence for e in table.evidence if e.topic == "header"
    )


def test_note_lines_with_quoted_commas_do_not_hide_the_header() -> None:
    notes = '"Includes orders, refunds"\n"All amounts in USD"\n"Definitions: see help"\n'
    body = "date,order,total\n2024-01-02,A1,5.00\n2024-01-03,A2,6.00\n"
    table = read_table((notes + body).encode())
    assert table.names == ("date", "order", "total")
    assert table.lines.tolist() == [5, 6]


def test_a_person_may_overrule_header_and_delimiter() -> None:
    data = b"a;b,c\n1;2,3\n"
    table = read_table(data, delimiter=",", header_row=0)
    assert table.names == ("column 1", "column 2")
    assert rows(table) == [("a;b", "c"), ("1;2", "3")]


@pytest.mark.parametrize("mark", ["tab", "\\t", "Tab"])
def test_the_tab_may_be_named(mark: str) -> None:
    assert read_table(b"a\tb\n1\t2\n", delimiter=mark).names == ("a", "b")


@pytest.mark.parametrize("mark", ["", "ab", '"', "\n", "§"])
def test_what_parts_no_cells_is_refused_as_a_delimiter(mark: str) -> None:
    with pytest.raises(FileError, match="one character"):
        read_table(b"a;b\n1;2\n", delimiter=mark)


@pytest.mark.parametrize("row", [-1, 9])
def test_a_header_outside_the_file_is_refused(row: int) -> None:
    with pytest.raises(FileError, match="choose one of these, or 0"):
        read_table(b"a;b\n1;2\n", header_row=row)
    with pytest.raises(FileError, match="choose one of these, or 0"):
        read_table(workbook(S=[["a", "b"], [1, 2]]), header_row=row)


def test_a_sheet_of_a_text_file_is_refused() -> None:
    with pytest.raises(FileError, match="no workbook"):
        read_table(b"a;b\n1;2\n", sheet="May")


def test_repeated_and_empty_names_become_unique() -> None:
    table = read_table(b"Date,,Date,Amount\n2024-01-02,x,2024-01-03,5\n")
    assert table.names == ("Date", "column 2", "Date (2)", "Amount")


def test_quoted_values_keep_line_breaks_delimiters_and_quotes() -> None:
    data = b'who,note,sum\n"Ann, Inc","two\nlines ""here""",5\nBob,,6\n'
    table = read_table(data)
    assert rows(table) == [("Ann, Inc", 'two\nlines "here"', "5"), ("Bob", "", "6")]
    assert table.lines.tolist() == [2, 3]


def test_cells_are_kept_raw() -> None:
    table = read_table(b"id,who\n00017, Ann \n17850.0,\xe6\x9d\xb1\xe4\xba\xac\n")
    assert rows(table) == [("00017", " Ann "), ("17850.0", "東京")]


def test_odd_names_pass_through_untouched() -> None:
    names = ["=cmd|'/c calc'!A1", "<b>x</b>", "$\\frac{1}{2}$", "*bold*", "\u202eabc", "x" * 10_000]
    body = "".join(f"{name}\t{i}\n" for i, name in enumerate(names))
    table = read_table(("who\tsum\n" + body).encode())
    assert table.column("who").to_pylist() == names


def test_gzip_of_any_kind_is_read() -> None:
    table = read_table(gzip.compress(b"who,sum\nAnn,5\n"), name="sales.csv.gz")
    assert rows(table) == [("Ann", "5")]
    assert table.reading.compressed
    assert table.reading.name == "sales.csv"
    book = gzip.compress(workbook(Sales=[["who", "sum"], ["Ann", 5]]))
    assert rows(read_table(book)) == [("Ann", "5")]


def test_old_macintosh_line_ends_are_read() -> None:
    assert rows(read_table(b"who,sum\rAnn,5\rBob,6\r")) == [("Ann", "5"), ("Bob", "6")]


def test_a_path_is_read_like_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes(b"who,sum\nAnn,5\n")
    assert rows(read_table(path)) == rows(read_table(path.read_bytes()))
    assert read_table(str(path)).reading.name == "sales.csv"


def test_workbook_cells_become_exact_text() -> None:
    cells: list[list[object]] = [
        ["id", "sum", "day", "at", "paid"],
        [17850.0, 2.5, dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4), True],
        ["00017", None, dt.date(2024, 1, 3), None, False],
    ]
    table = read_table(workbook(Sales=cells), name="sales.xlsx")
    assert rows(table) == [
        ("17850", "2.5", "2024-01-02", "2024-01-02 03:04:00", "true"),
        ("00017", "", "2024-01-03", "", "false"),
    ]
    assert table.kinds == ("text", "number", "day", "day", "text")


def test_the_fullest_sheet_is_read_and_the_others_named() -> None:
    small = [["note"], ["x"]]
    big = [["who", "sum"], *[[f"c{i}", i] for i in range(20)]]
    data = workbook(Notes=small, Sales=big, Empty=[])
    assert sheet_names(data) == ("Notes", "Sales")
    table = read_table(data)
    assert table.reading.sheet == "Sales"
    assert "Notes" in next(e for e in table.evidence if e.topic == "sheet").alternatives
    assert read_table(data, sheet="Notes").names == ("note",)
    with pytest.raises(FileError, match="Wanted the sheet “Jan”, found Notes, Sales"):
        read_table(data, sheet="Jan")


def test_sheet_rows_keep_their_row_numbers() -> None:
    cells = [["Sales 2024"], [None], [None, "who", "sum"], [None, "Ann", 5], [], [None, "Bob", 6]]
    table = read_table(workbook(S=cells))
    assert table.names == ("who", "sum")
    assert table.lines.tolist() == [4, 6]


def test_parquet_values_become_exact_text() -> None:
    arrow = pa.table(
        {
            "who": pa.array(["Ann", None]).dictionary_encode(),
            "id": [17850.0, 1e20],
            "day": [dt.date(2024, 1, 2), None],
            "at": pa.array([dt.datetime(2024, 1, 2, 3, 4, 5), None], pa.timestamp("us")),
            "n": [1, 2],
        }
    )
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer)
    table = read_table(buffer.getvalue(), name="sales.parquet")
    assert rows(table)[0] == ("Ann", "17850", "2024-01-02", "2024-01-02 03:04:05", "1")
    assert rows(table)[1] == ("", "100000000000000000000", "", "", "2")
    assert table.kinds == ("text", "number", "day", "day", "number")
    assert table.lines.tolist() == [1, 2]


def test_delimiters_at_the_end_of_lines_make_no_column() -> None:
    table = read_table(b"who;sum;\nAnn;5;\nBob;6;\n")
    assert table.names == ("who", "sum")
    assert read_table(b"who;sum\nAnn;5;\nBob;6;\n").names == ("who", "sum")


def test_a_very_long_note_is_one_cell() -> None:
    note = "x" * 300_000
    assert rows(read_table(f"who,note\nAnn,{note}\nBob\n".encode())) == [("Ann", note), ("Bob", "")]


def test_a_single_column_is_a_table_too() -> None:
    table = read_table(b"email\na@x.org\n\nb@y.org\n")
    assert rows(table) == [("a@x.org",), ("b@y.org",)]
    assert table.lines.tolist() == [2, 4]


def test_month_labels_are_a_header_above_amounts() -> None:
    table = read_table(b"Client;2024-01;2024-02\nAnn;5;7\nBob;1;2\n")
    assert table.names == ("Client", "2024-01", "2024-02")


@pytest.mark.shared
def test_real_files_are_read_whole(shared_data: Path) -> None:
    expected = {
        "cdnow/CDNOW_master.txt": (69_659, 4),
        "cdnow/CDNOW_sample.txt": (6_919, 5),
        "exports/shopify_orders_export_1.csv": (5, 37),
        "exports/pasted_from_excel.tsv": (2, 4),
        "crm_sales_opportunities/sales_pipeline.csv": (8_800, 8),
        "superstore/superstore.csv.gz": (9_994, 21),
        "olist/olist_order_reviews_dataset.csv.gz": (6_123, 7),
    }
    for path, shape in expected.items():
        table = read_table(shared_data / path)
        assert (table.n_rows, table.n_columns) == shape, path
        assert not table.held_back, path
