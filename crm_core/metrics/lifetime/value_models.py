"""The two fitted models behind a lifetime value, what they rest on, and whether to use them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.lifetime.bg_nbd import BgNbd, fit_bg_nbd
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.fitting import Fit
from crm_core.metrics.lifetime.gamma_gamma import MOST_CORRELATED, GammaGamma, fit_gamma_gamma
from crm_core.metrics.lifetime.summaries import Summaries
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.rates import Status

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Basis:
    """The rows that something looking ahead rests on.

    Attributes
    ----------
    as_of : int
        The day from which it looks ahead; no later row was seen.
    first_day : int or None
        First purchase among the rows; None without one.
    n_clients, n_repeat : int
        Clients with a purchase, and with at least two.
    n_purchases : int
        Their purchases.
    """

    as_of: int
    first_day: int | None
    n_clients: int
    n_repeat: int
    n_purchases: int


def basis_of(summaries: Summaries) -> Basis:
    """Return the rows that summaries rest on."""
    behaviour = summaries.behaviour
    n_clients = len(behaviour)
    return Basis(
        as_of=summaries.as_of,
        first_day=summaries.as_of - int(behaviour.age.max()) if n_clients else None,
        n_clients=n_clients,
        n_repeat=behaviour.n_repeat,
        n_purchases=int(behaviour.repeat.sum()) + n_clients,
    )


@dataclass(frozen=True)
class ValueModels:
    """What was fitted on one day.

    Attributes
    ----------
    basis : Basis
        The rows the fits saw.
    purchases : Fit of BgNbd
        How often; only a fit that is ``"ok"`` is used, else the plain rules hold.
    money : Fit of GammaGamma
        How much each time; where :attr:`money_note` says so each client's own mean is used.
    base_mean : float
        Mean of the clients' own means, units of currency; NaN without one.
    squared_spread : float
        Variance of the clients' means over the square of their mean.
    """

    basis: Basis
    purchases: Fit[BgNbd]
    money: Fit[GammaGamma]
    base_mean: float
    squared_spread: float

    @property
    def status(self) -> Status:
        """Status of the purchase model: what decides whether values are modelled."""
        return self.purchases.status

    @property
    def reason(self) -> str | None:
        """Why the purchase model is not used, in a sentence."""
        return self.purchases.reason

    @property
    def money_note(self) -> str | None:
        """Why each client's own mean stands in for the money model, None where it does not."""
        if self.money_model is not None:
            return None
        why = self.money.reason or "; ".join(self.money.notes)
        return f"a purchase is taken to be worth each client's own mean: {why}"

    @property
    def money_model(self) -> GammaGamma | None:
        """The money model where it may be used."""
        correlated = self.money.figures.get("correlation", 0.0) > MOST_CORRELATED
        usable = self.money.status == "ok" and not correlated
        return self.money.model if usable else None

    def mean_of_next(self, repeat: NDArray[Any], mean_value: FloatArray) -> FloatArray:
        """Return what one coming purchase of each client is worth, units of currency.

        Parameters
        ----------
        repeat : ndarray of int, shape (n,)
            Repeat purchases.
        mean_value : ndarray of float64, shape (n,)
            Their mean value; NaN without one.

        Returns
        -------
        ndarray of float64, shape (n,)
            By the money model; without it the client's own mean, the mean of all
            clients where they have none. At least 0.
        """
        return expected_means(self.money_model, repeat, mean_value, self.base_mean)


def expected_means(
    model: GammaGamma | None, repeat: NDArray[Any], mean_value: FloatArray, base_mean: float
) -> FloatArray:
    """Return what one coming purchase is worth, see :meth:`ValueModels.mean_of_next`."""
    known = (np.asarray(repeat) > 0) & np.isfinite(mean_value)
    own = np.where(known, np.maximum(np.nan_to_num(mean_value), 0.0), 0.0)
    if model is None:
        return np.where(known, own, max(np.nan_to_num(base_mean), 0.0))
    worth = model.expected_value(repeat, own)
    # Who came back and paid nothing is no stranger: his zeros count as what he spent.
    free = np.flatnonzero(known & (own == 0))
    worth[free] = model.p * model.gamma / (model.p * repeat[free] + model.q - 1)
    return worth


def mean_and_spread(repeat: NDArray[Any], mean_value: FloatArray) -> tuple[float, float]:
    """Return the mean of the clients' own means and its squared relative spread.

    NaN and 0 where no client has bought twice; the spread is 0 where nobody paid.
    """
    known = mean_value[(np.asarray(repeat) > 0) & np.isfinite(mean_value)]
    if not len(known):
        return float("nan"), 0.0
    mean = float(known.mean())
    return mean, float(known.var() / mean**2) if mean > 0 else 0.0


def fit_value_models(
    summaries: Summaries, parameters: Parameters, *, kind: Kind = "bg"
) -> ValueModels:
    """Fit how often clients buy and how much they spend, on what is known at a day.

    Parameters
    ----------
    summaries : Summaries
        Of the buyers, as of the day.
    parameters : Parameters
        ``m0`` says how long a history must be.
    kind : {"bg", "mbg"}, default "bg"
        Purchase model.

    Returns
    -------
    ValueModels
    """
    behaviour = summaries.behaviour
    base_mean, spread = mean_and_spread(behaviour.repeat, summaries.mean_value)
    return ValueModels(
        basis=basis_of(summaries),
        purchases=fit_bg_nbd(behaviour, kind=kind, m0_days=parameters.m0),
        money=fit_gamma_gamma(summaries),
        base_mean=base_mean,
        squared_spread=spread,
    )
