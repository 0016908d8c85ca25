"""The renewals of a ledger's contracts, and how long contracts last by the sBG model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.lifetime.fitting import Fit
from crm_core.metrics.lifetime.sbg import ShiftedBetaGeometric, fit_sbg
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.parts import measure_parts
from crm_core.metrics.rates import Rate, Status
from crm_core.tables import BoolArray, IntArray


@dataclass(frozen=True)
class RenewalCounts:
    """Contracts by the renewal at which they ended or were last seen.

    Attributes
    ----------
    lost : ndarray of int64, shape (n,)
        ``lost[t - 1]`` contracts ended at their t-th renewal.
    still_there : ndarray of int64, shape (n + 1,)
        ``still_there[t]`` contracts run and have passed t renewals so far; those under
        0 have come to none yet.
    """

    lost: IntArray
    still_there: IntArray

    @property
    def n_contracts(self) -> int:
        """Contracts in all, those that have come to no renewal yet included."""
        return int(self.lost.sum() + self.still_there.sum())

    @property
    def n_lost(self) -> int:
        """Contracts that ended."""
        return int(self.lost.sum())

    @property
    def due(self) -> IntArray:
        """Contracts whose t-th renewal has been decided, shape (n,)."""
        passed = np.cumsum((self.lost + self.still_there[1:])[::-1])[::-1]
        return np.asarray(passed, dtype=np.int64)

    @property
    def renewed(self) -> tuple[Rate, ...]:
        """Share renewed at each renewal among those that were due, n rates."""
        pairs = zip(self.due.tolist(), self.lost.tolist(), strict=True)
        return tuple(Rate(due - lost, due) for due, lost in pairs)


@dataclass(frozen=True)
class ContractSurvival:
    """How long contracts last, as seen and as fitted on one day.

    Attributes
    ----------
    as_of : int
        Last day counted; a contract that ends later is still there.
    counts : RenewalCounts
        What the fit rests on.
    fit : Fit of ShiftedBetaGeometric or None
        None on a ledger without paid contracts.
    """

    as_of: int
    counts: RenewalCounts
    fit: Fit[ShiftedBetaGeometric] | None

    @property
    def status(self) -> Status:
        """Whether the fit can be shown."""
        return "not computable" if self.fit is None else self.fit.status

    @property
    def reason(self) -> str | None:
        """Why the fit is thin or missing, in a sentence."""
        if self.fit is None:
            return "no paid contracts have begun up to this day"
        return self.fit.reason


def count_renewals(ledger: Ledger, as_of: int, parameters: Parameters) -> RenewalCounts:
    """Count the contracts of a ledger by the renewal at which they ended.

    Parameters
    ----------
    ledger : Ledger
        The ledger; terms that start after ``as_of`` are not seen, nor is later notice.
    as_of : int
        Last day counted.
    parameters : Parameters
        ``contract_grace`` says how many days a term may be over before the contract is.

    Returns
    -------
    RenewalCounts
        Without paid contracts ``lost`` is empty and ``still_there`` one zero.

    Notes
    -----
    Terms that follow one another inside the grace make one contract, and each paid
    term after the first is a renewal whatever its length; a trial is none. With
    notice given there is no grace. A client who returns after the end begins a new
    contract. These are the rules by which contracts place a client in a stage.
    """
    runs = measure_parts(ledger, _paid_terms, as_of, parameters.contract_grace)
    terms = np.concatenate([terms for terms, _ in runs])
    over = np.concatenate([over for _, over in runs])
    size = int(terms.max(initial=0))
    lost = np.bincount(terms[over], minlength=size + 1)[1:]
    still = np.bincount(terms[~over] - 1, minlength=size + 1)
    return RenewalCounts(lost.astype(np.int64), still[: size + 1].astype(np.int64))


def _paid_terms(part: Ledger, as_of: int, grace: int) -> tuple[IntArray, BoolArray]:
    """Return the paid terms of each contract and whether it is over, in a part of a ledger."""
    table = part.contracts
    rows = np.flatnonzero(table.day <= as_of)
    client, start = table.clients()[rows], table.day[rows]
    noticed = table.notice[rows] <= as_of
    over_on = table.end[rows].astype(np.int64) + 1 + np.where(noticed, 0, grace)
    opens = np.ones(len(rows), dtype=np.bool_)
    opens[1:] = (client[1:] != client[:-1]) | (start[1:] >= over_on[:-1])
    first = np.flatnonzero(opens)
    if not len(first):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.bool_)
    paid = np.add.reduceat((~table.trial[rows]).astype(np.int64), first)
    last = np.append(first[1:], len(rows)) - 1
    over = over_on[last] <= as_of
    return paid[paid > 0], over[paid > 0]


def contract_survival(ledger: Ledger, as_of: int, parameters: Parameters) -> ContractSurvival:
    """Fit how long contracts last on what is known on a day, or say why that cannot be done.

    Parameters
    ----------
    ledger : Ledger
        The ledger.
    as_of : int
        Last day counted.
    parameters : Parameters
        The parameters in force.

    Returns
    -------
    ContractSurvival
        With a sentence in ``reason`` where the fit is thin or missing.
    """
    counts = count_renewals(ledger, as_of, parameters)
    if not counts.n_contracts:
        return ContractSurvival(as_of, counts, None)
    return ContractSurvival(as_of, counts, fit_sbg(counts.lost, counts.still_there[1:]))
