"""What the fuzzer starts from: a file of every kind, and the words that files are made of."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
import pyarrow.parquet as pq
from xlsxwriter import Workbook

from crm_core.intake.formats import FORMATS
from crm_core.intake.formats.description import Format

SEEDS = (
    b"Client,Date,Amount\nAnn,2024-01-02,10.50\nBob,2024-01-03,-3.00\n",
    b"Kunde;Datum;Betrag\r\nM\xfcller;02.01.2024;1.234,56\r\nSumme;;1.234,56\r\n",
    b'"Order","Customer Email","Total","Created at"\n"#1","a@x.org","12.00","2024-01-02 10:00"\n',
    b"\xef\xbb\xbfName\tDay\tSum\nX\t1/2/24\t$1,000.00\n",
    b"Client,Jan 2024,Feb 2024\nAnn,5,6\nBob,7,8\n",
    "Клиент;Дата;Сумма\nАнна;02.01.2024;1 234,50\n".encode("utf-16"),
    b"sep=;\nid;status;date;amount;currency\n1;paid;2024-01-02;5;EUR\n2;refunded;2024-01-02;6;USD\n",
    b"Type,Date,Name,Email,Gross,Fee,Net,Currency\nPayment,01/02/2024,A,a@x,1,0,1,EUR\n",
)
"""Lists as people write them."""

WORDS = (
    *(",", ";", "\t", "|", "\n", "\r\n", '"', '""', "'", "\x00", "\xa0", " ", "\ufeff", "="),
    *("Client", "Kunde", "Email", "Date", "Datum", "Amount", "Betrag", "Total", "Summe", "Order"),
    *("Status", "Currency", "Qty", "Price", "Discount", "Tax", "Refund", "Type", "Jan 2024"),
    *("2024-01-02", "31/12/2023", "02.01.24", "45293", "1704186000", "20240102", "Jan 5, 2024"),
    *("1,234.50", "1.234,50", "1 234,50", "(3,00)", "-5", "5-", "1e9", "1e400", "NaN", "$ 7"),
    *("12,-", "25k", "99999999999999999999", "0.00001", "EUR", "USD", "€", "£", "%"),
    *("paid", "refunded", "cancelled", "draft", "payment", "a@x.org", "+49 30 123456", "sep=;"),
    *('<c r="C2"', '<row r="3"', "<v>", "</v>", ' t="s"', ' t="inlineStr"', ' s="1"', "<f>"),
    *('r="ZZ1048576"', ' t="e"', ' t="b"', ' t="d"', "<is><t>", "&#10;", "PAR1", "PK\x03\x04"),
)
"""Pieces the fuzzer puts in where chance alone would take too long to find them."""

_VALUES = {
    "day": "2024-01-02",
    "email": "ann@x.org",
    "currency": "EUR",
    "phone": "+49 30 123456",
    "country": "DE",
    "name": "Ann Lee",
}
_MONEY = ("amount", "price", "total", "net", "gross", "fee", "tax", "discount", "refund", "sales")
SHEET = "xl/worksheets/sheet1.xml"


def workbook_of(rows: list[list[object]], **options: object) -> bytes:
    """Return an .xlsx file with these cells."""
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, **options})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return file.getvalue()


@cache
def _parts() -> tuple[tuple[str, bytes], ...]:
    """Return all parts of a workbook but its sheet."""
    with zipfile.ZipFile(io.BytesIO(workbook_of([["Client"]]))) as book:
        return tuple((name, book.read(name)) for name in book.namelist() if name != SHEET)


def sheet_of(rows: list[list[object]]) -> bytes:
    """Return the XML of a sheet with these cells, texts written in place."""
    with zipfile.ZipFile(io.BytesIO(workbook_of(rows))) as book:
        sheet, shared = book.read(SHEET).decode(), book.read("xl/sharedStrings.xml").decode()
    texts = [piece.split("</t>")[0] for piece in shared.split("<t>")[1:]]
    for number, text in enumerate(texts):
        sheet = sheet.replace(f' t="s"><v>{number}</v>', f' t="inlineStr"><is><t>{text}</t></is>')
    return sheet.encode()


def book_around(sheet: bytes) -> bytes:
    """Return a whole workbook with this XML as its sheet."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        for name, part in (*_parts(), (SHEET, sheet)):
            book.writestr(name, part)
    return file.getvalue()


def file_of(made: bytes) -> bytes:
    """Return the file that the fuzzer's bytes stand for.

    Parameters
    ----------
    made : bytes
        The first one says what the others are: ``w`` the sheet of a workbook, which is
        packed only now (a changed archive would always be refused as damaged), ``z`` a
        text that is packed; all others: the file as it is.

    Examples
    --------
    >>> file_of(b"tClient,Date"), file_of(b"")
    (b'Client,Date', b'')
    """
    if made[:1] == b"w":
        return book_around(made[1:])
    return gzip.compress(made[1:], 1, mtime=0) if made[:1] == b"z" else made[1:]


def export_of(known: Format) -> bytes:
    """Return a small file as the maker of a known export writes it, a row for each outcome."""
    names = [column.split("|")[0] for column in known.required]
    fields = {columns[0]: field for field, columns in known.fields.items()}
    extra = (*fields, *(outcome.columns[0] for outcome in known.outcomes), *known.less)
    names = list(dict.fromkeys((*names, *extra, *known.refunds, *known.line_discounts)))
    said = {o.columns[0]: list(o.values)[:6] for o in known.outcomes if o.values}
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(names)
    for row in range(max((len(values) for values in said.values()), default=2)):
        cells = [_cell(name, fields.get(name, ""), row) for name in names]
        for name, values in said.items():
            cells[names.index(name)] = values[row % len(values)]
        lines.writerow(cells)
    return out.getvalue().encode()


def _cell(name: str, field: str, row: int) -> str:
    if field in _VALUES:
        return _VALUES[field]
    if any(word in f"{field} {name}".casefold() for word in _MONEY):
        return f"{12.5 + row:.2f}"
    return "2024-01-03" if "date" in name.casefold() else str(row // 2 + 1)


def starting_points() -> Iterator[tuple[str, bytes]]:
    """Yield what the fuzzer begins with, named; see :func:`file_of`."""
    rows: list[list[object]] = [["Client", "Date", "Amount"], ["Ann", "2024-01-02", 7.25]]
    rows += [["Bob", 45293, -3], ["Total", "", 4.25]]
    for number, seed in enumerate(SEEDS):
        yield f"list-{number}", b"t" + seed
    for known in FORMATS:
        yield known.key, b"t" + export_of(known)
    yield "packed", b"z" + SEEDS[0]
    yield "sheet", b"w" + sheet_of(rows)
    yield "book", b"t" + workbook_of(rows)
    yield "parquet", b"t" + _parquet()


def _parquet() -> bytes:
    file = io.BytesIO()
    table = pa.table({"Client": ["Ann", "Bob"], "Date": ["2024-01-02"] * 2, "Amount": [7.25, -3]})
    pq.write_table(table, file, compression="none", use_dictionary=False, store_schema=False)
    return file.getvalue()


def word_list() -> str:
    """Return :data:`WORDS` as the fuzzer's dictionary file."""
    lines = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    return "".join(f'"{line}"\n' for line in lines)
