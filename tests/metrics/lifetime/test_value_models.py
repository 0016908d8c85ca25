from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit
from crm_core.metrics.lifetime.fitting import Fit
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma
from crm_core.metrics.lifetime.summaries import summarise
from crm_core.metrics.lifetime.value_models import (
    basis_of,
    expected_means,
    fit_value_models,
    mean_and_spread,
)
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import read_cdnow
from tests.metrics.lifetime.firms import START, simulated_firm

MONEY = GammaGamma(6.24880, 3.74459, 15.44775)


def test_basis_names_the_day_and_the_rows() -> None:
    ledger = make_ledger(
        {
            "a": [("2023-01-05", 1), ("2023-02-01", 2), ("2023-09-01", 3)],
            "b": [("2023-03-01", 1)],
        }
    )
    basis = basis_of(summarise(ledger, as_day("2023-06-30")))
    assert (basis.as_of, basis.first_day) == (as_day("2023-06-30"), as_day("2023-01-05"))
    assert (basis.n_clients, basis.n_repeat, basis.n_purchases) == (2, 1, 3)
    assert basis_of(summarise(make_ledger({}), 10)).first_day is None


def test_models_of_a_simulated_firm_are_those_it_was_drawn_from() -> None:
    models = fit_value_models(summarise(simulated_firm(6000), START + 899), Parameters())
    assert (models.status, models.reason, models.money_note) == ("ok", None, None)
    model, money = models.purchases.model, models.money.model
    assert (model.r, model.alpha * 7) == pytest.approx((0.6, 40), rel=0.12)
    assert model.a / (model.a + model.b) == pytest.approx(0.25, abs=0.03)
    assert (money.p, money.q) == pytest.approx((6, 3.7), rel=0.1)


def test_values_of_the_published_clients() -> None:
    x, mean = np.array([2, 1, 0, 7]), np.array([22.35, 11.77, np.nan, 73.74])
    found = expected_means(MONEY, x, mean, 99.0)
    assert found == pytest.approx([24.6587, 18.9115, 35.171, 71.4628], abs=2e-3)


def test_who_came_back_for_nothing_is_expected_to_pay_little() -> None:
    none = expected_means(MONEY, np.array([9]), np.array([0.0]), 99.0)
    assert 0 < none.item() < MONEY.mean / 10
    assert expected_means(None, np.array([9]), np.array([0.0]), 99.0).item() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "not computable", "reason": "no mean to expect"}, "no mean to expect"),
        ({"status": "thin", "reason": "only 12 clients"}, "only 12 clients"),
        ({"figures": {"correlation": 0.31}, "notes": ("they pay more",)}, "they pay more"),
    ],
)
def test_a_money_model_that_does_not_hold_gives_way_to_own_means(change, words) -> None:
    models = fit_value_models(summarise(simulated_firm(3000), START + 899), Parameters())
    changed = replace(models, money=replace(models.money, **change))
    assert changed.money_model is None
    assert "each client's own mean" in changed.money_note
    assert words in changed.money_note
    found = changed.mean_of_next(np.array([1, 0]), np.array([12.0, np.nan]))
    assert found == pytest.approx([12.0, models.base_mean])


def test_mean_and_spread_of_nobody() -> None:
    mean, spread = mean_and_spread(np.zeros(3, int), np.full(3, np.nan))
    assert np.isnan(mean)
    assert spread == 0
    assert mean_and_spread(np.ones(2, int), np.zeros(2)) == (0, 0)


def test_a_short_history_is_thin(shared_data) -> None:
    summaries = summarise(read_cdnow(shared_data), as_day("1997-06-30"))
    assert fit_value_models(summaries, Parameters(m0=30)).status == "ok"
    thin = fit_value_models(summaries, Parameters(m0=90))
    assert thin.status == "thin"
    assert "history is" in thin.reason


def test_fits_without_a_model_are_carried_along() -> None:
    models = fit_value_models(summarise(make_ledger({"a": [(1, 5)]}), 9), Parameters())
    assert isinstance(models.money, Fit)
    assert (models.status, models.reason) == ("not computable", "nobody has bought twice yet")
    assert isinstance(summarise(make_ledger({}), 9).behaviour, Behaviour)
    assert summarise(make_ledger({}), 9).behaviour.unit is TimeUnit.DAY
