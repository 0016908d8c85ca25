"""Everything any table holds about one client, in one value that JSON can hold.

Tables are found by their columns, not listed: whatever points at a client is in the
file, a table added tomorrow too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection, Table, or_, select

from crm_core.access import Right
from crm_core.money import to_decimal_text
from crm_core.records.base import Base
from crm_core.records.deeds import deed
from crm_core.records.fingerprints import fold_identity
from crm_core.records.known_people import Person, gather_people, mentions_of
from crm_core.records.models import AuditEvent, Client, ErasedIdentity
from crm_core.records.named_rows import RowReader
from crm_core.records.people import check_client
from crm_core.records.sweeping import count_mentions, find_rows

NAMES = {
    "sources": "name",
    "batches": "file_name",
    "products": "name",
    "channels": "name",
    "salespeople": "name",
    "currencies": "name",
}
"""Tables whose rows stand for a name, and the column that holds it."""

MONEY = ("amount", "quantity")
"""Columns in ten-thousandths."""

NOT_SHOWN = {"sales": ("key", "refund_key"), "erased_identities": ("fingerprint",)}
"""Columns that are only checksums."""

UNUSED = "unused_rows"


@deed(Right.PRIVACY, "client file handed out")
def client_file(
    connection: Connection,
    client_id: int,
    *,
    at: datetime,
    standing: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return everything stored about one client, merged records included.

    Parameters
    ----------
    connection : Connection
        Inside a transaction that may write (``recording`` will do): handing out is
        written into the audit.
    client_id : int
        Any record of the person.
    at : datetime
        Now, with its time zone.
    standing : mapping, optional
        What the figures say of the client, from :func:`crm_core.privacy.standing.standing_of`.

    Returns
    -------
    dict
        ``made_at``, ``client_id``, ``records`` (ids), ``standing``, ``tables`` (by name,
        rows as dicts: days and moments in ISO form, money and quantities as decimal text,
        ids of files, products and the like beside their names) and ``mentioned_elsewhere``
        (how many texts about others mention the person, by table).

    Raises
    ------
    RecordError
        If there is no such client.
    """
    check_client(connection, client_id)
    (person,) = gather_people(connection, [client_id])
    names = _read_names(connection)
    tables = {
        table.name: [_plain(table, row, names) for row in _rows(connection, table, links, person)]
        for table, links in tables_about_clients()
    }
    tables[UNUSED] = _unused(connection, person, names)
    return {
        "made_at": at.isoformat(),
        "client_id": person.client_id,
        "records": list(person.members),
        "standing": dict(standing or {}),
        "tables": tables,
        "mentioned_elsewhere": count_mentions(
            connection, mentions_of([person]), sorted(person.texts), person.members
        ),
    }


def tables_about_clients() -> Iterator[tuple[Table, list[Column[Any]]]]:
    """Yield every table that says something about a client, and the columns that name it."""
    for table in Base.metadata.sorted_tables:
        links = [
            column
            for column in table.columns
            if column.name == "client_id"
            or any(key.column.table.name == Client.__tablename__ for key in column.foreign_keys)
        ]
        if table.name == Client.__tablename__:
            links = [table.c.id]
        if links:
            yield table, links


def _rows(
    connection: Connection, table: Table, links: list[Column[Any]], person: Person
) -> Iterator[Any]:
    order = list(table.primary_key.columns)
    if table.name == ErasedIdentity.__tablename__:
        order = [table.c.client_id, table.c.kind]
    mine = or_(*(link.in_(person.members) for link in links))
    if table.name == AuditEvent.__tablename__:
        order = [table.c.id]
    yield from connection.execute(select(table).where(mine).order_by(*order))


def _read_names(connection: Connection) -> dict[str, dict[int, str]]:
    tables = Base.metadata.tables
    return {
        name: dict(connection.execute(select(tables[name].c.id, tables[name].c[column])).all())
        for name, column in NAMES.items()
    }


def _plain(table: Table, row: Any, names: dict[str, dict[int, str]]) -> dict[str, Any]:
    hidden = NOT_SHOWN.get(table.name, ())
    plain: dict[str, Any] = {}
    for column in table.columns:
        value = row._mapping[column.name]
        if column.name in hidden:
            continue
        plain[column.name] = _value(column.name, value)
        for key in column.foreign_keys:
            target = key.column.table.name
            if target in NAMES and value is not None:
                plain[column.name.removesuffix("_id")] = names[target].get(value)
    return plain


def _value(name: str, value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if name in MONEY and isinstance(value, int):
        return to_decimal_text(value)
    return value


def _unused(
    connection: Connection, person: Person, names: dict[str, dict[int, str]]
) -> list[dict[str, Any]]:
    known = {
        (kind, source, fold_identity(kind, text)): person.client_id
        for kind, source, text in (*person.own, *person.told)
        if fold_identity(kind, text)
    }
    reader = RowReader(
        lambda kind, source, text: known.get((kind, source, fold_identity(kind, text))),
        mentions_of([person], str),
    )
    table = Base.metadata.tables[UNUSED]
    return [_plain(table, row, names) for row, _ in find_rows(connection, reader)]
