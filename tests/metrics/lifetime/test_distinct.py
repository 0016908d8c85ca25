from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.lifetime import distinct
from crm_core.metrics.lifetime.distinct import (
    count_distinct,
    find_distinct,
    find_values,
    map_pairs,
)

COLUMNS = {
    "small": np.array([3, 1, 3, 2], dtype=np.int32),
    "wide": np.array([10**12, -5, 10**12, 0]),
    "broken": np.array([0.5, 0.25, 0.5, 7.0]),
    "none": np.zeros(0, dtype=np.int32),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_values_and_codes_give_the_column_back(name: str) -> None:
    values, code = find_values(COLUMNS[name])
    assert values[code].tolist() == COLUMNS[name].tolist()
    assert values.tolist() == sorted(set(COLUMNS[name].tolist()))


numbers = st.one_of(st.integers(0, 3), st.integers(-(10**12), 10**12))
tables = st.lists(st.tuples(numbers, numbers, st.floats(0, 2)), max_size=12)


@settings(max_examples=80)
@given(tables)
def test_distinct_rows_are_those_of_a_plain_set(rows: list[tuple[int, int, float]]) -> None:
    x, y, z = (np.array([row[i] for row in rows]) for i in range(3))
    kinds = sorted(set(rows))
    found, inverse = find_distinct(x, y, z)
    assert list(zip(x[found], y[found], z[found], strict=True)) == kinds
    assert [kinds[i] for i in inverse] == rows
    columns, count = count_distinct((x, y, z))
    assert list(zip(*columns, strict=True)) == kinds
    assert count.tolist() == [rows.count(kind) for kind in kinds]


def test_a_key_too_wide_for_one_number_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "WIDEST_KEY", 10)
    columns = (np.array([5, 1, 5, 1]), np.array([2, 9, 2, 8]), np.array([0, 4, 0, 3]))
    found, inverse = find_distinct(*columns)
    assert [column[found].tolist() for column in columns] == [[1, 1, 5], [8, 9, 2], [3, 4, 0]]
    assert inverse.tolist() == [2, 1, 2, 0]
    counted, count = count_distinct(columns)
    assert [column.tolist() for column in counted] == [[1, 1, 5], [8, 9, 2], [3, 4, 0]]
    assert count.tolist() == [1, 1, 2]


@settings(max_examples=60)
@given(tables, st.booleans())
def test_a_function_of_pairs_is_worked_out_once_each(rows, whole: bool) -> None:
    x = np.array([row[0] for row in rows], dtype=np.int64)
    y = np.array([row[0] % 3 if whole else row[2] for row in rows])
    seen = []

    def function(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        seen.extend(zip(x.tolist(), y.tolist(), strict=True))
        return x + 0.25 * y

    assert map_pairs(x, y, function).tolist() == (x + 0.25 * y).tolist()
    assert sorted(seen) == sorted(set(zip(x.tolist(), y.tolist(), strict=True)))
