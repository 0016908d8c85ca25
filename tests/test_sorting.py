"""Sorting by whole numbers: the same order as the slow way, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core import sorting
from crm_core.sorting import first_of_each, likely_among, sort_by_client_and_day

FEW_DAYS = st.integers(19_000, 19_010)
ANY_DAY = st.integers(-(2**31), 2**31 - 1)
PAIRS = st.lists(st.tuples(st.integers(-1, 5), FEW_DAYS)) | st.lists(
    st.tuples(st.integers(-1, 2**31 - 2), ANY_DAY)
)
KEYS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 6))


@pytest.mark.parametrize("block", [3, 1 << 16])
@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_rows_come_by_client_then_day_and_those_alike_stay_in_order(block, pairs):
    client = np.array([pair[0] for pair in pairs], dtype=np.int32)
    day = np.array([pair[1] for pair in pairs], dtype=np.int32)
    expected = np.lexsort((day, client))
    sorted_client, sorted_day = client.copy(), day.copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "BLOCK", block)
        order = sort_by_client_and_day(sorted_client, sorted_day)
    assert order.tolist() == expected.tolist()
    assert sorted_client.tolist() == client[expected].tolist()
    assert sorted_day.tolist() == day[expected].tolist()


@settings(max_examples=60, deadline=None)
@given(KEYS)
def test_the_first_of_each_key_is_where_it_stands_first(keys):
    first = {key: place for place, key in reversed(list(enumerate(keys)))}
    found = first_of_each(np.array(keys, dtype=np.int64))
    assert sorted(found.tolist()) == sorted(first.values())


def test_keys_that_look_alike_after_mixing_are_still_told_apart():
    back = pow(int(sorting._SPREAD), -1, 1 << 64)
    mixed = [1 << 40, (1 << 40) + 1, 1 << 40]
    keys = np.array([(value * back) % (1 << 64) for value in mixed], np.uint64).view(np.int64)
    assert sorted(first_of_each(keys).tolist()) == [0, 1]


@settings(max_examples=60, deadline=None)
@given(KEYS, KEYS)
def test_no_key_that_is_wanted_is_overlooked(keys, wanted):
    found = likely_among(np.array(keys, dtype=np.int64), np.array(wanted, dtype=np.int64)).tolist()
    assert found == sorted(found)
    assert {at for at, key in enumerate(keys) if key in set(wanted)} <= set(found)
