from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from crm_core.tables import NEVER
from crm_core.ui.lists import Column, table_key

ROWS = np.array([1, 0])


def test_money_leaves_a_list_exactly() -> None:
    column = Column("Sales", np.array([12_345, -1]), "money")
    assert column.take(ROWS) == [Decimal("-0.0001"), Decimal("1.2345")]


def test_days_that_never_come_are_blank() -> None:
    column = Column("Late", np.array([0, NEVER], dtype=np.int32), "day")
    assert column.take(ROWS) == [None, date(1970, 1, 1)]


def test_codes_become_their_labels_and_missing_ones_blank() -> None:
    column = Column("Class", np.array([-1, 1]), labels=("A", "B"))
    assert column.take(ROWS) == ["B", None]


def test_missing_shares_are_blank() -> None:
    assert Column("Gap", np.array([np.nan, 2.0]), "number").take(ROWS) == [2.0, None]


def test_costly_texts_are_made_for_the_rows_wanted_only() -> None:
    asked: list[list[int]] = []

    def make(rows: np.ndarray) -> list[str]:
        asked.append(rows.tolist())
        return [str(row) for row in rows]

    assert Column("Why", make).take(ROWS) == ["1", "0"]
    assert asked == [[1, 0]]


def test_another_list_is_another_table() -> None:
    assert table_key("x", np.array([1, 2])) != table_key("x", np.array([1, 3]))
