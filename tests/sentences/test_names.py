"""Names of clients, people and files stand in sentences as text, whatever is in them."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from crm_core.formatting import say_name
from crm_core.sentences import worth
from crm_core.sentences.answers import names_sentence, pareto_sentence
from crm_core.sentences.key_accounts import key_sentence, largest_sentence
from crm_core.sentences.notices import notice_sentence
from crm_core.sentences.places import own_clients_sentence

NAME = "![x](https://evil.invalid/p)"
DAY = date(2024, 5, 3)
ALONE: Any = SimpleNamespace(n=1, share_of_first=lambda _: 1.0)
KEY: Any = SimpleNamespace(result=ALONE, largest=NAME, loss=None)
WORTH: Any = SimpleNamespace(largest=(NAME, 10_000), n_clients=5, currency=None)


@pytest.mark.parametrize(
    "said",
    [
        names_sentence([NAME], 3),
        pareto_sentence(ALONE, NAME, unnamed=False),
        key_sentence(KEY),
        largest_sentence(KEY),
        worth._largest(WORTH),
        own_clients_sentence(3, 1, 5, first=NAME),
        own_clients_sentence(3, 0, 0, next_late=(NAME, 20_000)),
        notice_sentence("handover", NAME, DAY, {"clients": 2}, titles={}),
        notice_sentence("import waiting", "", DAY, {"file_name": NAME}, titles={}),
        notice_sentence("import failed", "", DAY, {"file_name": NAME}, titles={}),
        notice_sentence("import repeats", "", DAY, {"file_name": NAME}, titles={}),
    ],
)
def test_a_name_made_to_be_a_picture_stays_a_name(said: str) -> None:
    assert NAME not in said
    assert say_name(NAME) in said


def test_words_of_a_setting_stay_words() -> None:
    for detail in ({"setting": "rate", "currency": NAME}, {"setting": "k_gone"}):
        said = notice_sentence("setting", "", DAY, detail, titles={"k_gone": NAME})
        assert NAME not in said
        assert "evil" in said
