from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crm_core.records.keys import (
    MISSING,
    as_signed,
    chain,
    count_copies,
    hash_column,
    hash_texts,
    make_keys,
    mix,
)
from tests.builders import make_staged

ROWS = [
    {"client": "a", "day": "2024-01-01", "amount": 5, "order": "1"},
    {"client": "a", "day": "2024-01-01", "amount": 6, "order": "1"},
    {"client": "b", "day": "2024-01-01", "amount": 5, "order": "1"},
    {"client": "a", "day": "2024-01-01", "amount": 5},
    {"client": "a", "day": "2024-01-01", "amount": 5},
    {"client": None, "day": "2024-01-01", "amount": -5, "refund_of": "1"},
    {"client": "a", "day": "2024-01-03", "amount": -5, "refund_of": "1"},
]


def keys_of(rows, source_id=1, **options):
    staged = make_staged(rows, **options)
    return make_keys(source_id, staged.sales, staged.clients)


def test_keys_of_today_are_those_of_every_other_day():
    keys, refund_keys = keys_of(ROWS)
    assert keys.tolist() == GOLDEN_KEYS
    assert refund_keys.tolist() == GOLDEN_REFUND_KEYS
    assert keys.dtype == refund_keys.dtype == np.int64


GOLDEN_KEYS = [
    -564130346827098469,
    -564130346827098469,
    3308799091756224397,
    772175560646634123,
    4391781869158562807,
    8194518743248423422,
    -5318964367684234775,
]
GOLDEN_REFUND_KEYS = [0, 0, 0, 0, 0, -2539976484176700051, -564130346827098469]


def test_rows_of_one_order_share_a_key_and_clients_do_not():
    keys, _ = keys_of(ROWS)
    assert keys[0] == keys[1] != keys[2]


def test_identical_rows_without_a_reference_are_numbered():
    keys, _ = keys_of(ROWS)
    again, _ = keys_of(ROWS[3:5])
    assert keys[3] != keys[4]
    assert sorted(again.tolist()) == sorted(keys[3:5].tolist())


def test_a_refund_names_the_key_of_its_order_of_the_same_client():
    keys, refund_keys = keys_of(ROWS)
    assert refund_keys[6] == keys[0]
    assert refund_keys[5] not in keys.tolist()
    assert refund_keys[:5].tolist() == [0] * 5


def test_every_part_of_a_row_makes_another_key():
    base = {"client": "a", "day": "2024-01-01", "amount": 5}
    others = [
        {"client": "b"}, {"day": "2024-01-02"}, {"amount": 6}, {"quantity": 1},
        {"currency": "USD"}, {"product": "tea"}, {"category": "tea"}, {"channel": "tea"},
        {"manager": "tea"}, {"refund_of": "1"}, {"order": "1"},
    ]  # fmt: skip
    rows = [base, *(base | other for other in others)]
    alone = [keys_of([row])[0][0] for row in rows]
    together = keys_of(rows)[0].tolist()
    assert len(set(alone)) == len(rows)
    assert together == alone


def test_sources_and_kinds_of_identity_do_not_mix():
    assert keys_of(ROWS, 1)[0][0] != keys_of(ROWS, 2)[0][0]
    assert keys_of(ROWS)[0][0] != keys_of(ROWS, kind="email")[0][0]


def test_order_of_rows_and_other_rows_play_no_part():
    keys, _ = keys_of(ROWS)
    backwards, _ = keys_of(ROWS[::-1])
    assert sorted(keys.tolist()) == sorted(backwards.tolist())


@given(st.lists(st.integers(0, 5), max_size=30))
def test_copies_count_the_equal_ones_before(values):
    found = count_copies(np.array(values, dtype=np.uint64))
    assert found.tolist() == [values[:i].count(value) for i, value in enumerate(values)]


@given(st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=50))
def test_mixing_keeps_distinct_values_distinct_and_its_input_unchanged(values):
    given_values = np.array(values, dtype=np.uint64)
    mixed = mix(given_values)
    assert len(set(mixed.tolist())) == len(values)
    assert given_values.tolist() == values


def test_zero_is_never_a_key():
    assert as_signed(np.array([0, 2**64 - 1], dtype=np.uint64)).tolist() == [1, -1]


def test_components_do_not_commute():
    one, two = np.array([1], dtype=np.uint64), np.array([2], dtype=np.uint64)
    assert chain(one, two) != chain(two, one)


def test_missing_texts_hash_to_a_value_of_their_own():
    hashes, given_texts = hash_column(pa.array(["x", None, ""], pa.string()))
    assert hashes[1] == MISSING
    assert given_texts.tolist() == [True, False, True]
    assert hash_texts([]).shape == (0,)
