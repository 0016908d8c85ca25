"""Owners' workbooks straightened, their money kept."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.intake.amounts import parse_amounts
from crm_core.intake.months_across import month_label
from crm_core.intake.reading import read_table
from crm_core.intake.shapes import ROW_KINDS, ShapedTable, fill_down, straighten, unpivot_months
from crm_core.intake.table import Table, make_table
from crm_core.intake.totals import mark_rows, total_label

QUICKBOOKS = (
    "Sales by Customer Detail,,,,\nMy Shop,,,,\nJanuary - March 2024,,,,\n,,,,\n"
    ",Transaction date,Transaction type,Num,Amount\n"
    "Nordlicht,,,,\n"
    ',03/15/2024,Invoice,1001,"1,045.50"\n'
    ',03/20/2024,Credit Memo,1002,"(45.50)"\n'
    'Total for Nordlicht,,,,"$1,000.00"\n'
    "Total Energies,,,,\n"
    ",01/02/2024,Invoice,1003,20.00\n"
    "Total for Total Energies,,,,$20.00\n"
    'TOTAL,,,,"$1,020.00"\n'
    ",,,,\n"
    "Accrual Basis Friday, April 5, 2024 10:00 AM,,,,\n"
)


def kinds(shaped: ShapedTable) -> list[str]:
    return [ROW_KINDS[kind] for kind in shaped.row_kinds]


def sales(shaped: ShapedTable, *names: str) -> list[tuple[str, ...]]:
    table = shaped.table.select(shaped.row_kinds == 0)
    return list(zip(*(table.column(name).to_pylist() for name in names), strict=True))


def doubts(table: Table) -> list[str]:
    return [e.sentence for e in table.evidence if e.topic == "shape" and e.doubtful]


def test_a_quickbooks_report_becomes_one_row_a_sale() -> None:
    shaped = straighten(read_table(QUICKBOOKS.encode()))
    assert shaped.client_column == "column 1"
    assert sales(shaped, "column 1", "Num", "Amount") == [
        ("Nordlicht", "1001", "1,045.50"),
        ("Nordlicht", "1002", "(45.50)"),
        ("Total Energies", "1003", "20.00"),
    ]
    assert [k for k in kinds(shaped) if k != "row"] == [
        "heading",
        "subtotal",
        "heading",
        "subtotal",
        "subtotal",
        "footer",
    ]


def test_a_name_on_the_first_row_of_its_block_is_filled_down() -> None:
    rows = [
        ["Ann", "2024-05-01", "5"],
        ["", "2024-06-01", "7"],
        ["Bob", "2024-01-01", "1"],
        ["", "2024-02-01", "2"],
        ["", "2024-03-01", "3"],
    ]
    shaped = straighten(make_table(["Client", "Day", "Sum"], rows))
    assert shaped.table.column("Client").to_pylist() == ["Ann", "Ann", "Bob", "Bob", "Bob"]
    assert shaped.table.lines.tolist() == [2, 3, 4, 5, 6]
    assert not doubts(shaped.table)


def test_invoice_and_day_beside_the_name_are_filled_with_it() -> None:
    rows = [
        ["Ann", "A1", "2024-05-01", "Tea", "5"],
        ["", "", "", "Mug", "7"],
        ["Bob", "A2", "2024-01-01", "Tea", "1"],
    ]
    shaped = straighten(make_table(["Client", "Invoice", "Day", "Item", "Sum"], rows))
    assert sales(shaped, "Client", "Invoice", "Day")[1] == ("Ann", "A1", "2024-05-01")


def test_walk_in_sales_never_get_the_name_above() -> None:
    rows = [
        [name, f"2024-01-{i + 1:02d}", "5"]
        for i, name in enumerate(["Ann", "", "Bob", "", "Cy", ""])
    ]
    shaped = straighten(make_table(["Client", "Day", "Sum"], rows))
    assert shaped.client_column is None
    assert shaped.table.column("Client").to_pylist() == ["Ann", "", "Bob", "", "Cy", ""]
    assert "sales without a client" in doubts(shaped.table)[0]


def test_names_that_repeat_are_no_blocks() -> None:
    rows = [[name, str(i)] for i, name in enumerate(["Ann", "", "Bob", "Ann", "", "Bob"])]
    assert straighten(make_table(["Client", "Sum"], rows)).client_column is None


def test_filling_down_can_be_asked_for_and_refused() -> None:
    rows = [["Ann", "2024-01-01"], ["", "2024-01-02"], ["Bob", "2024-01-03"], ["Cy", "2024-01-04"]]
    table = make_table(["Client", "Day"], rows)
    assert straighten(table, lead="Client").table.column("Client")[1].as_py() == "Ann"
    assert straighten(table, fill=False).table.column("Client")[1].as_py() == ""


def test_cells_above_the_first_name_stay_empty() -> None:
    table = make_table(["who"], [[""], ["Ann"], [""]])
    assert fill_down(table, "who", np.zeros(3, np.int8)).column("who").to_pylist() == [
        "",
        "Ann",
        "Ann",
    ]


def test_a_total_naming_the_block_ends_it() -> None:
    rows = [["Ann", ""], ["", "5"], ["Total Ann", "5"], ["", "9"], ["Bob", ""], ["", "1"]]
    shaped = straighten(make_table(["who", "sum"], rows), lead="who")
    assert shaped.table.column("who").to_pylist()[3] == ""


@pytest.mark.parametrize(
    "label",
    [
        "Total",
        "TOTAL:",
        "Grand Total",
        "Subtotal",
        "Sous-total",
        "Summe",
        "Gesamt",
        "Gesamtsumme",
        "Zwischensumme",
        "Yhteensä",
        "Итого",
        "Total 2024",
        "Summe EUR",
        "Suma częściowa",
        "Delsumma",
        "I alt",
        "Total geral",
        "Mezisoučet",
        "Промежуточный итог",
    ],
)
def test_totals_in_several_languages_are_no_sales(label: str) -> None:
    rows = [["Ann", "2024-01-01", "5"], ["Bob", "2024-01-02", "7"], ["Cy", "2024-01-03", "1"]]
    table = make_table(["who", "day", "sum"], [*rows, [label, "", "13"]])
    assert mark_rows(table).tolist() == [0, 0, 0, 1]


def test_a_client_called_total_keeps_its_sales() -> None:
    rows = [["Total", f"2024-01-{i:02d}", str(i)] for i in range(1, 20)]
    rows += [
        ["Sum Ltd", "2024-02-01", "4"],
        ["Total", "2024-02-02", "9"],
        *[["Ann", "2024-03-01", "4"]] * 25,
    ]
    assert not mark_rows(make_table(["who", "day", "sum"], rows)).any()


def test_without_days_a_total_is_known_by_its_sum() -> None:
    rows = [
        ["Ann", "5"],
        ["Bob", "7.5"],
        ["Total", "12.5"],
        ["Cy", "1"],
        ["Di", "2"],
        ["Total", "3"],
    ]
    rows += [["Eve", "4"]] * 6
    assert mark_rows(make_table(["who", "sum"], rows)).tolist() == [0, 0, 1, 0, 0, 1] + [0] * 6


def test_a_total_of_somebody_needs_somebody() -> None:
    assert total_label("Totally Nuts Ltd") is None
    rows = [["Ann", "x", "5"], ["Total Recall Shop", "", "7"], ["Bob", "x", "7"], ["Cy", "x", "7"]]
    assert not mark_rows(make_table(["who", "note", "sum"], rows)).any()


def test_a_header_printed_again_is_a_heading() -> None:
    rows = [["Ann", "5"], ["who", "sum"], ["Bob", "7"]]
    assert mark_rows(make_table(["who", "sum"], rows)).tolist() == [0, 2, 0]


def test_a_headerless_file_has_no_headings() -> None:
    table = read_table(b"0004 19970101 29.33\n0005 19970102 3.50\n")
    assert not straighten(table).row_kinds.any()


def test_a_last_row_with_gaps_is_no_footer() -> None:
    rows = [["Ann", "2024-01-02 10:15", "5", "x"], ["Bob", "2024-01-03 10:15", "5", ""]]
    assert not mark_rows(make_table(["who", "at", "sum", "note"], rows)).any()


def test_leads_with_a_name_only_are_rows() -> None:
    rows = [["Ann", "1"], ["Bob", ""], ["Cy", ""]]
    assert not straighten(make_table(["name", "phone"], rows)).row_kinds.any()


def test_months_across_become_rows() -> None:
    rows = [
        ["Ann", "5,00", "", "7,50", "12,50"],
        ["Bob", "-", "0", "1", "1"],
        ["Total", "5,00", "", "8,50", "13,50"],
    ]
    table = make_table(["Kunde", "Jan 2024", "Feb 2024", "März 2024", "Summe"], rows)
    shaped = straighten(table)
    assert (shaped.day_column, shaped.amount_column) == ("month", "amount")
    assert shaped.table.names == ("Kunde", "month", "amount")
    assert sales(shaped, "Kunde", "month", "amount") == [
        ("Ann", "2024-01-01", "5,00"),
        ("Ann", "2024-03-01", "7,50"),
        ("Bob", "2024-03-01", "1"),
    ]
    assert shaped.table.lines.tolist() == [2, 2, 3, 4]
    assert not doubts(shaped.table)


def test_a_row_without_any_filled_month_stays_a_row() -> None:
    rows = [["Ann", "5", "", "7"], ["Bob", "", "0", "-"], ["Cy", "", "", ""], ["Total", "", "", ""]]
    shaped = straighten(make_table(["Client", "Jan 2024", "Feb 2024", "Mar 2024"], rows))
    assert sales(shaped, "Client", "month", "amount")[2:] == [("Bob", "", ""), ("Cy", "", "")]
    assert shaped.table.lines.tolist() == [2, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "labels",
    [
        ("2024-01", "2024-02"),
        ("01/2024", "02/2024"),
        ("Jan-24", "Feb-24"),
        ("2024-01-01", "2024-02-01"),
        ("31.01.2024", "29.02.2024"),
        ("janvier 2024", "février 2024"),
        ("2024 Jan", "2024 Feb"),
    ],
)
def test_each_way_of_naming_a_month_is_known(labels: Sequence[str]) -> None:
    assert [month_label(label) for label in labels] == [(2024, 1), (2024, 2)]


def test_months_without_a_year_take_it_from_a_column_or_the_files_name() -> None:
    names = ["Client", "Year", "January", "February", "March"]
    long, _ = unpivot_months(make_table(names, [["Ann", "2023", "1", "2", ""]]))
    assert long.column("month").to_pylist() == ["2023-01-01", "2023-02-01"]
    plain = make_table([*names[:1], *names[2:]], [["Ann", "1", "", "3"]], name="Sales 2022.xlsx")
    long, _ = unpivot_months(plain)
    assert long.column("month").to_pylist() == ["2022-01-01", "2022-03-01"]
    assert "the year in the file's name" in doubts(long)[0]
    long, _ = unpivot_months(plain, year=2021)
    assert long.column("month").to_pylist() == ["2021-01-01", "2021-03-01"]


def test_months_of_an_unknown_year_stay_and_ask() -> None:
    table = make_table(["Client", "January", "February", "March"], [["Ann", "1", "2", "3"]])
    shaped = straighten(table)
    assert shaped.table.names == table.names
    assert "nothing says of which year" in doubts(shaped.table)[0]


def test_words_that_are_months_by_chance_are_no_table_of_months() -> None:
    table = make_table(["May", "March", "Amount"], [["x", "y", "1"]])
    assert straighten(table).table.names == table.names


def test_a_workbook_with_real_days_above_its_columns_is_unpivoted() -> None:
    import datetime as dt

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Sales by month"])
    sheet.append(["Client", dt.date(2024, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 3, 1)])
    sheet.append(["Ann", 5, None, 7.25])
    sheet.append(["Bob", 1, 2, 3])
    buffer = io.BytesIO()
    book.save(buffer)
    shaped = straighten(read_table(buffer.getvalue(), name="months.xlsx"))
    assert sales(shaped, "Client", "month", "amount")[:2] == [
        ("Ann", "2024-01-01", "5"),
        ("Ann", "2024-03-01", "7.25"),
    ]
    assert shaped.table.kind("amount") == "number"


cents = st.integers(-(10**8), 10**8)


@settings(max_examples=40)
@given(st.lists(st.tuples(cents, cents, cents), min_size=1, max_size=12))
def test_unpivoting_conserves_money(amounts: list[tuple[int, int, int]]) -> None:
    rows = [[f"c{i}", *(f"{a / 100:.2f}" for a in row)] for i, row in enumerate(amounts)]
    long, places = unpivot_months(make_table(["who", "Jan 2024", "Feb 2024", "Mar 2024"], rows))
    found = parse_amounts(long.column("amount"))
    assert (found.ok | found.blank).all()
    assert set(places) == set(range(len(rows)))
    assert found.values.sum() == 100 * sum(sum(row) for row in amounts)
    assert (long.lines == places + 2).all()
