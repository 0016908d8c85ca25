"""Where leads and contracts stand on a day: the two sides of a stage that need no purchase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import (
    AWARENESS,
    COMMITMENT,
    EXPANSION,
    EXPLORATION,
    NONE,
    TERMINATION,
)
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.signals import join_keys
from crm_core.tables import NEVER, BoolArray, DayArray, IntArray, offsets_of, sum_segments


@dataclass
class Standing:
    """One row a client; ``stage`` is NONE where this side says nothing.

    Attributes
    ----------
    stage : ndarray of int8
        Stage code.
    since, late_on, gone_on : ndarray of int32
        First day of the current run; due days, ``NEVER`` where there is none.
    late, reentry : ndarray of bool
        Flags.
    """

    stage: NDArray[np.int8]
    since: DayArray
    late_on: DayArray
    gone_on: DayArray
    late: BoolArray
    reentry: BoolArray

    @classmethod
    def blank(cls, size: int) -> Standing:
        """Return a side that says nothing about ``size`` clients."""
        return cls(
            stage=np.full(size, NONE, dtype=np.int8),
            since=np.full(size, NEVER, dtype=np.int32),
            late_on=np.full(size, NEVER, dtype=np.int32),
            gone_on=np.full(size, NEVER, dtype=np.int32),
            late=np.zeros(size, dtype=np.bool_),
            reentry=np.zeros(size, dtype=np.bool_),
        )

    def put(self, where: NDArray[Any], other: Standing, rows: NDArray[Any]) -> None:
        """Write ``rows`` of another side over the clients ``where`` (in place)."""
        for name, column in vars(self).items():
            column[where] = getattr(other, name)[rows]


def last_rows(offsets: NDArray[np.int64], day: DayArray, as_of: int) -> NDArray[np.int64]:
    """Return each client's last row up to ``as_of``, -1 where there is none.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n_clients + 1,)
        Of a table sorted by client and day.
    day : ndarray of int32, shape (n_rows,)
        Its days.
    as_of : int
        The day.
    """
    counts = sum_segments(day <= as_of, offsets)
    return np.where(counts > 0, offsets[:-1] + counts - 1, -1)


def lead_standing(ledger: Ledger, parameters: Parameters, as_of: int) -> Standing:
    """Return where every known client would stand if nothing had been bought.

    A lead is in awareness while the last inbound contact (or the day it became
    known) is at most ``lead_ttl`` days ago, unless the relationship was ended;
    afterwards it is in termination. A later inbound contact brings it back with
    ``reentry`` set.
    """
    at = np.flatnonzero(ledger.known_at(as_of))
    signals = find_lead_signals(ledger, parameters, as_of)
    client, day, gone_on = signals.client, signals.day, signals.gone_on
    opens = np.ones(len(day), dtype=np.bool_)
    opens[1:] = (client[1:] != client[:-1]) | (day[1:] >= gone_on[:-1])
    run_start = np.maximum.accumulate(np.where(opens, np.arange(len(day)), 0))
    first = np.searchsorted(client, at, "left")
    last = np.searchsorted(client, at, "right") - 1
    side = Standing.blank(ledger.n_clients)
    over = gone_on[last] <= as_of
    side.stage[at] = np.where(over, TERMINATION, AWARENESS)
    side.since[at] = np.where(over, gone_on[last], day[run_start[last]])
    side.gone_on[at] = gone_on[last]
    side.reentry[at] = run_start[last] != first
    return side


@dataclass(frozen=True)
class LeadSignals:
    """What keeps a lead alive, by client and day: becoming known, and inbound contacts.

    Attributes
    ----------
    client : ndarray of int64, shape (n_signals,)
        Position in the client table.
    day, gone_on : ndarray of int32, shape (n_signals,)
        Day of the signal, and first day given up after it if nothing follows.
    """

    client: IntArray
    day: DayArray
    gone_on: DayArray


def find_lead_signals(ledger: Ledger, parameters: Parameters, as_of: int) -> LeadSignals:
    """Return the signals of every client known on a day, buyers included."""
    known = np.flatnonzero(ledger.known_at(as_of))
    contacts = ledger.contacts
    used = contacts.inbound & (contacts.day <= as_of)
    client = np.concatenate((known, contacts.clients()[used])).astype(np.int64)
    day = np.concatenate((ledger.clients.known_on[known], contacts.day[used])).astype(np.int32)
    order = np.lexsort((day, client))
    client, day = client[order], day[order]
    silent_on = (day + parameters.lead_ttl + 1).astype(np.int32)
    return LeadSignals(client, day, _cut_by_endings(ledger, client, day, silent_on, as_of))


def _cut_by_endings(
    ledger: Ledger, client: NDArray[Any], day: DayArray, gone_on: DayArray, as_of: int
) -> DayArray:
    """Return gone days cut at the first ending after each signal, the next signal not passed."""
    if not len(ledger.endings):
        return gone_on
    ends = offsets_of(client, ledger.n_clients)
    gone_on = gone_on.copy()
    used = np.flatnonzero(ledger.endings.day <= as_of)
    for_client = ledger.endings.clients()[used]
    ending_day = ledger.endings.day[used]
    # The signal an ending answers: the client's last one up to that day.
    keys = join_keys(client, day)
    at = np.searchsorted(keys, join_keys(for_client, ending_day), "right") - 1
    meant = (at >= ends[for_client]) & (at < ends[for_client + 1])
    np.minimum.at(gone_on, at[meant], ending_day[meant])
    return gone_on


def contract_standing(ledger: Ledger, parameters: Parameters, as_of: int) -> Standing:
    """Return where the contracts started up to ``as_of`` put their clients.

    Trial is exploration, the first paid term expansion, a renewal commitment.
    A contract is over ``contract_grace`` days after its end, or at its end once
    notice has been given; one that starts later opens a new run (``reentry``).
    Late from the end, or from the day notice was given.
    """
    side = Standing.blank(ledger.n_clients)
    table = ledger.contracts
    rows = np.flatnonzero(table.day <= as_of)
    if not len(rows):
        return side
    client, start = table.clients()[rows], table.day[rows]
    end, trial, notice = table.end[rows], table.trial[rows], table.notice[rows]
    noticed = notice <= as_of
    over_on = end + 1 + np.where(noticed, 0, parameters.contract_grace).astype(np.int32)
    late_on = np.where(noticed, np.minimum(notice, end + 1), end + 1)
    row = np.arange(len(rows))
    first = np.ones(len(rows), dtype=np.bool_)
    first[1:] = client[1:] != client[:-1]
    opens = first.copy()
    opens[1:] |= start[1:] >= over_on[:-1]
    run_start = np.maximum.accumulate(np.where(opens, row, 0))
    paid = np.cumsum(~trial)
    paid_in_run: IntArray = paid - np.where(run_start > 0, paid[run_start - 1], 0)
    stage = np.select([paid_in_run == 0, paid_in_run == 1], [EXPLORATION, EXPANSION], COMMITMENT)
    change = opens.copy()
    change[1:] |= stage[1:] != stage[:-1]
    since = start[np.maximum.accumulate(np.where(change, row, 0))]
    last = np.append(np.flatnonzero(first)[1:], len(rows)) - 1
    over = over_on[last] <= as_of
    at = client[last]
    side.stage[at] = np.where(over, TERMINATION, stage[last])
    side.since[at] = np.where(over, over_on[last], since[last])
    side.gone_on[at] = over_on[last]
    side.late_on[at] = late_on[last]
    side.late[at] = ~over & (late_on[last] <= as_of)
    side.reentry[at] = run_start[last] != np.flatnonzero(first)
    return side
