"""What an import carries about erased people, taken out before it is stored.

Costs nothing while nobody is erased; else one fingerprint a distinct identity that
no stored client has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, exists, insert, select

from crm_core.addresses import is_shared_mailbox
from crm_core.records.fingerprints import Marker, fold_identity, marker_of, read_fingerprints
from crm_core.records.known_people import Identity, kind_of_number, pseudonym
from crm_core.records.mentions import Mentions
from crm_core.records.models import Client, ErasedIdentity, Source
from crm_core.records.named_rows import Places, RowReader, blank
from crm_core.records.staged import IDENTITY_KINDS, StagedClients, StagedImport, UnusedRows
from crm_core.tables import BoolArray, Coded, IntArray

BESIDE = ("email", "phone")
"""Attributes by which a row of an unknown number is known, best first."""


@dataclass(frozen=True)
class ErasedMatch:
    """Which clients of an import are erased people.

    Attributes
    ----------
    mask : ndarray of bool, shape (n_clients,)
        Which are; all False while nobody is erased.
    texts : tuple of (str, int)
        What this file calls them, and whose it is.
    lookup : callable or None
        Whose an identity of this file is; None while nobody is erased.
    """

    mask: BoolArray
    texts: tuple[tuple[str, int], ...] = ()
    lookup: Callable[[str, int | None, str], int | None] | None = None

    @cached_property
    def mentions(self) -> Mentions:
        """What finds them in the texts of this file, each to be replaced by the pseudonym."""
        return Mentions((text, pseudonym(number)) for text, number in self.texts)


def match_erased(
    connection: Connection, clients: StagedClients, ids: IntArray, source_id: int
) -> ErasedMatch:
    """Find the erased people among the clients of an import that nobody stored is.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    clients : StagedClients
        Distinct within the import.
    ids : ndarray of int64, shape (n_clients,)
        Ids of stored clients, -1 for none: those of erased people are filled in.
    source_id : int
        Where the import comes from.

    Returns
    -------
    ErasedMatch
        What else the file calls them is stored as fingerprints, nothing in clear.
    """
    nobody = np.zeros(len(ids), dtype=np.bool_)
    if not connection.execute(select(exists().select_from(ErasedIdentity))).scalar():
        return ErasedMatch(nobody)
    search = _Search(connection, clients, source_id)
    held = search.held
    said: list[tuple[str, int]] = []
    fresh: dict[str, tuple[str, int]] = {}
    before = -1
    # Twice: what one row says of a person may make another row known.
    while len(fresh) != before:
        before = len(fresh)
        for at in np.flatnonzero(ids < 0).tolist():
            marks = search.marks(at)
            found = search.whose(at, marks)
            if found is None:
                continue
            ids[at], nobody[at] = found, True
            beside = _attributes(clients, at, ("name", *BESIDE))
            said += [(text, found) for text in (clients.value[at], clients.label[at], *beside)]
            new = search.own_alone({m: i for m, i in marks.items() if m and m not in held})
            fresh |= {one: (kind, found) for one, (kind, _, _) in new.items()}
            held |= dict.fromkeys(new, found)
    _store(connection, fresh)
    return ErasedMatch(nobody, tuple(said), search.lookup)


class _Search:
    """Whose the rows of one import are, among the erased."""

    def __init__(self, connection: Connection, clients: StagedClients, source_id: int) -> None:
        self.connection, self.clients, self.source_id = connection, clients, source_id
        self.mark: Marker = marker_of(connection)
        self.held = read_fingerprints(connection)

    @cached_property
    def sources(self) -> list[int]:
        """All sources: a name holds within each."""
        return list(self.connection.execute(select(Source.id)).scalars())

    @cached_property
    def said_by_others(self) -> set[tuple[str, str]]:
        """E-mails and phones of stored clients, folded: they may name more than one."""
        table = Client.__table__.c
        query = select(table.email, table.phone).where(~table.external_id.like("erased-%"))
        rows = self.connection.execute(query)
        return {(k, fold_identity(k, t)) for row in rows for k, t in zip(BESIDE, row, strict=True)
                if t}  # fmt: skip

    def lookup(self, kind: str, source: int | None, text: str) -> int | None:
        """Return whose an identity is; a name of two words and more, in whatever source."""
        wide = kind == "name" and " " in fold_identity(kind, text)
        places = self.sources if wide else [source]
        found = (self.held.get(self.mark(kind, place, text)) for place in places)
        return next((one for one in found if one is not None), None)

    def marks(self, at: int) -> dict[str, Identity]:
        """Return the fingerprints of all that a file calls a client, surest first."""
        return {self.mark(*identity): identity for identity in self._identities(at)}

    def _identities(self, at: int) -> list[Identity]:
        kind, value = IDENTITY_KINDS[self.clients.kind[at]], self.clients.value[at]
        named: list[Identity] = [(kind, self.source_id, value)]
        # A file may have an address or a phone number where others have a number.
        if kind == "id" and (written := kind_of_number(value)) != "number":
            named.append((written, None, value))
        for beside in BESIDE:
            named += [(beside, None, text) for text in _attributes(self.clients, at, (beside,))]
        return named

    def whose(self, at: int, marks: dict[str, Identity]) -> int | None:
        """Return the erased client a row is about, None for nobody of them."""
        for one, (kind, _, text) in marks.items():
            found = self.held.get(one)
            shared = kind == "email" and is_shared_mailbox(text)
            if found is not None and not (shared and self._is_another(at, found)):
                return found
        return None

    def _is_another(self, at: int, found: int) -> bool:
        """Return whether a row with a firm's mailbox names somebody else of that firm."""
        names = _attributes(self.clients, at, ("name",))
        if IDENTITY_KINDS[self.clients.kind[at]] == "email" or not names:
            return False
        marks = (self.mark("name", number, names[0]) for number in self.sources)
        return all(self.held.get(one) != found for one in marks)

    def own_alone(self, new: dict[str, Identity]) -> dict[str, Identity]:
        """Leave out e-mails and phones that a stored client has: they name more than one."""
        return {
            one: identity
            for one, identity in new.items()
            if identity[0] not in BESIDE
            or (identity[0], fold_identity(identity[0], identity[2])) not in self.said_by_others
        }


def _attributes(clients: StagedClients, at: int, names: tuple[str, ...]) -> list[str]:
    coded = [clients.attributes[name] for name in names if name in clients.attributes]
    return [one.labels[one.codes[at]] for one in coded if one.codes[at] >= 0]


def _store(connection: Connection, fresh: dict[str, tuple[str, int]]) -> None:
    if fresh:
        rows = [
            {"fingerprint": one, "kind": kind, "client_id": client_id}
            for one, (kind, client_id) in fresh.items()
        ]
        connection.execute(insert(ErasedIdentity), rows)


def forget_in_attributes(clients: StagedClients, match: ErasedMatch) -> StagedClients:
    """Return the clients of an import whose free texts mention no erased person of the file."""
    if not match.mask.any():
        return clients
    clean = match.mentions.clean
    attributes = {
        name: coded if name in ("name", *BESIDE) else _cleaned(coded, clean)
        for name, coded in clients.attributes.items()
    }
    return replace(clients, attributes=attributes)


def forget_erased(staged: StagedImport, match: ErasedMatch, source_id: int) -> StagedImport:
    """Return an import without anything about erased people; sums and counts stay.

    Parameters
    ----------
    staged : StagedImport
        As the file has it.
    match : ErasedMatch
        From :func:`match_erased`.
    source_id : int
        Where it comes from.
    """
    if match.lookup is None:
        return staged
    unused = _forget_unused(staged, match, source_id)
    if not match.mask.any():
        return replace(staged, unused=unused)
    mentions = match.mentions
    sales, clean = staged.sales, mentions.clean
    theirs = pa.array(np.append(match.mask, False)[sales.client])
    nothing = pa.scalar(None, pa.string())
    return replace(
        staged,
        file_name=clean(staged.file_name),
        mapping=mentions.clean_json(dict(staged.mapping)),
        unused=unused,
        sales=replace(
            sales,
            order_ref=pc.if_else(theirs, nothing, sales.order_ref),
            refund_of=pc.if_else(theirs, nothing, sales.refund_of),
            product=_cleaned(sales.product, clean),
            category=_cleaned(sales.category, clean),
            channel=_cleaned(sales.channel, clean),
        ),
    )


def _cleaned(column: Coded, clean: Callable[[str], str]) -> Coded:
    labels: tuple[str, ...] = tuple(clean(label) for label in column.labels)
    return column if labels == column.labels else Coded(column.codes, labels)


def _forget_unused(staged: StagedImport, match: ErasedMatch, source_id: int) -> UnusedRows:
    unused, lookup = staged.unused, match.lookup
    assert lookup is not None
    reader = RowReader(lookup, Mentions((text, str(number)) for text, number in match.texts))
    places = Places.of(staged.columns, staged.mapping)
    cells, detail = list(unused.cells), list(unused.detail)
    for at, row in enumerate(unused.cells):
        if reader.whose(row, places, source_id) is not None:
            cells[at], detail[at] = tuple(blank(row)), ""
    return replace(unused, cells=tuple(cells), detail=tuple(detail))
