"""Pareto/NBD: clients buy at a rate of their own until, at any moment, they leave for good.

Kept beside BG/NBD for comparison: there a client can leave only right after a purchase.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, hyperu

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.durations import (
    Behaviour,
    Duration,
    TimeUnit,
    require_duration,
)
from crm_core.metrics.lifetime.fitting import Fit, Optimum, fit_or_reason, maximise
from crm_core.metrics.lifetime.power_integrals import integrate_decay, log_power_integral

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class ParetoNbd:
    """Purchases at a Gamma(r, alpha) rate through a lifetime with a Gamma(s, beta) end rate.

    Attributes
    ----------
    r, alpha : float
        Shape and scale of the purchase rate; ``r / alpha`` purchases a unit of time.
    s, beta : float
        Shape and scale of the rate of leaving.
    unit : TimeUnit, default WEEK
        The unit ``alpha`` and ``beta`` are in. Behaviour and durations are converted.

    References
    ----------
    Schmittlein, Morrison and Colombo (1987), *Management Science* 33(1), 1-24;
    Fader and Hardie (2005), a note on deriving the Pareto/NBD model.

    Examples
    --------
    >>> model = ParetoNbd(0.55328, 10.57761, 0.60621, 11.66791)
    >>> weeks = Behaviour(np.array([0.0]), np.array([0.0]), np.array([39.0]), TimeUnit.WEEK)
    >>> model.chance_alive(weeks).round(3).item()
    0.294
    """

    r: float
    alpha: float
    s: float
    beta: float
    unit: TimeUnit = TimeUnit.WEEK

    def __post_init__(self) -> None:
        """Refuse parameters that are not above zero."""
        named = {name: getattr(self, name) for name in ("r", "alpha", "s", "beta")}
        if not all(0 < value < np.inf for value in named.values()):
            raise ParameterError(
                f"Wanted r, alpha, s and beta above 0, found {named}; fit them with fit_pareto_nbd."
            )

    def log_likelihood(self, behaviour: Behaviour) -> float:
        """Return the log-likelihood of all clients, each counted by its weight."""
        own = behaviour.to(self.unit)
        each = self._log_likelihoods(own)
        return float(each.sum() if own.weight is None else own.weight @ each)

    def _log_likelihoods(self, own: Behaviour) -> FloatArray:
        alive, left = self._log_terms(own)
        ahead = gammaln(self.r + own.repeat) - gammaln(self.r)
        ahead = ahead + self.r * np.log(self.alpha) + self.s * np.log(self.beta)
        return np.asarray(ahead + np.logaddexp(alive, left))

    def _log_terms(self, own: Behaviour) -> tuple[FloatArray, FloatArray]:
        """Return the logarithms of "still alive at T" and "left between t_x and T".

        The second is ``s / (r + s + x) * A0``, an integral over the day of leaving.
        """
        k = self.r + own.repeat
        alive = -k * np.log(self.alpha + own.age) - self.s * np.log(self.beta + own.age)
        left = log_power_integral(
            k, self.s + 1, self.alpha, self.beta, start=own.recency, stop=own.age
        )
        return np.asarray(alive), np.asarray(np.log(self.s) + left)

    def chance_alive(self, behaviour: Behaviour) -> FloatArray:
        """Return the chance that each client has not left, shape (n_clients,)."""
        alive, left = self._log_terms(behaviour.to(self.unit))
        return np.asarray(np.exp(alive - np.logaddexp(alive, left)))

    def chance_to_buy(self, behaviour: Behaviour, horizon: Duration) -> FloatArray:
        """Return the chance of at least one purchase in the time ahead, shape (n_clients,).

        A living client's next purchase comes after ``u`` unless they leave first; the
        chance is the integral of that over ``u`` up to ``horizon``.
        """
        length, own = require_duration(horizon).to(self.unit), behaviour.to(self.unit)
        k, alpha, beta = self.r + own.repeat, self.alpha + own.age, self.beta + own.age
        zero = np.zeros(len(own.age))
        log_buys = log_power_integral(k + 1, self.s, alpha, beta, start=zero, stop=zero + length)
        log_buys = log_buys + np.log(k) + k * np.log(alpha) + self.s * np.log(beta)
        return np.asarray(np.minimum(np.exp(log_buys), 1.0) * self.chance_alive(behaviour))

    def expected_from_start(self, span: Duration) -> float:
        """Return the repeat purchases a new client makes on average in the time ahead."""
        grown = np.log1p(require_duration(span).to(self.unit) / self.beta)
        return float(self.r * self.beta / self.alpha * _power_mean(self.s - 1, grown))

    def expected_purchases(self, behaviour: Behaviour, horizon: Duration) -> FloatArray:
        """Return the expected purchases of each client in the time ahead, shape (n_clients,)."""
        length, own = require_duration(horizon).to(self.unit), behaviour.to(self.unit)
        pace = (self.r + own.repeat) / (self.alpha + own.age) * (self.beta + own.age)
        span = np.log1p(length / (self.beta + own.age))
        return np.asarray(pace * _power_mean(self.s - 1, span) * self.chance_alive(behaviour))

    def discounted_expected_transactions(
        self, behaviour: Behaviour, discount_rate: float
    ) -> FloatArray:
        """Return all purchases ever to come, discounted to today (DERT).

        Parameters
        ----------
        behaviour : Behaviour
            Of the clients.
        discount_rate : float
            Continuous rate, above 0, per unit of time **of the model**:
            ``ln(1.15) / 52 = 0.00269`` a week is 15 % a year.

        Returns
        -------
        ndarray of float64, shape (n_clients,)

        References
        ----------
        Fader, Hardie and Lee (2005), *Journal of Marketing Research* 42(4), 415-430.
        """
        if not discount_rate > 0:
            raise ParameterError(
                f"Wanted a discount above 0 per {self.unit.name.lower()}, found {discount_rate}; "
                "without one an endless future has no value."
            )
        own = behaviour.to(self.unit)
        pace = (self.r + own.repeat) / (self.alpha + own.age)
        time_left = _discounted_time(self.s, self.beta + own.age, discount_rate)
        return np.asarray(pace * time_left * self.chance_alive(behaviour))


def _power_mean(exponent: float, span: FloatArray | float) -> FloatArray:
    """Return ``(1 - exp(-exponent * span)) / exponent``, and ``span`` where it is 0."""
    if abs(exponent) < 1e-12:
        return np.asarray(span)
    return np.asarray(-np.expm1(-exponent * np.asarray(span)) / exponent)


def _discounted_time(s: float, beta: FloatArray, rate: float) -> FloatArray:
    """Return the discounted time a living client stays, by Tricomi's U."""
    z = rate * beta
    with np.errstate(all="ignore"):
        time = rate ** (s - 1) * beta**s * hyperu(s, s, z)
    bad = np.flatnonzero(~np.isfinite(time) | (time <= 0) | (time > 1 / rate))
    if len(bad):
        own = beta[bad][:, None]
        # Beyond 800 discount times nothing is left to count.
        time[bad] = integrate_decay(
            lambda u: rate * u + s * np.log1p(u / own),
            1 / (rate + s / beta[bad]),
            np.full(len(bad), 800 / rate),
        )
    return np.asarray(time)


def fit_pareto_nbd(
    behaviour: Behaviour, *, m0_days: float | None = None, unit: TimeUnit = TimeUnit.WEEK
) -> Fit[ParetoNbd]:
    """Fit the model to the behaviour of clients, one-time buyers included.

    Parameters
    ----------
    behaviour : Behaviour
        Repeat purchases, recency and age; equal clients are grouped first, which leaves
        the likelihood as it is.
    m0_days : float, optional
        Typical first return gap; with it, a history shorter than three of them is thin.
    unit : TimeUnit, default WEEK
        Unit of the fitted model.

    Returns
    -------
    Fit of ParetoNbd
    """
    own = behaviour.grouped()[0].to(unit)
    days = 1 / unit.value

    def build(parameters: FloatArray) -> ParetoNbd:
        r, alpha, s, beta = parameters.tolist()
        return ParetoNbd(r, alpha, s, beta, unit)

    def log_likelihood(parameters: FloatArray) -> float:
        return build(parameters).log_likelihood(own)

    def search() -> Optimum:
        starts = [
            (r, age * days, s, left * days)
            for r, age, s, left in ((1, 60, 1, 60), (0.5, 90, 0.5, 90), (2, 30, 1, 200))
        ]
        names = ("r", "alpha", "s", "beta")
        return maximise(log_likelihood, starts, names, clients=own.n_clients)

    return fit_or_reason(
        own,
        search,
        build,
        explain_bound=_explain_bound,
        m0_days=m0_days,
    )


def _explain_bound(found: Optimum) -> str:
    """Say what it means that parameters ran to a bound."""
    if {"s", "beta"} & found.at_bound:
        return (
            "nobody measurably leaves here: repeat buyers never stop in this history"
            if "s" in found.at_low or "beta" in found.at_high
            else "the times at which clients leave do not fit this model"
        )
    return "all clients buy at one and the same pace, which this model cannot describe"
