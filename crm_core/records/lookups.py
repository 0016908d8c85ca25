"""Small tables of names that sales point at: products, channels, salespeople, currencies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from crm_core.records.base import LONGEST_NAME
from crm_core.records.bulk import insert_rows, next_ids
from crm_core.records.models import Base, Product
from crm_core.tables import Coded, IntArray

KEPT = LONGEST_NAME - 70
"""Characters kept of a text too long for a unique constraint, before its digest."""


def fit(text: str) -> str:
    """Return a text short enough for a unique constraint, the same for the same text.

    Examples
    --------
    >>> fit("tea"), len(fit("x" * 10_000))
    ('tea', 297)
    """
    if "\x00" in text:
        text = text.replace("\x00", "")
    if len(text) <= LONGEST_NAME:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[:KEPT]} … {digest}"


def find_or_add(connection: Connection, model: type[Base], labels: Sequence[str]) -> IntArray:
    """Return the ids of names in a small table, adding those it does not have.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    model : type of Base
        A table with ``id`` and a unique ``name``.
    labels : sequence of str
        Distinct names.

    Returns
    -------
    ndarray of int64, shape (n_labels,)
    """
    return _find_or_add(connection, model, ("name",), [(fit(label),) for label in labels])


def _find_or_add(
    connection: Connection,
    model: type[Base],
    names: tuple[str, ...],
    wanted: Sequence[tuple[str, ...]],
) -> IntArray:
    if not wanted:
        return np.empty(0, dtype=np.int64)
    columns = model.__table__.c
    rows = connection.execute(select(columns.id, *(columns[name] for name in names)))
    known: dict[tuple[str, ...], int] = {tuple(row[1:]): row[0] for row in rows}
    # Long names can become equal only by having been equal; dict keeps one of each.
    new = [value for value in dict.fromkeys(wanted) if value not in known]
    ids = next_ids(connection, model, len(new)).tolist()
    insert_rows(
        connection,
        model,
        ("id", *names),
        [(number, *value) for number, value in zip(ids, new, strict=True)],
    )
    known.update(zip(new, ids, strict=True))
    return np.array([known[value] for value in wanted], dtype=np.int64)


def find_or_add_products(connection: Connection, product: Coded, category: Coded) -> NDArray[Any]:
    """Return the product id of every row, -1 where a row names neither product nor category.

    Parameters
    ----------
    connection : Connection
        Inside a write transaction.
    product, category : Coded
        Parallel columns, one code a row.

    Returns
    -------
    ndarray of int64, shape (n_rows,)
    """
    if not product.labels and not category.labels:
        return np.full(len(product.codes), -1, dtype=np.int64)
    width = len(category.labels) + 1
    pairs = (product.codes.astype(np.int64) + 1) * width + category.codes + 1
    distinct, row_of = np.unique(pairs, return_inverse=True)
    names = ["", *(fit(label) for label in product.labels)]
    groups = ["", *(fit(label) for label in category.labels)]
    wanted = [(names[pair // width], groups[pair % width]) for pair in distinct.tolist()]
    some = [pair for pair in wanted if pair != ("", "")]
    ids = dict(
        zip(some, _find_or_add(connection, Product, ("name", "category"), some), strict=True)
    )
    return np.array([ids.get(pair, -1) for pair in wanted], dtype=np.int64)[row_of]


def spread(ids: IntArray, codes: NDArray[Any]) -> NDArray[np.int64]:
    """Return the id of every row from the ids of the labels, -1 where the code is missing."""
    spread_ids: NDArray[np.int64] = np.append(ids, -1)[codes]
    return spread_ids
