"""Maximum likelihood with three starts that must agree, and when not to believe the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit
from crm_core.metrics.rates import Status

FloatArray = NDArray[np.float64]
ModelT = TypeVar("ModelT")

LogLikelihood = Callable[[FloatArray], "tuple[float, FloatArray] | float"]
"""Takes the parameters as they are (not their logarithms); returns the log-likelihood of all
clients, with its gradient by the same parameters where there is a formula for it."""

LOWEST, HIGHEST = 1e-4, 1e4
"""A parameter that runs to one of these says that the data do not hold what it describes."""

AGREEMENT = 1e-3
"""The log-likelihoods that the starts reach may differ by so much."""

LEAST_REPEAT_CLIENTS = 100
"""Below so many clients with a repeat purchase a fit is thin."""

LEAST_HISTORY = 3
"""A history shorter than so many typical first return gaps is thin."""

PROMISED_GAIN = 1e-8
"""The last step is taken where another would raise the log-likelihood by less than this."""

NEWTON_STEPS = 12


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
    L-BFGS-B in the logarithms of the parameters within ``ln 1e-4`` and ``ln 1e4``, then
    Newton steps with the curvature from differences of the gradient.
    """
    exact = _Surface(log_likelihood, clients)
    rough = exact if coarse is None else _Surface(coarse, clients)
    ends = [_climb(rough, np.log(np.asarray(start, dtype=np.float64))) for start in starts]
    values = [end.value * clients for end in ends]
    best = min(ends, key=lambda end: end.value)
    if rough is not exact:
        best = _finish(exact, best)
    low, high = (best.free_of == side for side in (-1, 1))
    return Optimum(
        np.exp(best.at),
        -best.value * clients,
        _covariance(exact, best, clients),
        max(values) - min(values) <= AGREEMENT,
        frozenset(name for name, hit in zip(names, low, strict=True) if hit),
        frozenset(name for name, hit in zip(names, high, strict=True) if hit),
    )


class _Surface:
    """The negative mean log-likelihood over the logarithms of the parameters."""

    def __init__(self, log_likelihood: LogLikelihood, clients: float) -> None:
        self._raw, self.clients = log_likelihood, clients

    def __call__(self, at: FloatArray) -> tuple[float, FloatArray]:
        parameters = np.exp(at)
        found = self._raw(parameters)
        if isinstance(found, tuple):
            value, gradient = found
            slope = gradient * parameters
        else:
            value, slope = found, self._differences(at)
        if not np.isfinite(value):
            return 1e10, np.zeros_like(at)
        return -value / self.clients, -slope / self.clients

    def _differences(self, at: FloatArray, step: float = 1e-5) -> FloatArray:
        moves = np.eye(len(at)) * step
        ends = [[self._plain(at + move), self._plain(at - move)] for move in moves]
        return np.array([(up - down) / (2 * step) for up, down in ends])

    def _plain(self, at: FloatArray) -> float:
        found = self._raw(np.exp(at))
        return found[0] if isinstance(found, tuple) else found

    def curvature(self, at: FloatArray, step: float = 1e-4) -> FloatArray:
        """Return the Hessian at a point, from differences of the gradient."""
        moves = np.eye(len(at)) * step
        rows = [(self(at + move)[1] - self(at - move)[1]) / (2 * step) for move in moves]
        hessian = np.array(rows)
        return np.asarray((hessian + hessian.T) / 2)


@dataclass(frozen=True)
class _End:
    """Where a climb ended: logarithms, value, and which parameters stand at a bound (-1, 1)."""

    at: FloatArray
    value: float
    free_of: NDArray[np.int8]
    hessian: FloatArray


def _climb(surface: _Surface, start: FloatArray) -> _End:
    bounds = [(np.log(LOWEST), np.log(HIGHEST))] * len(start)
    options = {"ftol": 1e-12, "gtol": 1e-6, "maxiter": 500, "maxfun": 2000, "maxcor": 8}
    found = minimize(
        surface,
        np.clip(start, *bounds[0]),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options=options,
    )
    return _newton(surface, found.x, surface.curvature(found.x))


def _finish(surface: _Surface, coarse: _End) -> _End:
    """Climb the last steps on the true surface, from the coarse one's top and curvature."""
    end = _newton(surface, coarse.at, coarse.hessian)
    return end if _promised(surface, end) < AGREEMENT else _climb(surface, coarse.at)


def _newton(surface: _Surface, at: FloatArray, hessian: FloatArray) -> _End:
    """Step to the top with one curvature, as long as each step leads upwards."""
    value, slope = surface(at)
    side = _side(at)
    for _ in range(NEWTON_STEPS):
        move = _step(slope, hessian, side == 0)
        if move is None or -slope @ move * surface.clients / 2 < PROMISED_GAIN:
            break
        further = np.clip(at + move, np.log(LOWEST), np.log(HIGHEST))
        there, slope_there = surface(further)
        if not there < value:
            break
        at, value, slope = further, there, slope_there
        side = _side(at)
    return _End(at, value, side, hessian)


def _step(slope: FloatArray, hessian: FloatArray, free: NDArray[np.bool_]) -> FloatArray | None:
    """Return Newton's step of the free parameters, None where the surface is no bowl."""
    move = np.zeros_like(slope)
    inner = hessian[np.ix_(free, free)]
    if not free.any() or np.linalg.eigvalsh(inner)[0] <= 0:
        return None
    move[free] = -np.linalg.solve(inner, slope[free])
    return move


def _promised(surface: _Surface, end: _End) -> float:
    """Return the gain in log-likelihood that another step would promise."""
    move = _step(slope := surface(end.at)[1], end.hessian, end.free_of == 0)
    return np.inf if move is None else float(-slope @ move * surface.clients / 2)


def _side(at: FloatArray) -> NDArray[np.int8]:
    near = 0.01
    low, high = np.log(LOWEST) + near, np.log(HIGHEST) - near
    return np.asarray((at >= high).astype(np.int8) - (at <= low).astype(np.int8))


def _covariance(surface: _Surface, end: _End, clients: float) -> FloatArray | None:
    if end.free_of.any():
        return None
    hessian = surface.curvature(end.at) * clients
    if np.linalg.eigvalsh(hessian)[0] <= 0:
        return None
    return np.asarray(np.linalg.inv(hessian))


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
        ``"not computable"`` without repeat purchases, at a bound, or where the starts
        disagree; ``"thin"`` with fewer than 100 repeat clients or a history shorter than
        three typical first return gaps.
    """
    n_clients, n_repeat = behaviour.n_clients, behaviour.n_repeat
    if not n_repeat:
        reason = "nobody has bought twice yet" if n_clients else "nobody has bought yet"
        return Fit(None, float("nan"), n_clients, n_repeat, "not computable", reason)
    found = search()
    status, reason_or_none = _judge(found, explain_bound, why_thin(behaviour, m0_days))
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
    found: Optimum, explain_bound: Callable[[Optimum], str], thin: str | None
) -> tuple[Status, str | None]:
    if found.at_bound:
        return "not computable", explain_bound(found)
    if not found.starts_agree:
        return "not computable", "three searches for the best fit ended in different places"
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
