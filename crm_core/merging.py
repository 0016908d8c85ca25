"""Merging by rule from proposal to undo: the way the page and the command line both go.

``propose`` finds the groups, ``try_out`` shows the headline figures before and
after without touching the database, ``carry_out`` merges in one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine

from crm_core.access import Right, actor, require
from crm_core.errors import ParameterError
from crm_core.intake.merge_groups import Group, find_groups, join_groups
from crm_core.intake.merge_rules import RULES
from crm_core.intake.stored_people import StoredPeople, read_people
from crm_core.policy import read_parameters
from crm_core.records.engine import reading, writing
from crm_core.records.merge_runs import Merge, undo_merge, undo_run, write_run
from crm_core.report import Report, build_report, flatten
from crm_core.snapshot import build_ledger, load_ledger
from crm_core.tables import to_day

EFFECT_KEYS = (
    "clients.known",
    "clients.buyers",
    "orders",
    "sales.net",
    "pareto.for80.clients",
    "returning.repeat_rate",
    "stages.exploration",
    "stages.expansion",
    "stages.commitment",
    "stages.late",
    "stages.termination",
)
"""Keys of the report that are shown before and after, and kept with the run."""


@dataclass(frozen=True)
class Proposal:
    """Clients that are one by rule, or may be.

    Attributes
    ----------
    ids : tuple of int
        Their ids in the records: first the client that stays, the one with most sales (of
        as many, the oldest), then those that become part of it.
    names : tuple of str
        As typed, in the same order.
    n_sales : tuple of int
        Live sales of each.
    pairs : tuple of (int, int, str)
        Two ids, and the evidence that they are one.
    rules : tuple of str
        By which rules.
    doubt : str
        What a person should look at; "" where they are one for sure.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    n_sales: tuple[int, ...]
    pairs: tuple[tuple[int, int, str], ...]
    rules: tuple[str, ...]
    doubt: str

    @property
    def sure(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.doubt

    @property
    def evidence(self) -> str:
        """What all pairs have in common, each sentence once."""
        return " ".join(dict.fromkeys(words for *_, words in self.pairs))


@dataclass(frozen=True)
class Effect:
    """The headline figures as they are, and as they would be."""

    before: Report
    after: Report

    def figures(self) -> dict[str, tuple[Any, Any]]:
        """Return the figures of :data:`EFFECT_KEYS`, before and after."""
        before, after = flatten(self.before.as_json()), flatten(self.after.as_json())
        return {key: (before.get(key), after.get(key)) for key in EFFECT_KEYS}


def propose(engine: Engine, rules: Collection[str] = RULES) -> list[Proposal]:
    """Return the groups of clients that are one by rule, or may be.

    Parameters
    ----------
    engine : Engine
        The database.
    rules : collection of str
        Of :data:`~crm_core.intake.merge_rules.RULES`.

    Returns
    -------
    list of Proposal
        Those without doubt first, the biggest first; then the doubtful pairs.

    Raises
    ------
    AccessError
        If whoever is at work may not merge clients.
    ParameterError
        If there is no such rule.
    """
    require(Right.MERGE)
    _check_rules(rules)
    with reading(engine) as connection:
        stored = read_people(connection)
    groups = find_groups(stored.people, rules, apart=stored.apart, taken_back=stored.taken_back)
    return [_proposal(stored, group) for group in groups]


def _check_rules(rules: Collection[str]) -> None:
    odd = [rule for rule in rules if rule not in RULES]
    if odd:
        raise ParameterError(
            f"Wanted rules out of {', '.join(RULES)}; found {odd[0]}; choose one of these."
        )


def _proposal(stored: StoredPeople, group: Group) -> Proposal:
    def rank(place: int) -> tuple[int, int]:
        return -int(stored.n_sales[place]), int(stored.record_id[place])

    members = sorted(group.members, key=rank)
    roots = stored.people.roots
    pairs = tuple(
        (
            int(stored.record_id[roots[match.first]]),
            int(stored.record_id[roots[match.second]]),
            match.evidence,
        )
        for match in group.matches
    )
    return Proposal(
        ids=tuple(int(stored.record_id[place]) for place in members),
        names=tuple(stored.people.names[place] or "" for place in members),
        n_sales=tuple(int(stored.n_sales[place]) for place in members),
        pairs=pairs,
        rules=tuple(sorted({match.rule for match in group.matches})),
        doubt=group.doubt,
    )


def plan(proposals: Sequence[Proposal]) -> list[Merge]:
    """Return what merging some groups means, client by client.

    Groups that share a client become one; the client with most sales stays.

    Examples
    --------
    >>> one = Proposal((7, 3), ("Ann", "A."), (9, 1), ((3, 7, "One e-mail."),), ("email",), "")
    >>> plan([one])
    [Merge(merged_id=3, into_id=7, evidence='One e-mail.')]
    """
    sales = {i: n for one in proposals for i, n in zip(one.ids, one.n_sales, strict=True)}
    evidence: dict[int, dict[int, str]] = {}
    for first, second, words in (pair for one in proposals for pair in one.pairs):
        evidence.setdefault(first, {})[second] = words
        evidence.setdefault(second, {})[first] = words
    merges = []
    for members in join_groups([one.ids for one in proposals]):
        stays = min(members, key=lambda number: (-sales[number], number))
        for number in members:
            if number != stays:
                said = evidence.get(number, {})
                words = said.get(stays) or " ".join(dict.fromkeys(said.values()))
                merges.append(Merge(number, stays, words))
    return merges


def try_out(engine: Engine, proposals: Sequence[Proposal], *, today: date) -> Effect:
    """Return what merging would do to the headline figures, exactly; nothing is written.

    Parameters
    ----------
    engine : Engine
        The database; only read.
    proposals : sequence of Proposal
        The groups to merge.
    today : date
        The day on the wall.

    Raises
    ------
    AccessError
        If whoever is at work may not merge clients.
    """
    require(Right.MERGE)
    tried = {one.merged_id: one.into_id for one in plan(proposals)}
    before, now = load_ledger(engine), to_day(today)
    as_of = before.default_as_of(now)
    with reading(engine) as connection:
        parameters = read_parameters(connection)
        after = build_ledger(connection, tried=tried) if tried else before
    reports = [
        build_report(ledger.with_records_until(as_of, now), parameters, as_of)
        for ledger in (before, after)
    ]
    return Effect(*reports)


def carry_out(
    engine: Engine,
    proposals: Sequence[Proposal],
    *,
    rules: Collection[str],
    now: datetime,
    effect: Effect | None = None,
) -> int:
    """Merge groups in one transaction and return the number of the run.

    Parameters
    ----------
    engine : Engine
        The database.
    proposals : sequence of Proposal
        The groups somebody ticked.
    rules : collection of str
        By which rules they were found.
    now : datetime
        The moment, with its time zone.
    effect : Effect, optional
        From :func:`try_out` of these groups, where it is known already.

    Raises
    ------
    AccessError
        If whoever is at work may not merge clients.
    RefusedError
        If nothing is ticked, or a client changed since the groups were found.
    """
    require(Right.MERGE)
    merges = plan(proposals)
    if merges and effect is None:
        effect = try_out(engine, proposals, today=now.date())
    figures = effect.figures() if effect is not None else {}
    with writing(engine) as connection:
        return write_run(
            connection,
            merges,
            at=now,
            by=actor().label,
            rules=[rule for rule in RULES if rule in rules],
            effect=_plain(figures),
        )


def _plain(figures: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    return {key: list(pair) for key, pair in figures.items()}


def take_back(engine: Engine, run_id: int, *, now: datetime) -> int:
    """Take a run back, and return how many clients stand alone again."""
    with writing(engine) as connection:
        return undo_run(connection, run_id, at=now)


def take_apart(engine: Engine, alias_id: int, *, now: datetime) -> None:
    """Take one merge apart; no rule merges these two again."""
    with writing(engine) as connection:
        undo_merge(connection, alias_id, at=now)
