from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.tables import (
    Clients,
    Coded,
    Contacts,
    offsets_of,
    sum_segments,
    to_date,
    to_day,
)

SEGMENTS = st.lists(st.lists(st.integers(-(10**15), 10**15), max_size=4), max_size=8)


def offsets_from(segments: list[list[int]]) -> np.ndarray:
    return np.cumsum([0, *(len(segment) for segment in segments)])


@given(SEGMENTS)
def test_sums_of_segments_are_exact_and_empty_ones_zero(segments):
    values = np.array([value for segment in segments for value in segment], dtype=np.int64)
    found = sum_segments(values, offsets_from(segments))
    assert found.tolist() == [sum(segment) for segment in segments]


def test_marks_are_counted_as_numbers():
    marks = np.array([True, True, False])
    assert sum_segments(marks, np.array([0, 2, 3, 3])).tolist() == [2, 0, 0]


@given(st.lists(st.integers(0, 5)))
def test_offsets_say_where_clients_begin(client):
    client = sorted(client)
    offsets = offsets_of(np.array(client, dtype=np.int64), 6)
    assert offsets.tolist() == [sum(c < n for c in client) for n in range(7)]


@given(st.dates())
def test_days_and_dates_are_one_to_one(day: date):
    assert to_date(to_day(day)) == day


@pytest.fixture
def contacts() -> Contacts:
    return Contacts(
        offsets=np.array([0, 2, 2, 3]),
        day=np.array([5, 6, 7], dtype=np.int32),
        inbound=np.array([True, False, True]),
    )


def test_rows_know_their_client(contacts: Contacts):
    assert len(contacts) == 3
    assert contacts.clients().tolist() == [0, 0, 2]
    assert list(contacts.columns()) == ["day", "inbound"]


def test_a_part_is_a_view_with_offsets_of_its_own(contacts: Contacts):
    part = contacts.part(1, 3)
    assert part.offsets.tolist() == [0, 0, 1]
    assert part.day.tolist() == [7]
    assert np.shares_memory(part.day, contacts.day)


def test_taking_clients_keeps_all_their_rows_in_the_order_asked(contacts: Contacts):
    taken = contacts.take(np.array([2, 1, 0]))
    assert taken.offsets.tolist() == [0, 1, 1, 3]
    assert taken.day.tolist() == [7, 5, 6]
    assert taken.inbound.tolist() == [True, True, False]
    assert len(contacts.take(np.array([], dtype=np.int64))) == 0


def test_clients_are_taken_with_their_attributes():
    clients = Clients(
        record_id=np.array([7, 8]),
        external_id=pa.array(["a", "b"]),
        name=pa.array(["Ann", "Bob"]),
        known_on=np.array([1, 2], dtype=np.int32),
        attributes={"region": Coded(np.array([0, -1], dtype=np.int32), ("N",))},
    )
    taken = clients.take(np.array([1]))
    assert len(taken) == 1
    assert taken.name.to_pylist() == ["Bob"]
    assert taken.attributes["region"] == Coded(taken.attributes["region"].codes, ("N",))
    assert taken.attributes["region"].codes.tolist() == [-1]
