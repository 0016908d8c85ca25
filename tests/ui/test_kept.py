"""Shared results stay while there is room, and are computed once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

from crm_core.tables import IntArray
from crm_core.ui.kept import Kept, weigh

LONG = 300.0
"""Seconds that nothing here needs, however slow the machine."""


def of_bytes(n: int) -> IntArray:
    return np.zeros(n // 8, dtype=np.int64)


def test_the_result_asked_for_longest_ago_goes_first():
    kept = Kept(most_bytes=2500)
    for key in "ab":
        kept.get(key, lambda: of_bytes(1000))
    kept.get("a", lambda: pytest.fail("is held"))
    kept.get("c", lambda: of_bytes(1000))
    made: list[str] = []
    for key in "acb":
        kept.get(key, lambda key=key: made.append(key))
    assert made == ["b"]


def test_results_together_weigh_no_more_than_there_is_room_for():
    kept = Kept(most_bytes=10_000)
    for number in range(100):
        kept.get(number, lambda: of_bytes(900))
        assert kept.weight <= 10_000
    assert len(kept) == 9


def test_what_is_too_heavy_stays_only_among_the_latest_few():
    kept = Kept(most_bytes=100, at_least=2)
    for number in range(5):
        kept.get(number, lambda: of_bytes(8000))
    assert len(kept) == 2
    kept.get(4, lambda: pytest.fail("is held"))
    none = Kept(most_bytes=100)
    none.get("a", lambda: of_bytes(8000))
    assert (len(none), none.weight) == (0, 0)


def test_what_fails_is_said_and_tried_again():
    kept = Kept(most_bytes=1000)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 7) == 7


def test_many_who_ask_at_once_wait_for_one_who_computes():
    kept, calls, together = Kept(most_bytes=1000), [], threading.Barrier(8)
    go_on = threading.Event()

    def make() -> int:
        calls.append(1)
        assert go_on.wait(LONG)
        return 5

    def ask() -> None:
        together.wait(LONG)
        found.append(kept.get("a", make))

    found: list[int] = []
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(LONG)
    assert (len(calls), found) == (1, [5] * 8)


def test_a_result_may_be_made_of_another_one():
    kept = Kept(most_bytes=1000)
    assert kept.get("b", lambda: kept.get("a", lambda: 2) + 1) == 3


def test_after_clearing_everything_is_computed_anew():
    kept = Kept(most_bytes=1000)
    kept.get("a", lambda: 1)
    kept.clear()
    assert (len(kept), kept.weight, kept.get("a", lambda: 2)) == (0, 0, 2)


@dataclass
class Result:
    amounts: IntArray
    names: pa.Array


def test_arrays_are_weighed_wherever_they_are_and_each_once():
    array = of_bytes(80_000)
    result = Result(array, pa.array(["Ann"] * 1000))
    assert 83_000 < weigh(result) < 90_000
    assert weigh([array, array]) < 81_000
    assert weigh({"a": (array,)}) > 80_000
