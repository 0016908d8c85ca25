"""One client's way through the stages, as its purchases tell it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import TERMINATION, purchase_history
from crm_core.metrics.client_sales import part_of
from crm_core.metrics.parameters import Parameters
from crm_core.tables import DayArray


@dataclass(frozen=True)
class StageRuns:
    """Stages of one client, one after the other, the last one running.

    Attributes
    ----------
    as_of : int
        Last day counted.
    stage : ndarray of int8, shape (n,)
        Stage codes (``tables.STAGES``), exploration to termination.
    start, end : ndarray of int32, shape (n,)
        First day of the stage and first day after it; the last one ends the day
        after ``as_of``.
    """

    as_of: int
    stage: NDArray[np.int8]
    start: DayArray
    end: DayArray

    def __len__(self) -> int:
        return len(self.stage)


def stage_runs(ledger: Ledger, parameters: Parameters, client: int, as_of: int) -> StageRuns:
    """Return the stages a client's purchases, contacts and endings have led it through.

    Parameters
    ----------
    ledger : Ledger
        The sales.
    parameters : Parameters
        The parameters in force.
    client : int
        Position in the client table.
    as_of : int
        Last day counted; purchases are those live on it.

    Returns
    -------
    StageRuns
        From the first purchase on, termination between spells included. Contracts and
        overrides play no part. A client without purchases gives none.
    """
    drawn = purchase_history(part_of(ledger, client), parameters, as_of=as_of)
    seen = drawn.day <= as_of
    day, stage, spell = drawn.day[seen], drawn.stage[seen], drawn.spell[seen]
    gone_on = drawn.gone_on[seen]
    changes = np.ones(len(day), dtype=np.bool_)
    changes[1:] = (stage[1:] != stage[:-1]) | (spell[1:] != spell[:-1])
    at = np.flatnonzero(changes)
    last = np.append(at[1:], len(day))[: len(at)] - 1
    until = np.append(day[at][1:], as_of + 1)[: len(at)]
    ends = np.minimum(gone_on[last], until)
    quiet = ends < until
    starts = np.concatenate((day[at], ends[quiet]))
    order = np.argsort(starts, kind="stable")
    silent = np.full(int(quiet.sum()), TERMINATION, dtype=np.int8)
    return StageRuns(
        as_of=as_of,
        stage=np.concatenate((stage[at], silent))[order],
        start=starts[order].astype(np.int32),
        end=np.concatenate((ends, until[quiet]))[order].astype(np.int32),
    )
