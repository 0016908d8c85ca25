"""Gamma-Gamma: what a purchase of a client is worth, drawn towards what it is worth to all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, psi

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.distinct import ROWS_AT_ONCE, count_distinct, find_values
from crm_core.metrics.lifetime.fitting import LEAST_REPEAT_CLIENTS, Fit, Optimum, maximise
from crm_core.metrics.lifetime.summaries import Summaries

FloatArray = NDArray[np.float64]

NAMES = ("p", "q", "gamma")

STARTS = ((6.0, 4.0, 2.0), (1.0, 3.0, 3.0), (20.0, 10.0, 1.0))
"""Of p, q and gamma, money measured in medians of the clients' means."""

MOST_CORRELATED = 0.3
"""Above this correlation of purchases and their value the model's assumption fails."""

COARSE_FROM, COARSE_STEP = 4_000, 0.05
"""From so many groups on the starts climb sums rounded on a log scale, in such steps."""


@dataclass(frozen=True)
class GammaGamma:
    """Purchase values Gamma(p, nu) distributed, with nu Gamma(q, gamma) over clients.

    Attributes
    ----------
    p, q : float
        Shapes; with q above 1 values have a mean.
    gamma : float
        Scale, in units of currency.

    Raises
    ------
    ParameterError
        If a parameter is not above zero.

    References
    ----------
    Fader, Hardie & Lee (2005), *Journal of Marketing Research* 42(4), 415-430; Fader &
    Hardie (2013), the Gamma-Gamma model of monetary value (note 25).

    Examples
    --------
    >>> model = GammaGamma(6.25, 3.74, 15.44)
    >>> model.expected_value(np.array([2, 0]), np.array([22.35, np.nan])).round(2).tolist()
    [24.66, 35.22]
    """

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        """Refuse parameters that are not above zero."""
        named = {name: getattr(self, name) for name in NAMES}
        if not all(0 < value < np.inf for value in named.values()):
            raise ParameterError(
                f"Wanted p, q and gamma above 0, found {named}; fit them with fit_gamma_gamma."
            )

    @property
    def mean(self) -> float:
        """Mean value of a purchase over all clients, ``p gamma / (q - 1)``; NaN if q <= 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("nan")

    def log_likelihood(
        self,
        repeat: NDArray[Any],
        mean_value: NDArray[Any],
        weight: FloatArray | None = None,
    ) -> float:
        """Return the log-likelihood of clients with a repeat purchase and a mean above 0.

        Parameters
        ----------
        repeat : ndarray, shape (n,)
            Repeat purchases ``x``.
        mean_value : ndarray, shape (n,)
            Their mean value, units of currency. Clients without either are left out.
        weight : ndarray of float64, shape (n,), optional
            Clients in each row.
        """
        likelihood = _Likelihood(*_with_value(repeat, mean_value, weight))
        return likelihood(np.array([self.p, self.q, self.gamma]))[0]

    def expected_value(self, repeat: NDArray[Any], mean_value: NDArray[Any]) -> FloatArray:
        """Return what a coming purchase of each client is worth, units of currency.

        ``p (gamma + x m) / (p x + q - 1)``: a weighted mean of their own and all clients'
        value; that of all clients where there is no repeat purchase with a value.

        Parameters
        ----------
        repeat : ndarray, shape (n,)
            Repeat purchases ``x``.
        mean_value : ndarray, shape (n,)
            Their mean value ``m``; NaN, 0 or less leaves the client out of their own mean.

        Returns
        -------
        ndarray of float64, shape (n,)
            NaN throughout where q is at most 1: the mean is not defined then.
        """
        value = np.empty(len(repeat))
        if self.q <= 1:
            value.fill(np.nan)
            return value
        # In blocks, so that what stands between the passes stays in the cache.
        for start in range(0, len(repeat), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            own = np.asarray(mean_value[rows], dtype=np.float64)
            weight = self.p * repeat[rows]
            valued = own > 0
            if not valued.all():
                own, weight = np.where(valued, own, 0.0), weight * valued
            part = np.multiply(weight, own, out=value[rows])
            part += self.p * self.gamma
            weight += self.q - 1
            part /= weight
        return value


def fit_gamma_gamma(summaries: Summaries) -> Fit[GammaGamma]:
    """Fit the model to the buyers with a repeat purchase of some value.

    Parameters
    ----------
    summaries : Summaries
        Of all buyers, from :func:`~crm_core.metrics.lifetime.summaries.summarise`.

    Returns
    -------
    Fit of GammaGamma
        As :func:`fit_values` returns it.
    """
    return fit_values(summaries.behaviour.repeat, summaries.mean_value)


def fit_values(
    repeat: NDArray[Any], mean_value: NDArray[Any], weight: FloatArray | None = None
) -> Fit[GammaGamma]:
    """Fit the model to columns of purchases and their mean value.

    Parameters
    ----------
    repeat : ndarray, shape (n,)
        Repeat purchases ``x``.
    mean_value : ndarray, shape (n,)
        Mean value of the repeat purchases, units of currency. Clients without a repeat
        purchase, or whose mean is not above 0, are left out.
    weight : ndarray of float64, shape (n,), optional
        Clients in each row.

    Returns
    -------
    Fit of GammaGamma
        ``figures["correlation"]`` is that of ``x`` and the mean value; above 0.3 a note says
        that values grow with the number of purchases, which the model takes as unrelated.
    """
    n_clients = len(repeat) if weight is None else round(float(weight.sum()))
    x, mean, count = _with_value(repeat, mean_value, weight)
    n_repeat = round(float(count.sum()))
    if n_repeat < 2 or np.ptp(mean) == 0:
        reason = (
            "all repeat purchases are worth the same"
            if n_repeat > 1
            else "fewer than two clients have a repeat purchase with a value"
        )
        return Fit(None, float("nan"), n_clients, n_repeat, "not computable", reason)
    fit = _fit(x, mean, count)
    correlation = _correlation(x, mean, count)
    notes = (
        ("clients who buy more often also pay more each time, which this model leaves out",)
        if correlation > MOST_CORRELATED
        else ()
    )
    figures = {"correlation": correlation}
    return replace(fit, n_clients=n_clients, n_repeat=n_repeat, notes=notes, figures=figures)


def _fit(x: FloatArray, mean: FloatArray, count: FloatArray) -> Fit[GammaGamma]:
    # Money in medians keeps gamma within the bounds whatever the currency.
    scale = float(np.median(mean))
    exact, coarse = _Likelihood(x, mean / scale, count), None
    if len(x) > COARSE_FROM:
        coarse = _Likelihood(*_rounded(x, mean / scale, count))
    found = maximise(exact, STARTS, NAMES, clients=float(count.sum()), coarse=coarse)
    p, q, gamma = found.parameters.tolist()
    value = found.log_likelihood - float(count.sum() * np.log(scale))
    fit = Fit(GammaGamma(p, q, gamma * scale), value, 0, 0, "ok", None, found.covariance)
    return _judge(fit, found, float(count.sum()))


def _judge(fit: Fit[GammaGamma], found: Optimum, n_repeat: float) -> Fit[GammaGamma]:
    """Return the fit with its status and the sentence that goes with it."""
    reason: str | None = None
    if found.at_bound:
        reason = "the values of purchases do not vary here as this model needs them to"
    elif not found.starts_agree:
        reason = "three searches for the best fit ended in different places"
    elif found.parameters[1] <= 1:
        reason = "values of purchases vary so widely here that they have no mean to expect"
    if reason is not None:
        agree = found.starts_agree
        return replace(fit, status="not computable", reason=reason, starts_agree=agree)
    if n_repeat < LEAST_REPEAT_CLIENTS:
        reason = (
            f"only {n_repeat:.0f} clients have a repeat purchase with a value, "
            f"at least {LEAST_REPEAT_CLIENTS} are needed"
        )
        return replace(fit, status="thin", reason=reason)
    return fit


def _with_value(
    repeat: NDArray[Any], mean_value: NDArray[Any], weight: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return purchases, mean value and number of the clients that have both."""
    rows = np.flatnonzero((repeat > 0) & np.greater(mean_value, 0))
    count = np.ones(len(rows)) if weight is None else weight[rows]
    return repeat[rows].astype(np.float64), mean_value[rows].astype(np.float64), count


def _rounded(
    x: FloatArray, mean: FloatArray, count: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the clients in groups of one number of purchases and a similar mean."""
    bin_ = np.round(np.log(mean) / COARSE_STEP).astype(np.int64)
    (own, middle), number = count_distinct((x.astype(np.int64), bin_), count)
    return own.astype(np.float64), np.exp(middle * COARSE_STEP), number


def _correlation(x: FloatArray, mean: FloatArray, count: FloatArray) -> float:
    """Return the weighted correlation, 0 where one of the two does not vary."""
    total = count.sum()
    dx, dm = x - count @ x / total, mean - count @ mean / total
    size = np.sqrt((count @ dx**2) * (count @ dm**2))
    return float(count @ (dx * dm) / size) if size > 0 else 0.0


class _Likelihood:
    """The log-likelihood as a function of (p, q, gamma), with its gradient.

    ``lnG(px+q) - lnG(px) - lnG(q) + q ln g + (px-1) ln m + px ln x - (px+q) ln(g + x m)``
    (Fader & Hardie 2013, eq. 1a): the last term alone needs every row.
    """

    def __init__(self, x: FloatArray, mean: FloatArray, count: FloatArray) -> None:
        self._x, of_x = find_values(x)
        self._n_x = np.bincount(of_x, weights=count, minlength=len(self._x))
        self._clients = float(count.sum())
        total = x * mean
        self._log_mean = float(count @ np.log(mean))
        self._x_log_total = float((count * x) @ np.log(total))
        self._rows = [
            (total[at], count[at], count[at] * x[at])
            for at in (slice(i, i + ROWS_AT_ONCE) for i in range(0, len(x), ROWS_AT_ONCE))
        ]

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        p, q, gamma = parameters.tolist()
        n, n_x, px = self._clients, self._n_x, p * self._x
        logs, x_logs, inverses, x_inverses = self._sums(gamma)
        value = (
            n_x @ (gammaln(px + q) - gammaln(px))
            + n * (q * np.log(gamma) - gammaln(q))
            + p * self._x_log_total
            - self._log_mean
            - p * x_logs
            - q * logs
        )
        gradient = (
            n_x @ (self._x * (psi(px + q) - psi(px))) + self._x_log_total - x_logs,
            n_x @ psi(px + q) + n * (np.log(gamma) - psi(q)) - logs,
            n * q / gamma - p * x_inverses - q * inverses,
        )
        return float(value), np.array(gradient)

    def _sums(self, gamma: float) -> FloatArray:
        """Return the sums of ln(gamma + x m) and of its inverse, plain and times x."""
        sums = np.zeros(4)
        for total, count, by_x in self._rows:
            shifted = total + gamma
            logs = np.log(shifted)
            np.reciprocal(shifted, out=shifted)
            sums += (count @ logs, by_x @ logs, count @ shifted, by_x @ shifted)
        return sums
