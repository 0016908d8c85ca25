from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sqlalchemy import Engine, inspect, select

from crm_core.records import bulk
from crm_core.records.bulk import (
    Nullable,
    as_tuples,
    index_aside,
    insert_columns,
    insert_rows,
    next_ids,
)
from crm_core.records.engine import writing
from crm_core.records.models import Channel, Sale


def test_columns_become_tuples_of_plain_values(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bulk, "BLOCK", 2)
    columns = [
        np.array([1, 2, 3], dtype=np.int32),
        Nullable(np.array([-1, 5, -1])),
        pa.array(["x", None, "z"]),
        ["a", "b", "c"],
        np.broadcast_to(np.True_, 3),
    ]
    rows = list(as_tuples(columns))
    assert rows == [(1, None, "x", "a", True), (2, 5, None, "b", True), (3, None, "z", "c", True)]
    assert [type(value) for value in rows[1]] == [int, int, type(None), str, bool]


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        list(as_tuples([[1, 2], [1]]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 2], [1, 2]), ([-1, -1], [None, None]), ([1, -1], [1, None]), ([], [])],
)
def test_missing_numbers_become_none(values, expected):
    assert list(Nullable(np.array(values, dtype=np.int64))[0:9]) == expected


def test_rows_are_written_in_blocks_and_progress_is_told(
    database: Engine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk, "BLOCK", 2)
    told: list[int] = []
    with writing(database) as connection:
        rows = ((number, f"shop {number}") for number in range(1, 6))
        assert insert_rows(connection, Channel, ("id", "name"), rows, told.append) == 5
        assert told == [2, 4, 5]
        assert next_ids(connection, Channel, 2).tolist() == [6, 7]
        assert len(connection.execute(select(Channel.id)).all()) == 5


def test_nothing_to_write_is_legal(database: Engine):
    with writing(database) as connection:
        assert insert_columns(connection, Channel, {"id": [], "name": []}) == 0
        assert next_ids(connection, Channel, 0).tolist() == []


@pytest.mark.parametrize("count", [1, 10**6])
def test_indexes_stand_after_rows_came_in(database: Engine, count: int):
    with writing(database) as connection:
        with index_aside(connection, Sale, count):
            away = inspect(connection).get_indexes("sales") == []
        # A server keeps them: dropping one would make every reader wait.
        assert away == (count > 1 and database.dialect.name == "sqlite")
        assert [i["name"] for i in inspect(connection).get_indexes("sales")] == ["ix_sales_key"]
