"""Maximum likelihood with three starts that must agree, and when not to believe the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.lifetime.climbing import LOG_BOUNDS, LogLikelihood, Surface, Top, climb
from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit
from crm_core.metrics.rates import Status

FloatArray = NDArray[np.float64]
ModelT = TypeVar("ModelT")

AGREEMENT = 1e-3
"""The log-likelihoods that the starts reach may differ by so much."""

LEAST_REPEAT_CLIENTS = 100
"""Below so many clients with a repeat purchase a fit is thin."""

LEAST_HISTORY = 3
"""A history shorter than so many typical first return gaps is thin."""

NEAR = 0.01
"""So close to a bound, in the logarithm, a parameter counts as having run to it."""


@dataclass(frozen=True)
class Fit(Generic[ModelT]):
    """A fitted model, what it rests on and whether it can be believed.

    Attributes
    ----------
    model : ModelT or None
        None where there was nothing to fit. A model that is ``"not computable"`` holds the
        parameters the search ended with, to be looked at, not used.
    log_likelihood : float
        Of all clients; NaN without a model.
    n_clients, n_repeat : int
        Clients, and those with at least one repeat purchase.
    status : {"ok", "thin", "not computable"}
        Only a fit that is ``"ok"`` stands against the plain rules.
    reason : str or None
        Why it is not ``"ok"``, in a sentence.
    covariance : ndarray of float64, shape (n_parameters, n_parameters), or None
        Of the **logarithms** of the parameters, from the curvature at the maximum; None
        where a parameter ran to a bound.
    starts_agree : bool
        Whether all starts came to the same log-likelihood.
    notes : tuple of str
        What to know about a fit that stands, in sentences.
    figures : mapping of str to float
        What else was measured on the way, by name.
    """

    model: ModelT | None
    log_likelihood: float
    n_clients: int
    n_repeat: int
    status: Status
    reason: str | None = None
    covariance: FloatArray | None = None
    starts_agree: bool = True
    notes: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Optimum:
    """Where a search for the highest likelihood ended.

    Attributes
    ----------
    parameters : ndarray of float64, shape (n_parameters,)
        As they are, not their logarithms.
    log_likelihood : float
        Of all clients.
    covariance : ndarray of float64 or None
        Of the logarithms of the parameters; None at a bound or without curvature.
    starts_agree : bool
        Whether all starts came to the same log-likelihood within 1e-3.
    at_low, at_high : frozenset of str
        Names of the parameters that ran to 1e-4 and to 1e4.
    """

    parameters: FloatArray
    log_likelihood: float
    covariance: FloatArray | None
    starts_agree: bool
    at_low: frozenset[str]
    at_high: frozenset[str]

    @property
    def at_bound(self) -> frozenset[str]:
        """Names of the parameters that ran to a bound."""
        return self.at_low | self.at_high


def maximise(
    log_likelihood: LogLikelihood,
    starts: Sequence[Sequence[float]],
    names: Sequence[str],
    *,
    clients: float,
    coarse: LogLikelihood | None = None,
) -> Optimum:
    """Find the positive parameters of the highest likelihood.

    Parameters
    ----------
    log_likelihood : callable
        Takes the parameters, returns the sum over all clients, or that and its gradient.
    starts : sequence of sequences of float
        Where to begin, parameters as they are; three by the rule of this project.
    names : sequence of str
        The parameters.
    clients : float
        How many clients the sum is over: the search works with the mean.
    coarse : callable, optional
        A likelihood close to the true one and cheaper; the starts climb it, and the last
        steps are taken on the true one.

    Returns
    -------
    Optimum
        The best of all starts.

    Notes
    -----
    The search runs in the logarithms of the parameters, from ``ln 1e-4`` to ``ln 1e4``
    (:func:`~crm_core.metrics.lifetime.climbing.climb`).
    """
    exact = Surface(log_likelihood, clients)
    rough = exact if coarse is None else Surface(coarse, clients)
    tops = [climb(rough, np.log(np.asarray(start, dtype=np.float64))) for start in starts]
    values = [top.value * clients for top in tops]
    best = min(tops, key=lambda top: top.value)
    if rough is not exact:
        best = climb(exact, best.at, best.hessian if np.isfinite(best.hessian).all() else None)
    low, high = best.at <= LOG_BOUNDS[0] + NEAR, best.at >= LOG_BOUNDS[1] - NEAR
    return Optimum(
        np.exp(best.at),
        -best.value * clients,
        None if (low | high).any() else _covariance(best, clients),
        max(values) - min(values) <= AGREEMENT,
        frozenset(name for name, hit in zip(names, low, strict=True) if hit),
        frozenset(name for name, hit in zip(names, high, strict=True) if hit),
    )


def _covariance(top: Top, clients: float) -> FloatArray | None:
    if not np.isfinite(top.hessian).all() or np.linalg.eigvalsh(top.hessian)[0] <= 0:
        return None
    return np.asarray(np.linalg.inv(top.hessian * clients))


def fit_or_reason(
    behaviour: Behaviour,
    search: Callable[[], Optimum],
    build: Callable[[FloatArray], ModelT],
    *,
    explain_bound: Callable[[Optimum], str],
    m0_days: float | None = None,
) -> Fit[ModelT]:
    """Fit a model of repeat buying, or say in a sentence why it cannot be believed.

    Parameters
    ----------
    behaviour : Behaviour
        The clients, one-time buyers included, each or in groups.
    search : callable
        Runs the fit; called only where somebody bought twice.
    build : callable
        Makes the model from the parameters.
    explain_bound : callable
        Says what it means that parameters ran to a bound.
    m0_days : float, optional
        Typical first return gap of the business in days.

    Returns
    -------
    Fit
        ``"not computable"`` without repeat purchases, at a bound, where the starts
        disagree or the top has no curvature; ``"thin"`` with fewer than 100 repeat clients
        or a history shorter than three typical first return gaps.
    """
    n_clients, n_repeat = behaviour.n_clients, behaviour.n_repeat
    if not n_repeat:
        reason = "nobody has bought twice yet" if n_clients else "nobody has bought yet"
        return Fit(None, float("nan"), n_clients, n_repeat, "not computable", reason)
    found = search()
    thin = why_thin(behaviour, m0_days)
    few = thin if n_repeat < LEAST_REPEAT_CLIENTS else None
    status, reason_or_none = _judge(found, explain_bound, thin, few)
    return Fit(
        build(found.parameters),
        found.log_likelihood,
        n_clients,
        n_repeat,
        status,
        reason_or_none,
        found.covariance,
        found.starts_agree,
    )


def _judge(
    found: Optimum,
    explain_bound: Callable[[Optimum], str],
    thin: str | None,
    few: str | None,
) -> tuple[Status, str | None]:
    if found.at_bound:
        # Of a handful of clients nothing can be said about clients at large.
        return "not computable", few or explain_bound(found)
    if not found.starts_agree:
        return "not computable", "three searches for the best fit ended in different places"
    if found.covariance is None:
        return "not computable", few or "the history is too even to pin this model down"
    return ("thin", thin) if thin else ("ok", None)


def why_thin(behaviour: Behaviour, m0_days: float | None) -> str | None:
    """Return why clients are too few or watched too briefly for a model, None where not.

    Parameters
    ----------
    behaviour : Behaviour
        The clients.
    m0_days : float or None
        Typical first return gap in days; None leaves the length of the history out.
    """
    n_repeat = behaviour.n_repeat
    if n_repeat < LEAST_REPEAT_CLIENTS:
        clients = "client has" if n_repeat == 1 else "clients have"
        return f"only {n_repeat} {clients} bought again, at least {LEAST_REPEAT_CLIENTS} are needed"
    days = float(behaviour.age.max()) * behaviour.unit.value / TimeUnit.DAY.value
    if m0_days is not None and days < LEAST_HISTORY * m0_days:
        return (
            f"the history is {days:.0f} days long, "
            f"at least three typical first return gaps ({LEAST_HISTORY * m0_days:.0f}) are needed"
        )
    return None
