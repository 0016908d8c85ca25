"""Clients by hand: added, corrected, marked as none, merged and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, union, update

from crm_core.access import Right, require
from crm_core.errors import RecordError
from crm_core.records.bulk import next_ids
from crm_core.records.deeds import deed
from crm_core.records.fingerprints import EVERYWHERE, marker_of, read_fingerprints
from crm_core.records.merges import follow_merge, merge_members, read_merges
from crm_core.records.models import (
    Alias,
    Batch,
    Client,
    ClientIdentity,
    ClientManager,
    Contact,
    Contract,
    Ending,
    Snooze,
    Source,
    StageOverride,
)
from crm_core.records.models_people import CLIENT_KINDS, NOT_CLIENT_KINDS
from crm_core.records.models_privacy import Erasure
from crm_core.records.people import check_client, check_word, erased_clients
from crm_core.records.scope import check_client_is_theirs

EDITABLE = (
    "external_id",
    "name",
    "kind",
    "group_name",
    "email",
    "phone",
    "country",
    "region",
    "city",
    "segment",
    "department",
    "came_from",
    "known_on",
    "birthday",
    "shared_card",
    "automatic_orders",
    "attributes",
)
"""Fields a person may set; no import overwrites them afterwards."""


@deed(Right.EDIT, "client added")
def add_client(connection: Connection, *, name: str, known_on: date, **fields: Any) -> int:
    """Add a client that no file brought (a lead, say) and return the id.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    name : str
        Shown, and used as the external id unless ``external_id`` is given.
    known_on : date
        From when the client counts as known.
    **fields
        Any of :data:`EDITABLE`.

    Raises
    ------
    RecordError
        If the name is empty, a field is not known, or the e-mail or phone is that of
        somebody who was erased.
    """
    if not name.strip():
        raise RecordError("Wanted a name for the new client, found none.")
    _check_fields(fields)
    _check_not_erased(connection, fields)
    values = {"external_id": name.strip(), "name": name.strip(), "known_on": known_on} | fields
    number = int(next_ids(connection, Client, 1)[0])
    connection.execute(
        insert(Client).values(id=number, added_by_hand=True, by_hand=sorted(values), **values)
    )
    return number


@deed(Right.EDIT, "client corrected", keep=("fields",))
def edit_client(connection: Connection, client_id: int, **fields: Any) -> None:
    """Set fields of a client by hand; imports leave them alone from now on.

    Raises
    ------
    RecordError
        If there is no such client, a field is not known, or the e-mail or phone is that
        of somebody who was erased.
    """
    check_client(connection, client_id)
    _check_fields(fields)
    _check_not_erased(connection, fields)
    held = connection.execute(select(Client.by_hand).where(Client.id == client_id)).scalar()
    by_hand = sorted({*(held or ()), *fields})
    connection.execute(
        update(Client).where(Client.id == client_id).values(by_hand=by_hand, **fields)
    )


def _check_fields(fields: dict[str, Any]) -> None:
    for name in fields:
        check_word("field of a client", name, EDITABLE)
    if "kind" in fields:
        check_word("kind of client", fields["kind"], CLIENT_KINDS)


def _check_not_erased(connection: Connection, fields: dict[str, Any]) -> None:
    """Refuse to bring back by hand whom an import would not bring back."""
    told = [(kind, fields[kind]) for kind in EVERYWHERE if isinstance(fields.get(kind), str)]
    if not told:
        return
    held = read_fingerprints(connection)
    for kind, text in told if held else ():
        found = held.get(marker_of(connection)(kind, None, text))
        if found is not None:
            raise RecordError(
                f"Wanted a client whose data may be kept, found the {kind} of client {found}, who "
                "was erased; leave it out, or ask the person first."
            )


@deed(Right.EDIT, "marked as no client", keep=("kind",))
def mark_not_client(connection: Connection, client_id: int, kind: str | None) -> None:
    """Say that a "client" is a till, a marketplace or an own branch; None takes it back.

    Its sales then count as sales without a client.

    Raises
    ------
    RecordError
        If there is no such client or kind.
    """
    check_client(connection, client_id)
    if kind is not None:
        check_word("kind of non-client", kind, NOT_CLIENT_KINDS)
    connection.execute(update(Client).where(Client.id == client_id).values(not_client=kind))


@deed(Right.MERGE, "clients merged", clients=("into_id", "merged_id"), keep=("merged_id",))
def merge(
    connection: Connection,
    merged_id: int,
    into_id: int,
    *,
    merged_at: datetime,
    by: str,
    evidence: str,
) -> int:
    """Let two clients count as one and return the id of the merge.

    The rows keep their own client, so the merge can be taken back.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    merged_id, into_id : int
        The client that disappears, and the one that stays.
    merged_at : datetime
        Now, with its time zone.
    by, evidence : str
        Who merged them, and why they are one.

    Raises
    ------
    RecordError
        If one is not there or was erased, both are the same, or they are one already.
    """
    check_client(connection, merged_id)
    check_client(connection, into_id)
    for gone in sorted({merged_id, into_id} & erased_clients(connection)):
        raise RecordError(
            f"Wanted two clients who are known, found that client {gone} was erased: nobody can "
            "tell any more who that was. Leave it as it is."
        )
    merges = read_merges(connection)
    if merged_id in merges:
        raise RecordError(
            f"Wanted a client that stands alone, found {merged_id} merged into "
            f"{merges[merged_id]}; take that merge back first."
        )
    if follow_merge(merges, into_id) == merged_id:
        raise RecordError(f"Wanted two clients, found {merged_id} and {into_id} to be one already.")
    values = {"merged_id": merged_id, "into_id": into_id, "merged_at": merged_at, "by": by}
    statement = insert(Alias).values(evidence=evidence, **values).returning(Alias.id)
    return int(connection.execute(statement).scalar_one())


@deed(Right.MERGE, "merge taken apart", clients=("merged_id",))
def unmerge(connection: Connection, merged_id: int, *, undone_at: datetime) -> None:
    """Let a merged client stand alone again.

    Raises
    ------
    RecordError
        If the client is not merged.
    """
    statement = (
        update(Alias)
        .where(Alias.merged_id == merged_id, Alias.undone_at.is_(None))
        .values(undone_at=undone_at)
    )
    if connection.execute(statement).rowcount == 0:
        raise RecordError(f"Wanted a merged client, found {merged_id} standing alone.")


def list_merges(connection: Connection) -> Sequence[Any]:
    """Return all merges, those taken back included, oldest first (rows of ``aliases``)."""
    return connection.execute(select(Alias.__table__).order_by(Alias.id)).all()


@dataclass(frozen=True)
class ClientCard:
    """Everything recorded about one client, those merged into it included.

    Attributes
    ----------
    client : row of ``clients``
        Today's attributes.
    identities : sequence of (kind, source or None, label)
        How files name the client.
    managers, contacts, endings, contracts, snoozes, overrides : sequence of rows
        By day, oldest first.
    merged : sequence of rows of ``aliases``
        Merges into this client that are in force.
    """

    client: Any
    identities: Sequence[Any]
    managers: Sequence[Any]
    contacts: Sequence[Any]
    endings: Sequence[Any]
    contracts: Sequence[Any]
    snoozes: Sequence[Any]
    overrides: Sequence[Any]
    merged: Sequence[Any]


def read_card(connection: Connection, client_id: int) -> ClientCard:
    """Return the card of a client.

    Raises
    ------
    AccessError
        If whoever is at work may not see names, or the client is not one of theirs.
    RecordError
        If there is no such client.
    """
    require(Right.SEE_NAMES)
    check_client(connection, client_id)
    check_client_is_theirs(connection, client_id)
    members = merge_members(read_merges(connection), client_id)

    def rows(model: Any, day: str) -> Sequence[Any]:
        table = model.__table__
        query = select(table).where(table.c.client_id.in_(members))
        return connection.execute(query.order_by(table.c[day], table.c.id)).all()

    return ClientCard(
        client=connection.execute(select(Client.__table__).where(Client.id == client_id)).one(),
        identities=connection.execute(
            select(ClientIdentity.kind, Source.name.label("source"), ClientIdentity.label)
            .outerjoin(Source, Source.id == ClientIdentity.source_id)
            .where(ClientIdentity.client_id.in_(members))
            .order_by(ClientIdentity.id)
        ).all(),
        managers=connection.execute(
            select(ClientManager.from_day, ClientManager.manager)
            .outerjoin(Batch, Batch.id == ClientManager.batch_id)
            .where(ClientManager.client_id.in_(members), Batch.undone_at.is_(None))
            .order_by(ClientManager.from_day, ClientManager.id)
        ).all(),
        contacts=rows(Contact, "day"),
        endings=rows(Ending, "day"),
        contracts=rows(Contract, "start_day"),
        snoozes=rows(Snooze, "from_day"),
        overrides=rows(StageOverride, "set_on"),
        merged=[row for row in list_merges(connection) if row.into_id in members
                and row.undone_at is None],
    )  # fmt: skip


def snoozed_clients(connection: Connection, day: date) -> set[int]:
    """Return the ids of the clients nobody is to call on a day, resolved through merges.

    Those snoozed over the day, and those erased: nobody knows whom to call any more.
    """
    snoozed = select(Snooze.client_id).where(Snooze.from_day <= day, Snooze.until_day >= day)
    numbers = connection.execute(union(snoozed, select(Erasure.client_id))).scalars()
    merges = read_merges(connection)
    return {follow_merge(merges, number) for number in numbers}
