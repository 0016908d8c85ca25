"""Which stored client each client of a file is, and what the file says about them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, select, update

from crm_core.records.base import BIG
from crm_core.records.bulk import Nullable, insert_columns, next_ids
from crm_core.records.erased_rows import ErasedMatch, forget_in_attributes, match_erased
from crm_core.records.erasing import coarse
from crm_core.records.lookups import fit
from crm_core.records.models import BatchClient, Client, ClientIdentity, ClientManager
from crm_core.records.models_people import CLIENT_KINDS
from crm_core.records.staged import IDENTITY_KINDS, StagedClients
from crm_core.tables import NEVER, IntArray, to_date, to_day

TEXT_FIELDS = (
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
)
"""Fields of a client that a file may fill; others become free attributes."""

_OWN_COLUMNS = frozenset((*TEXT_FIELDS, "birthday", "manager"))

Said = dict[str, Any]
"""What a file says about one client: field to value, birthday in days."""


@dataclass(frozen=True)
class Resolved:
    """The stored clients behind the clients of one import.

    Attributes
    ----------
    ids : ndarray of int64, shape (n_clients,)
        Ids in the records.
    is_new : ndarray of bool, shape (n_clients,)
        Which were not known before.
    said : list of (dict or None), length n_clients
        What the file says about each; of erased people only groups that many share.
    erased : ErasedMatch
        Which of them are erased people.
    """

    ids: IntArray
    is_new: NDArray[np.bool_]
    said: list[Said | None]
    erased: ErasedMatch


def resolve_clients(connection: Connection, clients: StagedClients, source_id: int) -> Resolved:
    """Find the stored client of every staged one, and add those that are new.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    clients : StagedClients
        Distinct within the import.
    source_id : int
        Ids and names hold within it, e-mails everywhere.

    Returns
    -------
    Resolved
    """
    values = [fit(value) for value in clients.value]
    ids = np.full(len(values), -1, dtype=np.int64)
    for code in np.unique(clients.kind).tolist():
        at = np.flatnonzero(clients.kind == code)
        known = _known_identities(connection, IDENTITY_KINDS[code], source_id)
        ids[at] = [known.get(values[position], -1) for position in at.tolist()]
    erased = match_erased(connection, clients, ids, source_id)
    is_new = ids < 0
    ids[is_new] = next_ids(connection, Client, int(is_new.sum()))
    clients = forget_in_attributes(clients, erased)
    new, said = np.flatnonzero(is_new), describe_clients(clients)
    _add_clients(connection, clients, ids, new=new, said=said)
    _add_identities(connection, clients, ids, new=new, source_id=source_id)
    if erased.mask.any():
        mentions = erased.mentions
        for place in np.flatnonzero(erased.mask).tolist():
            said[place] = coarse(said[place], mentions)
    return Resolved(ids, is_new, said, erased)


def _known_identities(connection: Connection, kind: str, source_id: int) -> dict[str, int]:
    table = ClientIdentity.__table__.c
    query = select(table.value, table.client_id).where(table.kind == kind)
    if kind != "email":
        query = query.where(table.source_id == source_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _add_identities(
    connection: Connection, clients: StagedClients, ids: IntArray, *, new: IntArray, source_id: int
) -> None:
    kinds = [IDENTITY_KINDS[code] for code in clients.kind[new].tolist()]
    insert_columns(
        connection,
        ClientIdentity,
        {
            "id": next_ids(connection, ClientIdentity, len(new)),
            "kind": kinds,
            "source_id": [None if kind == "email" else source_id for kind in kinds],
            "value": [fit(clients.value[position]) for position in new.tolist()],
            "label": _labels(clients, new),
            "client_id": ids[new],
        },
    )


def _add_clients(
    connection: Connection,
    clients: StagedClients,
    ids: IntArray,
    *,
    new: IntArray,
    said: Sequence[Said | None],
) -> None:
    spoken = [said[position] or {} for position in new.tolist()]
    free = [_free_attributes(own) for own in spoken]
    insert_columns(
        connection,
        Client,
        {
            "id": ids[new],
            "external_id": _labels(clients, new),
            **{name: [own.get(name) for own in spoken] for name in TEXT_FIELDS},
            "kind": [_known_kind(own) or "unknown" for own in spoken],
            "birthday": [own.get("birthday") for own in spoken],
            "attributes": [json.dumps(own) if own else None for own in free],
        },
    )


def _labels(clients: StagedClients, chosen: IntArray) -> list[str]:
    return [clients.label[position].replace("\x00", "") for position in chosen.tolist()]


def _known_kind(own: Said) -> str | None:
    kind = str(own.get("kind", "")).lower()
    return kind if kind in CLIENT_KINDS else None


def _free_attributes(own: Said) -> Said:
    return {name: value for name, value in own.items() if name not in _OWN_COLUMNS}


def describe_clients(clients: StagedClients) -> list[Said | None]:
    """Return what the file says about each client, None where it says nothing."""
    columns = {
        name: [*coded.labels, None] for name, coded in clients.attributes.items() if coded.labels
    }
    codes = [clients.attributes[name].codes.tolist() for name in columns]
    texts = list(columns.values())
    said: list[Said | None] = []
    for row in zip(*codes, strict=True) if columns else [()] * len(clients.value):
        own = {
            name: labels[code]
            for name, labels, code in zip(columns, texts, row, strict=True)
            if labels[code] is not None
        }
        said.append(own or None)
    for position in np.flatnonzero(clients.birthday != NEVER).tolist():
        said[position] = (said[position] or {}) | {"birthday": int(clients.birthday[position])}
    return said


def note_clients(
    connection: Connection,
    batch_id: int,
    resolved: Resolved,
    *,
    known_on: NDArray[np.int32],
    import_day: date,
) -> None:
    """Keep what one import says about its clients, and let it show on the clients.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    batch_id : int
        The import.
    resolved : Resolved
        Its clients.
    known_on : ndarray of int32, shape (n_clients,)
        Days since 1970-01-01, ``NEVER`` where unknown.
    import_day : date
        From when a manager named in the file counts.
    """
    ids, known_on, all_said = _one_each(resolved, known_on)
    insert_columns(
        connection,
        BatchClient,
        {
            "batch_id": np.full(len(ids), batch_id),
            "client_id": ids,
            "known_on": Nullable(known_on, NEVER),
            "fields": [None if own is None else json.dumps(own) for own in all_said],
        },
    )
    spoken = {n: own for n, own in zip(ids.tolist(), all_said, strict=True) if own}
    managers = {n: own["manager"] for n, own in spoken.items() if "manager" in own}
    insert_columns(
        connection,
        ClientManager,
        {
            "id": next_ids(connection, ClientManager, len(managers)),
            "client_id": list(managers),
            "from_day": np.full(len(managers), to_day(import_day)),
            "manager": list(managers.values()),
            "batch_id": np.full(len(managers), batch_id),
        },
    )
    new = set(resolved.ids[resolved.is_new].tolist())
    apply_fields(connection, {n: own for n, own in spoken.items() if n not in new})


def _one_each(
    resolved: Resolved, known_on: NDArray[np.int32]
) -> tuple[IntArray, NDArray[np.int32], list[Said | None]]:
    """Return ids, days and fields with each client once: an erased one may have many names."""
    if not resolved.erased.mask.any():
        return resolved.ids, known_on, resolved.said
    ids, first, place = np.unique(resolved.ids, return_index=True, return_inverse=True)
    earliest = np.full(len(ids), NEVER, dtype=np.int32)
    np.minimum.at(earliest, place, known_on)
    return ids, earliest, [resolved.said[at] for at in first.tolist()]


def apply_fields(connection: Connection, said: Mapping[int, Said], *, forget: bool = False) -> None:
    """Let what files say show on the clients; fields typed by a person stay.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    said : mapping of int to dict
        By client id.
    forget : bool, default False
        Also empty the fields about which nothing is said (after an undo).
    """
    if not said:
        return
    rows = connection.execute(select(Client.__table__))
    current = {row.id: row for row in rows if row.id in said}
    changes: list[Said] = []
    for number, own in said.items():
        now = current[number]
        new = _merge_fields(now, own, forget=forget)
        if any(new[name] != getattr(now, name) for name in new):
            changes.append({"the_id": number, **new})
    _update_clients(connection, changes)


def _merge_fields(now: Any, own: Said, *, forget: bool) -> Said:
    kept, new = set(now.by_hand or ()), dict(own)
    new["kind"] = _known_kind(own) or ("unknown" if forget else None)
    if "birthday" in own:
        new["birthday"] = to_date(own["birthday"])
    for name in (*TEXT_FIELDS, "birthday"):
        if name in kept or (new.get(name) is None and not forget):
            new[name] = getattr(now, name)
    held = {} if forget else dict(now.attributes or {})
    shown = {name: new.get(name) for name in (*TEXT_FIELDS, "birthday")}
    return shown | {"attributes": held | _free_attributes(own) or None}


def _update_clients(connection: Connection, changes: list[Said]) -> None:
    if not changes:
        return
    names = [name for name in changes[0] if name != "the_id"]
    statement = (
        update(Client)
        .where(Client.id == bindparam("the_id", type_=BIG))
        .values({name: bindparam(name) for name in names})
    )
    connection.execute(statement, changes)
