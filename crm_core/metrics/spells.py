"""From when a silent client counts as gone, by any rule, and the spells that follow from it.

Rules behind one interface (``docs/methods.md``, churn without a contract): the
personal one, a fixed window, and a model's chance to buy again. Whatever the
rule, an explicit ending cuts, and an inbound contact before the unmoved gone day
moves it; overrides and contracts change the stage alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History
from crm_core.metrics.clock import Clock
from crm_core.metrics.parameters import BGNBD, PERSONAL, Parameters
from crm_core.metrics.signals import Signals
from crm_core.tables import NEVER, BoolArray, DayArray, IntArray

CLOCK_DAYS_AHEAD = 20_000


def window_of(rule: str) -> int | None:
    """Return the days of a rule ``"fixed:90"``, None for ``"personal"`` and ``"bgnbd"``.

    Raises
    ------
    ParameterError
        If the rule is none of these.

    Examples
    --------
    >>> window_of("fixed:90"), window_of("personal")
    (90, None)
    """
    if rule in (PERSONAL, BGNBD):
        return None
    kind, _, days = rule.partition(":")
    if kind != "fixed" or not days.isdecimal() or not 1 <= int(days) <= 3650:
        raise ParameterError(
            f"Wanted the rule personal, bgnbd or fixed:DAYS with 1 to 3650 days, found {rule!r}; "
            "write for example fixed:90."
        )
    return int(days)


def gone_days(ledger: Ledger, history: History, parameters: Parameters, rule: str) -> DayArray:
    """Return the first day gone after each purchase, by the rule.

    Parameters
    ----------
    ledger : Ledger
        Its contacts and endings are used.
    history : History
        Computed with ``parameters``, by whatever rule these name.
    parameters : Parameters
        Those of ``history``.
    rule : str
        ``"personal"``, ``"bgnbd"`` or ``"fixed:DAYS"``.

    Returns
    -------
    ndarray of int32, shape (n_purchases,)
        Under ``fixed:w`` the purchase + w + 1, on the clock of open days; a contact
        moves it to at least contact + min(own wait, w) + 1; an ending cuts it.

    Raises
    ------
    ParameterError
        If ``history`` was made by a window or a model and another rule is asked for,
        or if a model is asked for and there is none.
    """
    if rule == parameters.rule:
        return history.gone_on
    window = window_of(rule)
    if parameters.rule != PERSONAL or window is None:
        raise ParameterError(
            f"Wanted a history of the rule {rule}, found one of {parameters.rule}; "
            "compute the history with these parameters first."
        )
    day, client = history.day, history.clients()
    span = (int(day.min()) - 1, int(day.max()) + CLOCK_DAYS_AHEAD) if len(day) else (0, 0)
    clock = Clock(parameters.closed_months, *span)
    signals = Signals(ledger, clock)
    quiet = clock.days(clock.ticks(day) + window + 1).astype(np.int32)
    moved = signals.move_gone(client, day, quiet, np.minimum(history.wait_days, window))
    if not len(ledger.endings):
        return moved
    ended_on, _ = signals.first_ending(client, day, next_days(history, client))
    return np.minimum(moved, ended_on).astype(np.int32)


def next_days(history: History, client: NDArray[np.int32]) -> DayArray:
    """Return the day of each client's next purchase, ``NEVER`` after the last one."""
    following = np.full(len(history), NEVER, dtype=np.int32)
    same = client[1:] == client[:-1]
    following[:-1][same] = history.day[1:][same]
    return following


@dataclass(frozen=True)
class Spells:
    """Times during which a client is active, one row a spell, by client and day.

    Attributes
    ----------
    client : ndarray of int32, shape (n_spells,)
        Position in the client table.
    start : ndarray of int32
        Day of the spell's first purchase.
    gone_on : ndarray of int32
        First day gone after it: active on ``start <= day < gone_on``. Later than the
        as-of day where the client is not gone.
    last_row : ndarray of int64
        Row of the history that holds the spell's last purchase.
    first : ndarray of bool
        True where it is the client's first spell.
    """

    client: NDArray[np.int32]
    start: DayArray
    gone_on: DayArray
    last_row: IntArray
    first: BoolArray

    def __len__(self) -> int:
        return len(self.client)


def find_spells(history: History, gone_on: DayArray, as_of: int) -> Spells:
    """Return the spells that began up to a day.

    A purchase at or after the gone day of the one before it opens a new spell.

    Parameters
    ----------
    history : History
        As drawn on ``as_of`` (:func:`~crm_core.metrics.cadence.history_at`).
    gone_on : ndarray of int32, shape (n_purchases,)
        From :func:`gone_days`.
    as_of : int
        Later purchases are not seen.
    """
    rows = np.flatnonzero(history.day <= as_of)
    client, day, gone = history.clients()[rows], history.day[rows], gone_on[rows]
    fresh = np.ones(len(rows), dtype=np.bool_)
    fresh[1:] = client[1:] != client[:-1]
    opens = fresh.copy()
    opens[1:] |= day[1:] >= gone[:-1]
    starts = np.flatnonzero(opens)
    lasts = np.append(starts[1:], len(rows))[: len(starts)] - 1
    return Spells(
        client=client[starts],
        start=day[starts],
        gone_on=gone[lasts],
        last_row=rows[lasts],
        first=fresh[starts],
    )
