"""The stage of every client on any day, with since, flags and due days.

Five stages after Dwyer, Schurr and Oh (1987) and Buttle, as one rule an owner
can repeat: upgrades happen only on a purchase day; downgrades only after silence
longer than the client's own limit, or two late purchases in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import (
    NONE,
    TERMINATION,
    History,
    history_at,
    purchase_history,
)
from crm_core.metrics.clock import Clock
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.signals import Signals
from crm_core.metrics.standings import Standing, contract_standing, last_rows, lead_standing
from crm_core.tables import NEVER, STAGES, BoolArray, DayArray, IntArray, sum_segments


@dataclass(frozen=True)
class StageResult:
    """One row a client of the ledger, as of one day.

    Attributes
    ----------
    as_of : int
        The day.
    stage : ndarray of int8
        Stage in force (``tables.STAGES``); 0 where the client is not known yet.
    computed : ndarray of int8
        Stage without overrides.
    since : ndarray of int32
        First day of the current run of the stage; gone or leaving day in termination.
    late, reentry : ndarray of bool
        Flags; ``late`` never in termination.
    late_on, gone_on : ndarray of int32
        Due days, ``NEVER`` where there is none.
    purchases : ndarray of int32
        Live purchases of the current spell.
    all_purchases : ndarray of int32
        Live purchases of all spells.
    first_purchase, last_purchase : ndarray of int32
        ``NEVER`` before the first purchase.
    spell_start : ndarray of int32
        First day of the current spell.
    cadence_days, usual_gap_days : ndarray of float32
        NaN where there is no purchase, and no gap.
    streak : ndarray of int32
        Latest gaps on time in a row; negative: late in a row.
    ending : ndarray of int64
        Row of ``Ledger.endings`` that ended the relationship, -1 where none did.
    overridden, by_contract : ndarray of bool
        The stage comes from an override, or from a contract.
    """

    as_of: int
    stage: NDArray[np.int8]
    computed: NDArray[np.int8]
    since: DayArray
    late: BoolArray
    reentry: BoolArray
    late_on: DayArray
    gone_on: DayArray
    purchases: NDArray[np.int32]
    all_purchases: NDArray[np.int32]
    first_purchase: DayArray
    last_purchase: DayArray
    spell_start: DayArray
    cadence_days: NDArray[np.float32]
    usual_gap_days: NDArray[np.float32]
    streak: NDArray[np.int32]
    ending: IntArray
    overridden: BoolArray
    by_contract: BoolArray

    @property
    def never_bought(self) -> BoolArray:
        """Leads in termination: known, silent, and nothing bought."""
        unbought = (self.all_purchases == 0) & ~self.by_contract
        return np.asarray((self.stage == TERMINATION) & unbought)

    def counts(self) -> dict[str, int]:
        """Return the number of clients in each of the five stages; they sum to the known."""
        found = np.bincount(self.stage, minlength=len(STAGES))
        return {name: int(found[code]) for code, name in enumerate(STAGES) if code != NONE}


def assign_stages(
    ledger: Ledger,
    parameters: Parameters,
    as_of: int,
    *,
    history: History | None = None,
) -> StageResult:
    """Return the stage of every client on a day.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    parameters : Parameters
        The parameters in force.
    as_of : int
        Day, inclusive; nothing dated later is seen.
    history : History, optional
        From :func:`~crm_core.metrics.cadence.purchase_history` with the same ledger
        and parameters; computed here when missing.

    Returns
    -------
    StageResult
        One row a client of the ledger, in its order.
    """
    if history is None:
        history = purchase_history(ledger, parameters)
    history = history_at(ledger, history, as_of, parameters)
    last = last_rows(history.offsets, history.day, as_of)
    buyers = np.flatnonzero(last >= 0)
    own, ending = _purchase_standing(ledger, parameters, history, last, as_of)
    side = lead_standing(ledger, parameters, as_of)
    _find_lead_endings(ledger, side, ending, np.flatnonzero(last < 0), as_of)
    side.put(buyers, own, buyers)
    by_contract = _join_contracts(side, own, contract_standing(ledger, parameters, as_of))
    computed = side.stage.copy()
    overridden = _apply_overrides(ledger, history, side, as_of)
    side.late &= side.stage != TERMINATION
    facts = _facts(history, last, buyers, ledger.n_clients)
    return StageResult(
        as_of=as_of,
        computed=computed,
        ending=ending,
        overridden=overridden,
        by_contract=by_contract,
        **vars(side),
        **facts,
    )


def _purchase_standing(
    ledger: Ledger,
    parameters: Parameters,
    history: History,
    last: IntArray,
    as_of: int,
) -> tuple[Standing, IntArray]:
    """Return what the latest purchase says, and the ending that came after it."""
    buyers = np.flatnonzero(last >= 0)
    rows = last[buyers]
    day, quiet = history.day[rows], history.quiet_gone_on[rows]
    span = (int(day.min()) - 1, int(quiet.max()) + 20_000) if len(rows) else (0, 0)
    signals = Signals(ledger, Clock(parameters.closed_months, *span))
    moved = signals.move_gone(buyers, day, quiet, history.wait_days[rows], as_of)
    ending = np.full(ledger.n_clients, -1, dtype=np.int64)
    ended_on, ending[buyers] = signals.first_ending(buyers, day, np.full(len(rows), as_of + 1))
    gone_on = np.minimum(moved, ended_on).astype(np.int32)
    side = Standing.blank(ledger.n_clients)
    over = gone_on <= as_of
    side.stage[buyers] = np.where(over, TERMINATION, history.stage[rows])
    side.since[buyers] = np.where(over, gone_on, history.since[rows])
    side.late_on[buyers] = history.late_on[rows]
    side.gone_on[buyers] = gone_on
    side.late[buyers] = ~over & (history.late_on[rows] <= as_of)
    side.reentry[buyers] = history.spell[rows] > 1
    return side, ending


def _find_lead_endings(
    ledger: Ledger, side: Standing, ending: IntArray, unbought: IntArray, as_of: int
) -> None:
    """Set (in place) the ending that gave a lead up, or that came once it was given up."""
    if len(ledger.endings):
        over = unbought[side.stage[unbought] == TERMINATION]
        signals = Signals(ledger, Clock((), 0, 0))
        upto = np.full(len(over), as_of + 1)
        _, ending[over] = signals.first_ending(over, side.gone_on[over], upto)


def _join_contracts(side: Standing, own: Standing, contracts: Standing) -> BoolArray:
    """Let the higher live stage count (in place); termination only if both sides say so."""
    held = contracts.stage != NONE
    if not held.any():
        return np.asarray(held)
    bought = own.stage != NONE
    live = held & (contracts.stage != TERMINATION)
    own_live = bought & (own.stage != TERMINATION)
    higher = live & (~own_live | (contracts.stage > own.stage))
    # Over on both sides: the later end is when the relationship ended.
    over = held & ~live & ~own_live & (~bought | (contracts.gone_on > own.gone_on))
    wins = higher | over
    both = held & bought
    latest = np.maximum(np.where(both, own.gone_on, 0), contracts.gone_on)
    tied = live & own_live & (contracts.stage == own.stage)
    side.since[tied] = np.minimum(own.since, contracts.since)[tied]
    side.put(np.flatnonzero(wins), contracts, np.flatnonzero(wins))
    side.gone_on[both] = latest[both]
    return np.asarray(wins)


def _apply_overrides(ledger: Ledger, history: History, side: Standing, as_of: int) -> BoolArray:
    """Put overrides in force (in place) unless later evidence has voided them."""
    applied = np.zeros(ledger.n_clients, dtype=np.bool_)
    table = ledger.overrides
    row = last_rows(table.offsets, table.day, as_of)
    client = np.flatnonzero((row >= 0) & (side.stage != NONE))
    client = client[table.expires_on[row[client]] >= as_of]
    if not len(client):
        return applied
    set_on, stage = table.day[row[client]], table.stage[row[client]]
    now, then = (_rows_at(history, client, day) for day in (as_of, set_on))
    bought_on = _pick(history.day, now, -NEVER)
    spell_then = _pick(history.spell, then, 1) + (_pick(history.gone_on, then, NEVER) <= set_on)
    came_back = _pick(history.spell, now, 1) > spell_then
    gone_now = (side.gone_on[client] > set_on) & (side.gone_on[client] <= as_of)
    voided = np.where(stage == TERMINATION, bought_on > set_on, gone_now | came_back)
    client, set_on, stage = client[~voided], set_on[~voided], stage[~voided]
    side.stage[client], side.since[client] = stage, set_on
    late = (side.late_on[client] <= as_of) & (stage != TERMINATION)
    side.late[client] = late
    applied[client] = True
    return applied


def _rows_at(history: History, client: IntArray, day: DayArray | int) -> IntArray:
    """Return the last row up to a day (one for all, or each its own) of some clients, else -1."""
    own = history.take(client)
    upto = np.repeat(np.broadcast_to(day, client.shape), np.diff(own.offsets))
    counts = sum_segments(own.day <= upto, own.offsets)
    return np.where(counts > 0, history.offsets[client] + counts - 1, -1)


def _pick(column: NDArray[Any], rows: IntArray, blank: int) -> IntArray:
    """Return a column at some rows, ``blank`` where the row is -1."""
    picked = np.full(len(rows), blank, dtype=np.int64)
    there = rows >= 0
    picked[there] = column[rows[there]]
    return picked


def _facts(history: History, last: IntArray, buyers: IntArray, n_clients: int) -> dict[str, Any]:
    """Return what the latest purchase carries along, blank for clients without one."""

    def spread(values: NDArray[Any], blank: float) -> NDArray[Any]:
        column = np.full(n_clients, blank, dtype=values.dtype)
        column[buyers] = values
        return column

    rows = last[buyers]
    starts = rows - history.n_in_spell[rows] + 1
    return {
        "purchases": spread(history.n_in_spell[rows], 0),
        "all_purchases": spread((rows - history.offsets[:-1][buyers] + 1).astype(np.int32), 0),
        "first_purchase": spread(history.day[history.offsets[:-1][buyers]], NEVER),
        "last_purchase": spread(history.day[rows], NEVER),
        "spell_start": spread(history.day[starts], NEVER),
        "cadence_days": spread(history.cadence_days[rows], np.nan),
        "usual_gap_days": spread(history.usual_gap_days[rows], np.nan),
        "streak": spread(history.streak[rows], 0),
    }
