from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from crm_core.access import ALONE, Actor, Role
from crm_core.ui.small_groups import without_small_effects

FRAME = pd.DataFrame(
    {
        "Stage": ["a", "b", "c", "d"],
        "Now": [9, 4, 0, 7],
        "Then": [3, 8, 5, 6],
        "Sales": [1, 2, 3, 4],
    }
)


def seen_by(who: Actor) -> list[list[Any]]:
    view: Any = SimpleNamespace(who=who)
    shown = without_small_effects(view, FRAME)
    return shown.astype(object).where(shown.notna(), None).to_numpy().tolist()


def test_a_change_shows_no_few_clients_before_or_after_it_to_an_analyst() -> None:
    assert seen_by(Actor("member 3", Role.ANALYST, 3)) == [
        ["a (fewer than 5)", None, None, None],
        ["b (fewer than 5)", None, None, None],
        ["c", 0, 5, 3],
        ["d", 7, 6, 4],
    ]


def test_who_sees_names_sees_all_of_it() -> None:
    assert seen_by(ALONE) == FRAME.to_numpy().tolist()
