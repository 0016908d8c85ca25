from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.key_accounts import count_load, find_keys, innovative_rate
from crm_core.metrics.pareto import pareto
from tests.metrics.ledgers import locked, order_books


def result_of(**amounts: int):
    return pareto(locked({name: [(100, amount)] for name, amount in amounts.items()}), 100)


def codes(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)


def test_a_share_on_the_mark_makes_a_client_key():
    keys = find_keys(result_of(a=10, b=81, c=9))
    assert keys.position.tolist() == [1, 0]
    assert keys.share.tolist() == [0.81, 0.10]
    assert (keys.buyers.tolist(), keys.n_without) == ([3], 0)


def test_one_of_two_hundred_with_a_tenth_of_sales_is_key():
    small = {f"c{n}": 900 for n in range(199)}
    keys = find_keys(result_of(big=199 * 100, **small))
    assert keys.position.tolist() == [0]
    assert keys.share.tolist() == [0.1]


def test_every_base_has_its_own_sales_and_its_own_key_clients():
    # Garden: 90 and 10 of 100; Interior: 5 of 5, key there though 5 % of all.
    result = result_of(a=90, b=10, c=5, d=1)
    keys = find_keys(result, codes(0, 0, 1, -1), ("Garden", "Interior"))
    assert keys.base.tolist() == [0, 0, 1]
    assert keys.position.tolist() == [0, 1, 2]
    assert keys.share.tolist() == [0.9, 0.1, 1.0]
    assert keys.total.tolist() == [1_000_000, 50_000]
    assert (keys.buyers.tolist(), keys.n_without) == ([2, 1], 1)
    assert keys.members(1).tolist() == [2]


def test_a_base_nobody_buys_in_has_no_key_client():
    keys = find_keys(result_of(a=1), codes(1), ("empty", "full"))
    assert keys.total.tolist() == [0, 10_000]
    assert keys.base.tolist() == [1]


def test_nobody_is_key_without_sales():
    keys = find_keys(pareto(locked({}), 100))
    assert (len(keys), keys.share.tolist(), keys.total.tolist()) == (0, [], [0])


def test_marks_may_be_set_elsewhere_but_must_be_percentages():
    result = result_of(a=5, b=15, c=80)
    assert [len(find_keys(result, percent=p)) for p in (5, 10, 20, 100)] == [3, 2, 1, 0]
    for percent in (0, 101):
        with pytest.raises(ParameterError, match="from 1 to 100"):
            find_keys(result, percent=percent)


def test_the_largest_amounts_do_not_overflow():
    rows = {"a": [(100, 10**11)] * 80, "b": [(100, 10**11)] * 9, "c": [(100, 10**11)]}
    keys = find_keys(pareto(locked(rows), 100))
    assert keys.position.tolist() == [0, 1]


@given(order_books(clients=8), st.lists(st.integers(-1, 2), min_size=8, max_size=8),
       st.integers(1, 100))  # fmt: skip
@settings(max_examples=60)
def test_no_base_has_more_key_clients_than_the_mark_allows(book, labels, percent):
    ledger = locked(book)
    result = pareto(ledger, 900, period="all")
    base = np.array(labels[: ledger.n_clients], dtype=np.int32)
    keys = find_keys(result, base, ("a", "b", "c"), percent=percent)
    net = dict(zip(result.order.tolist(), result.net.tolist(), strict=True))
    for code in range(3):
        mine = {p: n for p, n in net.items() if base[p] == code}
        expected = {p for p, n in mine.items() if n * 100 >= sum(mine.values()) * percent}
        assert set(keys.members(code).tolist()) == expected
        assert len(expected) <= 100 // percent


def test_a_manager_with_four_key_clients_has_too_many():
    load = count_load(np.array([0, 1, 2, 3, 4, 5]), codes(0, 0, 0, 1, 1, -1, 1))
    assert load.above().tolist() == []
    load = count_load(np.array([0, 1, 2, 3, 4]), codes(1, 1, 1, 1, 0))
    assert (load.managers.tolist(), load.counts.tolist()) == ([1, 0], [4, 1])
    assert load.above().tolist() == [1]


def test_key_clients_without_a_manager_are_named():
    keys = np.array([2, 0])
    assert count_load(keys, codes(0, 0, -1)).without.tolist() == [2]
    assert count_load(keys, None).without.tolist() == [2, 0]
    assert count_load(keys[:0], codes(0)).managers.tolist() == []


def test_innovative_clients_are_a_rate_with_its_counts():
    rate = innovative_rate(3, 120)
    assert (rate.value, rate.status) == (0.025, "ok")
    assert innovative_rate(1, 3).value is None
