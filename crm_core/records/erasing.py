"""Erasing a person: everything that names them goes, everything that counts stays.

The client becomes "Erased client 17" in every table. Sales, stages and sums do not
change. Keyed fingerprints of what files called the person stay, so that the next
import finds the erased client instead of bringing the person back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from crm_core.access import Right, actor
from crm_core.errors import RecordError
from crm_core.records.alike import Said, alike, named_by_files, said_by_others
from crm_core.records.base import BIG, Base
from crm_core.records.deeds import deed
from crm_core.records.fingerprints import fold_identity, marker_of, read_fingerprints
from crm_core.records.known_people import (
    Person,
    chunks,
    gather_people,
    mentions_of,
    pseudonym,
    rows_about,
)
from crm_core.records.mentions import Mentions
from crm_core.records.models import (
    Alias,
    BatchClient,
    Client,
    ClientIdentity,
    Consent,
    Contact,
    ContactPerson,
    Contract,
    Ending,
    ErasedIdentity,
    Erasure,
    KeyCare,
    KeyReason,
    Presence,
    Sale,
    Snooze,
    StageOverride,
)
from crm_core.records.named_rows import GONE, RowReader
from crm_core.records.people import check_client
from crm_core.records.receipts import Receipt
from crm_core.records.sweeping import blank_rows, sweep_texts

COARSE = ("kind", "country", "segment", "department", "came_from")
"""Groups that stay with an erased client: many share them, and figures are cut by them."""

NAMING = ("name", "email", "phone", "region", "city", "group_name", "birthday")
"""Fields of the card that are emptied; no import fills them again."""

COARSE_SAID = frozenset((*COARSE, "manager"))
"""What an import may still say about an erased client; the manager is one of us."""

NOTES: dict[type[Base], tuple[str, str]] = {
    Contact: ("note", ""),
    Ending: ("note", ""),
    Snooze: ("note", ""),
    StageOverride: ("reason", GONE),
    KeyReason: ("note", ""),
    KeyCare: ("note", ""),
    Consent: ("source", ""),
}
"""Records that stay with their days; the column that holds free text, and what it becomes."""

KEPT: dict[str, type[Base]] = {
    "sales": Sale,
    "contacts": Contact,
    "endings": Ending,
    "contracts": Contract,
    "stages set by hand": StageOverride,
    "snoozes": Snooze,
    "key reasons": KeyReason,
    "visits and offers": KeyCare,
    "consents": Consent,
}

Counts = dict[int, Counter[str]]
"""Removed by kind, by the client that counts."""


@deed(Right.PRIVACY, "client erased")
def erase(connection: Connection, client_id: int, *, at: datetime, reason: str) -> Receipt:
    """Erase the person behind a client, with all records merged into it.

    Parameters
    ----------
    connection : Connection
        From :func:`crm_core.records.engine.writing`. For a preview use ``rehearsing``:
        the receipt says what would be removed.
    client_id : int
        Any record of the person.
    at : datetime
        Now, with its time zone.
    reason : str
        The request's own reference. Mentions of the person are taken out of it.

    Returns
    -------
    Receipt
        What was removed, what stays and how the next import knows the person.

    Raises
    ------
    RecordError
        If there is no such client, or no reason.

    Notes
    -----
    Afterwards call :func:`crm_core.records.receipts.clean_file`: until then the old
    bytes are still in an SQLite file. Erasing an erased client again removes what was
    written since.
    """
    return _erase(connection, [client_id], at=at, reason=reason)[0]


@deed(Right.PRIVACY, "clients erased")
def erase_many(
    connection: Connection, client_ids: Iterable[int], *, at: datetime, reason: str
) -> list[Receipt]:
    """Erase several people in one go, or none; see :func:`erase`. A receipt each, by client.

    Raises
    ------
    RecordError
        If one of them is no client, or there is no reason.
    """
    return _erase(connection, list(client_ids), at=at, reason=reason)


def _erase(
    connection: Connection, client_ids: Sequence[int], *, at: datetime, reason: str
) -> list[Receipt]:
    if not client_ids:
        return []
    for client_id in sorted(set(client_ids) - set(connection.execute(select(Client.id)).scalars())):
        check_client(connection, client_id)
    if not reason.strip():
        raise RecordError("Wanted a reason for erasing, found none; name the request.")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    people = gather_people(connection, client_ids)
    of = {number: person.client_id for person in people for number in person.members}
    kept = _count_kept(connection, of)
    others, named = said_by_others(connection, people), named_by_files(connection, people)
    marked, shared = _keep_fingerprints(connection, people, others)
    removed: Counts = defaultdict(Counter)
    mentions = mentions_of(people)
    _blank_unused(connection, people, removed)
    _clear_cards(connection, of, removed, mentions)
    _clear_imports(connection, of, removed, mentions)
    _clear_notes(connection, of, removed)
    _drop_rows(connection, of, removed)
    _drop_references(connection, of, removed)
    _sweep(connection, people, removed, mentions)
    said = mentions.clean(reason.strip())
    receipts = [
        Receipt(
            client_id=person.client_id,
            pseudonym=pseudonym(person.client_id),
            at=at,
            by=actor().label,
            reason=said,
            members=len(person.members),
            removed=dict(removed[person.client_id]),
            kept=dict(kept[person.client_id]),
            fingerprints=dict(marked[person.client_id]),
            shared=shared[person.client_id],
            alike=alike(person, others, named),
            database=connection.dialect.name,
        )
        for person in people
    ]
    return _store(connection, receipts)


def _store(connection: Connection, receipts: list[Receipt]) -> list[Receipt]:
    statement = insert(Erasure).returning(Erasure.id, sort_by_parameter_order=True)
    rows = [
        {"client_id": r.client_id, "at": r.at, "reason": r.reason, "receipt": r.to_json()}
        for r in receipts
    ]
    numbers = connection.execute(statement, rows).scalars().all()
    return [
        replace(receipt, number=number) for receipt, number in zip(receipts, numbers, strict=True)
    ]


def _keep_fingerprints(
    connection: Connection, people: Sequence[Person], others: Said
) -> tuple[dict[int, Counter[str]], Counter[int]]:
    """Store what knows the people again; count it, and what others share, by client."""
    mark, held = marker_of(connection), read_fingerprints(connection)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    shared: Counter[int] = Counter()
    rows: list[dict[str, Any]] = []
    for person in people:
        for own, (kind, source, text), record in _identities(person):
            if not own and (kind, fold_identity(kind, text)) in others:
                shared[person.client_id] += 1
                continue
            fingerprint = mark(kind, source, text)
            if fingerprint and fingerprint not in held:
                held[fingerprint] = record
                rows.append({"fingerprint": fingerprint, "kind": kind, "client_id": record})
                counts[person.client_id][kind] += 1
    if rows:
        connection.execute(insert(ErasedIdentity), rows)
    return counts, shared


def _identities(person: Person) -> list[tuple[bool, tuple[str, int | None, str], int]]:
    """Return what files call a person: whether theirs alone, the identity, the record."""
    own = [(True, identity, record) for identity, record in person.own.items()]
    return own + [(False, identity, record) for identity, record in person.told.items()]


def _blank_unused(connection: Connection, people: Sequence[Person], removed: Counts) -> None:
    known: dict[tuple[str, int | None, str], int] = {}
    for person in people:
        for kind, source, text in (*person.own, *person.told):
            if folded := fold_identity(kind, text):
                known[kind, source, folded] = person.client_id
    reader = RowReader(
        lambda kind, source, text: known.get((kind, source, fold_identity(kind, text))),
        mentions_of(people, str),
    )
    for client_id, count in blank_rows(connection, reader).items():
        removed[client_id]["rows of files that became no sale"] += count


def _clear_cards(
    connection: Connection, of: dict[int, int], removed: Counts, mentions: Mentions
) -> None:
    emptied: dict[str, Any] = dict.fromkeys((*NAMING, "attributes"))
    new = []
    for row in list(rows_about(connection, Client, list(of), column="id")):
        name = pseudonym(row.id)
        held = sum(getattr(row, field) is not None for field in emptied)
        if row.name != name:
            removed[of[row.id]]["details on the card"] += held + 1
        by_hand = sorted({*(row.by_hand or ()), *NAMING})
        changed = {"the_id": row.id, "external_id": f"{GONE}-{row.id}", "by_hand": by_hand}
        groups = {field: mentions.without(getattr(row, field)) for field in COARSE[1:]}
        new.append(emptied | groups | changed | {"name": name})
    table: Any = Client.__table__
    columns = {key: bindparam(key, type_=table.c[key].type) for key in new[0] if key != "the_id"}
    by_id = table.c.id == bindparam("the_id", type_=BIG)
    connection.execute(update(table).where(by_id).values(columns), new)


def _clear_imports(
    connection: Connection, of: dict[int, int], removed: Counts, mentions: Mentions
) -> None:
    new = []
    for row in list(rows_about(connection, BatchClient, list(of))):
        kept = coarse(row.fields, mentions)
        if kept != row.fields:
            removed[of[row.client_id]]["details from files"] += len(row.fields) - len(kept or ())
            new.append({"batch": row.batch_id, "client": row.client_id, "fields": kept})
    table: Any = BatchClient.__table__
    if new:
        statement = update(table).where(
            table.c.batch_id == bindparam("batch"),
            table.c.client_id == bindparam("client", type_=BIG),
        )
        fields = bindparam("fields", type_=JSON(none_as_null=True))
        connection.execute(statement.values(fields=fields), new)


def coarse(said: dict[str, Any] | None, mentions: Mentions) -> dict[str, Any] | None:
    """Return what of a file's words about an erased client may stay, None for nothing."""
    kept = {
        name: value
        for name, value in (said or {}).items()
        if name in COARSE_SAID and mentions.first(str(value)) is None
    }
    return kept or None


def _clear_notes(connection: Connection, of: dict[int, int], removed: Counts) -> None:
    for model, (column, instead) in NOTES.items():
        table: Any = model.__table__
        for part in chunks(list(of)):
            mine = table.c.client_id.in_(part), table.c[column] != instead
            query = select(table.c.client_id, func.count()).where(*mine)
            for client_id, count in connection.execute(query.group_by(table.c.client_id)):
                removed[of[client_id]]["texts of notes"] += count
            connection.execute(update(table).where(*mine).values({column: instead}))
    for part in chunks(list(of)):
        told = or_(Alias.merged_id.in_(part), Alias.into_id.in_(part))
        query = select(Alias.merged_id, Alias.into_id).where(told, Alias.evidence != "")
        for merged, into in connection.execute(query):
            removed[of.get(merged) or of[into]]["texts about merges"] += 1
        connection.execute(update(Alias).where(told).values(evidence=""))


def _drop_rows(connection: Connection, of: dict[int, int], removed: Counts) -> None:
    kinds = {ClientIdentity: "names in files", ContactPerson: "contact people", Presence: ""}
    for model, kind in kinds.items():
        table: Any = model.__table__
        for part in chunks(list(of)):
            mine = table.c.client_id.in_(part)
            query = select(table.c.client_id, func.count()).where(mine)
            for client_id, count in connection.execute(query.group_by(table.c.client_id)):
                if kind:
                    removed[of[client_id]][kind] += count
            connection.execute(delete(table).where(mine))


def _drop_references(connection: Connection, of: dict[int, int], removed: Counts) -> None:
    """Empty the order numbers: each leads straight back to the person in the shop."""
    for part in chunks(list(of)):
        given = or_(Sale.order_ref.is_not(None), Sale.refund_ref.is_not(None))
        mine = Sale.client_id.in_(part), given
        who: Any = Sale.__table__.c.client_id
        query = select(who, func.count()).where(*mine).group_by(who)
        for client_id, count in connection.execute(query):
            removed[of[client_id]]["order references"] += count
        connection.execute(update(Sale).where(*mine).values(order_ref=None, refund_ref=None))


def _sweep(
    connection: Connection, people: Sequence[Person], removed: Counts, mentions: Mentions
) -> None:
    texts = [text for person in people for text in person.texts]
    changed = sweep_texts(connection, mentions, texts)
    for person in people:
        if count := changed[pseudonym(person.client_id)]:
            removed[person.client_id]["mentions in other texts"] += count


def _count_kept(connection: Connection, of: dict[int, int]) -> dict[int, Counter[str]]:
    kept: dict[int, Counter[str]] = defaultdict(Counter)
    for kind, model in KEPT.items():
        table: Any = model.__table__
        for part in chunks(list(of)):
            query = select(table.c.client_id, func.count()).where(table.c.client_id.in_(part))
            for client_id, count in connection.execute(query.group_by(table.c.client_id)):
                kept[of[client_id]][kind] += count
    return kept
