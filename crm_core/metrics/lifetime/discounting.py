"""Purchases of coming months, each worth a little less the later it comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.durations import WEEKS_A_MONTH, Behaviour, Duration
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma
from crm_core.metrics.lifetime.value_models import expected_means, mean_and_spread

FloatArray = NDArray[np.float64]


class PurchaseModel(Protocol):
    """What a value needs of a purchase model: BG/NBD, MBG/NBD and Pareto/NBD have it."""

    def expected_purchases(self, behaviour: Behaviour, horizon: Duration) -> FloatArray:
        """Return the expected purchases of each client in the time ahead."""


@dataclass(frozen=True)
class Terms:
    """Over how many months a value is counted, and how.

    Attributes
    ----------
    months : int, default 12
        Months counted.
    discount_monthly : float, default 0.01
        Purchases of the k-th month are divided by ``(1 + discount_monthly) ** k``.
    margin : float, default 1
        Part of a sale that is earned; 1 values sales as they are.
    weeks_a_month : float, default 4.345
        Length of a month; 12 of them are 364.98 days.
    """

    months: int = 12
    discount_monthly: float = 0.01
    margin: float = 1.0
    weeks_a_month: float = WEEKS_A_MONTH

    def __post_init__(self) -> None:
        """Refuse what is no horizon, discount or margin."""
        if self.months != int(self.months) or not 1 <= self.months <= 120:
            raise ParameterError(f"Wanted 1 to 120 whole months, found {self.months}.")
        if not 0 <= self.discount_monthly < 1:
            raise ParameterError(
                "Wanted a monthly discount from 0 to below 1, "
                f"found {self.discount_monthly}; 0.01 is 1 %."
            )
        if not 0 < self.margin <= 1:
            raise ParameterError(
                f"Wanted a margin above 0 and up to 1, found {self.margin}; 0.4 is 40 %."
            )
        if not 4 <= self.weeks_a_month <= 5:
            raise ParameterError(
                f"Wanted 4 to 5 weeks a month, found {self.weeks_a_month}; "
                "a month of 30 would be days."
            )

    def ahead(self, months: float | None = None) -> Duration:
        """Return so many months as a duration; all of them when not named."""
        count = self.months if months is None else months
        return Duration.months(count, weeks_a_month=self.weeks_a_month)

    @property
    def factors(self) -> FloatArray:
        """What a purchase of each month counts, shape (months,)."""
        return np.asarray((1 + self.discount_monthly) ** -np.arange(1.0, self.months + 1))


def discounted_purchases(
    model: PurchaseModel, behaviour: Behaviour, terms: Terms
) -> tuple[FloatArray, FloatArray]:
    """Return expected purchases month by month, discounted and summed, and as they are.

    Parameters
    ----------
    model : PurchaseModel
        Any of the fitted models.
    behaviour : Behaviour
        Of the clients, each or in groups.
    terms : Terms
        Months and discount.

    Returns
    -------
    discounted, expected : ndarray of float64, shape (n,)
        ``sum over k of (E[Y(k)] - E[Y(k-1)]) / (1 + d)^k``, and ``E[Y(months)]``.
    """
    before = np.zeros(len(behaviour))
    discounted = np.zeros(len(behaviour))
    for month, factor in enumerate(terms.factors.tolist(), start=1):
        through = model.expected_purchases(behaviour, terms.ahead(month))
        discounted += np.maximum(through - before, 0.0) * factor
        before = through
    return discounted, before


def discounted_value(
    model: PurchaseModel,
    gamma_gamma: GammaGamma | None,
    behaviour: Behaviour,
    mean_value: Any,
    *,
    months: int = 12,
    margin: float = 1.0,
    discount_monthly: float = 0.01,
    weeks_a_month: float = WEEKS_A_MONTH,
) -> FloatArray:
    """Return what each client's purchases of the coming months are worth today.

    ``margin * E[M] * sum over k = 1..months of (E[Y(k)] - E[Y(k-1)]) / (1 + d)^k``

    Parameters
    ----------
    model : PurchaseModel
        How often clients buy.
    gamma_gamma : GammaGamma or None
        How much they spend; without it each client's own mean, the mean of all
        clients where they have none.
    behaviour : Behaviour
        Of the clients.
    mean_value : array of float, shape (n_clients,)
        Mean value of the repeat purchases, units of currency; NaN without one.
    months, margin, discount_monthly, weeks_a_month
        See :class:`Terms`.

    Returns
    -------
    ndarray of float64, shape (n_clients,)
        Units of currency.

    Raises
    ------
    ParameterError
        If a term lies outside its range: above all a month cannot be 30 weeks long.

    References
    ----------
    Fader, Hardie and Lee (2005), *Journal of Marketing Research* 42(4), 415-430.

    Notes
    -----
    A month is 4.345 weeks. With 52/12 the first client of the CDNOW sample is worth
    36.20 instead of 36.28; a well-known library counts months of 30 *weeks* there
    and comes to 140.10.
    """
    terms = Terms(months, discount_monthly, margin, weeks_a_month)
    groups, group = behaviour.grouped(most=None)
    discounted, _ = discounted_purchases(model, groups, terms)
    means = np.asarray(mean_value, dtype=np.float64)
    base_mean, _ = mean_and_spread(behaviour.repeat, means)
    worth = expected_means(gamma_gamma, behaviour.repeat, means, base_mean)
    return np.asarray(margin * worth * discounted[group])
