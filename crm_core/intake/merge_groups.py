"""Pairs become groups: who is one with whom, and which groups a person must look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from crm_core.intake.contradictions import differ_in_reach, speaks_against
from crm_core.intake.likeness import compare_names
from crm_core.intake.merge_rules import (
    RULES,
    Crowd,
    Match,
    Pair,
    matches_in,
    short,
)
from crm_core.intake.people import People

LARGEST_SURE = 20
"""A larger group is never sure: somebody must look at it."""

MOST_DOUBTFUL = 500
"""Doubtful pairs returned at most, the likeliest first."""


TAKEN_BACK = "Merging them was taken back once."
MANY_OF_A_NAME = "Others of this name live or write elsewhere."


@dataclass(frozen=True)
class Group:
    """Clients that are one, or may be.

    Attributes
    ----------
    members : tuple of int
        Places of the clients (roots), rising.
    matches : tuple of Match
        The pairs that say so.
    doubt : str
        What a person should look at, one sentence; "" where they are one for sure.
    """

    members: tuple[int, ...]
    matches: tuple[Match, ...]
    doubt: str

    @property
    def sure(self) -> bool:
        """Whether nothing speaks against merging it."""
        return not self.doubt


def find_groups(
    people: People,
    rules: Collection[str] = RULES,
    *,
    apart: Collection[Pair] = (),
    taken_back: Collection[Pair] = (),
) -> list[Group]:
    """Return the groups of clients that are one by some rules, biggest first.

    Parameters
    ----------
    people : People
        The clients.
    rules : collection of str
        Of :data:`~crm_core.intake.merge_rules.RULES`.
    apart : collection of (int, int)
        Roots that somebody took apart by hand: they never meet in a group, not even
        through others.
    taken_back : collection of (int, int)
        Roots whose merging was taken back with its run: doubtful from then on.

    Returns
    -------
    list of Group
        Sure groups, no client in two of them; then the doubtful ones, pair by pair, at
        most 500. Groups whose members contradict each other are doubtful as a whole.

    Examples
    --------
    >>> people = People(["Ann Lee", "A. Lee", "Bo"], emails=["a@x.org", "a@x.org", None])
    >>> [(group.members, group.doubt) for group in find_groups(people)]
    [((0, 1), '')]
    >>> find_groups(people, apart={(0, 1)})
    []
    """
    crowd = Crowd(people)
    roots = crowd.roots
    barred, again = {_pair(*two) for two in apart}, {_pair(*two) for two in taken_back}
    matches = matches_in(crowd, rules)
    edges = [(one, _pair(roots[one.first], roots[one.second])) for one in matches]
    edges = [(one, two) for one, two in edges if two not in barred]
    sure = [(one, two) for one, two in edges if one.sure and two not in again]
    rows = _rows_of(roots)
    bridges = _bridges(crowd, sure, barred, rows)
    groups = [
        Group(members, tuple(inner), _doubt_of(crowd, [rows[place] for place in members]))
        for members, inner in _join([edge for edge in sure if edge[1] not in bridges], barred)
    ]
    within = {two for group in groups for two in combinations(group.members, 2)}
    doubtful: dict[Pair, Group] = {}
    for one, two in edges:
        if two not in within and len(doubtful) < MOST_DOUBTFUL:
            doubt = one.doubt or (TAKEN_BACK if two in again else MANY_OF_A_NAME)
            doubtful.setdefault(two, Group(two, (one,), doubt))
    groups.sort(key=lambda group: (not group.sure, -len(group.members), group.members))
    return [*groups, *doubtful.values()]


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def join_groups(groups: Iterable[Sequence[int]]) -> list[tuple[int, ...]]:
    """Return groups that share a member as one, members rising.

    Examples
    --------
    >>> join_groups([(1, 2), (5, 6), (2, 3)])
    [(1, 2, 3), (5, 6)]
    """
    leader: dict[int, int] = {}

    def find(place: int) -> int:
        leader.setdefault(place, place)
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for group in groups:
        first = find(group[0])
        for other in group[1:]:
            leader[find(other)] = first
    joined: dict[int, list[int]] = defaultdict(list)
    for place in sorted(leader):
        joined[find(place)].append(place)
    return [tuple(members) for members in joined.values() if len(members) > 1]


def _join(
    edges: Sequence[tuple[Match, Pair]], barred: Collection[Pair]
) -> list[tuple[tuple[int, ...], list[Match]]]:
    """Join sure pairs into groups, the surest first; what was taken apart stays apart."""
    groups: dict[int, set[int]] = {}
    for _, (one, other) in edges:
        left, right = groups.setdefault(one, {one}), groups.setdefault(other, {other})
        if left is right or (barred and _meet(left, right, barred)):
            continue
        left |= right
        groups.update(dict.fromkeys(right, left))
    inner: dict[int, list[Match]] = defaultdict(list)
    for match, (one, other) in edges:
        if groups[one] is groups[other]:
            inner[id(groups[one])].append(match)
    distinct = {id(members): members for members in groups.values() if len(members) > 1}
    return [(tuple(sorted(members)), inner[key]) for key, members in distinct.items()]


def _bridges(
    crowd: Crowd,
    edges: Sequence[tuple[Match, Pair]],
    barred: Collection[Pair],
    rows: Mapping[int, Sequence[int]],
) -> set[Pair]:
    """Return the pairs that rest on a name and would join, through others, two that differ.

    Whoever has that name and says nothing else could be the one in Ulm or the one in Kiel.
    """
    named = {two for _, two in edges} - {two for match, two in edges if match.rule != "name"}
    told = [edge for edge in edges if edge[1] not in named]
    firm = {place: at for at, (members, _) in enumerate(_join(told, barred)) for place in members}
    found: set[Pair] = set()
    for members, _ in _join(edges, barred) if named else ():
        if len(members) > LARGEST_SURE:
            continue  # doubtful as a whole
        apart = (
            two
            for two in combinations(members, 2)
            if firm.get(two[0], -1 - two[0]) != firm.get(two[1], -1 - two[1])
        )
        if any(_differ(crowd, rows[one], rows[other]) for one, other in apart):
            found |= {two for two in named if set(two) <= set(members)}
    return found


def _differ(crowd: Crowd, left: Sequence[int], right: Sequence[int]) -> bool:
    """Return whether no two rows of two clients could be the same person by place and address."""
    return all(
        differ_in_reach(crowd.persons[one], crowd.persons[other]) for one in left for other in right
    )


def _meet(left: set[int], right: set[int], barred: Collection[Pair]) -> bool:
    return any(_pair(one, other) in barred for one in left for other in right)


def _rows_of(roots: Sequence[int]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, root in enumerate(roots):
        rows[root].append(row)
    return rows


def _doubt_of(crowd: Crowd, members: Sequence[Sequence[int]]) -> str:
    """Return why a group is not sure as a whole: two of it contradict, or it is large."""
    if len(members) > LARGEST_SURE:
        return f"{len(members)} clients at once."
    for left, right in combinations(members, 2) if len(members) > 2 else ():
        rows = [(one, other) for one in left for other in right]
        people = [(crowd.persons[one], crowd.persons[other]) for one, other in rows]
        against = next(filter(None, (speaks_against(*two) for two in people)), "")
        if against or all(compare_names(a.name, b.name) == "other" for a, b in people):
            names = [short(crowd.people.names[row]) for row in rows[0]]
            return f"“{names[0]}” and “{names[1]}” may be two. {against}".strip()
    return ""
