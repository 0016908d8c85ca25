"""Published figures: Fader & Hardie (2013) by `lifetimes` tests and CLVTools, CDNOW sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime import gamma_gamma
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma, fit_values
from crm_core.metrics.lifetime.summaries import summarise
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lifetime.behaviours import read_cdnow_summary

CDNOW = GammaGamma(6.24880, 3.74459, 15.44775)


def parameters_of(model: GammaGamma | None) -> tuple[float, float, float]:
    assert model is not None
    return model.p, model.q, model.gamma


def draw_values(n: int, model: GammaGamma = CDNOW, *, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Draw clients with 1 to about 10 repeat purchases and their mean values."""
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.4, n)
    each = rng.gamma(model.q, 1 / model.gamma, n)
    return x, rng.gamma(model.p * x, 1 / (each * x))


def test_expected_values_are_the_published() -> None:
    """Of clients 1, 2, 3 and the frequent client 6 of the sample."""
    x, mean = np.array([2, 1, 0, 7]), np.array([22.35, 11.77, 0.0, 73.74])
    found = CDNOW.expected_value(x, mean)
    assert found.tolist() == pytest.approx([24.6587, 18.9115, 35.171, 71.4628], abs=1e-4)
    assert CDNOW.mean == pytest.approx(35.171, abs=1e-4)


def test_fit_to_cdnow_gives_the_published_parameters(shared_data) -> None:
    """p, q, gamma = 6.25, 3.74, 15.44; lnL -4055.92 (`lifetimes`, CLVTools)."""
    behaviour, mean = read_cdnow_summary(shared_data)
    fit = fit_values(behaviour.repeat, mean)
    assert parameters_of(fit.model) == pytest.approx((6.24880, 3.74459, 15.44775), abs=2e-5)
    assert fit.log_likelihood == pytest.approx(-4055.92324, abs=5e-6)
    assert (fit.n_clients, fit.n_repeat, fit.status) == (2357, 946, "ok")
    assert fit.figures["correlation"] == pytest.approx(0.1139, abs=5e-5)
    assert fit.notes == ()
    assert fit.model is not None
    everybody = fit.model.expected_value(behaviour.repeat, mean)
    assert everybody.mean() == pytest.approx(35.25296, abs=5e-5)


def test_fit_to_the_ledger_is_that_to_the_published_summary(shared_data) -> None:
    fit = fit_gamma_gamma(summarise(read_cdnow(shared_data), LAST_DAY - 273))
    assert fit.n_repeat == 946
    assert parameters_of(fit.model) == pytest.approx((6.2488, 3.7446, 15.448), rel=1e-3)


def test_a_fit_finds_the_parameters_the_values_were_drawn_with() -> None:
    fit = fit_values(*draw_values(20_000))
    assert fit.status == "ok"
    assert fit.covariance is not None
    apart = np.abs(np.log(parameters_of(fit.model)) - np.log(parameters_of(CDNOW)))
    assert (apart < 4 * np.sqrt(np.diag(fit.covariance))).all()


def test_rounded_climbs_end_where_true_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    values = draw_values(3_000)
    monkeypatch.setattr(gamma_gamma, "COARSE_FROM", 10)
    rounded = fit_values(*values)
    monkeypatch.setattr(gamma_gamma, "COARSE_FROM", 10**9)
    true = fit_values(*values)
    assert rounded.log_likelihood == pytest.approx(true.log_likelihood, abs=1e-6)


@settings(max_examples=40)
@given(st.integers(1, 10**6))
def test_likelihood_is_the_sum_of_the_plain_formula(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p, q, g = np.exp(rng.uniform(-2, 4, 3))
    x, mean = draw_values(30, seed=seed)
    plain = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(g)
        + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(g + x * mean)
    )  # fmt: skip
    model = GammaGamma(p, q, g)
    assert model.log_likelihood(x, mean) == pytest.approx(plain.sum(), rel=1e-10)
    weight = rng.integers(1, 5, 30).astype(np.float64)
    repeated = model.log_likelihood(
        np.repeat(x, weight.astype(int)), np.repeat(mean, weight.astype(int))
    )
    assert model.log_likelihood(x, mean, weight) == pytest.approx(repeated, rel=1e-10)


def test_gradient_is_that_of_the_likelihood() -> None:
    x, mean = draw_values(200)
    likelihood = gamma_gamma._Likelihood(x.astype(float), mean, np.ones(200))
    at = np.array([2.0, 1.5, 30.0])
    slopes = []
    for move in np.diag(at * 1e-5):
        slopes.append((likelihood(at + move)[0] - likelihood(at - move)[0]) / (2 * move.sum()))
    assert likelihood(at)[1] == pytest.approx(slopes, rel=1e-6)


@pytest.mark.parametrize("rate", [0.0001, 1.1, 160.0, 1e9])
def test_values_scale_with_the_currency(rate: float) -> None:
    x, mean = draw_values(1_000)
    own, other = fit_values(x, mean), fit_values(x, mean * rate)
    assert own.status == other.status == "ok"
    assert own.model is not None
    assert other.model is not None
    values = own.model.expected_value(x, mean)
    assert other.model.expected_value(x, mean * rate) == pytest.approx(values * rate, rel=1e-5)
    assert other.covariance == pytest.approx(own.covariance, rel=1e-3)


def test_the_order_of_clients_changes_nothing() -> None:
    x, mean = draw_values(500)
    order = np.random.default_rng(4).permutation(500)
    one, other = fit_values(x, mean), fit_values(x[order], mean[order])
    assert other.log_likelihood == pytest.approx(one.log_likelihood, abs=1e-6)
    assert parameters_of(other.model) == pytest.approx(parameters_of(one.model), rel=1e-4)


def test_an_expected_value_lies_between_his_own_and_that_of_all() -> None:
    x, mean = draw_values(500)
    found = CDNOW.expected_value(x, mean)
    assert (found >= np.minimum(mean, CDNOW.mean) - 1e-9).all()
    assert (found <= np.maximum(mean, CDNOW.mean) + 1e-9).all()


def test_drawn_values_come_out_as_expected() -> None:
    """100,000 clients with two purchases seen: the third is worth what was expected."""
    rng = np.random.default_rng(8)
    n = 100_000
    each = rng.gamma(CDNOW.q, 1 / CDNOW.gamma, n)
    seen = rng.gamma(CDNOW.p * 2, 1 / (each * 2))
    third = rng.gamma(CDNOW.p, 1 / each)
    expected = CDNOW.expected_value(np.full(n, 2), seen)
    for wanted in (seen < 20, seen > 50):
        error = third[wanted].std() / np.sqrt(wanted.sum())
        assert third[wanted].mean() == pytest.approx(expected[wanted].mean(), abs=5 * error)


def test_purchases_without_a_value_are_left_out() -> None:
    x, mean = draw_values(300)
    padded = np.append(x, [3, 0, 5]), np.append(mean, [0.0, np.nan, -4.0])
    fit, own = fit_values(*padded), fit_values(x, mean)
    assert (fit.n_clients, fit.n_repeat) == (303, 300)
    assert fit.log_likelihood == pytest.approx(own.log_likelihood, abs=1e-6)
    assert CDNOW.expected_value(padded[0][-3:], padded[1][-3:]).tolist() == [CDNOW.mean] * 3


def test_values_that_grow_with_purchases_are_noted() -> None:
    x, mean = draw_values(2_000)
    fit = fit_values(x, mean * x)
    assert fit.figures["correlation"] > 0.3
    assert fit.notes == (
        "clients who buy more often also pay more each time, which this model leaves out",
    )


def test_values_without_a_mean_are_said_to_have_none() -> None:
    fit = fit_values(*draw_values(2_000, GammaGamma(3.0, 0.7, 10.0)))
    assert fit.status == "not computable"
    assert fit.reason == "values of purchases vary so widely here that they have no mean to expect"
    assert fit.model is not None
    assert np.isnan(fit.model.mean)
    assert np.isnan(fit.model.expected_value(np.array([1, 0]), np.array([5.0, np.nan]))).all()


def test_prices_that_hardly_vary_cannot_be_fitted() -> None:
    x = np.tile([1, 2, 3], 100)
    assert fit_values(x, np.full(300, 9.99)).reason == "all repeat purchases are worth the same"
    nearly = 9.99 + np.random.default_rng(1).uniform(-1e-4, 1e-4, 300)
    fit = fit_values(x, nearly)
    assert fit.status == "not computable"
    assert fit.reason == "the values of purchases do not vary here as this model needs them to"


def test_few_clients_make_a_thin_fit() -> None:
    fit = fit_values(*draw_values(99))
    assert fit.status == "thin"
    assert fit.reason == (
        "only 99 clients have a repeat purchase with a value, at least 100 are needed"
    )
    nobody = fit_values(np.array([0, 1]), np.array([np.nan, 5.0]))
    assert (nobody.model, nobody.status) == (None, "not computable")
    assert nobody.reason == "fewer than two clients have a repeat purchase with a value"
    assert fit_values(np.empty(0), np.empty(0)).n_clients == 0


def test_parameters_are_above_nought() -> None:
    with pytest.raises(ParameterError, match="Wanted p, q and gamma above 0"):
        GammaGamma(6, 0, 15)
