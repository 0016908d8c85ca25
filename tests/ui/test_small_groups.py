from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from crm_core.access import ALONE, Actor, Role
from crm_core.ui.small_groups import HIDDEN_LINE, told_most, without_small_effects

FRAME = pd.DataFrame(
    {
        "Stage": ["a", "b", "c", "d", "e"],
        "Now": [5, 4, 0, 7, 20],
        "Then": [6, 8, 5, 3, 21],
        "Sales": [1, 2, 3, 4, 5],
    }
)


def seen_by(who: Actor) -> list[list[Any]]:
    view: Any = SimpleNamespace(who=who)
    shown = without_small_effects(view, FRAME)
    return shown.astype(object).where(shown.notna(), None).to_numpy().tolist()


def test_a_change_shows_no_few_clients_before_or_after_it_to_an_analyst() -> None:
    assert seen_by(Actor("member 3", Role.ANALYST, 3)) == [
        ["a (not shown)", None, None, None],
        ["b (fewer than 5)", None, None, None],
        ["c (not shown)", None, None, None],
        ["d (fewer than 5)", None, None, None],
        ["e", 20, 21, 5],
    ]


def test_what_would_tell_of_a_few_by_subtraction_is_hidden_with_them() -> None:
    """Only ``d`` is of a few then; with all others shown it would be what is left of 43."""
    few = FRAME.assign(Now=[5, 6, 0, 7, 20])
    view: Any = SimpleNamespace(who=Actor("member 3", Role.ANALYST, 3))
    shown = without_small_effects(view, few)
    assert shown["Then"].isna().tolist() == [False, False, True, True, False]


def test_who_sees_names_sees_all_of_it() -> None:
    assert seen_by(ALONE) == FRAME.to_numpy().tolist()


def test_as_much_of_a_sentence_is_told_as_may_be() -> None:
    analyst: Any = SimpleNamespace(who=Actor("member 3", Role.ANALYST, 3))
    owner: Any = SimpleNamespace(who=ALONE)
    ways = (("23 are late; 2 go soon.", (23, 2)), ("23 are late.", (23,)))
    assert told_most(owner, *ways) == "23 are late; 2 go soon."
    assert told_most(analyst, *ways) == "23 are late."
    assert told_most(analyst, ("2 are late.", (2,))) == HIDDEN_LINE
