"""Workbooks made to harm are refused before they are laid out, honest ones are not."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from crm_core.errors import FileError
from crm_core.intake.archives import BLOCK, Extent
from crm_core.intake.reading import read_table
from tests.conftest import ROOT

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Client</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>Amount</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>Ann</t></is></c><c r="B2"><v>5</v></c></row>'
)


def workbook(rows: str, *, sheet_file: str = "worksheets/sheet1.xml", before: str = "") -> bytes:
    """Return a workbook with these rows of XML."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="b" Type="{OFFICE}/worksheet" Target="{sheet_file}"/></Relationships>',
        f"xl/{sheet_file}": f'{before}<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/>'
        f"<sheetData>{rows}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def cell(place: str) -> str:
    row = place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{place}"><v>1</v></c></row>'


def test_a_sheet_that_only_claims_to_be_large_is_read() -> None:
    assert read_table(workbook(HEAD)).names == ("Client", "Amount")


@pytest.mark.parametrize("place", ["XFD1048576", "ZZ100000", "A99999999999999999999", "ABCDEFGH9"])
@pytest.mark.parametrize("sheet_file", ["worksheets/sheet1.xml", "theme/colours.xml"])
def test_one_cell_far_from_all_others_is_refused(place: str, sheet_file: str) -> None:
    with pytest.raises(FileError, match="far from all others"):
        read_table(workbook(HEAD + cell(place), sheet_file=sheet_file), name="far.xlsx")


def test_the_reader_itself_would_not_survive_that_cell() -> None:
    """The guard is needed: without it the whole program is ended by the reader."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30));"
        "from python_calamine import CalamineWorkbook; import io;"
        "book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()));"
        "book.get_sheet_by_name('S').to_python()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        input=workbook(HEAD + cell("XFD1048576")),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert run.returncode != 0


def test_a_long_narrow_sheet_with_a_stray_last_row_is_still_read() -> None:
    table = read_table(workbook(HEAD + cell("A400000")))
    assert table.lines.tolist() == [2, 400_000]


def test_cells_are_measured_the_same_however_the_file_is_cut_into_blocks() -> None:
    text = (HEAD + cell("AB123456")).encode()
    for size in (1, 7, 64, len(text)):
        extent = Extent()
        for start in range(0, len(text), size):
            extent.look(text[start : start + size])
        extent.finish()
        assert (extent.cells, extent.last_row, extent.last_column) == (5, 123_456, 28)


def test_cells_count_whatever_the_sheet_calls_its_tags() -> None:
    extent = Extent()
    extent.look(b'<x:row r="1"><x:c r="A1"/><x:c r="C1"><x:v>1</x:v></x:c></x:row>')
    extent.finish()
    assert (extent.cells, extent.last_column) == (2, 3)


def test_a_sheet_without_a_single_tag_is_not_kept_to_be_looked_at_later() -> None:
    extent = Extent()
    for _ in range(4):
        extent.look(b"x" * BLOCK)
    assert len(extent._tail) <= 2 * BLOCK


def test_entities_that_would_unfold_are_never_unfolded() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(FileError, match="damaged"):
        read_table(workbook(HEAD.replace("Ann", "&b;"), before=entities), name="bomb.xlsx")


def test_an_archive_that_understates_what_it_holds_is_refused() -> None:
    honest = workbook(HEAD + f"<!--{'x' * 2_000_000}-->")
    lying = bytearray(honest)
    entry = lying.rfind(b"PK\x01\x02", 0, lying.rfind(b"xl/worksheets/sheet1.xml"))
    lying[entry + 24 : entry + 28] = struct.pack("<I", 500)
    assert len(read_table(honest).lines) == 1
    with pytest.raises(FileError, match="damaged"):
        read_table(bytes(lying), name="lie.xlsx")


def test_a_parquet_file_of_repeats_is_refused_before_it_is_unpacked() -> None:
    names = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000_000, pa.int8()), ["A" * 200])
    file = io.BytesIO()
    pq.write_table(pa.table({"Client": names}), file)
    assert len(file.getvalue()) < 1_500_000
    with pytest.raises(FileError, match="repeats"):
        read_table(file.getvalue(), name="bomb.parquet")


def test_a_dense_workbook_is_read_whole() -> None:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    sheet = book.add_worksheet()
    for row in range(300):
        for column in range(40):
            sheet.write(row, column, f"h{column}" if row == 0 else row * column)
    book.close()
    assert len(read_table(file.getvalue()).lines) == 299
