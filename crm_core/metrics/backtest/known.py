"""What is known of each buyer on a cut, free of any rule, and who bought afterwards."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.clock import Clock
from crm_core.metrics.limits import LOOK_BACK_DAYS, SAME_WEEKS_DAYS, YEAR_DAYS
from crm_core.metrics.m0_groups import client_groups
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.purchases import Days, live_days, sum_between
from crm_core.metrics.recent_gaps import WINDOW, padded_window, twice_median
from crm_core.metrics.signals import Signals, join_keys
from crm_core.tables import BoolArray, DayArray, IntArray, sum_segments

CountArray = NDArray[np.int32]


@dataclass(frozen=True)
class Known:
    """One row a buyer known on a cut, by client: 57 bytes each.

    Attributes
    ----------
    last : ndarray of int32
        Day of the last purchase.
    silence : ndarray of int32
        Open days since, up to the cut.
    n_gaps, twice_median, largest : ndarray of int32
        All gaps, and of the last 8 twice the median and the maximum (0 without gaps).
    recency, age : ndarray of int32
        Days from first to last purchase, and from first purchase to the cut.
    first_gap : ndarray of int32
        Days from first to second purchase, -1 without one.
    quiet, back : ndarray of int32
        In the same weeks a year before: open days of the gap that began then (-1 where
        there was none), and open days from the last purchase to its end a year later.
    group : ndarray of int32
        Kind and channel, by :func:`~crm_core.metrics.m0_groups.client_groups`.
    money : ndarray of int64
        Net sales of the twelve months up to the cut, never below zero.
    ended : ndarray of bool
        Somebody has said since the last purchase that it is over.
    bought : ndarray of bool
        The truth: a purchase after the cut, within the horizon.
    contacts : ndarray of int64
        Inbound contacts from the last purchase up to the cut: row and day, joined.
    """

    last: DayArray
    silence: CountArray
    n_gaps: CountArray
    twice_median: CountArray
    largest: CountArray
    recency: CountArray
    age: CountArray
    first_gap: CountArray
    quiet: CountArray
    back: CountArray
    group: CountArray
    money: IntArray
    ended: BoolArray
    bought: BoolArray
    contacts: IntArray

    def __len__(self) -> int:
        return len(self.last)

    def without_ended(self) -> Known:
        """Return those nobody has ended by word; the same object where that is all."""
        if not self.ended.any():
            return self
        kept = ~self.ended
        row = np.cumsum(kept) - 1
        owner = self.contacts >> 32
        mine = kept[owner]
        contacts = self.contacts[mine] + ((row[owner[mine]] - owner[mine]) << 32)
        columns = {name: getattr(self, name)[kept] for name in ROW_COLUMNS}
        return Known(contacts=contacts, **columns)


ROW_COLUMNS = tuple(f.name for f in fields(Known) if f.name != "contacts")
"""The columns with one value a row."""


def known_at(ledger: Ledger, cut: int, as_of: int, horizon_days: int, clock: Clock) -> Known:
    """Return what is known of every buyer on a cut, and who bought within the horizon.

    Parameters
    ----------
    ledger : Ledger
        The sales; read in zero-copy parts.
    cut : int
        Nothing dated later is seen but by ``bought``; refunds of later days neither.
    as_of : int
        Purchases after the cut are those live on this day.
    horizon_days : int
        The truth is looked for in (cut, cut + horizon].
    clock : Clock
        What silence is counted on.
    """
    parts = measure_parts(ledger, measure_known, cut, as_of, horizon_days, clock)
    columns = {n: np.concatenate([getattr(p, n) for p in parts]) for n in ROW_COLUMNS}
    starts = accumulate((len(part) for part in parts[:-1]), initial=0)
    contacts = [part.contacts + (start << 32) for part, start in zip(parts, starts, strict=True)]
    return Known(contacts=np.concatenate(contacts), **columns)


def measure_known(part: Ledger, cut: int, as_of: int, horizon_days: int, clock: Clock) -> Known:
    """Measure :func:`known_at` on a part of the ledger."""
    days = live_days(part, cut)
    buyers = np.flatnonzero(days.counts)
    first_row, last_row = days.offsets[buyers], days.offsets[buyers + 1] - 1
    first, last = days.day[first_row], days.day[last_row]
    n_gaps = (last_row - first_row).astype(np.int32)
    ticks = clock.ticks(days.day).astype(np.int32)
    doubled, largest = _last_gaps(ticks, last_row, n_gaps)
    quiet, back = _a_year_before(days, ticks, buyers, first, last, clock)
    second = days.day[np.minimum(first_row + 1, len(days.day) - 1)]
    year_ago = int(same_day_years_before(cut))
    money = sum_between(part.sales, year_ago + 1, cut)[0][buyers]
    ended_on, _ = Signals(part, clock).first_ending(buyers, last, np.full(len(buyers), cut + 1))
    return Known(
        last=last,
        silence=(int(clock.ticks(cut)) - ticks[last_row]).astype(np.int32),
        n_gaps=n_gaps,
        twice_median=doubled,
        largest=largest,
        recency=last - first,
        age=cut - first,
        first_gap=np.where(n_gaps > 0, second - first, np.int32(-1)),
        quiet=quiet,
        back=back,
        group=client_groups(part)[0][buyers],
        money=np.maximum(money, 0),
        ended=ended_on <= cut,
        bought=_bought(part, cut, as_of, horizon_days)[buyers],
        contacts=_contacts_since(part, buyers, last, cut),
    )


def _last_gaps(
    ticks: CountArray, last_row: IntArray, n_gaps: CountArray
) -> tuple[CountArray, CountArray]:
    """Return twice the median, and the maximum, of each buyer's last 8 gaps."""
    real = np.minimum(n_gaps, WINDOW)
    window = padded_window(real)
    largest = np.zeros(len(real), dtype=np.int32)
    for lag in range(int(real.max(initial=0))):
        has = np.flatnonzero(real > lag)
        row = last_row[has] - lag
        gap = np.maximum(ticks[row] - ticks[row - 1], 1)
        window[lag][has] = gap
        largest[has] = np.maximum(largest[has], gap)
    return twice_median(window, real), largest


def _a_year_before(  # noqa: PLR0917  (what the caller has worked out already)
    days: Days,
    ticks: CountArray,
    buyers: IntArray,
    first: DayArray,
    last: DayArray,
    clock: Clock,
) -> tuple[CountArray, CountArray]:
    """Return the gap that began in the same weeks a year before, and when it would end now."""
    quiet = np.full(len(buyers), -1, dtype=np.int32)
    back = np.zeros(len(buyers), dtype=np.int32)
    old = np.flatnonzero(last - first >= SAME_WEEKS_DAYS)
    if not len(old):
        return quiet, back
    keys = join_keys(days.clients(), days.day)
    # One purchase at least lies so far back, so the row found is the client's own.
    row = np.searchsorted(keys, join_keys(buyers[old], last[old] - SAME_WEEKS_DAYS), "right") - 1
    near = days.day[row] >= last[old] - LOOK_BACK_DAYS
    old, row = old[near], row[near]
    quiet[old] = ticks[row + 1] - ticks[row]
    ends = clock.ticks(days.day[row + 1] + YEAR_DAYS)
    back[old] = ends - clock.ticks(last[old])
    return quiet, back


def _bought(part: Ledger, cut: int, as_of: int, horizon_days: int) -> BoolArray:
    """Return who has a purchase in (cut, cut + horizon] that is live on ``as_of``."""
    table = part.purchases
    since = (table.day > cut) & (table.day <= min(cut + horizon_days, as_of))
    since &= table.void_on > as_of
    return sum_segments(since, table.offsets) > 0


def _contacts_since(part: Ledger, buyers: IntArray, last: DayArray, cut: int) -> IntArray:
    """Return inbound contacts from the last purchase up to the cut as row and day, joined."""
    table = part.contacts
    used = np.flatnonzero(table.inbound & (table.day <= cut))
    client, day = table.clients()[used], table.day[used]
    row = np.searchsorted(buyers, client)
    mine = row < len(buyers)
    mine[mine] = buyers[row[mine]] == client[mine]
    mine[mine] = day[mine] >= last[row[mine]]
    return join_keys(row[mine], day[mine])
