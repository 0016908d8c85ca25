from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.dependency import (
    class_a_moves,
    find_dependencies,
    find_group_dependencies,
    large_not_regular,
)
from crm_core.metrics.pareto import pareto
from tests.metrics.ledgers import locked


def shares(**percent: int):
    return locked({name: [(100, amount)] for name, amount in percent.items()})


@pytest.mark.parametrize(
    ("percent", "mark", "level"),
    [
        (10, 10, "key"),
        (19, 10, "key"),
        (20, 20, "watch"),
        (30, 30, "act"),
        (40, 40, "urgent"),
        (50, 40, "urgent"),
        (51, 50, "critical"),
    ],
)
def test_a_share_on_a_mark_reaches_it_and_only_more_than_half_is_critical(percent, mark, level):
    result = pareto(shares(big=percent, rest=100 - percent), 100)
    found = {d.position: d for d in find_dependencies(result)}
    assert (found[0].mark, found[0].level, found[0].share) == (mark, level, percent / 100)


def test_nine_percent_is_below_every_mark():
    result = pareto(shares(a=9, b=91), 100)
    assert [d.position for d in find_dependencies(result)] == [1]


def test_the_only_buying_client_is_named_so():
    (only,) = find_dependencies(pareto(shares(ann=7), 100))
    assert (only.level, only.mark, only.share) == ("single client", 50, 1.0)


def test_nobody_depends_on_nobody():
    ledger = locked({})
    result = pareto(ledger, 100)
    assert find_dependencies(result) == []
    assert find_group_dependencies(ledger, result) == []


def test_groups_add_up_clients_that_are_small_alone():
    book = {name: [(100, 8)] for name in "abcd"} | {"e": [(100, 60)], "f": [(100, 8)]}
    group = {"a": "Nord", "b": "Nord", "c": "Nord", "f": "Ost"}
    ledger = locked(book, attributes={"group": group})
    (nord,) = find_group_dependencies(ledger, pareto(ledger, 100))
    assert (nord.group, nord.n_clients, nord.position) == ("Nord", 3, 0)
    assert (nord.net, nord.share, nord.level) == (240_000, 0.24, "watch")


def test_groups_come_largest_first_with_their_largest_client():
    book = {"a": [(1, 10)], "b": [(1, 30)], "c": [(1, 45)], "d": [(1, 15)]}
    ledger = locked(book, attributes={"region": {"a": "x", "b": "x", "c": "y", "d": "y"}})
    found = find_group_dependencies(ledger, pareto(ledger, 9), attribute="region")
    assert [(d.group, d.position, d.level) for d in found] == [
        ("y", 2, "critical"),
        ("x", 1, "urgent"),
    ]


def test_who_entered_and_left_class_a_between_two_days():
    book = {
        "a": [(10, 80), (200, 1)],
        "b": [(10, 15), (200, 400)],
        "c": [(10, 5), (200, 9)],
    }
    moves = class_a_moves(locked(book), 50, 250, period="all")
    assert (moves.entered.tolist(), moves.left.tolist()) == ([1], [0])
    assert (moves.n_before, moves.n_now) == (1, 1)
    assert moves.before.by_client[0] == 800_000
    assert moves.now.by_client[1] == 4_150_000


def test_nobody_moves_between_a_day_and_itself():
    moves = class_a_moves(shares(a=60, b=40), 100, 100)
    assert (moves.entered.tolist(), moves.left.tolist()) == ([], [])


def test_large_clients_that_are_no_regulars_are_found_largest_first():
    book = {f"c{n:02}": [(100, 100 - n)] for n in range(15)}
    result = pareto(locked(book), 100)
    stages = np.full(15, 2, dtype=np.int8)
    stages[1] = 4
    assert large_not_regular(result, stages).tolist() == [0, 2]
