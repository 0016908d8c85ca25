from __future__ import annotations

from dataclasses import fields

import pytest

from crm_core.metrics.parameters import Parameters
from crm_core.ui.setting_words import BY_NAME, WORDS, SettingWord, legal_range, value_in_force


def test_every_parameter_has_words() -> None:
    assert set(BY_NAME) | {"closed_months"} == {field.name for field in fields(Parameters)}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_default_lies_in_the_legal_range(word: SettingWord) -> None:
    low, high = legal_range(word.name)
    value = value_in_force(Parameters(), word.name)
    assert value is None or low <= value <= high


def test_values_that_follow_the_typical_gap_are_worked_out() -> None:
    assert value_in_force(Parameters(m0=300), "cap") == 900
    assert value_in_force(Parameters(m0=300), "n_commit") == 4
