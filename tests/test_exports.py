from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from crm_core.exports import safe_cell, to_csv, to_xlsx

ATTACKS = [
    *("=1+1", "+49", "@x", "-x", "\tx", "\rx", "\nx", " =1", "=cmd|' /C calc'!A0"),
    *("＝1", "＋1", "－1", "＠x", "-1+1"),
]


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ATTACKS)
def test_text_that_would_start_a_formula_gets_a_quote_mark(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert read_csv(to_csv([text], [[text]])) == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize("value", [-4, -4.5, Decimal("-4.50"), "-4.50", "12", None])
def test_numbers_stay_numbers(value: object) -> None:
    assert safe_cell(value) == value


def test_csv_writes_days_as_iso_and_blanks_for_nothing() -> None:
    content = to_csv(["day", "net", "note"], [[date(2026, 5, 3), float("nan"), None]])
    assert read_csv(content)[1] == ["2026-05-03", "", ""]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)))
def test_no_cell_of_a_csv_starts_like_a_formula(texts: list[str]) -> None:
    for (cell,) in read_csv(to_csv(["name"], [[text] for text in texts]))[1:] if texts else []:
        assert not cell.startswith(("=", "+", "@", "\t", "\r")) or cell.lstrip("-").isdigit()


@pytest.mark.parametrize("text", ATTACKS)
def test_workbook_keeps_text_as_text(text: str) -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx(["name", "net"], [[text, Decimal("1.5")]]))).active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value == text.replace("\r", "\n")  # as every reader of XML does
    assert sheet["B2"].value == 1.5


def test_workbook_takes_control_characters_and_very_long_names() -> None:
    rows = [["a\x00\x07b", None], ["x" * 40_000, float("nan")]]
    sheet = load_workbook(io.BytesIO(to_xlsx(["name", "net"], rows, title="a/b:c" * 20))).active
    assert sheet is not None
    assert sheet["A2"].value == "ab"
    assert len(sheet["A3"].value) == 32_767
    assert sheet["B3"].value is None
