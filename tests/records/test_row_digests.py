"""The digest of an import: the same of what is written and of what stands in the tables."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from crm_core.records import row_digests
from crm_core.records.engine import reading, writing
from crm_core.records.importing import write_import
from crm_core.records.models import Batch
from crm_core.records.row_digests import digest_columns, read_digest
from tests.builders import make_staged

NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROWS = [
    {"client": "b", "day": "2024-01-05", "amount": "10.5", "order": "1", "product": "tea",
     "category": "drinks", "channel": "web", "manager": "Mo", "quantity": 2},
    {"client": "b", "day": "1969-01-06", "amount": "-10.5", "refund_of": "1", "quantity": -2},
    {"client": "c", "day": "2024-01-08", "amount": 3, "currency": "USD"},
    {"client": None, "day": "2024-01-02", "amount": 7, "channel": "shop"},
    {"client": "a", "day": "2024-01-09", "amount": "92233720368", "order": "9"},
]  # fmt: skip
COLUMNS = row_digests._READ


def test_what_is_stored_has_the_digest_of_what_was_written(
    database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(database) as connection:
        write_import(connection, make_staged(ROWS), imported_at=NOW)
        write_import(connection, make_staged([*ROWS[1:], *ROWS[3:]]), imported_at=NOW)
        write_import(connection, make_staged([]), imported_at=NOW)
    columns = Batch.__table__.c
    query = select(columns.digest, columns.first_sale_id, columns.last_sale_id)
    with reading(database) as connection:
        held = connection.execute(query.order_by(columns.id)).all()
        found = [read_digest(connection, first, last) for _, first, last in held]
        monkeypatch.setattr(row_digests, "AT_ONCE", 2)
        in_twos = [read_digest(connection, first, last) for _, first, last in held]
    assert found == in_twos == [digest for digest, _, _ in held]
    assert found[2] == 0
    assert len(set(found)) == 3


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=11, max_size=11), min_size=1, max_size=6),
    st.data(),
)
def test_one_value_changed_changes_the_digest_and_another_order_does_not(
    rows: list[list[int]], data: st.DataObject
) -> None:
    table = np.array(rows, dtype=np.int64)

    def digest(values: np.ndarray) -> int:
        return digest_columns(dict(zip(COLUMNS, values.T, strict=True)))

    order = data.draw(st.permutations(range(len(rows))))
    assert digest(table[order]) == digest(table)
    changed = table.copy()
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(COLUMNS) - 1))
    # A missing id and 0, which no id is, are the same.
    changed[row, column] += 11
    assert digest(changed) != digest(table)
