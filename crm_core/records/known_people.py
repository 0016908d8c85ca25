"""Who a person is: all records of one client, and everything files and notes call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from crm_core.errors import RecordError
from crm_core.records.base import Base
from crm_core.records.fingerprints import PHONE_DIGITS, fold_identity
from crm_core.records.mentions import Mentions
from crm_core.records.merges import follow_merge, read_merges
from crm_core.records.models import (
    Batch,
    BatchClient,
    Client,
    ClientIdentity,
    ContactPerson,
    Source,
)

AT_ONCE = 5_000
"""Ids in one statement."""

_PSEUDONYM = re.compile(r"Erased client \d+|erased-\d+")


def pseudonym(client_id: int) -> str:
    """Return what an erased client is called.

    Examples
    --------
    >>> pseudonym(17)
    'Erased client 17'
    """
    return f"Erased client {client_id}"


Identity = tuple[str, int | None, str]
"""Kind (``id``, ``email``, ``name``, ``phone``), source (None: everywhere) and text."""


@dataclass
class Person:
    """One person: the client that counts, and those merged into it.

    Attributes
    ----------
    client_id : int
        The client that counts.
    members : tuple of int
        It and all merged into it, lowest first.
    own : dict of Identity to int
        What names this person alone (how files name it), with the record it belongs to.
    told : dict of Identity to int
        Name, e-mail and phone as its records say them: others may say the same.
    texts : set of str
        All spellings, for looking through notes.
    sources : set of int
        Sources that know the person.
    """

    client_id: int
    members: tuple[int, ...]
    own: dict[Identity, int] = field(default_factory=dict)
    told: dict[Identity, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)

    def say(self, kind: str, text: Any, record: int) -> None:
        """Take in one more thing the person is called."""
        if not isinstance(text, str) or not text.strip() or _PSEUDONYM.fullmatch(text.strip()):
            return
        self.texts.add(text.strip())
        if kind in ("email", "phone", "name") and fold_identity(kind, text):
            self.told.setdefault((kind, None, text.strip()), record)


def gather_people(connection: Connection, client_ids: Iterable[int]) -> list[Person]:
    """Return who some clients are, each with all records merged into it.

    Parameters
    ----------
    connection : Connection
        Any connection.
    client_ids : iterable of int
        Any record of each person; two of the same person give one.

    Returns
    -------
    list of Person
        By the client that counts.
    """
    merges = read_merges(connection)
    roots = {follow_merge(merges, number) for number in client_ids}
    members = {root: {root} for root in roots}
    for merged in merges:
        root = follow_merge(merges, merged)
        if root in members:
            members[root].add(merged)
    people = [Person(root, tuple(sorted(members[root]))) for root in sorted(members)]
    of = {number: person for person in people for number in person.members}
    _take_records(connection, of)
    _take_identities(connection, of)
    _take_imports(connection, of)
    for row in rows_about(connection, ContactPerson, list(of)):
        of[row.client_id].texts.update(t.strip() for t in (row.name, row.phone) if t.strip())
    _place_names(connection, people)
    return people


def _take_records(connection: Connection, of: dict[int, Person]) -> None:
    for row in rows_about(connection, Client, list(of), column="id"):
        person = of[row.id]
        for kind in ("name", "email", "phone"):
            person.say(kind, getattr(row, kind), row.id)
        person.say("number", row.external_id, row.id)
        _take_free(person, row.attributes, row.id)


def _take_free(person: Person, attributes: Any, record: int) -> None:
    """Take addresses and numbers out of free attributes."""
    for value in (attributes or {}).values():
        for kind in ("email", "phone"):
            if isinstance(value, str) and fold_identity(kind, value):
                person.say(kind, value, record)


def _take_identities(connection: Connection, of: dict[int, Person]) -> None:
    for row in rows_about(connection, ClientIdentity, list(of)):
        person = of[row.client_id]
        person.own[row.kind, row.source_id, row.value] = row.client_id
        kind = row.kind if row.kind != "id" else kind_of_number(row.label)
        person.say(kind, row.label, row.client_id)
        person.texts.add(row.value)
        if row.source_id is not None:
            person.sources.add(row.source_id)


def kind_of_number(text: str) -> str:
    """Return what a client's number is that is none: ``email``, ``phone``, else ``number``.

    Examples
    --------
    >>> [kind_of_number(text) for text in ("a@x.org", "+34 612 345 987", "0612345987", "1001-22")]
    ['email', 'phone', 'phone', 'number']
    """
    if fold_identity("email", text):
        return "email"
    begins = text.strip().startswith(("+", "0", "(0"))
    return "phone" if begins and len(fold_identity("phone", text)) >= PHONE_DIGITS else "number"


def _take_imports(connection: Connection, of: dict[int, Person]) -> None:
    source_of = dict(connection.execute(select(Batch.id, Batch.source_id)).all())
    for row in rows_about(connection, BatchClient, list(of)):
        person, fields = of[row.client_id], row.fields or {}
        person.sources.add(source_of[row.batch_id])
        for kind in ("name", "email", "phone"):
            person.say(kind, fields.get(kind), row.client_id)
        _take_free(person, fields, row.client_id)


def _place_names(connection: Connection, people: Sequence[Person]) -> None:
    """Say in which sources a name names the person; without any source, in all of them."""
    every = set(connection.execute(select(Source.id)).scalars())
    for person in people:
        for kind, source, text in [key for key in person.told if key[0] == "name"]:
            record = person.told.pop((kind, source, text))
            for number in person.sources or every:
                person.told[kind, number, text] = record


def chunks(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yield ids a few thousand at a time: a statement takes no more."""
    held = sorted(numbers)
    for start in range(0, len(held), AT_ONCE):
        yield held[start : start + AT_ONCE]


def rows_about(
    connection: Connection, model: type[Base], numbers: Sequence[int], *, column: str = "client_id"
) -> Iterator[Any]:
    """Yield the rows of a table that belong to some clients, by key.

    Parameters
    ----------
    connection : Connection
        Any connection.
    model : type of Base
        The table.
    numbers : sequence of int
        Ids of clients.
    column : str, default "client_id"
        The column that holds them.
    """
    table = model.__table__
    order = list(table.primary_key.columns)  # type: ignore[attr-defined]
    for part in chunks(numbers):
        query = select(table).where(table.c[column].in_(part)).order_by(*order)
        yield from connection.execute(query)


def mentions_of(people: Iterable[Person], instead: Any = pseudonym) -> Mentions:
    """Return what finds some people in texts; ``instead`` makes the replacement from the id."""
    return Mentions(
        (text, instead(person.client_id)) for person in people for text in sorted(person.texts)
    )


def _called(connection: Connection, text: str) -> list[int]:
    """Return the records of a number, e-mail or name, whatever the case of the latter two."""
    table: Any = Client.__table__
    wanted = _in_one_case(text)
    query = select(table.c.id, table.c.external_id, table.c.email, table.c.name)
    # Compared here, because SQLite knows the case of A to Z alone: İ, É and Ø stay as they are.
    return [
        row.id
        for row in connection.execute(query.order_by(table.c.id))
        if row.external_id == text
        or wanted in [_in_one_case(said) for said in (row.email, row.name) if said]
    ]


def _in_one_case(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip()).casefold()


def find_client(connection: Connection, text: str) -> int:
    """Return the record of a client named by record number, number, e-mail or name.

    Raises
    ------
    RecordError
        If nobody is named so, or several are.
    """
    table: Any = Client.__table__
    if text.startswith("#") and text[1:].isdecimal():
        query = select(table.c.id).where(table.c.id == int(text[1:]))
        found = list(connection.execute(query).scalars())
    else:
        found = _called(connection, text)
    merges = read_merges(connection)
    roots = sorted({follow_merge(merges, number) for number in found})
    if len(roots) == 1:
        return roots[0]
    if not roots:
        raise RecordError(
            f"Wanted a client's number, e-mail or name, found nobody called {text!r}; "
            "#17 means the record of that number."
        )
    numbers = ", ".join(f"#{number}" for number in roots[:9])
    raise RecordError(
        f"Wanted one client, found {len(roots)} called {text!r}: name one: {numbers}."
    )
