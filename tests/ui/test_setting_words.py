from __future__ import annotations

from dataclasses import fields

import pytest

from crm_core.metrics.parameters import Parameters
from crm_core.ui.setting_words import (
    BY_NAME,
    OTHER_WORDS,
    TITLES,
    WORDS,
    SettingWord,
    legal_range,
    say_setting,
    value_in_force,
)


def test_every_parameter_has_words() -> None:
    assert set(TITLES) == {field.name for field in fields(Parameters)}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_default_lies_in_the_legal_range(word: SettingWord) -> None:
    low, high = legal_range(word.name)
    value = value_in_force(Parameters(), word.name)
    assert value is None or low <= value <= high


def test_values_that_follow_the_typical_gap_are_worked_out() -> None:
    assert value_in_force(Parameters(m0=300), "cap") == 900
    assert value_in_force(Parameters(m0=300), "n_commit") == 4


def test_settings_that_are_no_numbers_are_said_and_never_edited_as_numbers() -> None:
    values = Parameters(
        same_weeks=False,
        m0_groups=(("trade", "shop", 14.0), ("", "", 60.0)),
        model=(0.24, 4.4, 0.79, 2.4, 39.0),
        closed_months=(1, 8),
    )
    assert [say_setting(values, word) for word in OTHER_WORDS] == [
        "off",
        "trade by shop: 14 days, no kind or channel: 60 days",
        "within 39 weeks (r 0.24, α 4.4, a 0.79, b 2.4)",
        "January, August",
    ]
    assert not {word.name for word in OTHER_WORDS} & set(BY_NAME)
