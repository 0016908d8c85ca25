"""How long contracts last: the shifted-beta-geometric model of renewals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp2f1

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.fitting import Fit, Optimum, maximise
from crm_core.metrics.rates import Status
from crm_core.tables import IntArray

FloatArray = NDArray[np.float64]

LEAST_LOSSES = 20
"""Below so many ended contracts a fit is shown as thin."""

LEAST_RENEWALS = 2
"""Fewest renewals with known outcomes: two parameters need two rates."""

LEAST_SPREAD = 0.05
"""A spread of the ending rate below this part of its mean cannot be told from none."""

STARTS = ((1.0, 1.0), (0.5, 3.0), (3.0, 10.0))


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Contracts that end at each renewal with a chance of their own, beta-distributed.

    A contract ends at its first renewal with chance ``theta``, at the second with
    the same chance if it came that far, and so on; over all contracts ``theta`` is
    Beta(alpha, beta). Those most likely to leave leave first, so retention rises.

    Attributes
    ----------
    alpha, beta : float
        Above zero. ``alpha / (alpha + beta)`` is the churn at the first renewal.

    References
    ----------
    Fader and Hardie (2007), *Journal of Interactive Marketing* 21(1), 76-90.

    Examples
    --------
    >>> model = ShiftedBetaGeometric(0.668, 3.806)
    >>> model.survival([0, 1, 8]).round(3).tolist()
    [1.0, 0.851, 0.46]
    """

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        """Refuse parameters that are not above zero."""
        if not (0 < self.alpha < np.inf and 0 < self.beta < np.inf):
            raise ParameterError(
                f"Wanted alpha and beta above 0, found {self.alpha} and {self.beta}; "
                "fit them with fit_sbg."
            )

    def retention(self, renewal: Any) -> FloatArray:
        """Return the share renewed at each renewal among those who reach it.

        ``r(t) = (beta + t - 1) / (alpha + beta + t - 1)``.

        Parameters
        ----------
        renewal : int or array of int
            Number of the renewal, from 1.

        Returns
        -------
        ndarray of float64
            Within 0 and 1, rising with the number.
        """
        before = self.beta + _whole(renewal, least=1) - 1
        return np.asarray(before / (self.alpha + before))

    def log_survival(self, renewals: Any) -> FloatArray:
        """Return ``ln S(t)``, a sum of logarithms that neither over- nor underflows."""
        wanted = _whole(renewals, least=0)
        numbers = np.arange(1, int(wanted.max(initial=0)) + 1)
        steps = np.log1p(-self.alpha / (self.alpha + self.beta + numbers - 1))
        return np.asarray(np.concatenate(([0.0], np.cumsum(steps)))[wanted])

    def survival(self, renewals: Any) -> FloatArray:
        """Return the share still there after so many renewals, ``B(alpha, beta+t)/B(alpha, beta)``.

        Parameters
        ----------
        renewals : int or array of int
            Renewals passed, from 0 (where it is 1).

        Returns
        -------
        ndarray of float64
            Falling from 1 towards 0.
        """
        return np.asarray(np.exp(self.log_survival(renewals)))

    def churn(self, renewal: Any) -> FloatArray:
        """Return the share of all contracts that ends at each renewal, ``P(T = t)``.

        Parameters
        ----------
        renewal : int or array of int
            Number of the renewal, from 1.
        """
        return np.asarray(np.exp(self._log_churn(_whole(renewal, least=1))))

    def _log_churn(self, renewal: IntArray) -> FloatArray:
        ends = np.log(self.alpha) - np.log(self.alpha + self.beta + renewal - 1)
        return np.asarray(self.log_survival(renewal - 1) + ends)

    def discounted_expected_lifetime(self, renewals: Any, discount_rate: float) -> FloatArray:
        """Return how many renewals a contract is still worth, just before one of them.

        ``DERL = r(n) * 2F1(1, beta + n; alpha + beta + n; 1 / (1 + d))``: the expected
        number of renewals from the n-th on, the n-th counted in full and each later
        one discounted by ``1 / (1 + d)`` more.

        Parameters
        ----------
        renewals : int or array of int
            Number of the renewal that comes next, from 1.
        discount_rate : float
            Per renewal, above 0.

        Returns
        -------
        ndarray of float64

        References
        ----------
        Fader and Hardie (2010), *Marketing Science* 29(1), 85-93.

        Examples
        --------
        >>> model = ShiftedBetaGeometric(0.66809, 3.80610)
        >>> model.discounted_expected_lifetime(8, 0.1).round(3).item()
        7.53
        """
        if not discount_rate > 0:
            raise ParameterError(
                f"Wanted a discount above 0 a renewal, found {discount_rate}; 0.1 is 10 %."
            )
        n, total = _whole(renewals, least=1), self.alpha + self.beta
        later = hyp2f1(1.0, self.beta + n, total + n, 1 / (1 + discount_rate))
        return np.asarray(self.retention(n) * later)

    def log_likelihood(self, lost_by_period: Any, still_there: Any) -> float:
        """Return the log-likelihood of counts (see :func:`fit_sbg`)."""
        lost, there = _counts(lost_by_period, still_there)
        numbers = np.arange(1, len(lost) + 1)
        seen = self.log_survival(numbers)
        return float(lost @ self._log_churn(numbers) + there @ seen)


def fit_sbg(lost_by_period: Any, still_there: Any) -> Fit[ShiftedBetaGeometric]:
    """Fit the model to the contracts lost at each renewal.

    Parameters
    ----------
    lost_by_period : sequence of int, shape (n,)
        Contracts that ended at the first, second, ... n-th renewal.
    still_there : int or sequence of int of shape (n,)
        Contracts that passed all n renewals; or, where contracts began at different
        times, those last seen after 1, 2, ... n renewals. A contract that has come
        to no renewal yet tells nothing and is in neither.

    Returns
    -------
    Fit of ShiftedBetaGeometric
        ``n_clients`` counts contracts, ``n_repeat`` those renewed at least once.
        ``"thin"`` with fewer than 20 losses; ``"not computable"`` where fewer than two
        renewals have been due, nobody has left, nobody renewed, or all contracts end
        at one and the same rate (both parameters grow without end).

    Raises
    ------
    ParameterError
        If a count is negative or the two do not go together.

    Examples
    --------
    >>> lost = [131, 126, 90, 60, 42, 34, 26]
    >>> fit = fit_sbg(lost, 491)
    >>> round(fit.model.alpha, 3), round(fit.model.beta, 3), fit.status
    (0.668, 3.806, 'ok')
    """
    lost, there = _counts(lost_by_period, still_there)
    n_contracts, n_renewed = int(lost.sum() + there.sum()), int(lost[1:].sum() + there.sum())
    reason = _why_not(lost, there)
    if reason is not None:
        return Fit(None, float("nan"), n_contracts, n_renewed, "not computable", reason)
    return _fitted(lost, there, n_contracts, n_renewed)


def _fitted(
    lost: IntArray, there: IntArray, n_contracts: int, n_renewed: int
) -> Fit[ShiftedBetaGeometric]:
    def log_likelihood(parameters: FloatArray) -> tuple[float, FloatArray]:
        return _surface(parameters, lost, there)

    found = maximise(log_likelihood, STARTS, ("alpha", "beta"), clients=n_contracts)
    status, reason = _judge(found, lost, there)
    return Fit(
        ShiftedBetaGeometric(*found.parameters.tolist()),
        found.log_likelihood,
        n_contracts,
        n_renewed,
        status,
        reason,
        found.covariance,
        found.starts_agree,
    )


def _surface(parameters: FloatArray, lost: IntArray, there: IntArray) -> tuple[float, FloatArray]:
    """Return the log-likelihood and its gradient by alpha and beta."""
    alpha, beta = parameters.tolist()
    steps = np.arange(len(lost))
    reached = np.cumsum((lost + there)[::-1])[::-1]
    renewed = reached - lost
    # Renewal t: ``lost`` times ln(alpha / total), ``renewed`` times ln((beta + t - 1) / total).
    total = alpha + beta + steps
    value = lost @ np.log(alpha / total) + renewed @ np.log1p(-alpha / total)
    both = reached @ (1 / total)
    gradient = np.array([lost.sum() / alpha - both, renewed @ (1 / (beta + steps)) - both])
    return float(value), gradient


def _judge(found: Optimum, lost: IntArray, there: IntArray) -> tuple[Status, str | None]:
    alpha, beta = found.parameters.tolist()
    one_rate = bool(found.at_bound) or np.sqrt(beta / alpha / (alpha + beta + 1)) < LEAST_SPREAD
    n_lost = int(lost.sum())
    if n_lost < LEAST_LOSSES:
        contracts = "contract has" if n_lost == 1 else "contracts have"
        reason = f"only {n_lost} {contracts} ended, at least {LEAST_LOSSES} are needed"
        return "not computable" if one_rate else "thin", reason
    if one_rate:
        rate = n_lost / ((lost + there) @ np.arange(1, len(lost) + 1))
        return "not computable", (
            f"contracts end at one and the same rate, about {rate:.0%} at each renewal: "
            "there are no two kinds of clients to tell apart"
        )
    if not found.starts_agree:
        return "not computable", "three searches for the best fit ended in different places"
    return "ok", None


def _why_not(lost: IntArray, there: IntArray) -> str | None:
    """Return why nothing can be fitted, None where it can."""
    if not lost.sum() + there.sum():
        return "no contract has come to a renewal yet"
    if not lost.sum():
        return "no contract has ended yet, so nothing tells how long they last"
    if not lost[1:].sum() + there.sum():
        return "no contract has been renewed yet, so nothing tells how long they last"
    due = np.flatnonzero(lost + there)[-1] + 1
    if due < LEAST_RENEWALS:
        return (
            "only the first renewal has been due so far, "
            f"at least {LEAST_RENEWALS} are needed to see whether fewer leave later"
        )
    return None


def _whole(numbers: Any, *, least: int) -> IntArray:
    """Return renewal numbers as whole numbers, or refuse them."""
    given = np.asarray(numbers)
    whole = given.astype(np.int64)
    if np.any(whole != given) or np.any(whole < least):
        raise ParameterError(f"Wanted whole renewals from {least} on, found {numbers}.")
    return whole


def _counts(lost_by_period: Any, still_there: Any) -> tuple[IntArray, IntArray]:
    """Return losses and survivors by renewal, both of shape (n,)."""
    lost, there = np.asarray(lost_by_period), np.asarray(still_there)
    if there.ndim == 0:
        there = np.append(np.zeros(max(len(lost) - 1, 0), dtype=np.int64), there)[: len(lost)]
    if lost.shape != there.shape or lost.ndim != 1:
        raise ParameterError(
            f"Wanted as many survivors as losses, found {there.shape} and {lost.shape}; "
            "give one number, or one a renewal."
        )
    if np.any(lost < 0) or np.any(there < 0):
        raise ParameterError("Wanted counts of 0 and more, found a negative one.")
    return lost.astype(np.int64), there.astype(np.int64)
