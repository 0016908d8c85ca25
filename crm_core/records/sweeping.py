"""Going through texts that belong to nobody in particular for mentions of erased people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    update,
)

from crm_core.records.base import Base
from crm_core.records.fingerprints import fold_identity
from crm_core.records.lookups import fit
from crm_core.records.mentions import Mentions, is_telling
from crm_core.records.models import (
    Alias,
    Arrival,
    Batch,
    BatchClient,
    Channel,
    Client,
    Consent,
    Contact,
    ContactPerson,
    Ending,
    Erasure,
    KeyCare,
    KeyReason,
    MergeRun,
    Notice,
    Product,
    RememberedMapping,
    SavedView,
    Snooze,
    StageOverride,
    UnusedRow,
)
from crm_core.records.named_rows import Places, RowReader, blank

SWEPT: dict[type[Base], tuple[str, ...]] = {
    Contact: ("note", "by"),
    Ending: ("note",),
    Snooze: ("note",),
    StageOverride: ("reason", "author"),
    KeyReason: ("note", "by"),
    KeyCare: ("note", "by"),
    ContactPerson: ("cuisine", "hobbies", "note"),
    Consent: ("source",),
    Alias: ("evidence",),
    Client: ("group_name", "came_from", "attributes"),
    BatchClient: ("fields",),
    Batch: ("file_name", "report", "mapping", "columns"),
    RememberedMapping: ("mapping",),
    UnusedRow: ("detail",),
    Arrival: ("file_name", "message", "detail"),
    SavedView: ("name", "state"),
    Notice: ("detail",),
    MergeRun: ("rules", "effect"),
    Erasure: ("reason", "receipt"),
    Product: ("name", "category"),
    Channel: ("name",),
}
"""Texts that may mention somebody, whoever they are about."""

NAMED = {Product: ("name", "category"), Channel: ("name",), SavedView: ("name",)}
"""Texts that are short, and of which no two may be equal."""

OWN_SAYING = ("name", "email", "phone")
"""Fields of an import that say who another client is: a namesake keeps its name."""

FEW = 40
"""Mentions up to which the database itself looks for their words first."""

_ASCII_WORD = re.compile(r"[A-Za-z0-9]{3,}", re.ASCII)


def sweep_texts(connection: Connection, mentions: Mentions, texts: Sequence[str]) -> Counter[str]:
    """Put replacements in place of mentions in every text of :data:`SWEPT`.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    mentions : Mentions
        What to find.
    texts : sequence of str
        What ``mentions`` was made of; a few of them let the database look first.

    Returns
    -------
    Counter of str
        How many texts were changed, by replacement.
    """
    changed: Counter[str] = Counter()
    if not mentions:
        return changed
    words = _words_of(texts)
    for model, columns in SWEPT.items():
        for column in columns:
            changed += _sweep(connection, model, column, mentions, words)
    return changed


def _words_of(texts: Sequence[str]) -> list[tuple[str, ...]] | None:
    """Return words of which a text that mentions somebody has all of one group; None: look at all.

    Of a name any word: the others may be spelt with accents there. Of a phone number the
    last digits, in groups of three or of two.
    """
    if len(texts) > FEW:
        return None
    groups: set[tuple[str, ...]] = set()
    for text in filter(is_telling, texts):
        words = [word.lower() for word in _ASCII_WORD.findall(text)]
        digits = fold_identity("phone", text)
        groups |= {(digits[-3:],), (digits[-2:], digits[-4:-2])} if digits else set()
        if not words:
            return None
        groups |= {(word,) for word in words} if "@" not in text else {(max(words, key=len),)}
    return sorted(groups)


def _sweep(
    connection: Connection,
    model: type[Base],
    column: str,
    mentions: Mentions,
    words: list[tuple[str, ...]] | None,
) -> Counter[str]:
    changed: Counter[str] = Counter()
    new: list[dict[str, Any]] = []
    for row, value in _mentioning(connection, model, column, mentions, words):
        changed.update(dict.fromkeys(mentions.found, 1))
        key = {f"key_{place}": part for place, part in enumerate(row[:-1])}
        new.append({**key, "value": value})
    if new:
        _store(connection, model, column, new)
    return changed


def _mentioning(
    connection: Connection,
    model: type[Base],
    column: str,
    mentions: Mentions,
    words: list[tuple[str, ...]] | None,
) -> Iterator[tuple[Any, Any]]:
    """Yield key and value of the rows that mention somebody, and the value without it."""
    table: Any = model.__table__
    keys, held = list(table.primary_key.columns), table.c[column]
    query = select(*keys, held).where(held.is_not(None))
    if words is not None:
        shown = func.lower(cast(held, Text))
        query = query.where(or_(*(_all_in(shown, group) for group in words)))
    for row in connection.execute(query):
        mentions.found.clear()
        value = _clean(model, row[-1], mentions)
        if value != row[-1]:
            yield row, value


def _all_in(shown: ColumnElement[str], group: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(*(shown.contains(word, autoescape=True) for word in group))


def count_mentions(
    connection: Connection, mentions: Mentions, texts: Sequence[str], own: Sequence[int]
) -> dict[str, int]:
    """Return how many texts mention somebody, by table.

    Parameters
    ----------
    connection : Connection
        Any connection.
    mentions : Mentions
        What to find.
    texts : sequence of str
        What ``mentions`` was made of.
    own : sequence of int
        Clients whose own records are left out.
    """
    counts: Counter[str] = Counter()
    words = _words_of(texts)
    for model, columns in SWEPT.items() if mentions else ():
        table: Any = model.__table__
        link = "id" if model is Client else "client_id"
        mine: set[tuple[Any, ...]] = set()
        if link in table.c:
            theirs = select(*table.primary_key.columns).where(table.c[link].in_(own))
            mine = {tuple(row) for row in connection.execute(theirs)}
        for column in columns:
            found = _mentioning(connection, model, column, mentions, words)
            counts[table.name] += sum(tuple(row[:-1]) not in mine for row, _ in found)
    return {name: count for name, count in counts.items() if count}


def _clean(model: type[Base], value: Any, mentions: Mentions) -> Any:
    if model is BatchClient:
        own = {name: value[name] for name in OWN_SAYING if name in value}
        rest = {name: inner for name, inner in value.items() if name not in own}
        return own | mentions.clean_json(rest)
    return mentions.clean_json(value)


def _store(
    connection: Connection, model: type[Base], column: str, new: list[dict[str, Any]]
) -> None:
    table: Any = model.__table__
    if column in NAMED.get(model, ()):
        _keep_unique(connection, model, column, new)
    statement = update(table).values({column: bindparam("value", type_=table.c[column].type)})
    for place, key in enumerate(table.primary_key.columns):
        statement = statement.where(key == bindparam(f"key_{place}", type_=key.type))
    connection.execute(statement, new)


def _keep_unique(
    connection: Connection, model: type[Base], column: str, new: list[dict[str, Any]]
) -> None:
    """Add the row's number to a new name that is taken."""
    table: Any = model.__table__
    taken = set(connection.execute(select(table.c[column])).scalars())
    for values in new:
        if values["value"] in taken and column == "name":
            values["value"] = f"{values['value']} ({values['key_0']})"
        values["value"] = fit(values["value"])
        taken.add(values["value"])


def blank_rows(connection: Connection, reader: RowReader) -> Counter[int]:
    """Blank the rows of files that became no sale and name somebody looked for.

    Returns
    -------
    Counter of int
        Rows by the client they named. Their amounts and reasons stay.
    """
    found: Counter[int] = Counter()
    new: list[dict[str, Any]] = []
    for row, client_id in find_rows(connection, reader):
        found[client_id] += 1
        new.append({"batch": row.batch_id, "row": row.number, "cells": blank(row.cells)})
    if new:
        table: Any = UnusedRow.__table__
        statement = (
            update(table)
            .where(table.c.batch_id == bindparam("batch"), table.c.number == bindparam("row"))
            .values(cells=bindparam("cells", type_=JSON()), detail="")
        )
        connection.execute(statement, new)
    return found


def find_rows(connection: Connection, reader: RowReader) -> Iterator[tuple[Any, int]]:
    """Yield the rows that became no sale and name somebody looked for, with the client."""
    held = connection.execute(select(Batch.id, Batch.source_id, Batch.columns, Batch.mapping))
    places = {b.id: (b.source_id, Places.of(b.columns, b.mapping)) for b in held}
    query = select(UnusedRow.__table__).order_by(UnusedRow.batch_id, UnusedRow.number)
    for row in connection.execute(query, execution_options={"yield_per": 5_000}):
        source_id, at = places[row.batch_id]
        client_id = reader.whose(row.cells, at, source_id)
        if client_id is not None:
            yield row, client_id
