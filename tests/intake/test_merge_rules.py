"""Who is one by rule, who is not, and what is left to a person."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.addresses import plain_email, plain_phone
from crm_core.intake.likeness import compare_names, fold_client_name, is_slip, one_letter_apart
from crm_core.intake.merge_groups import find_groups, join_groups
from crm_core.intake.merge_rules import MOST_SHARING, find_matches
from crm_core.intake.people import MOST_AT_DOMAIN, People
from tests.intake.doubles import make_doubles


def make_people(*rows: dict[str, Any]) -> People:
    """Return people from rows of what is known of each."""
    fields = {
        "names": "name", "emails": "email", "phones": "phone", "countries": "country",
        "regions": "region", "cities": "city", "birthdays": "birthday", "kinds": "kind",
        "numbers": "number",
    }  # fmt: skip
    return People(**{f: tuple(row.get(key) for row in rows) for f, key in fields.items()})


def verdict(*rows: dict[str, Any]) -> str:
    """Return what is said of the first two: the rule, with a question mark where doubtful."""
    found = [one for one in find_matches(make_people(*rows)) if (one.first, one.second) == (0, 1)]
    return "two" if not found else found[0].rule + ("" if found[0].sure else "?")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ({"name": "Al Lee", "email": "a@x.org"}, {"name": "LEE Al", "email": "A@X.org"}, "email"),
        ({"name": "Ann Lee", "email": "a@x.org"}, {"name": "A. Lee", "email": "a@x.org"}, "email"),
        ({"name": "Ann Lee", "email": "a@x.org"}, {"email": "a@x.org"}, "email"),
        ({"name": "Al Lee", "email": "a@x.org"}, {"name": "Bob Lee", "email": "a@x.org"}, "email?"),
        ({"email": "noreply@x.org"}, {"email": "noreply@x.org"}, "two"),
        (
            {"name": "Ann Lee", "phone": "+49 (0)30 765 43 21"},
            {"name": "ann lee", "phone": "030/7654321"},
            "phone",
        ),
        (
            {"name": "Ann Lee", "phone": "+49 30 7654321"},
            {"name": "Ann Lee", "phone": "+43 30 7654321"},
            "name?",
        ),
        ({"name": "Ann", "phone": "030 7654321"}, {"name": "Bo", "phone": "030 7654321"}, "phone?"),
        ({"name": "Ann Lee", "phone": "123"}, {"name": "Al Lee", "phone": "123"}, "two"),
        ({"name": "Ann Lee", "phone": "0000000"}, {"name": "Al Lee", "phone": "0000000"}, "two"),
        ({"name": "Bo Grams", "city": "Köln"}, {"name": "Grams, Bo", "city": "KOELN"}, "name"),
        ({"name": "Bo Grams", "city": "Köln"}, {"name": "Bo Grams", "city": "Bonn"}, "name?"),
        ({"name": "Bo Grams"}, {"name": "Bo Grams"}, "name?"),
        ({"name": "Bo Grams", "region": "NRW"}, {"name": "Bo Grams", "region": "NRW"}, "name"),
        ({"name": "Bo Grams", "country": "DE"}, {"name": "Bo Grams", "country": "DE"}, "name?"),
        (
            {"name": "Grams Bau GmbH", "country": "DE"},
            {"name": "GRAMS BAU Gmbh", "country": "Deutschland"},
            "name",
        ),
        ({"name": "Grams AG", "city": "Bonn"}, {"name": "Grams GmbH", "city": "Bonn"}, "name?"),
        ({"name": "Grams", "city": "Bonn"}, {"name": "Grams", "city": "Bonn"}, "name?"),
        ({"name": "Bo Grams", "birthday": 9}, {"name": "Bo Grams", "birthday": 9}, "name"),
        (
            {"name": "Bo Grams", "birthday": 9, "city": "Bonn"},
            {"name": "Bo Grams", "birthday": 8, "city": "Bonn"},
            "name?",
        ),
        ({"name": "Bo", "number": "C-7"}, {"name": "Bo", "number": "c-7"}, "name"),
        ({"name": "Vera Skovar", "city": "Bonn"}, {"name": "Vera Skovra", "city": "Bonn"}, "name?"),
        (
            {"name": "Vera Skovar", "email": "v@sk.org"},
            {"name": "Vera Skovra", "email": "vs@sk.org"},
            "name",
        ),
        ({"name": "Vera Skovar", "city": "Bonn"}, {"name": "Vera Skovra", "city": "Ulm"}, "two"),
        ({"name": "Shop 12", "city": "Bonn"}, {"name": "Shop 13", "city": "Bonn"}, "two"),
        ({"name": "Erin Smith", "city": "Bonn"}, {"name": "Erica Smith", "city": "Bonn"}, "two"),
        (
            {"name": "Ann Lee", "email": "a@x.org", "kind": "person"},
            {"name": "Ann Lee", "email": "a@x.org", "kind": "company"},
            "email?",
        ),
        (
            {"name": "Ann Lee", "email": "a@x.org", "country": "FR"},
            {"name": "Ann Lee", "email": "a@x.org", "country": "Germany"},
            "email?",
        ),
    ],
)  # fmt: skip
def test_what_is_one_what_is_two_and_what_is_a_question(
    one: dict[str, Any], other: dict[str, Any], wanted: str
) -> None:
    assert verdict(one, other) == verdict(other, one) == wanted


def test_a_common_name_in_a_large_town_is_a_question_and_a_rare_one_is_not() -> None:
    crowd = [
        {"name": f"{first} {last}", "city": "Berlin"}
        for first in ("Peter", "Anna", "Uta", "Max")
        for last in ("Schmidt", "Weber", "Krause", "Vogel", "Horn")
    ]
    assert verdict(*[{"name": "Peter Schmidt", "city": "Berlin"}] * 2, *crowd[1:]) == "name?"
    assert verdict(*[{"name": "Zeno Skovar", "city": "Berlin"}] * 2, *crowd) == "name"


def test_a_near_name_counts_only_where_one_spelling_is_borne_once() -> None:
    pair = [{"name": f"Vera {name}", "email": f"{name}@sk.org"} for name in ("Skovar", "Skovra")]
    others = [{"name": "Emil Skovar"}, {"name": "Ida Skovra"}]
    assert verdict(*pair) == "name"
    assert verdict(*pair, others[0]) == "name"
    assert verdict(*pair, *others) == "two"


@pytest.mark.parametrize("rule", ["email", "phone", "name"])
def test_what_more_clients_share_than_the_limit_tells_nothing(rule: str) -> None:
    row = {"name": "Ann Lee", rule: {"email": "info@x.org", "phone": "030 7654321"}.get(rule)}
    row = {key: value for key, value in row.items() if value} | {"name": "Ann Lee"}
    most = MOST_SHARING[rule]

    def by_rule(count: int) -> int:
        return len(find_matches(make_people(*[row] * count), [rule]))

    assert by_rule(most) == most * (most - 1) // 2
    assert by_rule(most + 1) == 0


def test_a_domain_of_many_is_a_providers() -> None:
    def names(count: int) -> list[dict[str, Any]]:
        return [{"name": f"N{n}", "email": f"n{n}@prov.org"} for n in range(count)]

    pair = [{"name": "Bo Grams", "email": f"{box}@prov.org"} for box in ("bo", "grams")]
    assert verdict(*pair, *names(MOST_AT_DOMAIN - 2)) == "name"
    assert verdict(*pair, *names(MOST_AT_DOMAIN - 1)) == "name?"


def test_a_chain_whose_ends_contradict_is_left_to_a_person() -> None:
    people = make_people(
        {"name": "Ann Lee", "email": "x@x.org"},
        {"name": "Lee", "email": "x@x.org", "phone": "030 7654321"},
        {"name": "Bob Lee", "email": "x@x.org"},
    )
    (group,) = find_groups(people)
    assert group.members == (0, 1, 2)
    assert group.doubt == "“Ann Lee” and “Bob Lee” may be two."


def test_two_of_one_name_in_two_cities_do_not_meet_through_one_without_a_city() -> None:
    ulm, kiel = ({"name": "Hans Quist", "city": city} for city in ("Ulm", "Kiel"))
    mails = [{"email": f"hans{number}@quist.org"} for number in (1, 2)]
    anywhere = {"name": "Hans Quist"}
    people = make_people(
        ulm | mails[0], kiel | mails[1], anywhere | mails[0], anywhere | mails[1],
        anywhere | {"email": "hans@quist.org"},
    )  # fmt: skip
    found = find_groups(people)
    assert [one.members for one in found if one.sure] == [(0, 2), (1, 3)], "the e-mails say so"
    doubts = {one.doubt for one in found if 4 in one.members}
    assert doubts == {"Others of this name live or write elsewhere."}
    assert not any(set(one.members) >= {0, 1} for one in found if one.sure)


def test_rows_of_one_client_tell_together_who_it_is() -> None:
    people = People(
        ["Ann Lee", "A. Lee", "Ann Lee"],
        ["old@x.org", "new@x.org", "new@x.org"],
        roots=(0, 0, 2),
    )
    assert [(one.members, one.sure) for one in find_groups(people)] == [((0, 2), True)]


def test_those_taken_apart_never_meet_not_even_through_a_third() -> None:
    people = make_people(*[{"name": "Ann Lee", "email": "a@x.org"}] * 3)
    assert [one.members for one in find_groups(people)] == [(0, 1, 2)]
    found = find_groups(people, apart={(0, 2)})
    assert [one.members for one in found if one.sure] == [(0, 1)]
    assert all(one.members != (0, 2) for one in found)
    again = find_groups(make_people(*[{"name": "Ann Lee", "email": "a@x.org"}] * 2),
                        taken_back={(0, 1)})  # fmt: skip
    assert [one.doubt for one in again] == ["Merging them was taken back once."]


def test_nobody_and_somebody_alone_make_no_group() -> None:
    assert find_groups(People([])) == []
    assert find_groups(make_people({"name": "Ann"})) == []
    assert join_groups([]) == []


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("+49 (0)30 765 43 21", ("307654321", "49")),
        ("0049 30 7654321", ("307654321", "49")),
        ("030/765 43 21 ext. 12", ("307654321", "")),
        ("1-212-555-7890", ("2125557890", "1")),
        ("(212) 555-7890", ("2125557890", "")),
        ("+358 40 123 4567", ("401234567", "358")),
        ("none", None),
        ("98765432", None),
    ],
)
def test_phone_numbers_in_one_form(written: str, plain: tuple[str, str] | None) -> None:
    found = plain_phone(written)
    assert (found and (found.number, found.country)) == plain


def test_emails_in_one_form() -> None:
    assert plain_email("A.Lee+news@googlemail.com") == plain_email("alee@gmail.com")
    assert plain_email("a.lee@x.org") != plain_email("alee@x.org")
    assert [plain_email(text) for text in ("", "a@b", "a b@x.org", "test@x.org", None)] == [""] * 5


def steps(one: str, other: str) -> int:
    """Return the distance by the textbook table (optimal string alignment)."""
    table = [[i + j for j in range(len(other) + 1)] for i in range(len(one) + 1)]
    for i, a in enumerate(one, start=1):
        for j, b in enumerate(other, start=1):
            table[i][j] = min(
                table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a != b)
            )
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_one_letter_apart_is_a_distance_of_one(one: str, other: str) -> None:
    assert one_letter_apart(one, other) == (steps(one, other) == 1)
    assert is_slip(one, other) == is_slip(other, one)


@given(st.text("aeé .,-", max_size=12), st.text("aeé .,-", max_size=12))
def test_names_agree_both_ways(one: str, other: str) -> None:
    left, right = fold_client_name(one), fold_client_name(other)
    assert compare_names(left, right) == compare_names(right, left)
    assert compare_names(left, left) == ("equal" if left.words else "unknown")


@pytest.mark.parametrize("seed", [1, 2])
def test_of_made_up_doubles_no_false_one_is_sure_and_most_are_found(seed: int) -> None:
    doubles = make_doubles(2_000, seed=seed)
    rows: dict[int, list[int]] = {}
    for place, who in enumerate(doubles.truth.tolist()):
        rows.setdefault(who, []).append(place)
    real = {pair for places in rows.values() for pair in combinations(places, 2)}
    groups = find_groups(doubles.people)
    merged = {p for one in groups if one.sure for p in combinations(one.members, 2)}
    assert len(merged - real) <= 0.01 * len(merged)
    assert len(merged & real) >= 0.5 * len(real)


def sure_pairs(people: People) -> list[tuple[int, int]]:
    return [(one.first, one.second) for one in find_matches(people) if one.sure]


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        ("Frau Dr. Ann Lee", "Lee, Ann", True),
        ("Jan Khun", "Jan Kuhn", True),
        ("A. Leeberg", "Ann Leeberg", True),
        ("Ann Marie Leeberg", "Ann Leeberg", True),
        ("Leeberg", "Ann Leeberg", False),
        ("Peter Wolf", "Peter Wolf jun.", False),
        ("Nordlicht Metallbau", "Nordlicht Metallbau Service", False),
        ("Nordlicht Metallbau KG", "Nordlicht Metallbau Holding KG", False),
        ("Nordlicht Metallbau KG", "Nordlicht Metallbau Köln KG", True),
    ],
)
def test_who_is_one_at_one_phone_number(one: str, other: str, sure: bool) -> None:
    people = People([one, other, "Zora Quist"], phones=["030 5550 1177", "+49 30 55501177", None])
    assert sure_pairs(people) == ([(0, 1)] if sure else [])


def test_an_initial_is_nobody_where_two_of_a_household_could_be_meant() -> None:
    phones = ["030 5550 1177"] * 3
    people = People(["A. Leeberg", "Ann Leeberg", "Adam Leeberg"], phones=phones)
    assert sure_pairs(people) == []


def test_a_title_alone_may_be_a_name() -> None:
    assert sure_pairs(People(["Ines Herr", "Ines Frau"], phones=["030 5550 1177"] * 2)) == []
