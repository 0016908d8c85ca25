"""What somebody may see of the ledger: all of it, their own clients, or clients without names.

Applied once to the whole ledger, before any page, list, picture, search or export
reads it: what a role may not see is not there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from crm_core.access import LEAST_GROUP, Actor
from crm_core.ledger import Ledger
from crm_core.metrics.carers import clients_of
from crm_core.tables import Clients, Coded, IntArray

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Signs of a pseudonym: nothing that looks like something else."""

SIGNS = 8
NAMING_ATTRIBUTES = ("group",)
"""Attributes that name somebody: those who may not see names do not get them."""


def sees_everything(who: Actor) -> bool:
    """Return whether nothing of the ledger is hidden from somebody."""
    return who.sees_all and who.sees_names


def seen_by(
    ledger: Ledger, who: Actor, *, day: int, key: Callable[[], bytes]
) -> tuple[Ledger, IntArray]:
    """Return what somebody may see of a ledger, and which of its clients these are.

    Parameters
    ----------
    ledger : Ledger
        All clients.
    who : Actor
        A manager sees their department and whom they look after; whoever may not see
        names sees pseudonyms; whoever is nobody sees nobody.
    day : int
        Today: a manager sees whom they look after now.
    key : callable
        Returns the database's key of pseudonyms; asked only where there are any.

    Returns
    -------
    ledger : Ledger
        In the order of its ids. Sales without a client belong to nobody, so a manager
        does not see them.
    chosen : ndarray of int64
        Positions of its clients in the ledger given.
    """
    chosen = np.arange(ledger.n_clients)
    if not who.sees_all:
        own = clients_of(
            ledger, day, department=who.department or None, manager=who.manager or None
        )
        chosen = np.flatnonzero(own if who.role else own & False)
    if who.sees_names:
        seen = _take(ledger, chosen, unnamed=who.sees_all)
        return replace(seen, clients=_without_unused_labels(seen.clients)), chosen
    named = make_pseudonyms(ledger.clients.record_id[chosen], key())
    order = np.argsort(named, kind="stable")
    seen, named = _take(ledger, chosen[order], unnamed=who.sees_all), named[order]
    return replace(seen, clients=_under_pseudonyms(seen.clients, named)), chosen[order]


def make_pseudonyms(record_id: IntArray, key: bytes) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Return a name for every client that says nothing about it, always the same one.

    Parameters
    ----------
    record_id : ndarray of int64
        Ids of the records, which no import changes.
    key : bytes
        Secret of the database: without it nobody can tell which record is meant.

    Returns
    -------
    ndarray of str, same shape
        Eight signs of a keyed hash; two of 100,000 clients share a name once in 200 databases,
        and count apart all the same.

    Examples
    --------
    >>> make_pseudonyms(np.array([1, 2]), b"key").tolist()
    ['Client KXRH-E93C', 'Client DBLK-SN6L']
    """
    digests = b"".join(
        hashlib.blake2b(number.to_bytes(8, "big"), key=key, digest_size=SIGNS).digest()
        for number in record_id.tolist()
    )
    signs = np.array(list(ALPHABET))[np.frombuffer(digests, np.uint8) % len(ALPHABET)]
    words = signs.reshape(-1, SIGNS)
    dash = np.full((len(words), 1), "-")
    joined = np.concatenate([words[:, :4], dash, words[:, 4:]], axis=1)
    names = np.ascontiguousarray(joined).view(f"<U{SIGNS + 1}").ravel()
    return np.char.add("Client ", names)


def _take(ledger: Ledger, chosen: IntArray, *, unnamed: bool) -> Ledger:
    tables = {name: table.take(chosen) for name, table in ledger.tables().items()}
    rows = slice(None) if unnamed else slice(0, 0)
    return replace(
        ledger,
        clients=ledger.clients.take(chosen),
        unnamed_day=ledger.unnamed_day[rows],
        unnamed_amount=ledger.unnamed_amount[rows],
        **tables,  # type: ignore[arg-type]
    )


def _without_unused_labels(clients: Clients) -> Clients:
    """Drop labels of nobody: they would tell of clients of others."""
    attributes = {name: _keep(coded, least=1) for name, coded in clients.attributes.items()}
    return replace(clients, attributes=attributes)


def _under_pseudonyms(
    clients: Clients, names: np.ndarray[tuple[int], np.dtype[np.str_]]
) -> Clients:
    column = pa.array(names.tolist(), pa.string())
    attributes = {
        name: _keep(coded, least=LEAST_GROUP)
        for name, coded in clients.attributes.items()
        if name not in NAMING_ATTRIBUTES
    }
    return replace(clients, external_id=column, name=column, attributes=attributes)


def _keep(coded: Coded, *, least: int) -> Coded:
    """Return a column without the labels that fewer clients bear."""
    counts = np.bincount(coded.codes[coded.codes >= 0], minlength=len(coded.labels))
    kept = np.flatnonzero(counts >= least)
    place = np.full(len(coded.labels) + 1, -1, dtype=np.int32)
    place[kept] = np.arange(len(kept), dtype=np.int32)
    return Coded(place[coded.codes], tuple(coded.labels[code] for code in kept.tolist()))
