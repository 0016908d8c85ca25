"""What clients are expected to buy in some time ahead, with what the fit and chance may change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.bands import (
    Banded,
    band_of_sum,
    log_spread,
    money_gradient,
    purchase_gradient,
)
from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.count_ranges import CountRanges, count_ranges
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.summaries import Summaries
from crm_core.metrics.lifetime.value_models import ValueModels
from crm_core.tables import BoolArray, IntArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Expectation:
    """Expected purchases and sales of clients, one value a client, and their spread.

    Attributes
    ----------
    models : ValueModels
        The models used; their purchase model is ``"ok"``.
    groups : Behaviour
        Distinct behaviours; what depends on them alone is worked out once each.
    group : ndarray of int64, shape (n_clients,)
        The group of each client.
    repeat : ndarray of int, shape (n_clients,)
        Repeat purchases.
    mean_value : ndarray of float64, shape (n_clients,)
        Mean value of the repeat purchases, NaN without one.
    purchases : ndarray of float64, shape (n_clients,)
        Expected purchases; 0 for who was recorded as ended.
    mean : ndarray of float64, shape (n_clients,)
        What one coming purchase is worth, units of currency.
    counts : CountRanges
        Range and variance of the purchases of each group.
    gradient : ndarray of float64, shape (4, n_groups)
        Of the logarithm of expected purchases.
    """

    models: ValueModels
    groups: Behaviour
    group: IntArray
    repeat: NDArray[np.integer]
    mean_value: FloatArray
    purchases: FloatArray
    mean: FloatArray
    counts: CountRanges
    gradient: FloatArray

    @property
    def sales(self) -> FloatArray:
        """Expected sales of each client, units of currency, shape (n_clients,)."""
        return self.purchases * self.mean

    @property
    def has_bands(self) -> bool:
        """Whether the fit says how sure its parameters are."""
        return self.models.purchases.covariance is not None

    def spread_of_purchases(self) -> FloatArray:
        """Return the standard deviation of the logarithm of expected purchases, by client."""
        covariance = self.models.purchases.covariance
        if covariance is None:
            return np.zeros(len(self.group))
        return np.asarray(log_spread(self.gradient, covariance)[self.group])

    def spread_of_sales(self) -> FloatArray:
        """Return the standard deviation of the logarithm of expected sales, by client."""
        model, covariance = self.models.money_model, self.models.money.covariance
        purchases = self.spread_of_purchases()
        if model is None or covariance is None:
            return purchases
        money = log_spread(money_gradient(model, self.repeat, self.mean_value), covariance)
        # The two models are fitted apart, so their errors do not move together.
        return np.asarray(np.hypot(purchases, money))

    def band_of_purchases(self) -> Banded:
        """Return all purchases expected, with an 80 % band of what may come."""
        chance = self._variance_of_counts().sum()
        fit = self._variance_by_fit(self.purchases, money=False)
        return self._band(float(self.purchases.sum()), float(chance) + fit)

    def band_of_sales(self, factor: FloatArray | float = 1.0) -> Banded:
        """Return all sales expected, with an 80 % band of what may come.

        Parameters
        ----------
        factor : ndarray of float64 of shape (n_clients,), or float, default 1
            What each client's sales are multiplied by (ten-thousandths, discount, margin).
        """
        amounts = self.sales * factor
        chance = (self._variance_of_sales() * np.square(factor)).sum()
        fit = self._variance_by_fit(amounts, money=True)
        return self._band(float(amounts.sum()), float(chance) + fit)

    def _band(self, expected: float, variance: float) -> Banded:
        return band_of_sum(expected, variance) if self.has_bands else Banded(expected)

    def _variance_of_counts(self) -> FloatArray:
        there = self.purchases > 0
        return np.asarray(np.where(there, self.counts.variance[self.group], 0.0))

    def _variance_of_sales(self) -> FloatArray:
        """Return the variance of each client's sales around their expectation.

        With Y purchases of mean worth M, each spread around M by ``w`` of its square:
        ``E[Y] E[M^2] w + Var(Y) E[M^2] + E[Y]^2 Var(M)``.
        """
        within, of_mean = self._squared_spreads()
        square = np.square(self.mean)
        second = square * (1 + of_mean)
        counted = second * (self.purchases * within + self._variance_of_counts())
        return np.asarray(counted + np.square(self.purchases) * square * of_mean)

    def _squared_spreads(self) -> tuple[float, FloatArray]:
        """Return the relative variance of one purchase and of each client's own mean."""
        model, base = self.models.money_model, self.models.squared_spread
        if model is None:
            return base, np.asarray(base / np.maximum(self.repeat, 1))
        free = model.p * self.repeat + model.q - 2
        # At or below 0 the model's variance is endless: what was seen between clients stands in.
        of_mean = np.where(free > 0, 1 / np.maximum(free, 1e-9), base)
        return 1 / model.p, np.minimum(of_mean, max(base, 1e-9))

    def _variance_by_fit(self, amounts: FloatArray, *, money: bool) -> float:
        """Return the variance of a sum of amounts that the uncertain parameters bring."""
        covariance = self.models.purchases.covariance
        if covariance is None:
            return 0.0
        by_group = np.bincount(self.group, weights=amounts, minlength=len(self.groups))
        slope = self.gradient @ by_group
        variance = float(slope @ covariance @ slope)
        model, money_covariance = self.models.money_model, self.models.money.covariance
        if money and model is not None and money_covariance is not None:
            columns = money_gradient(model, self.repeat, self.mean_value)
            slope = np.array([amounts @ column for column in columns])
            variance += float(slope @ money_covariance @ slope)
        return variance


def expect(
    models: ValueModels,
    summaries: Summaries,
    ahead: Duration,
    *,
    ended: BoolArray,
    after: Duration | None = None,
) -> Expectation:
    """Return what clients are expected to buy in the time ahead.

    Parameters
    ----------
    models : ValueModels
        Fitted on this day or before.
    summaries : Summaries
        Of the buyers, as of the day from which it is looked ahead.
    ahead : Duration
        Until when, from that day.
    ended : ndarray of bool, shape (n_buyers,)
        Clients of whom nothing is expected, whatever the model says.
    after : Duration, optional
        Leave out what is expected before this much of the time has passed. Spreads then
        are those of the whole time, in proportion.

    Raises
    ------
    ParameterError
        If the purchase model cannot be used.
    """
    model = usable_model(models)
    groups, group = summaries.behaviour.grouped()
    whole = model.expected_purchases(groups, ahead)
    counts = count_ranges(model, groups, ahead)
    expected = whole
    if after is not None and after.to(TimeUnit.DAY) > 0:
        expected = np.maximum(whole - model.expected_purchases(groups, after), 0.0)
        share = np.divide(expected, whole, out=np.zeros_like(whole), where=whole > 0)
        counts = CountRanges(counts.low, counts.high, counts.variance * share)
    repeat = summaries.behaviour.repeat
    return Expectation(
        models=models,
        groups=groups,
        group=group,
        repeat=repeat,
        mean_value=summaries.mean_value,
        purchases=np.where(ended, 0.0, expected[group]),
        mean=models.mean_of_next(repeat, summaries.mean_value),
        counts=counts,
        gradient=purchase_gradient(model, groups, ahead),
    )


def usable_model(models: ValueModels) -> BgNbd:
    """Return the purchase model, or refuse: the caller has to use the plain rules."""
    model = models.purchases.model
    if model is None or models.status != "ok":
        raise ParameterError(
            f"Wanted a model that fits, found none: {models.reason}; use the plain rules."
        )
    return model
