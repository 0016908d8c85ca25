from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crm_core.metrics.lifetime.bands import (
    band_factor,
    band_of_sum,
    log_spread,
    money_gradient,
    purchase_gradient,
)
from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma

CDNOW = BgNbd(0.242593, 4.413532, 0.792886, 2.425753)
MONEY = GammaGamma(6.24880, 3.74459, 15.44775)
CLIENTS = Behaviour(
    np.array([0, 2, 26]), np.array([0, 30.43, 30.9]), np.array([39, 38.86, 31]), TimeUnit.WEEK
)
YEAR = Duration.weeks(52)


def test_purchase_gradient_says_what_a_changed_parameter_does() -> None:
    gradient = purchase_gradient(CDNOW, CLIENTS, YEAR)
    before = CDNOW.expected_purchases(CLIENTS, YEAR)
    for row, name in enumerate(("r", "alpha", "a", "b")):
        more = replace(CDNOW, **{name: getattr(CDNOW, name) * 1.02})
        found = more.expected_purchases(CLIENTS, YEAR) / before
        assert np.log(found) == pytest.approx(gradient[row] * np.log(1.02), abs=1e-3)


def test_money_gradient_says_what_a_changed_parameter_does() -> None:
    x, mean = np.array([0, 1, 7]), np.array([np.nan, 11.77, 73.74])
    before, gradient = MONEY.expected_value(x, mean), money_gradient(MONEY, x, mean)
    for row, name in enumerate(("p", "q", "gamma")):
        more = replace(MONEY, **{name: getattr(MONEY, name) * 1.001})
        found = np.log(more.expected_value(x, mean) / before)
        assert found == pytest.approx(gradient[row] * np.log(1.001), rel=2e-3)


def test_spread_is_the_delta_method() -> None:
    gradient = np.array([[1.0, 0.0], [2.0, -1.0]])
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    by_hand = [np.sqrt(g @ covariance @ g) for g in gradient.T]
    assert log_spread(gradient, covariance) == pytest.approx(by_hand)
    assert log_spread(gradient, np.zeros((2, 2))).tolist() == [0, 0]


def test_delta_method_agrees_with_drawn_parameters(shared_data) -> None:
    """The band of the first client: drawn parameters spread his expectation as computed."""
    from crm_core.metrics.lifetime.bg_nbd import fit_bg_nbd

    path = shared_data / "cdnow/cdnow_customers_summary_with_transactions.csv"
    _, x, t_x, age, _ = np.loadtxt(path, delimiter=",", skiprows=1).T
    fit = fit_bg_nbd(Behaviour(x, t_x, age, TimeUnit.WEEK))
    model = fit.model
    centre = np.log([model.r, model.alpha, model.a, model.b])
    drawn = np.random.default_rng(1).multivariate_normal(centre, fit.covariance, 400)
    values = [
        BgNbd(*np.exp(one).tolist()).expected_purchases(CLIENTS, YEAR)  # type: ignore[misc]
        for one in drawn
    ]
    spread = log_spread(purchase_gradient(model, CLIENTS, YEAR), fit.covariance)
    assert np.log(values).std(axis=0) == pytest.approx(spread, rel=0.15)


def test_bands_hold_eight_in_ten_and_end_at_nothing() -> None:
    drawn = np.random.default_rng(2).normal(100, 10, 100_000)
    band = band_of_sum(100, 100)
    assert np.mean((drawn >= band.low) & (drawn <= band.high)) == pytest.approx(0.8, abs=0.01)
    assert band_of_sum(1, 100).low == 0
    assert band_factor(np.zeros(1)).item() == 1
