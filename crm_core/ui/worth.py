"""What the page of lifetime values looks at: terms, values, what they lost, past months."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crm_core.metrics.late import by_money
from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.discounting import Terms
from crm_core.metrics.lifetime.outlook import SalesOutlook, sales_outlook
from crm_core.metrics.lifetime.summaries import summarise
from crm_core.metrics.lifetime.value import ClientValues, client_values
from crm_core.metrics.lifetime.value_falls import value_falls
from crm_core.metrics.lifetime.value_models import ValueModels, fit_value_models
from crm_core.metrics.months import same_day_years_before
from crm_core.policy import ValueTerms, read_value_terms
from crm_core.records.business_figures import BusinessFigures, read_figures
from crm_core.records.engine import reading
from crm_core.sentences.worth import FELL_BY, WorthSummary
from crm_core.tables import BoolArray, IntArray
from crm_core.ui.view import View

HUNDRED = 10_000
"""Margins are hundredths of a percent."""


@dataclass(frozen=True)
class Entered:
    """What the owner entered: months, discount, margin.

    Attributes
    ----------
    stored : ValueTerms
        Months and discount.
    figures : BusinessFigures
        The margin among them.
    """

    stored: ValueTerms
    figures: BusinessFigures

    @property
    def margin(self) -> int | None:
        """Hundredths of a percent; None where none above zero was entered."""
        return self.figures.margin or None

    @property
    def terms(self) -> Terms:
        """The terms of values; without a margin there is no value, so sales as they are."""
        if self.margin is None:
            return Terms(self.stored.months, 0.0, 1.0)
        return Terms(self.stored.months, self.stored.discount_monthly, self.margin / HUNDRED)

    @property
    def word(self) -> str:
        """What the amounts are called in sentences."""
        return "expected sales" if self.margin is None else "value"


@dataclass(frozen=True)
class Falls:
    """Clients of whom less is expected than on an earlier day, the largest loss first.

    Attributes
    ----------
    since : int
        The earlier day.
    client : ndarray of int64, shape (n,)
        Positions in the ledger.
    before, now : ndarray of int64, shape (n,)
        Value (sales without a margin) on both days, ten-thousandths.
    n_judged : int
        Clients on the earlier day.
    """

    since: int
    client: IntArray
    before: IntArray
    now: IntArray
    n_judged: int

    @cached_property
    def much(self) -> BoolArray:
        """Who lost 40 % or more, shape (n,)."""
        return np.asarray((self.before - self.now) * 100 >= self.before * FELL_BY)

    @property
    def lost(self) -> IntArray:
        """What each lost, ten-thousandths, shape (n,)."""
        return self.before - self.now


@dataclass(frozen=True)
class Worth:
    """Everything the page shows but the past months.

    Attributes
    ----------
    entered : Entered
        The terms as entered.
    values : ClientValues
        Of the clients looked at.
    order : ndarray of int64, shape (n,)
        Rows of ``values``, the largest value first.
    buyers : float
        How many are expected to buy.
    falls : Falls
        Since the earlier day.
    """

    entered: Entered
    values: ClientValues
    order: IntArray
    buyers: float
    falls: Falls

    @property
    def clients(self) -> IntArray:
        """Positions of the clients, the largest value first."""
        return self.values.client[self.order]

    @property
    def plain(self) -> bool:
        """Whether the plain rule gave the figures."""
        return self.values.source == "plain"

    @property
    def base(self) -> Banded:
        """Value of all, sales without a margin."""
        values = self.values
        return values.total_sales if self.entered.margin is None else values.total_value

    def band(self, name: str) -> NDArray[np.float64] | IntArray | None:
        """Return a column of the values in the order of the list, None where there is none."""
        column = getattr(self.values, name)
        return None if column is None else column[self.order]


def entered_terms(view: View) -> Entered:
    """Return months, discount and margin as they are stored."""
    with reading(view.engine) as connection:
        return Entered(read_value_terms(connection), read_figures(connection))


def models_of(view: View, kind: Kind = "bg") -> ValueModels:
    """Return the models, fitted on all clients: a filter makes nobody likelier to buy."""
    whole = view.whole

    def make() -> ValueModels:
        return fit_value_models(summarise(whole.ledger, whole.as_of), whole.values, kind=kind)

    return whole.remember("value_models", make, kind)


def values_on_terms(view: View, terms: Terms, kind: Kind = "bg") -> ClientValues:
    """Return the values of the clients looked at on some terms, not remembered."""
    return client_values(
        view.ledger,
        view.as_of,
        view.values,
        months=terms.months,
        discount_monthly=terms.discount_monthly,
        margin=terms.margin,
        models=models_of(view, kind),
        history=view.history,
    )


def values_of_one(
    view: View, position: int, terms: Terms, *, months: int | None = None, kind: Kind = "bg"
) -> ClientValues:
    """Return the values of one client alone, over other months or by another model."""
    alone = np.zeros(view.ledger.n_clients, dtype=np.bool_)
    alone[position] = True
    return client_values(
        view.ledger.select(alone),
        view.as_of,
        view.values,
        months=months or terms.months,
        discount_monthly=terms.discount_monthly,
        margin=terms.margin,
        models=models_of(view, kind),
    )


def chance_of_silence(view: View, position: int) -> float | None:
    """Return the chance that a client buys nothing within twelve months, None without a model."""
    chance = values_of_one(view, position, Terms()).chance_to_buy
    return None if chance is None or not len(chance) else 1 - float(chance[0])


def values_of(view: View, terms: Terms) -> ClientValues:
    """Return the values of the clients looked at on some terms, computed once."""
    return view.remember("client_values", lambda: values_on_terms(view, terms), repr(terms))


def worth_of(view: View, since: int) -> Worth:
    """Return what the page shows, with what was lost since an earlier day."""
    entered = entered_terms(view)
    values = values_of(view, entered.terms)

    def make() -> Worth:
        order = by_money(values.value)
        return Worth(entered, values, order, _buyers(values), _falls(view, values, since))

    return view.remember("worth", make, str(since), repr(entered))


def _buyers(values: ClientValues) -> float:
    if values.chance_to_buy is None:
        return float(np.count_nonzero(values.purchases > 0))
    return float(values.chance_to_buy.sum())


def _falls(view: View, values: ClientValues, since: int) -> Falls:
    found = value_falls(
        view.ledger, view.as_of, since, view.values, now=values, history=view.history
    )
    return Falls(since, found.client, found.value_before, found.value_now, found.n_judged)


def summary_of(view: View, worth: Worth) -> WorthSummary:
    """Return what the page's sentence is made from."""
    values, falls = worth.values, worth.falls
    largest = None
    if len(values):
        top = int(np.argmax(values.sales))
        if values.sales[top]:
            largest = (view.name(int(values.client[top])), int(values.sales[top]))
    first = values.basis.first_day
    year = int(same_day_years_before(view.as_of)) + 1
    return WorthSummary(
        as_of=view.as_of,
        months=values.terms.months,
        n_clients=len(values),
        buyers=worth.buyers,
        sales=values.total_sales,
        largest=largest,
        reason=(values.reason or "no model stands here") if worth.plain else None,
        short=first if worth.plain and first is not None and first > year else None,
        word=worth.entered.word,
        since=falls.since,
        n_fell=int(falls.much.sum()),
        lost=int(falls.lost[falls.much].sum()),
        n_judged=falls.n_judged,
        currency=view.currency,
    )


def outlook_of(view: View) -> SalesOutlook:
    """Return the past months as they were expected and the coming one, of all clients."""
    whole = view.whole

    def make() -> SalesOutlook:
        models = models_of(whole)
        return sales_outlook(whole.ledger, whole.as_of, whole.values, models=models)

    return whole.remember("sales_outlook", make)
