"""Merging by rule, written and taken back: a run is one record, each merge of it an alias."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crm_core.access import Right
from crm_core.errors import RecordError, RefusedError
from crm_core.records.deeds import deed
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import Alias, Client, MergeRun
from crm_core.records.people import erased_clients

Pair = tuple[int, int]


@dataclass(frozen=True)
class Merge:
    """One client to be merged into another.

    Attributes
    ----------
    merged_id, into_id : int
        The client that disappears, and the one that stays; both stand alone.
    evidence : str
        Why they are one.
    """

    merged_id: int
    into_id: int
    evidence: str


@dataclass(frozen=True)
class MergeRunSummary:
    """One merging by rule in a list.

    Attributes
    ----------
    id : int
        As :func:`undo_run` wants it.
    at : datetime
        When.
    by : str
        Who, as the audit names them.
    rules : tuple of str
        By which rules.
    pairs : int
        How many clients were merged into others.
    in_force : int
        How many of them still are.
    effect : mapping
        Headline figures, before and after.
    undone_at : datetime or None
        When the whole run was taken back.
    """

    id: int
    at: datetime
    by: str
    rules: tuple[str, ...]
    pairs: int
    in_force: int
    effect: Mapping[str, Any]
    undone_at: datetime | None


@deed(Right.MERGE, "clients merged by rule", keep=("rules",))
def write_run(
    connection: Connection,
    merges: Sequence[Merge],
    *,
    at: datetime,
    by: str,
    rules: Sequence[str],
    effect: Mapping[str, Any],
) -> int:
    """Merge many clients at once and return the number of the run.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction: all of it happens, or nothing.
    merges : sequence of Merge
        At least one; a client that disappears may not be one another is merged into.
    at : datetime
        Now, with its time zone.
    by : str
        Who.
    rules : sequence of str
        By which rules.
    effect : mapping
        What it does to the headline figures, as JSON holds it.

    Raises
    ------
    RefusedError
        If a client was merged, erased or removed since the groups were found, or two that
        somebody took apart would meet again.
    """
    _check(connection, merges)
    values = {"at": at, "by": by, "rules": list(rules), "pairs": len(merges)}
    statement = insert(MergeRun).values(effect=dict(effect), **values).returning(MergeRun.id)
    run_id = int(connection.execute(statement).scalar_one())
    rows = [
        {"merged_id": one.merged_id, "into_id": one.into_id, "evidence": one.evidence,
         "merged_at": at, "by": by, "run_id": run_id}
        for one in merges
    ]  # fmt: skip
    connection.execute(insert(Alias), rows)
    return run_id


def _check(connection: Connection, merges: Sequence[Merge]) -> None:
    if not merges:
        raise RefusedError("Wanted clients to merge, found no group ticked; tick one or more.")
    goes = [one.merged_id for one in merges]
    concerned = {one.into_id for one in merges} | set(goes)
    held = read_merges(connection)
    known = set(connection.execute(select(Client.id)).scalars())
    twice = len(set(goes)) < len(goes) or {one.into_id for one in merges} & set(goes)
    changed = concerned & (held.keys() | erased_clients(connection)) or concerned - known
    if twice or changed or _would_meet(connection, held, merges):
        raise RefusedError(
            "Wanted clients that stand alone, found some that changed since the groups were "
            "found: nothing was merged. Look at the groups again."
        )


def _would_meet(connection: Connection, held: dict[int, int], merges: Sequence[Merge]) -> bool:
    """Return whether two that somebody took apart would count as one again."""
    after = held | {one.merged_id: one.into_id for one in merges}
    by_hand, _ = read_apart(connection, held)
    return any(
        one != other and follow_merge(after, one) == follow_merge(after, other)
        for one, other in by_hand
    )


def read_apart(connection: Connection, merges: Mapping[int, int]) -> tuple[set[Pair], set[Pair]]:
    """Return which clients were merged once and taken apart again.

    Parameters
    ----------
    connection : Connection
        Any connection.
    merges : mapping of int to int
        The merges in force (:func:`crm_core.records.merges.read_merges`): both sides are
        named by the client they count as now.

    Returns
    -------
    by_hand, with_run : set of (int, int)
        Those somebody took apart one by one, and those taken back with their whole run;
        the smaller id first.
    """
    held = dict(merges)
    query = (
        select(Alias.merged_id, Alias.into_id, Alias.undone_at, MergeRun.undone_at)
        .outerjoin(MergeRun, MergeRun.id == Alias.run_id)
        .where(Alias.undone_at.is_not(None))
    )
    by_hand: set[Pair] = set()
    with_run: set[Pair] = set()
    for merged, into, undone_at, run_undone_at in connection.execute(query):
        one, other = sorted((follow_merge(held, merged), follow_merge(held, into)))
        (with_run if undone_at == run_undone_at else by_hand).add((one, other))
    return by_hand, with_run


@deed(Right.MERGE, "merging by rule taken back", keep=("run_id",))
def undo_run(connection: Connection, run_id: int, *, at: datetime) -> int:
    """Take a whole run back and return how many clients stand alone again.

    Merges of it that were taken apart before stay as they are.

    Raises
    ------
    RecordError
        If there is no such run.
    RefusedError
        If it is taken back already.
    """
    run = connection.execute(select(MergeRun.__table__).where(MergeRun.id == run_id)).first()
    if run is None:
        raise RecordError(f"Wanted run {run_id}, found none of that number; list them: merges.")
    if run.undone_at is not None:
        raise RefusedError(
            f"Wanted a run in force, found run {run_id} taken back on {run.undone_at:%Y-%m-%d}; "
            "there is nothing to take back."
        )
    connection.execute(update(MergeRun).where(MergeRun.id == run_id).values(undone_at=at))
    statement = (
        update(Alias).where(Alias.run_id == run_id, Alias.undone_at.is_(None)).values(undone_at=at)
    )
    return int(connection.execute(statement).rowcount)


@deed(Right.MERGE, "merge taken apart", keep=("alias_id",))
def undo_merge(connection: Connection, alias_id: int, *, at: datetime) -> None:
    """Take one merge apart; no rule merges the two again.

    Raises
    ------
    RecordError
        If there is no such merge in force.
    """
    statement = (
        update(Alias).where(Alias.id == alias_id, Alias.undone_at.is_(None)).values(undone_at=at)
    )
    if connection.execute(statement).rowcount == 0:
        raise RecordError(
            f"Wanted merge {alias_id} in force, found none; list those of a run: merges --run RUN."
        )


def list_runs(connection: Connection) -> list[MergeRunSummary]:
    """Return all mergings by rule, newest first."""
    query = select(Alias.run_id, func.count()).where(Alias.undone_at.is_(None))
    held = {row[0]: row[1] for row in connection.execute(query.group_by(Alias.run_id))}
    rows = connection.execute(select(MergeRun.__table__).order_by(MergeRun.id.desc()))
    return [
        MergeRunSummary(
            id=row.id, at=row.at, by=row.by, rules=tuple(row.rules), pairs=row.pairs,
            in_force=held.get(row.id, 0), effect=row.effect, undone_at=row.undone_at,
        )
        for row in rows
    ]  # fmt: skip


def list_run_merges(connection: Connection, run_id: int) -> Sequence[Any]:
    """Return the merges of a run in force: id, both clients' ids and names, evidence."""
    goes, stays = Client.__table__.alias("goes"), Client.__table__.alias("stays")
    query = (
        select(
            Alias.id,
            Alias.merged_id,
            Alias.into_id,
            Alias.evidence,
            func.coalesce(goes.c.name, goes.c.external_id).label("merged_name"),
            func.coalesce(stays.c.name, stays.c.external_id).label("into_name"),
        )
        .join(goes, goes.c.id == Alias.merged_id)
        .join(stays, stays.c.id == Alias.into_id)
        .where(Alias.run_id == run_id, Alias.undone_at.is_(None))
        .order_by(Alias.id)
    )
    return connection.execute(query).all()
