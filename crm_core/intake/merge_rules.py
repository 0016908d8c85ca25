"""Which clients are one by rule: each pair with its evidence, and what speaks against it.

The same pairs are proposed one by one on the Import page and merged all at once
on the page of duplicates; only pairs that nothing speaks against are *sure*.
Every threshold stands in ``docs/methods.md`` under "One client or two".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from crm_core.intake.contradictions import ANOTHER_FIRM, differ_in_reach, speaks_against
from crm_core.intake.likeness import (
    compare_names,
    has_slips,
    is_short_slip,
    one_letter_apart,
    shortenings,
)
from crm_core.intake.people import People, Person, look_at
from crm_core.intake.reach import same_place

RULES = ("email", "phone", "name")
"""The rules one may tick."""

MOST_SHARING = {"email": 10, "phone": 5, "name": 5}
"""An e-mail, number or name that more clients share tells nothing."""

MOST_BY_CHANCE = 0.001
"""Clients of the same name in the same place that chance may bring, at most."""

SMALLEST_WORLD = 1_000
"""A word nobody else bears is held to be borne by half a client in at least this many."""

NEAR_TIMES = 10
"""So many times likelier chance brings a near name than the very same."""

SCORES = {"email": 1.0, "phone": 0.8, "name": 0.9, "near": 0.6}

Pair = tuple[int, int]


@dataclass(frozen=True)
class Match:
    """Two clients that may be one.

    Attributes
    ----------
    first, second : int
        Places of the rows, ``first < second``.
    rule : {"email", "phone", "name"}
        What they have in common.
    near : bool
        Their names are a slip of one letter apart.
    evidence : str
        One or two sentences with what both have.
    doubt : str
        What a person should look at, one sentence; "" where they are one for sure.
    score : float
        0 to 1: 1 for e-mails, 0.9 for names, 0.8 for phones, 0.6 for near names; half of
        it where there is a doubt.
    """

    first: int
    second: int
    rule: str
    near: bool
    evidence: str
    doubt: str
    score: float

    @property
    def sure(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.doubt


def find_matches(people: People, rules: Collection[str] = RULES) -> list[Match]:
    """Return the pairs of clients that are one, or may be, by some rules.

    Parameters
    ----------
    people : People
        The clients; rows of one client (the same root) are not compared.
    rules : collection of str
        Of :data:`RULES`.

    Returns
    -------
    list of Match
        Each pair once, with its surest reason; surest first, then by place.

    Notes
    -----
    Equal texts meet in a table; near names meet through words that are one letter
    apart, one of which only one client bears. The effort grows with the clients, not
    with their square: 100,000 take seconds.

    Examples
    --------
    >>> people = People(["Ann Lee", "LEE, Ann", "Bo"], cities=["Bonn", "Bonn", None])
    >>> [(one.first, one.second, one.rule, one.doubt) for one in find_matches(people)]
    [(0, 1, 'name', '')]
    """
    return matches_in(Crowd(people), rules)


def matches_in(crowd: Crowd, rules: Collection[str] = RULES) -> list[Match]:
    """Return the same as :func:`find_matches` for clients already looked at."""
    found: dict[Pair, Match] = {}
    for rule in RULES:
        if rule not in rules:
            continue
        for pair in _CANDIDATES[rule](crowd):
            match = crowd.judge(pair, rule)
            if match is not None and _better(match, found.get(pair)):
                found[pair] = match
    return sorted(found.values(), key=lambda one: (-one.score, one.first, one.second))


def _better(new: Match, old: Match | None) -> bool:
    return old is None or new.score > old.score


class Crowd:
    """All clients at once: who shares what, and how common every word is.

    Parameters
    ----------
    people : People
        The clients.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self.persons: list[Person] = look_at(people)
        self.roots = people.roots or range(len(people))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.persons)

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """Rows by their words in order."""
        return self.gather(lambda one: one.name.in_order)

    @cached_property
    def by_phone(self) -> dict[str, list[int]]:
        """Rows by their phone number without its country."""
        return self.gather(lambda one: one.phone and one.phone.number)

    @cached_property
    def bearers(self) -> Counter[str]:
        """How many rows bear each word."""
        return Counter(word for one in self.persons for word in set(one.name.words))

    @cached_property
    def in_place(self) -> Counter[str]:
        """How many rows are in each city, and in each region."""
        return Counter(
            [one.city for one in self.persons] + [f"region {one.region}" for one in self.persons]
        )

    def gather(self, key: Callable[[Person], Hashable]) -> dict[str, list[int]]:
        """Return the rows by a text, those without it left out."""
        groups: dict[str, list[int]] = defaultdict(list)
        for place, person in enumerate(self.persons):
            if text := key(person):
                groups[str(text)].append(place)
        return groups

    def pairs(self, rows: Iterable[int]) -> Iterator[Pair]:
        """Yield the pairs of rows that are not one client already."""
        for one, other in combinations(sorted(rows), 2):
            if self.roots[one] != self.roots[other]:
                yield one, other

    def clients_in(self, rows: Iterable[int]) -> int:
        """Return how many clients some rows belong to."""
        return len({self.roots[row] for row in rows})

    def judge(self, pair: Pair, rule: str) -> Match | None:
        """Return what speaks for and against two rows being one; None where it is no question."""
        one, other = (self.persons[place] for place in pair)
        likeness = compare_names(one.name, other.name)
        near = likeness == "near"
        doubt = speaks_against(one, other)
        evidence = self._say(pair, rule, equal=likeness == "equal")
        if rule == "name":
            shared = self._shared(one, other)
            if near and (doubt or differ_in_reach(one, other)):
                return None
            doubt = doubt or differ_in_reach(one, other)
            doubt = doubt or self._too_common(pair, shared[0], NEAR_TIMES if near else 1)
            evidence += f" {shared[1]}" if shared[1] else ""
        elif not doubt and likeness == "other" and not is_short_slip(one.name, other.name):
            doubt = "Their names differ."
        elif not doubt and rule == "phone" and likeness in ("part", "unknown"):
            told = likeness == "part" and self._part_tells(one, other)
            doubt = "" if told else "Their names are not the same."
        score = SCORES["near" if near and rule == "name" else rule]
        return Match(*pair, rule, near, evidence, doubt, score / 2 if doubt else score)

    def _part_tells(self, one: Person, other: Person) -> bool:
        """Return whether of two with one phone number the shorter name stands for the longer one.

        Of a firm unless the rest names another firm; of a person if it has two words and
        nobody else at this number could be meant.
        """
        short_one, long_one = sorted((one, other), key=lambda who: len(who.name.joined))
        rest = set(long_one.name.words) - set(short_one.name.words)
        if rest & ANOTHER_FIRM:
            return False
        if one.is_company or other.is_company:
            return True
        if len(short_one.name.words) < 2:
            return False
        number = one.phone.number if one.phone else ""
        names = [self.persons[row].name for row in self.by_phone.get(number, ())]
        meant = [name for name in names if compare_names(short_one.name, name) in ("part", "equal")]
        likeness = {compare_names(long_one.name, name) for name in meant}
        return likeness <= {"equal", "near", "part"}

    def _shared(self, one: Person, other: Person) -> tuple[str, str]:
        """Return what two of one name have in common besides, the most telling first."""
        both_cities = bool(one.city and other.city)
        both_firms = bool(one.name.forms and other.name.forms)
        born = one.birthday is not None and one.birthday == other.birthday
        signs = (
            (_same(one.number, other.number), "number", f"Both have the number {one.number}."),
            (born, "birthday", "Both have the same birthday."),
            (_same(one.domain, other.domain), "domain", f"Both write from {one.domain}."),
            (
                both_cities and same_place(one.city, other.city),
                "city",
                f"Both are in {one.city.title()}.",
            ),
            (
                not both_cities and _same(one.region, other.region),
                "region",
                f"Both are in {one.region.title()}.",
            ),
            (
                both_firms and _same(one.country, other.country),
                "country",
                "Both are firms in the same country.",
            ),
        )
        return next(((kind, words) for holds, kind, words in signs if holds), ("", ""))

    def _too_common(self, pair: Pair, kind: str, times: int) -> str:
        """Return why a name and what else is shared are not enough, "" where they are."""
        one, other = (self.persons[place] for place in pair)
        if not kind:
            return "Nothing but the name says so."
        if kind == "number":
            return ""
        letters = sum(map(len, one.name.words))
        if letters < 6 or (len(one.name.words) < 2 and not (one.is_company or other.is_company)):
            return "The name alone is too short to tell."
        if kind in ("birthday", "domain"):
            return ""
        chance = times * max(self._by_chance(person, kind) for person in (one, other))
        return "" if chance <= MOST_BY_CHANCE else "The name is too common to tell."

    def _by_chance(self, person: Person, kind: str) -> float:
        """Return how many others of this name chance would bring to this place."""
        n = len(self)
        same = len(self.by_name.get(person.name.in_order, ()))
        chance = float(n)
        for word in person.name.words:
            elsewhere = self.bearers[word] - same
            chance *= elsewhere / n if elsewhere > 0 else 0.5 / max(n, SMALLEST_WORLD)
        if kind == "country":
            return chance
        place = person.city if kind == "city" else f"region {person.region}"
        empty = "" if kind == "city" else "region "
        return chance * self.in_place[place] / max(n - self.in_place[empty], 1)

    def _say(self, pair: Pair, rule: str, *, equal: bool) -> str:
        people, (one, other) = self.people, pair
        if rule == "name":
            first, second = short(people.names[one]), short(people.names[other])
            if first == second:
                return f"Both are called “{first}”."
            if equal:
                return f"“{first}” and “{second}” are the same name, written differently."
            return f"“{first}” and “{second}” are nearly the same."
        if rule == "email":
            return f"Both have the e-mail {short(people.emails[one])}."
        return f"Both have the phone number {short(people.phones[one])}."


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def short(text: str | None) -> str:
    """Return a text cut to 60 letters."""
    plain = (text or "").strip()
    return plain if len(plain) <= 60 else plain[:60] + "…"


def _email_pairs(crowd: Crowd) -> Iterator[Pair]:
    for rows in crowd.gather(lambda one: one.email).values():
        if 2 <= crowd.clients_in(rows) <= MOST_SHARING["email"]:
            yield from crowd.pairs(rows)


def _phone_pairs(crowd: Crowd) -> Iterator[Pair]:
    for rows in crowd.by_phone.values():
        if 2 <= crowd.clients_in(rows) <= MOST_SHARING["phone"]:
            for one, other in crowd.pairs(rows):
                left, right = crowd.persons[one].phone, crowd.persons[other].phone
                if left and right and left.fits(right):
                    yield one, other


def _name_pairs(crowd: Crowd) -> Iterator[Pair]:
    yield from _equal_names(crowd)
    yield from _near_names(crowd)


def _equal_names(crowd: Crowd) -> Iterator[Pair]:
    most = MOST_SHARING["name"]
    for name, rows in crowd.by_name.items():
        n_clients = crowd.clients_in(rows)
        if 2 <= n_clients <= most:
            yield from crowd.pairs(rows)
        elif n_clients > most:
            # Of many who share a name only those who share more are compared.
            for shared in _by_what_else(crowd, name, rows):
                if crowd.clients_in(shared) <= most:
                    yield from crowd.pairs(shared)
    for rows in crowd.gather(lambda one: one.name.joined).values():
        if 2 <= crowd.clients_in(rows) <= most:
            for pair in crowd.pairs(rows):
                left, right = (crowd.persons[place].name.in_order for place in pair)
                if left != right:
                    yield pair


def _by_what_else(crowd: Crowd, name: str, rows: list[int]) -> Iterator[list[int]]:  # noqa: ARG001
    groups: dict[tuple[str, Hashable], list[int]] = defaultdict(list)
    for row in rows:
        person = crowd.persons[row]
        for kind in ("city", "domain", "birthday", "number"):
            value = getattr(person, kind)
            if value or value == 0:
                groups[kind, value].append(row)
    yield from (group for group in groups.values() if len(group) > 1)


def _near_names(crowd: Crowd) -> Iterator[Pair]:
    """Yield rows whose names differ in one word by a slip: one of both words is borne once."""
    near = _near_words(crowd.bearers)
    for row, person in enumerate(crowd.persons):
        for word in person.name.words:
            if crowd.bearers[word] != 1 or word not in near:
                continue
            others = list(person.name.words)
            others.remove(word)
            for slip in near[word]:
                target = " ".join(sorted([*others, slip]))
                rows = crowd.by_name.get(target, ())
                if crowd.clients_in(rows) <= MOST_SHARING["name"]:
                    yield from (
                        (min(row, found), max(row, found))
                        for found in rows
                        if crowd.roots[found] != crowd.roots[row]
                    )


def _near_words(bearers: Counter[str]) -> dict[str, set[str]]:
    """Return the words one slip away from each word, where one of both is borne once."""
    cut: dict[tuple[str, str], list[str]] = defaultdict(list)
    for word in filter(has_slips, bearers):
        for rest in shortenings(word):
            cut[word[0], rest].append(word)
    near: dict[str, set[str]] = defaultdict(set)
    for words in cut.values():
        for one, other in combinations(words, 2) if len(words) > 1 else ():
            rare = bearers[one] == 1 or bearers[other] == 1
            if rare and other not in near[one] and one_letter_apart(one, other):
                near[one].add(other)
                near[other].add(one)
    return {word: found for word, found in near.items() if found}


_CANDIDATES: dict[str, Callable[[Crowd], Iterator[Pair]]] = {
    "email": _email_pairs,
    "phone": _phone_pairs,
    "name": _name_pairs,
}
