"""Sales expected of next month's existing clients, and what became of such words in the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.chances import Kind
from crm_core.metrics.lifetime.durations import Duration
from crm_core.metrics.lifetime.expectations import expect
from crm_core.metrics.lifetime.month_sales import month_sales
from crm_core.metrics.lifetime.summaries import Summaries, summarise
from crm_core.metrics.lifetime.value import ended_at
from crm_core.metrics.lifetime.value_models import Basis, ValueModels, basis_of, fit_value_models
from crm_core.metrics.months import first_days, last_days, month_index
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.purchases import first_sale_day
from crm_core.metrics.rates import Rate, Status
from crm_core.money import UNIT

RECENT_MONTHS = 3
"""The simplest of the plain rules: the mean of so many months before."""

YEAR = 12

LEAST_RECORD = 8
"""Fewest past months from which a band can be read off."""


@dataclass(frozen=True)
class MonthOutlook:
    """One month as expected on the day before it, and as it came. Money in ten-thousandths.

    Attributes
    ----------
    month : int
        Months since January 1970.
    basis : Basis
        The day from which it was looked ahead, and the rows seen up to it.
    fitted_on : int
        Last day whose rows the models saw; never after ``basis.as_of``.
    reason : str or None
        Why the models said nothing for this month.
    expected, low, high : int or None
        Sales of existing clients by the models, with an 80 % band.
    recent, last_year : int or None
        By plain rules: the mean of the three months before, and the same month a year
        before, both of those who were clients when those months began.
    actual : int or None
        What existing clients bought; None for a month that is not over.
    actual_new : int or None
        What others bought, of which no model says anything.
    """

    month: int
    basis: Basis
    fitted_on: int
    reason: str | None
    expected: int | None
    low: int | None
    high: int | None
    recent: int | None
    last_year: int | None
    actual: int | None
    actual_new: int | None

    def said(self, way: str) -> int | None:
        """Return what ``"model"``, ``"recent"`` or ``"last_year"`` expected."""
        return {"model": self.expected, "recent": self.recent, "last_year": self.last_year}[way]

    def error_of(self, way: str) -> float | None:
        """Return how far off a way was, as a part of the actual sales; None without both."""
        said = self.said(way)
        if said is None or not self.actual:
            return None
        return abs(said - self.actual) / abs(self.actual)

    @property
    def came_within(self) -> bool | None:
        """Whether the month came within its band; None without a band or before its end."""
        if self.low is None or self.high is None or self.actual is None:
            return None
        return self.low <= self.actual <= self.high


@dataclass(frozen=True)
class SalesOutlook:
    """The coming month, and the past ones as they were expected.

    Attributes
    ----------
    as_of : int
        Last day counted.
    refit_months : int
        The models were fitted anew every so many months.
    past : tuple of MonthOutlook
        Complete months, the oldest first; none before the month after the first sale.
    coming : MonthOutlook
        The first whole month after ``as_of``; clients who come before it are not in it.
    """

    as_of: int
    refit_months: int
    past: tuple[MonthOutlook, ...]
    coming: MonthOutlook

    @property
    def status(self) -> Status:
        """Whether the models say something about the coming month."""
        return "not computable" if self.coming.expected is None else "ok"

    @property
    def reason(self) -> str | None:
        """Why they do not, in a sentence."""
        return self.coming.reason

    @property
    def within(self) -> Rate:
        """Past months that came within their band, of those that had one."""
        judged = [hit for m in self.past if (hit := m.came_within) is not None]
        return Rate(sum(judged), len(judged))

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of expecting that can be compared: ``"model"``, ``"recent"``, ``"last_year"``.

        The same month a year before takes part only where the history holds it for every
        month compared, so that all are judged by the same months.
        """
        spoke = tuple(
            way
            for way in ("model", "recent")
            if any(m.error_of(way) is not None for m in self.past)
        )
        months = self._judged_by(spoke)
        reaches = bool(months) and len(months) == len(self._judged_by((*spoke, "last_year")))
        return (*spoke, "last_year") if reaches else spoke

    @property
    def compared(self) -> tuple[MonthOutlook, ...]:
        """Past months with sales for which all :attr:`ways` said something."""
        return self._judged_by(self.ways)

    def _judged_by(self, ways: tuple[str, ...]) -> tuple[MonthOutlook, ...]:
        def judged(month: MonthOutlook) -> bool:
            return all(month.error_of(way) is not None for way in ways)

        return tuple(m for m in self.past if judged(m)) if ways else ()

    @property
    def errors(self) -> Mapping[str, float]:
        """Mean absolute error as a part of the actual sales, by way of expecting.

        Over the months of :attr:`compared`, by each of :attr:`ways`; empty without one.
        """
        found = {}
        for way in self.ways:
            errors = [error for m in self.compared if (error := m.error_of(way)) is not None]
            if errors:
                found[way] = float(np.mean(errors))
        return found

    @property
    def band_by_record(self) -> tuple[int, int] | None:
        """The coming month's band as past months would have it, ten-thousandths.

        The model's band knows of chance and of a fit from few rows, not of seasons or a
        changed market. This one takes the ratios of actual to expected sales of the past
        months, the 10 % and the 90 % quantile (type 7) of them, times what is expected
        now; None with fewer than 8 such months.
        """
        pairs = [(m.actual, m.expected) for m in self.past if m.error_of("model") is not None]
        ratios = [actual / said for actual, said in pairs if actual and said and said > 0]
        if len(ratios) < LEAST_RECORD or self.coming.expected is None:
            return None
        low, high = np.quantile(ratios, (0.1, 0.9)) * self.coming.expected
        return round(float(low)), round(float(high))

    @property
    def best(self) -> str | None:
        """The way with the smallest error, None without months to compare."""
        errors = self.errors
        return min(errors, key=errors.__getitem__) if errors else None


def sales_outlook(
    ledger: Ledger,
    as_of: int,
    parameters: Parameters,
    *,
    past_months: int = 12,
    refit_months: int = 3,
    kind: Kind = "bg",
    models: ValueModels | None = None,
) -> SalesOutlook:
    """Return the sales expected of existing clients next month, and past months' record.

    Each past month is looked at from its eve: clients, their histories and the fit are
    those of the rows up to that day. What new clients bring is shown apart.

    Parameters
    ----------
    ledger : Ledger
        The ledger; nothing dated after ``as_of`` is seen.
    as_of : int
        Last day counted.
    parameters : Parameters
        ``m0`` says how long a history must be.
    past_months : int, default 12
        How many complete months to look back on, at most.
    refit_months : int, default 3
        Fit anew at every third month's eve and use that fit for the two after it.
    kind : {"bg", "mbg"}, default "bg"
        Purchase model.
    models : ValueModels, optional
        Fitted on the rows up to ``as_of``, for the coming month.

    Returns
    -------
    SalesOutlook

    Raises
    ------
    ParameterError
        If a number of months is below 1.
    """
    if past_months < 1 or refit_months < 1:
        raise ParameterError(
            f"Wanted at least 1 month, found past_months={past_months}, "
            f"refit_months={refit_months}."
        )
    record = _Record(ledger, as_of, past_months)
    past, fitted = [], None
    for position, month in enumerate(record.past):
        eve = summarise(ledger, int(first_days(month)) - 1)
        if fitted is None or position % refit_months == 0:
            fitted = fit_value_models(eve, parameters, kind=kind)
        past.append(_look_ahead(ledger, record, month, eve, fitted))
    now = summarise(ledger, as_of)
    models = fit_value_models(now, parameters, kind=kind) if models is None else models
    coming = _look_ahead(ledger, record, int(month_index(as_of)) + 1, now, models)
    return SalesOutlook(as_of, refit_months, tuple(past), coming)


class _Record:
    """Sales of the complete months, those before the ones looked back on included."""

    def __init__(self, ledger: Ledger, as_of: int, past_months: int) -> None:
        running = int(month_index(as_of))
        self._after = running + 1 if as_of == int(last_days(running)) else running
        first = first_sale_day(ledger, as_of)
        earliest = self._after if first is None else int(month_index(first)) + 1
        self.past = range(max(self._after - past_months, earliest), self._after)
        months = np.arange(max(self._after - past_months - YEAR, earliest), self._after)
        sales = month_sales(ledger, months)
        self._existing = dict(zip(months.tolist(), sales.existing.tolist(), strict=True))
        self._new = dict(zip(months.tolist(), sales.new.tolist(), strict=True))

    def actual(self, month: int) -> tuple[int | None, int | None]:
        """Return what existing and what new clients bought."""
        return self._existing.get(month), self._new.get(month)

    def recent(self, month: int) -> int | None:
        """Return the mean of the three complete months before a month."""
        stop = min(month, self._after)
        before = [self._existing.get(m) for m in range(stop - RECENT_MONTHS, stop)]
        known = [sales for sales in before if sales is not None]
        return round(sum(known) / RECENT_MONTHS) if len(known) == RECENT_MONTHS else None

    def last_year(self, month: int) -> int | None:
        """Return the same month a year before."""
        return self._existing.get(month - YEAR)


def _look_ahead(
    ledger: Ledger, record: _Record, month: int, eve: Summaries, models: ValueModels
) -> MonthOutlook:
    """Return one month as seen from a day before it."""
    band, reason = _expected_sales(ledger, month, eve, models), models.reason
    ends = [None if v is None else round(v) for v in (band.low, band.high)] if band else [None] * 2
    actual, new = record.actual(month)
    return MonthOutlook(
        month=month,
        basis=basis_of(eve),
        fitted_on=models.basis.as_of,
        reason=reason if band is None else None,
        expected=None if band is None else round(band.expected),
        low=ends[0],
        high=ends[1],
        recent=record.recent(month),
        last_year=record.last_year(month),
        actual=actual,
        actual_new=new,
    )


def _expected_sales(
    ledger: Ledger, month: int, eve: Summaries, models: ValueModels
) -> Banded | None:
    """Return the sales the models expect of a month, None where they may not be used."""
    if models.status != "ok":
        return None
    after = Duration.days(int(first_days(month)) - 1 - eve.as_of)
    ahead = Duration.days(int(last_days(month)) - eve.as_of)
    ended = ended_at(ledger, eve)
    return expect(models, eve, ahead, ended=ended, after=after).band_of_sales(UNIT)
