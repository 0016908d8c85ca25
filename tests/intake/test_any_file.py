"""Whatever the bytes: refused in words, or read whole with the money the file holds."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.fuzzing import hold_to_sums, read_whole
from benchmarks.fuzzing_seeds import SEEDS, export_of, file_of, starting_points, workbook_of
from benchmarks.remembered import patterns_remembered
from crm_core.intake.formats import format_named
from crm_core.intake.sheets import read_sheets
from tests.intake.staged_rows import staged_of

EDITS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 3), st.binary(max_size=6)), max_size=8
)
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "Ann", "a@x.org", "2024-01-02", "31/12/2023", "1,234.50", "-5", "(3,00)", "€ 7",
         "Total", "Summe", "paid", "refunded", "=1+1", "1e400", "NaN", "∞", "#REF!", "0"]
    ),
)  # fmt: skip
HEADERS = st.sampled_from(
    ["Client", "Customer Name", "Email", "Date", "Datum", "Amount", "Betrag", "Total", "Order",
     "Status", "Currency", "Qty", "Price", "", "x", "Refund", "Jan 2024"]
)  # fmt: skip


@settings(max_examples=40)
@given(seed=st.sampled_from(SEEDS), edits=EDITS)
def test_files_with_bytes_changed_are_refused_or_read_whole(
    seed: bytes, edits: list[tuple[int, int, bytes]]
) -> None:
    data = seed
    for place, length, new in edits:
        at = place % (len(data) + 1)
        data = data[:at] + new + data[at + length :]
    assume(data)
    read_whole(data)


@settings(max_examples=35)
@given(st.data())
def test_tables_of_any_cells_are_refused_or_read_whole(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 6))
    row = st.lists(CELLS, min_size=width, max_size=width)
    header = data.draw(st.lists(HEADERS, min_size=width, max_size=width))
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    if data.draw(st.booleans()):
        file = io.StringIO()
        csv.writer(file, delimiter=data.draw(st.sampled_from(",;\t|"))).writerows([header, *rows])
        read_whole(file.getvalue().encode("utf-8", "surrogatepass"))
    else:
        plain = [[cell.encode("utf-8", "replace").decode() for cell in one] for one in rows]
        read_whole(workbook_of([list(header), *map(list, plain)]), "sales.xlsx")


@dataclass(frozen=True)
class Style:
    """How a country's programs write a list."""

    delimiter: str
    point: str
    groups: str
    days: str
    encoding: str


STYLES = [
    Style(",", ".", "", "%Y-%m-%d", "utf-8"),
    Style(",", ".", ",", "%m/%d/%Y", "utf-8-sig"),
    Style(";", ",", ".", "%d.%m.%Y", "cp1252"),
    Style(";", ",", " ", "%d/%m/%Y", "utf-8"),
    Style("\t", ",", "", "%d-%m-%Y", "utf-16"),
    Style(";", ".", "'", "%d.%m.%Y", "utf-8"),
]


def written(amount: Decimal, style: Style) -> str:
    """Return an amount with two decimals as the style writes it."""
    text = f"{amount:,.2f}"
    return text.translate(str.maketrans({",": style.groups, ".": style.point}))


@settings(max_examples=25)
@given(
    style=st.sampled_from(STYLES),
    cents=st.lists(st.integers(-500_000, 9_999_999), min_size=12, max_size=30),
    names=st.lists(
        st.sampled_from(["Anna Groß", "Müller, Bau", 'Bob "B"', "O'Neil", "Ærø & Sons", "Zoë"]),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    first=st.integers(0, 2_000),
    more=st.booleans(),
)
def test_the_money_of_a_well_formed_file_is_read_to_the_cent(
    style: Style, cents: list[int], names: list[str], first: int, more: bool
) -> None:
    amounts = [Decimal(cent) / 100 for cent in cents]
    # Somewhere a day above the twelfth tells days from months.
    days = [date(2019, 1, 13) + timedelta(days=first + 3 * i) for i in range(len(cents))]
    assume(any(day.day > 12 for day in days))
    file = io.StringIO()
    writer = csv.writer(file, delimiter=style.delimiter)
    writer.writerow(["Client", "Date", "Amount", *(["Note", "Phone"] if more else [])])
    for number, (day, amount) in enumerate(zip(days, amounts, strict=True)):
        extra = ["paid by card", f"0171 {number:06d}"] if more else []
        name = names[number % len(names)]
        writer.writerow([name, day.strftime(style.days), written(amount, style), *extra])
    staged = staged_of(read_sheets(file.getvalue().encode(style.encoding), name="sales.csv"))
    hold_to_sums(staged)
    assert int(staged.sales.amount.sum()) == sum(cent * 100 for cent in cents)
    assert len(staged.clients.value) == len({name.casefold() for name in names[: len(cents)]})


def test_the_files_the_fuzzer_starts_from_hold_to_their_own_sums() -> None:
    """With patterns remembered as the fuzzer does it, and what comes out is the same without."""
    for name, made in starting_points():
        with patterns_remembered():
            quick = read_whole(file_of(made))
        if name.startswith(("list", "book", "stripe")):
            plain = read_whole(file_of(made))
            assert _told(quick) == _told(plain), name
        assert (quick is None) == (name == "shopify-payments"), name


def test_a_contact_with_neither_first_nor_last_name_names_nobody_else() -> None:
    """Found by the fuzzer: the rows without a name were left out of the column of names."""
    contacts = export_of(format_named("hubspot-contacts")).decode().splitlines()
    names = contacts[0].split(",")
    row = dict.fromkeys(names, "") | {"Create Date": "2024-01-02"}
    people = [("", "", "ann@x.org"), ("", "", ""), ("Bob", "", ""), ("", "", ""), ("", "Cole", "")]
    lines = [
        ",".join({**row, "First Name": first, "Last Name": last, "Email": mail}.values())
        for first, last, mail in people
    ]
    staged = read_whole("\n".join([contacts[0], *lines]).encode())
    assert staged is not None
    assert sorted(staged.clients.value) == ["ann@x.org", "bob", "cole"]


def _told(staged: object) -> str:
    return re.sub(r"0x[0-9a-f]+", "", repr(staged))
