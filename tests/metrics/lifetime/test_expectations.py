from __future__ import annotations

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.durations import Duration
from crm_core.metrics.lifetime.expectations import expect
from crm_core.metrics.lifetime.summaries import summarise
from crm_core.metrics.lifetime.value_models import fit_value_models
from crm_core.metrics.parameters import Parameters
from tests.builders import make_ledger
from tests.metrics.lifetime.firms import START, assemble_rows, draw_orders, simulated_firm

DAY, MONTH = START + 899, Duration.days(30)


@pytest.fixture(scope="module")
def summaries():
    return summarise(simulated_firm(3000), DAY)


@pytest.fixture(scope="module")
def models(summaries):
    return fit_value_models(summaries, Parameters())


def nobody_ended(summaries) -> np.ndarray:
    return np.zeros(len(summaries), dtype=np.bool_)


def test_two_months_add_up(models, summaries) -> None:
    ended = nobody_ended(summaries)
    both = expect(models, summaries, Duration.days(60), ended=ended)
    first = expect(models, summaries, MONTH, ended=ended)
    second = expect(models, summaries, Duration.days(60), ended=ended, after=MONTH)
    assert first.purchases + second.purchases == pytest.approx(both.purchases)
    assert second.band_of_sales().expected == pytest.approx(
        both.band_of_sales().expected - first.band_of_sales().expected
    )


def test_band_of_many_firms_holds_what_comes_eight_times_in_ten() -> None:
    """Firms drawn from the models: their next month falls within the band as often as it says."""
    hits, tries = 0, 60
    for seed in range(tries):
        client, day, amount = draw_orders(700, days=600, seed=seed)
        cut = START + 560
        firm = assemble_rows(client, day, amount)
        seen = summarise(firm, cut)
        models = fit_value_models(seen, Parameters())
        if models.status != "ok":
            tries -= 1
            continue
        band = expect(models, seen, MONTH, ended=nobody_ended(seen)).band_of_sales(10_000)
        ahead = (day > cut) & (day <= cut + 30) & np.isin(client, seen.client)
        hits += band.low <= amount[ahead].sum() <= band.high
    assert tries > 40
    assert 0.65 <= hits / tries <= 0.93


def test_who_has_ended_adds_nothing(models, summaries) -> None:
    everybody = ~nobody_ended(summaries)
    ahead = expect(models, summaries, MONTH, ended=everybody)
    assert ahead.band_of_sales().high == ahead.band_of_purchases().high == 0


def test_factor_scales_the_band(models, summaries) -> None:
    ahead = expect(models, summaries, MONTH, ended=nobody_ended(summaries))
    one, ten = ahead.band_of_sales(), ahead.band_of_sales(np.full(len(summaries), 10.0))
    assert (ten.expected, ten.low, ten.high) == pytest.approx(
        (one.expected * 10, one.low * 10, one.high * 10)
    )


def test_models_that_do_not_hold_are_refused() -> None:
    few = summarise(make_ledger({"a": [(1, 5), (9, 5)]}), 20)
    with pytest.raises(ParameterError, match="use the plain rules"):
        expect(fit_value_models(few, Parameters()), few, MONTH, ended=nobody_ended(few))
