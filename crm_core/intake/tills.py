"""Clients that look like no client: a till, a marketplace, an own branch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.words import fold
from crm_core.tables import DayArray

EVERY_DAY_SHARE = 0.7
FEWEST_DAYS = 30
FEWEST_SPAN = 60

_TILL_WORDS = """
    cash walkin till pos counter kasse kassa barverkauf laufkundschaft barkunde tageskasse
    ladenverkauf comptoir caisse contado mostrador cassa banco balie toonbank kateismyynti
    kateinen kassamyynti розница наличные касса anonymous anonym unbekannt diverse divers various
    unknown einmalkunde guest passant
"""
_TILL_NAMES = """
    bar, walk in, walk ins, cash sale, cash sales, cash customer, cash client, walk in customer,
    bar verkauf, client comptoir, client divers, clients divers, vente comptoir, cliente contado,
    consumidor final, publico en general, consumatore finale, cliente generico, cliente banco,
    частное лицо, розничный покупатель, one time customer, guest checkout, pos sales
"""
_MARKETS = "amazon ebay etsy zalando cdiscount rakuten ozon wildberries"
_BRANCHES = "filiale branch intern internal intercompany eigenbedarf eigenverbrauch филиал"
_PLAIN = {
    "till": frozenset(fold(word) for word in _TILL_WORDS.split()),
    "marketplace": frozenset(_MARKETS.split()),
    "own branch": frozenset(fold(word) for word in _BRANCHES.split()),
}
_WHOLE = frozenset(fold(name) for name in _TILL_NAMES.split(","))


@dataclass(frozen=True)
class SuspiciousClient:
    """A client that may be none.

    Attributes
    ----------
    client : int
        Place among the clients.
    name : str
        Its name.
    kind : str
        ``till``, ``marketplace`` or ``own branch``: what is proposed.
    evidence : str
        One sentence.
    days : int
        Days it bought on.
    share : float
        Those, of all days with sales between its first and last purchase.
    """

    client: int
    name: str
    kind: str
    evidence: str
    days: int
    share: float


def find_tills(
    day: DayArray, client: NDArray[np.int32], names: tuple[str | None, ...]
) -> tuple[SuspiciousClient, ...]:
    """Return clients that buy on nearly every day, or whose name says what they are.

    Nearly every day: on at least 70 % of the days with sales between the
    client's first and last purchase, on 30 days or more over 60 days or more.

    Parameters
    ----------
    day, client : ndarray, shape (n_rows,)
        Day and client of each sale, -1 without one.
    names : tuple of (str or None)
        One a client.

    Returns
    -------
    tuple of SuspiciousClient
        Busiest first.

    Examples
    --------
    >>> day = np.repeat(np.arange(100, dtype=np.int32), 2)
    >>> client = np.where(np.arange(200) % 2 == 0, 0, 1 + np.arange(200) // 20).astype(np.int32)
    >>> found = find_tills(day, client, ("Counter 1", *(f"Client {i}" for i in range(1, 11))))
    >>> [(one.name, one.kind, one.days) for one in found]
    [('Counter 1', 'till', 100)]
    """
    if not len(names) or not len(day):
        return ()
    open_days = np.unique(day)
    named = client >= 0
    pairs = np.unique(client[named].astype(np.int64) * (1 << 32) + (day[named] - int(day.min())))
    owner = (pairs >> 32).astype(np.int64)
    bought_on = (pairs & ((1 << 32) - 1)) + int(day.min())
    days = np.bincount(owner, minlength=len(names))
    first = np.full(len(names), np.iinfo(np.int64).max)
    last = np.full(len(names), np.iinfo(np.int64).min)
    np.minimum.at(first, owner, bought_on)
    np.maximum.at(last, owner, bought_on)
    possible = np.searchsorted(open_days, last, "right") - np.searchsorted(open_days, first)
    share = np.where(days > 0, days / np.maximum(possible, 1), 0.0)
    busy = (share >= EVERY_DAY_SHARE) & (days >= FEWEST_DAYS) & (last - first >= FEWEST_SPAN)
    found = []
    for place, name in enumerate(names):
        kind = kind_by_name(name)
        if kind is None and not busy[place]:
            continue
        reasons = []
        if busy[place]:
            reasons.append(
                f"bought on {days[place]:,} of {possible[place]:,} days with sales "
                f"({share[place]:.0%})"
            )
        if kind is not None:
            reasons.append(f"the name says {kind}")
        sentence = f"“{(name or '')[:60]}”: {'; '.join(reasons)}."
        found.append(
            SuspiciousClient(
                place, name or "", kind or "till", sentence, int(days[place]), float(share[place])
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.days, one.client)))


def kind_by_name(name: str | None) -> str | None:
    """Return what a client's name says it is, None for an ordinary name.

    Examples
    --------
    >>> kind_by_name("Laufkundschaft"), kind_by_name("Amazon EU"), kind_by_name("Bar Centrale")
    ('till', 'marketplace', None)
    """
    folded = fold(name or "")
    if folded in _WHOLE:
        return "till"
    words = set(folded.split())
    return next((kind for kind, known in _PLAIN.items() if words & known), None)
