"""Files that cannot be read: each says what was wanted, what was found, what to do."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine as calamine
import xlsxwriter

from crm_core.errors import FileError
from crm_core.intake import spreadsheets
from crm_core.intake.reading import read_table
from crm_core.intake.sources import Limits, Source
from crm_core.intake.spreadsheets import _as_damaged


def zipped(**entries: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "found 0 bytes"),
        (b"\n\n  \n", "only blank lines"),
        (b"\xef\xbb\xbf", "only blank lines"),
        (b"who,day,sum\n", r"only the header .*\(who, day, sum\)"),
        (b"who;day;sum", "only the header"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n....", r"a picture \(PNG\)"),
        (b"\xff\xd8\xff\xe0", r"a picture \(JPEG\)"),
        (b"GIF89a", r"a picture \(GIF\)"),
        (b"MZ\x90\0", "a program"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"Rar!\x1a", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"BZh9", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"<!DOCTYPE html><table>", "a web page"),
        (b'[{"reviewer": "x"}]', "JSON"),
        (b"PK\x03\x04 broken", "a damaged one"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a damaged one"),
        (b"PAR1 broken", "a damaged one"),
        (gzip.compress(b"who,sum\nAnn,5\n", mtime=0)[:-9], "damaged"),
        (gzip.compress(b"", mtime=0), "nothing inside"),
        (zipped(**{"sales.csv": b"who,sum\n"}), "a ZIP archive"),
        (zipped(**{"[Content_Types].xml": b"x", "xl/workbook.bin": b"x"}), r"binary one \(.xlsb\)"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        read_table(data, name="sales.csv")
    assert str(caught.value).startswith("Wanted")


def test_random_bytes_named_csv_are_called_binary() -> None:
    data = random.Random(1).randbytes(5_000)
    with pytest.raises(FileError, match="found binary data in sales"):
        read_table(data, name="sales.csv")


def test_an_encrypted_workbook_is_called_encrypted() -> None:
    stream_name = "EncryptedPackage".encode("utf-16-le")
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + stream_name + b"\0" * 600
    with pytest.raises(FileError, match="encrypted; save a copy without a password"):
        read_table(data, name="sales.xlsx")


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="found nothing there"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(FileError, match="found a folder"):
        read_table(tmp_path)


def test_a_giant_line_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"who,sum\n")
        file.truncate(1_000_000_000)  # sparse: a gigabyte without a line break
    with pytest.raises(FileError, match="Wanted lines of at most 8 MB"):
        read_table(path)


def test_a_gzip_bomb_is_stopped_early() -> None:
    bomb = gzip.compress(b"0,1\n" * 30_000_000, compresslevel=1, mtime=0)
    with pytest.raises(FileError, match=r"stopped at 1\d\d MB"):
        read_table(bomb, limits=Limits(ratio=50))


def test_a_workbook_bomb_is_refused_by_its_table_of_contents() -> None:
    bomb = zipped(**{"[Content_Types].xml": b"x", "xl/sheet.xml": b"0" * 120_000_000})
    with pytest.raises(FileError, match="to unpack to 120 MB"):
        read_table(bomb, name="bomb.xlsx")


def test_a_workbook_is_refused_where_it_unpacks_to_more_than_any_file_may_hold() -> None:
    large = zipped(**{"[Content_Types].xml": b"x", "xl/sheet.xml": b"0" * 2_000_000})
    with pytest.raises(FileError, match="to unpack to 2 MB"):
        read_table(large, name="large.xlsx", limits=Limits(file_bytes=1_000_000))


def test_five_thousand_columns_are_refused_with_the_limit() -> None:
    wide = ",".join(f"c{i}" for i in range(5_000)) + "\n" + ",".join("1" * 5_000) + "\n"
    with pytest.raises(FileError, match=r"at most 2,000 columns, found 5,000"):
        read_table(wide.encode(), name="wide.csv")


def test_a_file_larger_than_any_may_be_is_not_read_to_its_end() -> None:
    with pytest.raises(FileError, match="Wanted at most 0 MB"):
        read_table(b"who,sum\n" + b"Ann,5\n" * 1_000, limits=Limits(file_bytes=1_000))


def test_too_many_columns_of_a_workbook_or_a_parquet_file_are_refused() -> None:
    columns = {name: ["1", "2"] for name in ("who", "day", "sum")}
    book, parquet = io.BytesIO(), io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        made.add_worksheet().write_row(0, 0, list(columns))
        made.worksheets()[0].write_row(1, 0, ["1", "2", "3"])
    pq.write_table(pa.table(columns), parquet)
    for file in (book, parquet):
        with pytest.raises(FileError, match="at most 2 columns"):
            read_table(file.getvalue(), limits=Limits(columns=2))


def test_what_somebody_hid_in_a_workbook_is_not_read() -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book, {"in_memory": True}) as made:
        for name, row in (("Sales", ["who", "sum"]), ("Drafts", ["who", "sum", "wages"])):
            made.add_worksheet(name).write_row(0, 0, row)
            made.worksheets()[-1].write_row(1, 0, ["1"] * len(row))
        made.worksheets()[1].hide()
    assert read_table(book.getvalue()).names == ("who", "sum")
    with pytest.raises(FileError, match="Wanted the sheet “Drafts”, found Sales"):
        read_table(book.getvalue(), sheet="Drafts")


def test_a_parquet_file_that_unpacks_to_more_than_a_file_may_hold_is_refused() -> None:
    file = io.BytesIO()
    pq.write_table(pa.table({"who": ["A" * 200] * 5_000}), file, use_dictionary=False)
    assert len(file.getvalue()) < 100_000
    with pytest.raises(FileError, match="export less of it"):
        read_table(file.getvalue(), limits=Limits(file_bytes=100_000))


def test_a_fault_inside_the_reader_is_a_damaged_workbook_and_ctrl_c_is_not() -> None:
    fault = type("PanicException", (BaseException,), {})
    with pytest.raises(FileError, match="a damaged one in a"), _as_damaged("a.xlsx"):
        raise fault
    with pytest.raises(KeyboardInterrupt), _as_damaged("a.xlsx"):
        raise KeyboardInterrupt


def test_a_workbook_with_a_password_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise calamine.PasswordError("password")

    reader = SimpleNamespace(from_filelike=refuse)
    errors = {"PasswordError": calamine.PasswordError, "CalamineError": calamine.CalamineError}
    guarded = SimpleNamespace(CalamineWorkbook=reader, **errors)
    monkeypatch.setattr(spreadsheets, "calamine", guarded)
    with pytest.raises(FileError, match="protected by a password"):
        spreadsheets._open_workbook(Source(b"", "a.xlsx", "workbook"))


def test_the_wrong_encoding_chosen_by_hand_is_refused() -> None:
    with pytest.raises(FileError, match="in the encoding utf-8, found bytes that are not legal"):
        read_table("who\nMüller\n".encode("cp1252"), encoding="utf-8")


def test_a_header_row_beyond_the_file_is_refused() -> None:
    with pytest.raises(FileError, match="Wanted the header in record 9, found 2 records"):
        read_table(b"who,sum\nAnn,5\n", header_row=9)
