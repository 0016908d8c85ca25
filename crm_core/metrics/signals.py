"""Inbound contacts and explicit endings, ready to be looked up by client and day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.clock import Clock
from crm_core.tables import NEVER, DayArray, IntArray

_SHIFT = 1 << 31


def join_keys(client: NDArray[Any], day: NDArray[Any] | int) -> IntArray:
    """Join client index and day into one sortable number (days may be negative).

    Examples
    --------
    >>> keys = join_keys(np.array([0, 0, 1]), np.array([-5, 7, -5]))
    >>> bool((np.diff(keys) > 0).all()), day_of(keys).tolist()
    (True, [-5, 7, -5])
    """
    joined: IntArray = (client.astype(np.int64) << 32) + (np.asarray(day, np.int64) + _SHIFT)
    return joined


def day_of(keys: IntArray) -> IntArray:
    """Return the day of joined keys (inverse of :func:`join_keys`)."""
    days: IntArray = (keys & 0xFFFFFFFF) - _SHIFT
    return days


class Signals:
    """Look-ups of inbound contacts and endings next to a purchase.

    Parameters
    ----------
    ledger : Ledger
        Its contacts and endings are used.
    clock : Clock
        What silence is counted on.
    """

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        inbound = ledger.contacts.inbound
        self._clock = clock
        self._contacts = join_keys(ledger.contacts.clients()[inbound], ledger.contacts.day[inbound])
        self._endings = join_keys(ledger.endings.clients(), ledger.endings.day)

    def move_gone(
        self,
        client: NDArray[Any],
        day: DayArray,
        quiet_gone_on: DayArray,
        wait_days: DayArray,
        as_of: int = NEVER,
    ) -> DayArray:
        """Return the gone days once inbound contacts up to ``as_of`` have moved them.

        Parameters
        ----------
        client, day : ndarray, shape (n,)
            The purchases silence is counted from.
        quiet_gone_on, wait_days : ndarray of int32, shape (n,)
            Gone day by silence alone, and whole days still in time.
        as_of : int
            Later contacts are not known yet.

        Returns
        -------
        ndarray of int32, shape (n,)
            At least contact + wait + 1. Only a contact before the unmoved gone day
            counts: contacts do not chain.
        """
        if not len(self._contacts):
            return quiet_gone_on
        last = np.minimum(quiet_gone_on.astype(np.int64) - 1, as_of)
        at = np.searchsorted(self._contacts, join_keys(client, last), "right") - 1
        contact = self._contacts[np.maximum(at, 0)]
        moves = (at >= 0) & (contact >= join_keys(client, day))
        due = self._clock.days(self._clock.ticks(day_of(contact)) + wait_days + 1)
        moved: DayArray = np.where(moves, np.maximum(quiet_gone_on, due), quiet_gone_on)
        return moved.astype(np.int32)

    def first_ending(
        self, client: NDArray[Any], day: DayArray, before: NDArray[Any]
    ) -> tuple[IntArray, IntArray]:
        """Return the first ending from ``day`` on that comes before the day ``before``.

        Parameters
        ----------
        client, day, before : ndarray, shape (n,)
            Client, first day (inclusive) and last day (exclusive).

        Returns
        -------
        ending_day, row : ndarray of int64, shape (n,)
            ``NEVER`` and -1 where there is none; ``row`` indexes ``Ledger.endings``.
        """
        if not len(self._endings):
            return np.full(len(day), NEVER, np.int64), np.full(len(day), -1, np.int64)
        at = np.searchsorted(self._endings, join_keys(client, day), "left")
        ending = self._endings[np.minimum(at, len(self._endings) - 1)]
        there = (at < len(self._endings)) & (ending < join_keys(client, before))
        return np.where(there, day_of(ending), NEVER), np.where(there, at, -1)
