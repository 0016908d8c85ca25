"""What every client is expected to buy in the coming months, and what that is worth today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import History
from crm_core.metrics.lifetime.bands import Banded, band_factor
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.discounting import Terms, discounted_purchases, discounted_value
from crm_core.metrics.lifetime.expectations import Expectation, expect, usable_model
from crm_core.metrics.lifetime.plain_values import LastYear, ended_by_hand, last_year
from crm_core.metrics.lifetime.summaries import Summaries, summarise
from crm_core.metrics.lifetime.value_models import (
    Basis,
    ValueModels,
    basis_of,
    fit_value_models,
)
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.rates import Status
from crm_core.money import UNIT
from crm_core.tables import BoolArray, IntArray

__all__ = ["ClientValues", "client_values", "discounted_value"]

FloatArray = NDArray[np.float64]
CountArray = NDArray[np.int32]


@dataclass(frozen=True)
class ClientValues:
    """Expected purchases, sales and value of every buyer, looking ahead from one day.

    Everything is about who has bought: what new clients will bring is in none of it.
    Bands are of 80 %. Those of a client are bands of the *expectation*: how far it moves
    with the fitted parameters, by the delta method. ``count_low`` to ``count_high`` is
    where eight in ten clients with this history will end up. Those of the base hold
    both, the parameters and chance. None of them knows of seasons or of a changed market.

    Attributes
    ----------
    terms : Terms
        Months, discount and margin.
    models : ValueModels
        The fits, used or not; ``models.basis`` says on what rows they rest.
    basis : Basis
        The day from which it is looked ahead, and the rows seen.
    source : {"model", "plain"}
        Whether the models gave the figures or, where they may not be used, the plain rule:
        who is not gone goes on as in the last twelve months, who is gone buys nothing.
    client : ndarray of int64, shape (n,)
        Positions of the buyers in the client table, rising.
    repeat : ndarray of int32, shape (n,)
        Repeat purchases so far.
    gone : ndarray of bool, shape (n,)
        Of whom nothing is expected: recorded as ended (model), gone by the rule (plain).
    purchases : ndarray of float64, shape (n,)
        Expected purchases of the coming months.
    sales, value : ndarray of int64, shape (n,)
        Expected sales, and what is earned of them discounted to today; ten-thousandths.
    chance_alive, chance_to_buy : ndarray of float64, shape (n,), or None
        Chance that the client has not left, and of at least one purchase in the months.
    purchases_low, purchases_high : ndarray of float64, shape (n,), or None
        Band of ``purchases``.
    count_low, count_high : ndarray of int32, shape (n,), or None
        Purchases that eight in ten will make.
    sales_low, sales_high, value_low, value_high : ndarray of int64, shape (n,), or None
        Bands of ``sales`` and ``value``; the discount is held.
    total_purchases, total_sales, total_value : Banded
        Of the whole base; money in ten-thousandths.
    """

    terms: Terms
    models: ValueModels
    basis: Basis
    source: Literal["model", "plain"]
    client: IntArray
    repeat: NDArray[np.int32]
    gone: BoolArray
    purchases: FloatArray
    sales: IntArray
    value: IntArray
    total_purchases: Banded
    total_sales: Banded
    total_value: Banded
    chance_alive: FloatArray | None = None
    chance_to_buy: FloatArray | None = None
    purchases_low: FloatArray | None = None
    purchases_high: FloatArray | None = None
    count_low: CountArray | None = None
    count_high: CountArray | None = None
    sales_low: IntArray | None = None
    sales_high: IntArray | None = None
    value_low: IntArray | None = None
    value_high: IntArray | None = None

    def __len__(self) -> int:
        return len(self.client)

    @property
    def status(self) -> Status:
        """Status of the purchase model; anything but ``"ok"`` means the plain rule was used."""
        return self.models.status

    @property
    def reason(self) -> str | None:
        """Why the plain rule was used, in a sentence."""
        return self.models.reason

    @property
    def money_note(self) -> str | None:
        """Why each client's own mean stands in for the money model; None where it does not."""
        return self.models.money_note if self.source == "model" else None

    @property
    def has_bands(self) -> bool:
        """Whether the figures come with bands."""
        return self.sales_low is not None


def client_values(
    ledger: Ledger,
    as_of: int,
    parameters: Parameters,
    *,
    months: int = 12,
    discount_monthly: float = 0.01,
    margin: float = 1.0,
    kind: Kind = "bg",
    models: ValueModels | None = None,
    history: History | None = None,
) -> ClientValues:
    """Return what every buyer is expected to buy in the coming months, and its value today.

    Parameters
    ----------
    ledger : Ledger
        The ledger; nothing dated after ``as_of`` is seen.
    as_of : int
        Day from which it is looked ahead.
    parameters : Parameters
        The rule in force (for the plain rule) and ``m0`` (for how long a history must be).
    months, discount_monthly, margin
        See :class:`~crm_core.metrics.lifetime.discounting.Terms`.
    kind : {"bg", "mbg"}, default "bg"
        Purchase model; in MBG/NBD one-time buyers can have left too.
    models : ValueModels, optional
        Fitted before; fitted here on the rows up to ``as_of`` when missing.
    history : History, optional
        Of the ledger with ``parameters``, for the plain rule; computed when needed.

    Returns
    -------
    ClientValues
        One row a client with a live purchase; without any, of length 0 and the plain rule.

    Notes
    -----
    Where the purchase model is thin or not computable the plain rule gives the figures,
    without bands. Where only the money model cannot be used, each client's own mean (the
    mean of all clients for one-time buyers) stands in, and ``money_note`` says why. A
    client recorded as ended who has not bought since is expected to buy nothing.
    """
    terms = Terms(months, discount_monthly, margin)
    summaries = summarise(ledger, as_of)
    if models is None:
        models = fit_value_models(summaries, parameters, kind=kind)
    if models.status != "ok":
        seen = last_year(ledger, as_of, parameters, history=history)
        return _plain_values(seen, terms, models, summaries)
    return _modelled_values(ledger, terms, models, summaries)


def _modelled_values(
    ledger: Ledger, terms: Terms, models: ValueModels, summaries: Summaries
) -> ClientValues:
    ended = ended_at(ledger, summaries)
    ahead = expect(models, summaries, terms.ahead(), ended=ended)
    model, groups, group = usable_model(models), ahead.groups, ahead.group
    discounted, whole = discounted_purchases(model, groups, terms)
    share = np.divide(discounted, whole, out=np.zeros_like(whole), where=whole > 0)
    factor = terms.margin * share[group]
    values = ClientValues(
        terms=terms,
        models=models,
        basis=basis_of(summaries),
        source="model",
        client=summaries.client,
        repeat=summaries.behaviour.repeat.astype(np.int32, copy=False),
        gone=ended,
        purchases=ahead.purchases,
        sales=in_ten_thousandths(ahead.sales),
        value=in_ten_thousandths(ahead.sales * factor),
        total_purchases=ahead.band_of_purchases(),
        total_sales=_whole_money(ahead.band_of_sales(UNIT)),
        total_value=_whole_money(ahead.band_of_sales(factor * UNIT)),
        chance_alive=np.where(ended, 0.0, model.chance_alive(groups)[group]),
        chance_to_buy=np.where(ended, 0.0, model.chance_to_buy(groups, terms.ahead())[group]),
        count_low=np.where(ended, np.int32(0), ahead.counts.low[group]),
        count_high=np.where(ended, np.int32(0), ahead.counts.high[group]),
    )
    return _with_bands(values, ahead, factor)


def _with_bands(values: ClientValues, ahead: Expectation, factor: FloatArray) -> ClientValues:
    if not ahead.has_bands:
        return values
    of_sales = band_factor(ahead.spread_of_sales())
    of_purchases = band_factor(ahead.spread_of_purchases())
    value = ahead.sales * factor
    return replace(
        values,
        purchases_low=ahead.purchases / of_purchases,
        purchases_high=ahead.purchases * of_purchases,
        sales_low=in_ten_thousandths(ahead.sales / of_sales),
        sales_high=in_ten_thousandths(ahead.sales * of_sales),
        value_low=in_ten_thousandths(value / of_sales),
        value_high=in_ten_thousandths(value * of_sales),
    )


def _plain_values(
    seen: LastYear, terms: Terms, models: ValueModels, summaries: Summaries
) -> ClientValues:
    client = summaries.client
    gone = seen.gone[client]
    years = np.where(gone, 0.0, terms.months / 12)
    purchases: FloatArray = seen.purchases[client].astype(np.float64) * years
    sales = np.rint(seen.sales[client] * years).astype(np.int64)
    value = np.rint(sales * (terms.margin * float(terms.factors.mean()))).astype(np.int64)
    return ClientValues(
        terms=terms,
        models=models,
        basis=basis_of(summaries),
        source="plain",
        client=client,
        repeat=summaries.behaviour.repeat.astype(np.int32, copy=False),
        gone=gone,
        purchases=purchases,
        sales=sales,
        value=value,
        total_purchases=Banded(float(purchases.sum())),
        total_sales=Banded(int(sales.sum())),
        total_value=Banded(int(value.sum())),
    )


def ended_at(ledger: Ledger, summaries: Summaries) -> BoolArray:
    """Return which buyers were recorded as ended and have not bought since, shape (n,)."""
    silent = summaries.behaviour.age - summaries.behaviour.recency
    last_day = (summaries.as_of - silent).astype(np.int64)
    return ended_by_hand(ledger, summaries.as_of, summaries.client, last_day)


def in_ten_thousandths(amounts: FloatArray) -> IntArray:
    """Return units of currency as whole ten-thousandths."""
    return np.rint(amounts * UNIT).astype(np.int64)


def _whole_money(band: Banded) -> Banded:
    ends = [None if v is None else round(v) for v in (band.low, band.high)]
    return Banded(round(band.expected), *ends)
