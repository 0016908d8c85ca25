from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_core.metrics.clock import Clock
from crm_core.metrics.signals import Signals, day_of, join_keys
from crm_core.tables import NEVER
from tests.builders import make_ledger

DAY = st.integers(-(2**31), 2**31 - 1)


def signals(closed_months: tuple[int, ...] = (), **events) -> Signals:
    return Signals(make_ledger({"a": [], "b": []}, **events), Clock(closed_months, -100, 2000))


def moved(some: Signals, *, bought: int, gone: int, wait: int, as_of: int = NEVER) -> int:
    client, day = np.array([0]), np.array([bought], np.int32)
    found = some.move_gone(
        client, day, np.array([gone], np.int32), np.array([wait], np.int32), as_of
    )
    return int(found[0])


@given(st.lists(st.tuples(st.integers(0, 10**6), DAY), min_size=1))
def test_joined_keys_sort_like_pairs_and_give_the_day_back(pairs) -> None:
    client, day = (np.array(column) for column in zip(*pairs, strict=True))
    keys = join_keys(client, day)
    order = np.argsort(keys, kind="stable")
    assert [pairs[i] for i in order] == sorted(pairs)
    assert day_of(keys).tolist() == day.tolist()


def test_a_contact_moves_the_gone_day_to_its_own_wait() -> None:
    some = signals(inbound={"a": [50]})
    assert moved(some, bought=0, gone=61, wait=20) == 71
    assert moved(some, bought=0, gone=100, wait=20) == 100


def test_a_contact_on_or_after_the_gone_day_comes_too_late() -> None:
    assert moved(signals(inbound={"a": [61]}), bought=0, gone=61, wait=20) == 61


def test_contacts_do_not_chain() -> None:
    some = signals(inbound={"a": [60, 75]})
    assert moved(some, bought=0, gone=61, wait=20) == 81


def test_a_contact_before_the_purchase_says_nothing() -> None:
    assert moved(signals(inbound={"a": [5]}), bought=6, gone=8, wait=20) == 8


def test_a_contact_after_the_as_of_day_is_not_known_yet() -> None:
    some = signals(inbound={"a": [40, 55]})
    assert moved(some, bought=0, gone=61, wait=30, as_of=54) == 71
    assert moved(some, bought=0, gone=61, wait=30, as_of=55) == 86


def test_another_clients_and_our_own_contacts_play_no_part() -> None:
    some = signals(inbound={"b": [50]}, outbound={"a": [50]})
    assert moved(some, bought=0, gone=61, wait=20) == 61


def test_the_wait_after_a_contact_skips_closed_months() -> None:
    # Day 50 is 20 February 1970; with March closed 20 open days later it is 11 April.
    assert moved(signals((3,), inbound={"a": [50]}), bought=0, gone=61, wait=20) == 102


def first_ending(some: Signals, client: int, day: int, before: int) -> tuple[int, int]:
    found, row = some.first_ending(np.array([client]), np.array([day]), np.array([before]))
    return int(found[0]), int(row[0])


def test_the_first_ending_counts_from_the_day_itself_and_before_the_end() -> None:
    some = signals(closed={"a": [(10, "other"), (20, "other")], "b": [(5, "other")]})
    assert first_ending(some, 0, 10, 99) == (10, 0)
    assert first_ending(some, 0, 11, 99) == (20, 1)
    assert first_ending(some, 0, 11, 20) == (NEVER, -1)
    assert first_ending(some, 0, 21, 99) == (NEVER, -1)
    assert first_ending(some, 1, 0, 99) == (5, 2)


def test_without_endings_nothing_is_found() -> None:
    assert first_ending(signals(), 0, 0, 99) == (NEVER, -1)
