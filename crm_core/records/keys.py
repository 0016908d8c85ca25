"""Keys by which sales are known again in another file.

A row with an order reference has the key of its order: source, reference and
client. A row without one has a key of all it says, and of the how-manieth such
row of its file it is. One rule then serves both kinds: of the live imports that
carry a key, the newest one's content counts. For orders that is the newest
content; for identical rows it is the largest count of any one file. An order that
a file carries as no sale only has the key of its order too, with nothing as content.

Keys are 64-bit and stable: the same text gives the same key on every machine.
Among ten million keys two collide with a chance of three in a million.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.records.staged import (
    IDENTITY_KINDS,
    NO_QUANTITY,
    StagedClients,
    StagedSales,
    WithdrawnOrders,
)
from crm_core.tables import Coded, IntArray

Hashes = NDArray[np.uint64]

MISSING = np.uint64(0x6D697373696E6721)
"""What stands for a text that is not there; no text is expected to hash to it."""

ORDER_SEED, ROW_SEED = np.uint64(0x6F72646572), np.uint64(0x726F77)


def mix(values: Hashes) -> Hashes:
    """Scramble 64-bit values so that every input bit touches every output bit.

    The finaliser of splitmix64 (Steele, Lea & Flood 2014): a bijection, so
    distinct values stay distinct.

    Examples
    --------
    >>> mix(np.array([1], dtype=np.uint64)).tolist()
    [6238072747940578789]
    """
    mixed = values ^ (values >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def chain(hashes: Hashes, values: Hashes) -> Hashes:
    """Take one more component into the hashes; the order of components matters."""
    return mix(hashes * np.uint64(0x9E3779B97F4A7C15) + values)


def hash_texts(texts: Sequence[str] | NDArray[np.object_]) -> Hashes:
    """Return the hash of every text, shape (n,)."""
    if not len(texts):
        return np.empty(0, dtype=np.uint64)
    values = np.array(texts, dtype=object)
    return pd.util.hash_array(values, categorize=False).astype(np.uint64)


def hash_column(texts: pa.StringArray) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return the hash of every text of an Arrow column and which texts are there."""
    given = ~texts.is_null().to_numpy(zero_copy_only=False)
    hashes = np.full(len(texts), MISSING, dtype=np.uint64)
    hashes[given] = hash_texts(texts.drop_null().to_numpy(zero_copy_only=False))
    return hashes, given


def hash_coded(column: Coded) -> Hashes:
    """Return the hash of every text of a coded column."""
    return np.append(hash_texts(column.labels), MISSING)[column.codes]


def hash_clients(clients: StagedClients | WithdrawnOrders) -> Hashes:
    """Return the hash of every client's identity; one more at the end for "no client"."""
    kinds = hash_texts(IDENTITY_KINDS)[clients.kind]
    return np.append(chain(kinds, hash_texts(clients.value)), MISSING)


def make_keys(
    source_id: int, sales: StagedSales, clients: StagedClients
) -> tuple[IntArray, IntArray]:
    """Return the key and the refund key of every staged row.

    Parameters
    ----------
    source_id : int
        Where the rows come from; keys hold within it.
    sales, clients : StagedSales, StagedClients
        The content of one import.

    Returns
    -------
    keys : ndarray of int64, shape (n_rows,)
        Never 0. Equal for rows of one order; unique in the import without one.
    refund_keys : ndarray of int64, shape (n_rows,)
        Key of the order a row's ``refund_of`` names, 0 where it names none.
    """
    owner = hash_clients(clients)[sales.client]
    order_seed, row_seed = (_seed_of(seed, source_id) for seed in (ORDER_SEED, ROW_SEED))
    references, given = hash_column(sales.order_ref)
    keys = chain(chain(order_seed, references), owner)
    refunds, refund_given = hash_column(sales.refund_of)
    alone = np.flatnonzero(~given)
    if len(alone):
        keys[alone] = number_copies(_hash_rows(sales, alone, row_seed, owner, refunds))
    named = np.zeros(len(keys), dtype=np.int64)
    if refund_given.any():
        at = np.flatnonzero(refund_given)
        named[at] = as_signed(chain(chain(order_seed, refunds[at]), owner[at]))
    return as_signed(keys), named


def make_withdrawn_keys(source_id: int, withdrawn: WithdrawnOrders) -> IntArray:
    """Return the keys of withdrawn orders, sorted and distinct.

    Parameters
    ----------
    source_id : int
        Where the file comes from.
    withdrawn : WithdrawnOrders
        Orders without a sale.

    Returns
    -------
    ndarray of int64
        What :func:`make_keys` gives a sale of the same reference and client.
    """
    if not len(withdrawn.client):
        return np.zeros(0, dtype=np.int64)
    owner = hash_clients(withdrawn)[withdrawn.client]
    references, _ = hash_column(withdrawn.order_ref)
    return np.unique(as_signed(chain(chain(_seed_of(ORDER_SEED, source_id), references), owner)))


def _seed_of(seed: np.uint64, source_id: int) -> Hashes:
    return chain(np.full(1, seed), np.array([source_id], dtype=np.uint64))


def _hash_rows(
    sales: StagedSales, rows: IntArray, seed: Hashes, owner: Hashes, refunds: Hashes
) -> Hashes:
    """Hash all a row without a reference says."""
    hashes = chain(seed, owner[rows])
    for numbers in (sales.day, sales.amount, sales.quantity):
        hashes = chain(hashes, numbers[rows].astype(np.int64).view(np.uint64))
    for column in (sales.currency, sales.product, sales.category, sales.channel, sales.manager):
        # A column the file does not have costs nothing, and joins nothing.
        if column.labels:
            hashes = chain(hashes, hash_coded(column)[rows])
        else:
            hashes = chain(hashes, np.full(1, MISSING))
    return chain(hashes, refunds[rows])


def count_copies(hashes: Hashes) -> IntArray:
    """Return for every row how many equal ones stand before it, in the order given.

    Examples
    --------
    >>> count_copies(np.array([7, 8, 7, 7], dtype=np.uint64)).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    begins = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    counts = np.diff(np.append(begins, len(ordered)))
    copies = np.empty(len(hashes), dtype=np.int64)
    copies[order] = np.arange(len(hashes)) - np.repeat(begins, counts)
    return copies


def number_copies(hashes: Hashes) -> Hashes:
    """Take the copy number of equal rows into their hashes, so that all differ."""
    if not len(hashes):
        return hashes
    return chain(hashes, count_copies(hashes).view(np.uint64))


def as_signed(hashes: Hashes) -> IntArray:
    """Return the hashes as signed integers, as databases hold them; 0 becomes 1."""
    signed: IntArray = hashes.view(np.int64)
    return np.where(signed == 0, np.int64(1), signed)


def has_quantity(sales: StagedSales) -> NDArray[np.bool_]:
    """Return which rows name a quantity."""
    named: NDArray[Any] = sales.quantity != NO_QUANTITY
    return named
