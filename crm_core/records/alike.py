"""Which records that stay have the name, e-mail or phone number of somebody who is erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from crm_core.records.fingerprints import fold_identity
from crm_core.records.known_people import Person
from crm_core.records.models import Client, ClientIdentity

MOST_SHARING = 10
"""A name, e-mail or phone number that more others have tells nothing of who they are."""

Said = dict[tuple[str, str], set[int]]
"""Records by kind and folded text of what they are called."""


def said_by_others(connection: Connection, people: Sequence[Person]) -> Said:
    """Return which clients that stay have the names, e-mails and phones of some people.

    Parameters
    ----------
    connection : Connection
        Any connection.
    people : sequence of Person
        From :func:`crm_core.records.known_people.gather_people`.
    """
    kinds = ("name", "email", "phone")
    rows = connection.execute(select(Client.id, Client.name, Client.email, Client.phone))
    said = ((row[0], *one) for row in rows for one in zip(kinds, row[1:], strict=True))
    return _gather(said, people)


def named_by_files(connection: Connection, people: Sequence[Person]) -> Said:
    """Return the same of how files name them: all that is left of whom only undone ones know."""
    table = ClientIdentity.__table__.c
    query = select(table.client_id, table.kind, table.label).where(table.kind != "id")
    return _gather(connection.execute(query), people)


def _gather(said: Iterable[Any], people: Sequence[Person]) -> Said:
    members = {number for person in people for number in person.members}
    wanted = {one for person in people for one in _folded(person)}
    found: Said = defaultdict(set)
    for number, kind, text in said:
        if text and number not in members and (one := (kind, fold_identity(kind, text))) in wanted:
            found[one].add(number)
    return found


def _folded(person: Person) -> set[tuple[str, str]]:
    return {(kind, fold_identity(kind, text)) for kind, _, text in person.told}


def alike(person: Person, *others: Said) -> tuple[int, ...]:
    """Return the records that may be the same person, by number.

    Parameters
    ----------
    person : Person
        Who is erased.
    *others : Said
        From :func:`said_by_others` and :func:`named_by_files`. What more than ten share
        tells nothing.
    """
    sharing = [{n for held in others for n in held.get(one, ())} for one in _folded(person)]
    return tuple(sorted({n for them in sharing if len(them) <= MOST_SHARING for n in them}))
