"""Which clients count as one: reading the merges in force, and following them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from crm_core.records.models import Alias


def read_merges(connection: Connection) -> dict[int, int]:
    """Return the merges in force: the client each merged one counts as."""
    query = select(Alias.merged_id, Alias.into_id).where(Alias.undone_at.is_(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def merge_members(merges: dict[int, int], client_id: int) -> set[int]:
    """Return the ids of everybody who counts as a client: the client and those merged into it."""
    members = {client_id}
    while more := {merged for merged, into in merges.items() if into in members} - members:
        members |= more
    return members


def follow_merge(merges: dict[int, int], number: int) -> int:
    """Return the client a client counts as, after all merges.

    Examples
    --------
    >>> follow_merge({1: 2, 2: 5}, 1), follow_merge({1: 2}, 7)
    (5, 7)
    """
    while number in merges:
        number = merges[number]
    return number
