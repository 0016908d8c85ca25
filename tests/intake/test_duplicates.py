from __future__ import annotations

import pytest

from crm_core.intake.duplicates import find_duplicates
from crm_core.intake.likeness import plain_name


def pairs(names: list[str | None], **more: list[str | None]) -> list[tuple[int, int, str]]:
    return [(one.first, one.second, one.reason) for one in find_duplicates(names, **more)]


def test_one_email_in_two_spellings_is_the_surest_sign() -> None:
    found = find_duplicates(["Ann", "Anna Lee"], emails=["A@x.org", "a@x.org "])
    assert [(one.reason, one.score) for one in found] == [("same e-mail", 1.0)]
    assert found[0].evidence == "Both have the e-mail A@x.org."


def test_one_phone_with_and_without_country_code() -> None:
    phones = ["+358 40 123 4567", "(040) 1234567", "12", "0000000000"]
    assert pairs(["a", "b", "c", "d"], phones=phones) == [(0, 1, "same phone")]


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Müller & Söhne GmbH", "MUELLER SOEHNE", "same name"),
        ("Nordlicht Oy", "nordlicht  OY", "same name"),
        ("Café Zoé SARL", "Cafe Zoe", "same name"),
        ("Lee, Ann", "Ann Lee", "same name"),
        ("Nordlicht Handel", "Nordlihct Handel", "near name"),
    ],
)
def test_names_written_differently_are_one(one: str, other: str, reason: str) -> None:
    assert pairs([one, other]) == [(0, 1, reason)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Client 12", "Client 13"),
        ("Erin Smith", "Erica Smith"),
        ("Anna", "Anne"),
        ("00123", "00124"),
        ("n/a", "N/A"),
    ],
)
def test_names_of_two_stay_two(one: str, other: str) -> None:
    assert pairs([one, other]) == []


def test_a_text_shared_by_many_tells_nothing() -> None:
    names: list[str | None] = [None] * 30
    assert pairs(names, emails=["info@x.org"] * 30, phones=["+49 30 1234567"] * 30) == []


def test_a_pair_stands_once_with_its_best_reason_and_the_list_ends() -> None:
    names: list[str | None] = ["Ann Lee"] * 6
    assert len(find_duplicates(names, emails=["a@x.org"] * 6)) == 15
    assert len(find_duplicates(names[:5], most=4)) == 4


def test_nobody_has_no_duplicates() -> None:
    assert find_duplicates([]) == ()
    assert find_duplicates([None, None], emails=[None, None]) == ()


def test_legal_forms_alone_are_kept() -> None:
    assert plain_name("AG") == "ag"
