"""Files that cannot be read: each says what was wanted, what was found, what to do."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest

from crm_core.errors import FileError
from crm_core.intake.reading import read_table
from crm_core.intake.sources import Limits


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


def test_the_wrong_encoding_chosen_by_hand_is_refused() -> None:
    with pytest.raises(FileError, match="in the encoding utf-8, found bytes that are not legal"):
        read_table("who\nMüller\n".encode("cp1252"), encoding="utf-8")


def test_a_header_row_beyond_the_file_is_refused() -> None:
    with pytest.raises(FileError, match="Wanted the header in record 9, found 2 records"):
        read_table(b"who,sum\nAnn,5\n", header_row=9)
