"""Who is one client: an id, else an e-mail, else a name, as the rows of a file give them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.intake.columns import TextCodes, code_texts
from crm_core.intake.mapped_file import MappedFile
from crm_core.intake.words import fold_name
from crm_core.records.staged import StagedClients
from crm_core.tables import NEVER, Coded, DayArray, IntArray

KIND_OF_FIELD = {"client": 0, "email": 1, "name": 2}
"""Mapped field to its place in ``IDENTITY_KINDS``."""

ATTRIBUTES = {
    "name": "name",
    "email": "email",
    "phone": "phone",
    "country": "country",
    "region": "region",
    "city": "city",
    "segment": "segment",
    "department": "department",
    "manager": "manager",
    "source": "came_from",
}
"""Mapped field to the column of the clients it fills."""


@dataclass(frozen=True)
class Identities:
    """Who each row of a table names.

    Attributes
    ----------
    client : ndarray of int32, shape (n_rows,)
        Place among the distinct identities, -1 where the row names nobody.
    kind : ndarray of int8, shape (n_identities,)
        Place in ``IDENTITY_KINDS``.
    value, label : pyarrow.StringArray, shape (n_identities,)
        Normalised, and as the file first has it, trimmed.
    """

    client: NDArray[np.int32]
    kind: NDArray[np.int8]
    value: pa.StringArray
    label: pa.StringArray


def identify(file: MappedFile) -> Identities:
    """Return who each row names: the first filled one of the mapping's identity fields.

    An id is trimmed, and loses ``.0`` where the whole column has it; an e-mail is put in lower
    case and needs an ``@``; a name has its spaces and case folded. Words such as ``nan`` or
    ``n/a`` name nobody.
    """
    chosen = np.full(file.table.n_rows, -1, dtype=np.int64)
    kinds, values, labels, start = [], [], [], 0
    for field in file.mapping.identity:
        texts = file.client_texts(field)
        if not len(texts.labels):
            continue
        plain, shown = _normalise(texts, field)
        places = code_texts(plain)
        codes = np.append(places.codes, np.int32(-1))[texts.codes]
        chosen = np.where((chosen < 0) & (codes >= 0), codes + start, chosen)
        first = np.full(len(places.labels), -1, dtype=np.int64)
        named = np.flatnonzero(places.codes >= 0)[::-1]
        first[places.codes[named]] = named
        kinds.append(np.full(len(first), KIND_OF_FIELD[field], dtype=np.int8))
        values.append(places.labels)
        labels.append(shown.take(pa.array(first)))
        start += len(first)
    if not kinds:
        nobody = np.full(file.table.n_rows, -1, dtype=np.int32)
        empty = pa.array([], type=pa.string())
        return Identities(nobody, np.zeros(0, dtype=np.int8), empty, empty)
    return Identities(
        client=chosen.astype(np.int32),
        kind=np.concatenate(kinds),
        value=pa.concat_arrays(values),
        label=pa.concat_arrays(labels),
    )


def _normalise(texts: TextCodes, field: str) -> tuple[pa.StringArray, pa.StringArray]:
    """Return each distinct text normalised (null: names nobody) and as people see it."""
    labels = texts.labels
    if field == "client":
        floats = pc.all(pc.match_substring_regex(labels, r"^-?[0-9]+\.0+$"))
        if floats.as_py():
            labels = pc.replace_substring_regex(labels, r"\.0+$", "")
        return labels, labels
    if field == "email":
        there = pc.match_substring_regex(labels, r"^[^@\s]+@[^@\s]+$")
        return pc.if_else(there, pc.utf8_lower(labels), None), labels
    folded = [fold_name(text) or None for text in labels.to_pylist()]
    return pa.array(folded, type=pa.string()), labels


def lend_clients(
    client: NDArray[np.int32],
    refund_of: pa.StringArray,
    lenders: NDArray[np.int32],
    order_ref: pa.StringArray,
) -> NDArray[np.int32]:
    """Return each row's client; a refund that names nobody has the client of its order.

    Parameters
    ----------
    client : ndarray of int32, shape (n,)
        Any numbering of clients, -1 where the row names nobody.
    refund_of : pyarrow.StringArray, shape (n,)
        The order a refund names, null for none.
    lenders, order_ref : ndarray of int32 and pyarrow.StringArray, shape (m,)
        The clients and references of the sales; of several sales the first one lends.

    Examples
    --------
    >>> lend_clients(
    ...     np.array([-1, -1], dtype=np.int32),
    ...     pa.array(["7", None], pa.string()),
    ...     np.array([4], dtype=np.int32),
    ...     pa.array(["7"]),
    ... ).tolist()
    [4, -1]
    """
    lost = np.flatnonzero((client < 0) & refund_of.is_valid().to_numpy(zero_copy_only=False))
    if not len(lost):
        return client
    place = pc.index_in(refund_of.take(pa.array(lost)), value_set=order_ref)
    place = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
    chosen = client.copy()
    chosen[lost] = np.append(lenders, np.int32(-1))[place]
    return chosen


def stage_clients(
    file: MappedFile,
    found: Identities,
    rows: IntArray,
    *,
    leads: IntArray,
    lead_day: int,
) -> tuple[StagedClients, NDArray[np.int32]]:
    """Return the clients that some rows name, and each table row's place among them.

    Parameters
    ----------
    file : MappedFile
        The file and how it is read.
    found : Identities
        Who each row names.
    rows : ndarray of int64
        Rows whose clients are wanted, in file order.
    leads : ndarray of int64
        Rows of clients without a sale: known on ``lead_day`` where the file has no day.
    lead_day : int
        Days since 1970-01-01, ``NEVER`` to leave it open.

    Returns
    -------
    StagedClients, ndarray of int32 of shape (n_rows,)
        Rows of clients nobody wants have -1.
    """
    named = rows[found.client[rows] >= 0]
    used = np.bincount(found.client[named], minlength=len(found.kind)) > 0
    places = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
    client = np.append(places, np.int32(-1))[found.client]
    picked = pa.array(np.flatnonzero(used))
    n_clients = int(used.sum())
    known_on = _days(file, "known_on", client, named, n_clients)
    waiting = np.zeros(n_clients, dtype=bool)
    waiting[client[leads[client[leads] >= 0]]] = True
    known_on = np.where(waiting & (known_on == NEVER), lead_day, known_on).astype(np.int32)
    return StagedClients(
        kind=found.kind[used],
        value=tuple(found.value.take(picked).to_pylist()),
        label=tuple(found.label.take(picked).to_pylist()),
        attributes=_attributes(file, client, named, n_clients),
        known_on=known_on,
        birthday=_days(file, "birthday", client, named, n_clients),
    ), client


def _attributes(
    file: MappedFile,
    client: NDArray[np.int32],
    rows: IntArray,
    n_clients: int,
) -> dict[str, Coded]:
    found = {}
    for field, attribute in ATTRIBUTES.items():
        texts = file.client_texts(field)
        if not len(texts.labels):
            continue
        filled = rows[texts.codes[rows] >= 0]
        latest = np.full(n_clients, -1, dtype=np.int32)
        # Rows are in file order: of a client's texts the last one written stays.
        latest[client[filled]] = texts.codes[filled]
        found[attribute] = _sorted(latest, texts.labels)
    return found


def _sorted(codes: NDArray[np.int32], labels: pa.StringArray) -> Coded:
    used, places = np.unique(codes[codes >= 0], return_inverse=True)
    texts = labels.take(pa.array(used))
    order = pc.sort_indices(texts).to_numpy()
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    result = codes.copy()
    result[codes >= 0] = rank[places]
    return Coded(result, tuple(texts.take(pa.array(order)).to_pylist()))


def _days(
    file: MappedFile,
    field: str,
    client: NDArray[np.int32],
    rows: IntArray,
    n_clients: int,
) -> DayArray:
    """Return each client's earliest day of a column, ``NEVER`` where there is none."""
    result = np.full(n_clients, NEVER, dtype=np.int32)
    days = file.days(field)
    if days is not None:
        rows = rows[days.ok[rows]]
        np.minimum.at(result, client[rows], days.days[rows])
    return result
