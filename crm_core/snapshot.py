"""Records become a ledger, and the ledger a folder on disk that opens at once.

The rows that count are read once, in blocks, as whole numbers; texts stay in
their small tables. The folder is only ever a cache: when it is missing or
damaged it is made again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine

from crm_core.assembly import EventRows, SaleRows, assemble
from crm_core.caring import NOBODY
from crm_core.ledger import Ledger
from crm_core.ledger_files import open_ledger, prune_ledgers, save_ledger
from crm_core.records.engine import in_memory, reading
from crm_core.records.reading import (
    ClientRows,
    Names,
    read_care,
    read_client_rows,
    read_events,
    read_names,
)
from crm_core.records.reading_sales import read_sales
from crm_core.records.settings import read_currency
from crm_core.records.versions import Versions, read_versions
from crm_core.sorting import sort_by_client_and_day
from crm_core.tables import NEVER, BoolArray, Clients, Coded


def load_ledger(engine: Engine, *, cache_dir: Path | None = None) -> Ledger:
    """Return the ledger of what is stored now, from the cache where that is up to date.

    Parameters
    ----------
    engine : Engine
        From :func:`crm_core.records.engine.open_database`.
    cache_dir : Path or None
        Where cached ledgers live; default: beside an SQLite file, else in the
        user's cache folder. A database in memory has no cache of its own.

    Returns
    -------
    Ledger
        Read-only arrays, those of a cached one mapped from disk.

    Raises
    ------
    DatabaseError
        If the database cannot be read.
    """
    return load_ledger_of_now(engine, cache_dir=cache_dir)[0]


def load_ledger_of_now(engine: Engine, *, cache_dir: Path | None = None) -> tuple[Ledger, Versions]:
    """Return the ledger as :func:`load_ledger` does, and the versions it was made from.

    Whoever has read something else before may so tell whether an import came in between.
    """
    root = cache_dir or default_cache(engine)
    with reading(engine) as connection:
        versions = read_versions(connection)
        home = None if root is None else root / versions.database_id
        cached = None if home is None else open_ledger(home / versions.sales_key)
        if cached is not None:
            return cached, versions
        ledger = build_ledger(connection)
    return keep_ledger(engine, ledger, versions, cache_dir=cache_dir), versions


def keep_ledger(
    engine: Engine, ledger: Ledger, versions: Versions, *, cache_dir: Path | None = None
) -> Ledger:
    """Write a ledger just built into the cache, in place of older ones.

    Parameters
    ----------
    engine : Engine
        Its database says where the cache lives.
    ledger : Ledger
        From :func:`build_ledger`.
    versions : Versions
        Of the records it was built from, committed by now.
    cache_dir : Path or None
        As in :func:`load_ledger`.

    Returns
    -------
    Ledger
        The same, mapped from disk; in memory where the disk takes none.
    """
    root = cache_dir or default_cache(engine)
    home = None if root is None else root / versions.database_id
    if home is None or not save_ledger(ledger, home / versions.sales_key):
        return ledger
    prune_ledgers(home, keep=versions.sales_key)
    return open_ledger(home / versions.sales_key) or ledger


def default_cache(engine: Engine) -> Path | None:
    """Return the folder of cached ledgers: beside an SQLite file, else the user's cache."""
    if engine.dialect.name == "sqlite":
        return None if in_memory(engine.url) else Path(f"{engine.url.database}-ledgers")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "regulars" / "ledgers"


def build_ledger(connection: Connection, *, tried: Mapping[int, int] | None = None) -> Ledger:
    """Build the ledger of what a connection sees, uncommitted changes included.

    Parameters
    ----------
    connection : Connection
        Reading, writing or rehearsing: a dry run builds the ledger it would lead to.
    tried : mapping of int to int, optional
        Merges to look at that are not made: clients that stand alone, and the client
        each would count as.

    Returns
    -------
    Ledger
        Merged clients under the one they were merged into; tills and own branches as
        sales without a client; foreign currencies at the rate of their day, rows
        without one left out; clients that only undone imports brought left out.

    Notes
    -----
    At its peak holds about 60 bytes a sale.
    """
    stored = read_client_rows(connection)
    if tried:
        into = [tried.get(number, number) for number in stored.into.tolist()]
        stored = replace(stored, into=np.array(into, dtype=np.int64))
    clients, place = make_clients(stored)
    columns = read_sales(connection, place)
    sort_in_place(columns)
    names = {kind: read_names(connection, kind) for kind in ("products", "channels", "salespeople")}
    products = recode(columns, "product", names["products"], np.int32)
    channels = recode(columns, "channel", names["channels"], np.int16)
    sellers = recode(columns, "manager", names["salespeople"], np.int16)
    managers, care = make_care(read_care(connection, place), [name for name, _ in sellers])
    events = {
        kind: None if rows is None else EventRows(*rows)
        for kind, rows in read_events(connection, place).items()
    }
    return assemble(
        clients,
        SaleRows(**columns),
        **events,
        care=care,
        products=tuple(name for name, _ in products),
        categories=tuple(category for _, category in products),
        channels=tuple(name for name, _ in channels),
        managers=managers,
        currency=read_currency(connection),
    )


def make_care(
    rows: tuple[NDArray[np.int32], NDArray[np.int32], list[str], BoolArray], sellers: Sequence[str]
) -> tuple[tuple[str, ...], EventRows | None]:
    """Return all who sell or look after clients, and who looks after whom from which day.

    Parameters
    ----------
    rows : tuple
        From :func:`crm_core.records.reading.read_care`.
    sellers : sequence of str
        What the codes of sales stand for: they keep their place, others follow.

    Returns
    -------
    managers : tuple of str
        What the codes of both stand for.
    care : EventRows or None
        For :func:`crm_core.assembly.assemble`; None without records.
    """
    client, day, names, by_file = rows
    managers = (*sellers, *sorted(set(names) - {*sellers, ""}))
    place = {name: code for code, name in enumerate(managers)} | {"": NOBODY}
    if not names:
        return managers, None
    codes = np.array([place[name] for name in names], dtype=np.int32)
    return managers, EventRows(client, {"day": day, "manager": codes, "by_file": by_file})


def make_clients(stored: ClientRows) -> tuple[Clients, NDArray[np.int32]]:
    """Return the client table, and the position in it of every stored client id.

    Parameters
    ----------
    stored : ClientRows
        All clients as stored, those not to be shown included.

    Returns
    -------
    clients : Clients
        Sorted by external id, then record id.
    place : ndarray of int32, shape (highest id + 1,)
        -1 for a client that is none (a till, a branch, an unknown one).
    """
    size = int(stored.id.max(initial=0)) + 1
    row_of = np.full(size, -1, dtype=np.int64)
    row_of[stored.id] = np.arange(len(stored.id))
    root = row_of[stored.into]
    known = np.zeros(len(root), dtype=np.bool_)
    known[root[stored.known]] = True
    known_on = np.full(len(root), NEVER, dtype=np.int32)
    np.minimum.at(known_on, root[stored.known], stored.known_on[stored.known])
    shown = np.flatnonzero(known & stored.is_client & (root == np.arange(len(root))))
    table = pa.table({"external_id": stored.external_id.take(shown), "id": stored.id[shown]})
    order = pc.sort_indices(table, [("external_id", "ascending"), ("id", "ascending")])
    shown = shown[order.to_numpy()]
    position = np.full(len(root), -1, dtype=np.int32)
    position[shown] = np.arange(len(shown), dtype=np.int32)
    place = np.full(size, -1, dtype=np.int32)
    place[stored.id] = position[root]
    external_id = stored.external_id.take(shown)
    clients = Clients(
        record_id=stored.id[shown],
        external_id=external_id,
        name=pc.coalesce(stored.name.take(shown), external_id),
        known_on=known_on[shown],
        attributes={name: code_sorted(t.take(shown)) for name, t in stored.attributes.items()},
    )
    return clients, place


def code_sorted(texts: pa.StringArray) -> Coded:
    """Return a text column as codes into its sorted distinct texts."""
    encoded = texts.dictionary_encode()
    labels = encoded.dictionary.to_pylist()
    order = sorted(range(len(labels)), key=labels.__getitem__)
    rank = np.empty(len(labels) + 1, dtype=np.int32)
    rank[order] = np.arange(len(labels), dtype=np.int32)
    rank[-1] = -1
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return Coded(rank[codes], tuple(labels[place] for place in order))


def sort_in_place(columns: dict[str, Any]) -> None:
    """Sort the sale columns by client and day, one at a time to spare memory."""
    order = sort_by_client_and_day(columns["client"], columns["day"])
    for name, column in columns.items():
        if name not in ("client", "day") and column is not None and column.strides != (0,):
            columns[name] = column.take(order)


def recode(
    columns: dict[str, Any], name: str, names: Names, dtype: type[np.signedinteger[Any]]
) -> list[tuple[str, str]]:
    """Turn the stored ids of a sale column into codes of the names in use.

    Parameters
    ----------
    columns : dict of str to ndarray
        The column ``name`` holds ids, 0 where missing; changed in place.
    name : str
        The column.
    names : Names
        Name and category of every id.
    dtype : type
        Of the codes.

    Returns
    -------
    list of (str, str)
        Name and category by code, sorted.
    """
    column = columns[name]
    if not names:
        columns[name] = np.full(len(column), -1, dtype=dtype)
        return []
    used = np.zeros(max(names, default=0) + 1, dtype=np.bool_)
    used[column] = True
    ids = sorted((np.flatnonzero(used[1:]) + 1).tolist(), key=names.__getitem__)
    # Codes of channels and managers are 16 bits wide; nobody tells more apart.
    ids = ids[: np.iinfo(dtype).max]
    codes = np.full(len(used), -1, dtype=dtype)
    codes[ids] = np.arange(len(ids), dtype=dtype)
    columns[name] = codes[column]
    return [names[number] for number in ids]


__all__ = ["build_ledger", "default_cache", "keep_ledger", "load_ledger", "load_ledger_of_now"]
