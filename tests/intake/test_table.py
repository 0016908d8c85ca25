"""The table of text cells."""

from __future__ import annotations

import numpy as np
import pytest

from crm_core.errors import FileError, MappingError
from crm_core.intake.table import Evidence, make_table, stack_tables, unique_names


def test_a_missing_column_names_those_there_are() -> None:
    table = make_table(["who", "sum"], [["Ann", "5"]])
    with pytest.raises(MappingError, match="Wanted a column named “day”, found who, sum"):
        table.column("day")


def test_rows_are_selected_by_mask_or_place_with_their_numbers() -> None:
    table = make_table(["who"], [["Ann"], ["Bob"], ["Cy"]])
    masked = table.select(np.array([True, False, True]))
    assert (masked.column("who").to_pylist(), masked.lines.tolist()) == (["Ann", "Cy"], [2, 4])
    assert table.select(np.array([2, 0])).lines.tolist() == [4, 2]
    assert table.n_rows == 3


def test_a_name_made_unique_never_meets_another() -> None:
    assert unique_names(["a", "a (2)", "a", ""]) == ("a", "a (2)", "a (3)", "column 4")


def test_evidence_is_added_to_a_copy() -> None:
    table = make_table(["who"], [["Ann"]])
    more = table.with_evidence(Evidence("shape", "Seen."))
    assert (len(table.evidence), len(more.evidence)) == (0, 1)


def test_sheets_with_the_same_columns_are_stacked_in_any_order() -> None:
    first = make_table(["who", "sum"], [["Ann", "5"]], name="Jan")
    second = make_table(["sum", "who"], [["7", "Bob"]], name="Feb")
    both = stack_tables([first, second])
    assert [both.cells(i) for i in range(2)] == [("Ann", "5", "Jan"), ("Bob", "7", "Feb")]


def test_sheets_with_other_columns_are_not_stacked() -> None:
    with pytest.raises(FileError, match="found day on one side only"):
        stack_tables([make_table(["who"], [["Ann"]]), make_table(["who", "day"], [["Ann", "x"]])])
