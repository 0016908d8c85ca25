"""The tables of the ledger: plain columns sorted by client and day.

A table that belongs to clients is a :class:`ByClient`, with ``offsets`` that say
where each client's rows begin. Days are whole days since 1970-01-01 (int32),
money is in ten-thousandths (int64).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
DayArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]

NEVER = int(np.iinfo(np.int32).max)
"""The day that stands for "not so far" (``void_on`` of a live purchase)."""

EPOCH = date(1970, 1, 1).toordinal()


def to_day(day: date) -> int:
    """Return a date as days since 1970-01-01.

    Examples
    --------
    >>> to_day(date(1970, 1, 2)), to_date(1)
    (1, datetime.date(1970, 1, 2))
    """
    return day.toordinal() - EPOCH


def to_date(day: int) -> date:
    """Return days since 1970-01-01 as a date (inverse of :func:`to_day`)."""
    return date.fromordinal(int(day) + EPOCH)


def sum_segments(values: NDArray[Any], offsets: IntArray) -> IntArray:
    """Sum consecutive segments of a column, exactly.

    Parameters
    ----------
    values : ndarray of bool or int, shape (n_rows,)
        The column; booleans count as 0 and 1.
    offsets : ndarray of int64, shape (n_segments + 1,)
        Segment ``i`` is ``values[offsets[i]:offsets[i + 1]]``; empty segments are legal.

    Returns
    -------
    ndarray of int64, shape (n_segments,)
        One sum a segment, 0 for an empty one.

    Examples
    --------
    >>> sum_segments(np.array([1, 2, 4]), np.array([0, 2, 2, 3])).tolist()
    [3, 0, 4]
    """
    sums = np.zeros(len(offsets) - 1, dtype=np.int64)
    # Indices taken from a list are several times faster than a mask.
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    if len(filled):
        sums[filled] = np.add.reduceat(values, offsets.take(filled), dtype=np.int64)
    return sums


def offsets_of(client: NDArray[Any], n_clients: int) -> IntArray:
    """Return where each client's rows begin in a column of sorted client indices.

    Examples
    --------
    >>> offsets_of(np.array([0, 0, 2]), 4).tolist()
    [0, 2, 2, 3, 3]
    """
    counts = np.bincount(client, minlength=n_clients)
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


@dataclass(frozen=True)
class ByClient:
    """Columns sorted by client and day, with the offsets of each client's rows.

    Attributes
    ----------
    offsets : ndarray of int64, shape (n_clients + 1,)
        Client ``i`` owns rows ``offsets[i]`` to ``offsets[i + 1]``.
    """

    offsets: IntArray

    def __len__(self) -> int:
        return int(self.offsets[-1] - self.offsets[0])

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the row columns by name, without the offsets."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "offsets"}

    def clients(self) -> NDArray[np.int32]:
        """Return the client index of every row, shape (n_rows,)."""
        counts = np.diff(self.offsets)
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    def part(self, start: int, stop: int) -> Self:
        """Return the rows of clients ``start`` to ``stop`` as views (only offsets are new)."""
        lo, hi = int(self.offsets[start]), int(self.offsets[stop])
        views = {name: column[lo:hi] for name, column in self.columns().items()}
        offsets = self.offsets[start : stop + 1]
        return type(self)(offsets=offsets - lo if lo else offsets, **views)

    def take(self, chosen: IntArray) -> Self:
        """Return a copy with the rows of the chosen clients, in the order given."""
        counts = np.diff(self.offsets)[chosen]
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][chosen] - offsets[:-1], counts)
        return type(self)(offsets=offsets, **{n: c[rows] for n, c in self.columns().items()})


@dataclass(frozen=True)
class Sales(ByClient):
    """Stored rows of clients, refunds included, each on its own day.

    Attributes
    ----------
    day : ndarray of int32
        Day of the row.
    amount : ndarray of int64
        Ten-thousandths of the reporting currency; refunds are negative.
    order_start : ndarray of bool
        True on the first row of its order that is not negative: counts orders.
    product : ndarray of int32
        Index into ``Ledger.products``, -1 where the row names none.
    channel, manager : ndarray of int16
        Index into ``Ledger.channels`` and ``Ledger.managers``, -1 where none.
    """

    day: DayArray
    amount: IntArray
    order_start: BoolArray
    product: NDArray[np.int32]
    channel: NDArray[np.int16]
    manager: NDArray[np.int16]


@dataclass(frozen=True)
class Purchases(ByClient):
    """Order-days: one row a client and day on which at least one order began.

    Attributes
    ----------
    day : ndarray of int32
        Strictly increasing within a client.
    void_on : ndarray of int32
        Day from which linked refunds have reached the gross, else :data:`NEVER`.
        At an as-of day D a purchase is live when ``day <= D < void_on``.
    """

    day: DayArray
    void_on: DayArray


@dataclass(frozen=True)
class Contacts(ByClient):
    """Calls, visits and replies; ``inbound`` ones are signals of the client's own."""

    day: DayArray
    inbound: BoolArray


@dataclass(frozen=True)
class Endings(ByClient):
    """Explicit endings; ``who`` and ``reason`` index :data:`WHO_ENDED` and :data:`END_REASONS`."""

    day: DayArray
    who: NDArray[np.int8]
    reason: NDArray[np.int8]


@dataclass(frozen=True)
class Contracts(ByClient):
    """Contracts: ``day`` is the start, ``end`` the last day covered, ``notice`` or NEVER."""

    day: DayArray
    end: DayArray
    trial: BoolArray
    notice: DayArray


@dataclass(frozen=True)
class Overrides(ByClient):
    """Stage overrides: ``day`` is set_on; effective through ``expires_on``."""

    day: DayArray
    expires_on: DayArray
    stage: NDArray[np.int8]


@dataclass(frozen=True)
class Care(ByClient):
    """Who looks after a client from a day on, as recorded; see :mod:`crm_core.caring`.

    Attributes
    ----------
    day : ndarray of int32
        First day; of one day the last row counts.
    manager : ndarray of int32
        Index into ``Ledger.managers``, -1 for nobody.
    by_file : ndarray of bool
        An import said so, not a person.
    """

    day: DayArray
    manager: NDArray[np.int32]
    by_file: BoolArray


WHO_ENDED = ("client", "us", "both", "unknown")
END_REASONS = (
    "better offer",
    "dissatisfied",
    "no longer needed",
    "closed down",
    "our decision",
    "other",
)


@dataclass(frozen=True)
class Coded:
    """A text column as small codes.

    Attributes
    ----------
    codes : ndarray of int32, shape (n,)
        Index into ``labels``, -1 where the text is missing.
    labels : tuple of str
        The distinct texts, sorted.
    """

    codes: NDArray[np.int32]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Clients:
    """One row a client, sorted by ``external_id`` (then ``record_id``): ties break by position.

    Attributes
    ----------
    record_id : ndarray of int64, shape (n_clients,)
        The id in the records.
    external_id, name : pyarrow.StringArray
        The id as the file had it, and the name to show (the id where there is none).
    known_on : ndarray of int32
        Earliest of the recorded day, the first sale row, contact or contract.
    attributes : mapping of str to Coded
        Today's attributes, among them ``kind, group, country, region, city,
        segment, department, source, came_from``.
    """

    record_id: IntArray
    external_id: pa.StringArray
    name: pa.StringArray
    known_on: DayArray
    attributes: Mapping[str, Coded] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.record_id)

    def take(self, chosen: IntArray) -> Clients:
        """Return the chosen clients, in the order given."""
        picked = pa.array(chosen)
        return Clients(
            record_id=self.record_id[chosen],
            external_id=self.external_id.take(picked),
            name=self.name.take(picked),
            known_on=self.known_on[chosen],
            attributes={
                name: Coded(coded.codes[chosen], coded.labels)
                for name, coded in self.attributes.items()
            },
        )


STAGES = ("none", "awareness", "exploration", "expansion", "commitment", "termination")
"""The relationship stages in order, by code; ``none`` is a client not known yet."""
