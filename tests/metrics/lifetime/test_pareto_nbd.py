"""Published figures: BTYD 2.4.3 walkthrough and man pages, CLVTools tests (CDNOW sample)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.pareto_nbd import ParetoNbd, fit_pareto_nbd

CDNOW = ParetoNbd(0.55328, 10.57761, 0.60621, 11.66791)
MIRRORED = ParetoNbd(0.55328, 11.66791, 0.60621, 10.57761)
YEAR = Duration.weeks(52)


def weeks(*clients: tuple[float, float, float]) -> Behaviour:
    """Return the behaviour of clients given as (x, t_x, T) in weeks."""
    x, t_x, age = np.array(clients, dtype=np.float64).reshape(-1, 3).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK)


def test_a_frequent_client_of_cdnow_is_the_published_one() -> None:
    often = weeks((26, 30 + 6 / 7, 31))
    assert CDNOW.expected_purchases(often, YEAR).item() == pytest.approx(25.4554, abs=2e-4)
    assert CDNOW.chance_alive(often).item() == pytest.approx(0.997873, abs=1e-6)
    assert CDNOW.chance_alive(weeks((0, 0, 39))).item() == pytest.approx(0.294278, abs=2e-6)


def test_discounted_transactions_are_the_published() -> None:
    model = ParetoNbd(0.5629966, 12.559037, 0.4081095, 10.5148048)
    found = model.discounted_expected_transactions(weeks((7, 35, 77.86)), 0.0027)
    assert found.item() == pytest.approx(1.86418, abs=5e-6)


def read_summary(folder) -> Behaviour:
    path = folder / "cdnow/cdnow_customers_summary_with_transactions.csv"
    _, x, t_x, age, _ = np.loadtxt(path, delimiter=",", skiprows=1).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK)


def test_fit_to_cdnow_gives_the_published_parameters(shared_data) -> None:
    fit = fit_pareto_nbd(read_summary(shared_data))
    model = fit.model
    assert (model.r, model.alpha, model.s, model.beta) == pytest.approx(
        (0.55328, 10.57761, 0.60621, 11.66791), rel=1e-4
    )
    assert fit.log_likelihood == pytest.approx(-9594.974, abs=1e-3)
    assert (fit.status, fit.starts_agree, fit.n_clients, fit.n_repeat) == ("ok", True, 2357, 946)


def test_fit_does_not_depend_on_the_unit(shared_data) -> None:
    behaviour = read_summary(shared_data)
    by_week = fit_pareto_nbd(behaviour).model
    by_day = fit_pareto_nbd(behaviour, unit=TimeUnit.DAY).model
    assert (by_day.r, by_day.alpha) == pytest.approx((by_week.r, by_week.alpha * 7), rel=1e-3)
    one = weeks((2, 30.43, 38.86))
    assert by_day.expected_purchases(one, YEAR).item() == pytest.approx(
        by_week.expected_purchases(one, YEAR).item(), rel=1e-4
    )


def integrated(model: ParetoNbd, x: float, t_x: float, age: float) -> tuple[float, float]:
    """Return the chance of being alive and the likelihood, integrated over the day of leaving.

    The purchase rate is integrated out by hand, the rate of leaving too: what is left is
    the density of the time at which a client leaves.
    """

    def bought(until: float) -> float:
        return (model.alpha + until) ** -(model.r + x)

    def leaves(at: float) -> float:
        return model.s * model.beta**model.s * (model.beta + at) ** -(model.s + 1)

    alive = bought(age) * (model.beta / (model.beta + age)) ** model.s
    left = quad(lambda at: leaves(at) * bought(at), t_x, age, epsabs=0, epsrel=1e-11)[0]
    return alive / (alive + left), alive + left


@pytest.mark.parametrize("model", [CDNOW, MIRRORED], ids=["alpha below beta", "alpha above"])
@pytest.mark.parametrize("client", [(0, 0, 39), (2, 30.43, 38.86), (7, 10, 39), (1, 38.9, 39)])
def test_closed_forms_are_the_integrals(model, client) -> None:
    alive, likelihood = integrated(model, *client)
    assert model.chance_alive(weeks(client)).item() == pytest.approx(alive, rel=1e-9)
    x = client[0]
    ahead = np.prod([model.r + i for i in range(x)]) * model.alpha**model.r
    assert model.log_likelihood(weeks(client)) == pytest.approx(
        np.log(ahead * likelihood), rel=1e-9
    )


def test_discounted_transactions_are_the_integral_of_what_is_to_come() -> None:
    client, rate = weeks((7, 35, 77.86)), 0.0027
    for model in (CDNOW, replace(CDNOW, s=1.0), replace(CDNOW, s=60.0), replace(CDNOW, s=1000.0)):
        pace = (model.r + 7) / (model.alpha + 77.86)
        beta = model.beta + 77.86
        stays = quad(
            lambda u: np.exp(-rate * u - model.s * np.log1p(u / beta)),  # noqa: B023
            0,
            8000,
            points=[1, 10, 100, 1000],
            limit=500,
        )[0]
        expected = pace * stays * model.chance_alive(client).item()
        found = model.discounted_expected_transactions(client, rate).item()
        assert found == pytest.approx(expected, rel=1e-6)


def test_simulated_clients_do_as_expected() -> None:
    """A client with the history (1, 20, 39): drawn from what that history leaves possible."""
    rng, n = np.random.default_rng(11), 3_000_000
    rate = rng.gamma(CDNOW.r, 1 / CDNOW.alpha, n)
    leaves = rng.exponential(1 / rng.gamma(CDNOW.s, 1 / CDNOW.beta, n))
    # Exactly one purchase, and it between week 18 and week 22: close to the history above.
    end = np.minimum(leaves, 39.0)
    count = rng.poisson(rate * end)
    at = rng.uniform(0, end)
    like = (count == 1) & (at > 18) & (at < 22)
    alive, rate, leaves = leaves[like] > 39, rate[like], leaves[like]
    later = rng.poisson(rate * np.clip(leaves - 39, 0, 52))
    client = weeks((1, 20, 39))
    assert CDNOW.chance_alive(client).item() == pytest.approx(alive.mean(), abs=0.01)
    assert CDNOW.expected_purchases(client, YEAR).item() == pytest.approx(later.mean(), rel=0.03)
    found = CDNOW.chance_to_buy(client, YEAR).item()
    assert found == pytest.approx((later > 0).mean(), abs=0.01)


def test_new_clients_buy_as_simulated() -> None:
    rng, n = np.random.default_rng(12), 1_000_000
    leaves = rng.exponential(1 / rng.gamma(CDNOW.s, 1 / CDNOW.beta, n))
    count = rng.poisson(rng.gamma(CDNOW.r, 1 / CDNOW.alpha, n) * np.minimum(leaves, 52))
    assert CDNOW.expected_from_start(YEAR) == pytest.approx(count.mean(), rel=0.01)


@settings(max_examples=60)
@given(
    st.tuples(*[st.floats(1e-3, 1e3)] * 4),
    st.integers(0, 3000),
    st.floats(0, 1),
    st.floats(0, 500),
    st.floats(0, 100),
)
def test_chances_and_expectations_stay_within_their_bounds(
    parameters, x, part, age, silence
) -> None:
    model = ParetoNbd(*parameters)
    client = weeks((x, age * part if x else 0.0, age))
    chance = model.chance_alive(client)
    assert 0 <= chance.item() <= 1
    assert np.isfinite(model.log_likelihood(client))
    later = client.later(Duration.weeks(silence))
    assert model.chance_alive(later).item() <= chance.item() + 1e-9
    expected, to_buy = (f(client, YEAR) for f in (model.expected_purchases, model.chance_to_buy))
    assert 0 <= to_buy.item() <= min(chance.item(), expected.item()) * (1 + 1e-7) + 1e-12
    assert model.expected_purchases(later, YEAR).item() <= expected.item() * (1 + 1e-7) + 1e-12


def test_an_end_rate_of_one_is_no_gap() -> None:
    client = weeks((2, 30, 39))
    near, at = (replace(CDNOW, s=s) for s in (1 + 1e-7, 1.0))
    assert at.expected_purchases(client, YEAR).item() == pytest.approx(
        near.expected_purchases(client, YEAR).item(), rel=1e-6
    )
    assert at.expected_from_start(YEAR) == pytest.approx(near.expected_from_start(YEAR), rel=1e-6)


def test_grouped_clients_have_the_same_likelihood() -> None:
    clients = weeks(*[(2, 30, 39)] * 3, (0, 0, 20))
    assert CDNOW.log_likelihood(clients.grouped()[0]) == pytest.approx(
        CDNOW.log_likelihood(clients), rel=1e-12
    )


def test_no_clients_give_no_values() -> None:
    nobody = weeks()
    assert CDNOW.chance_alive(nobody).shape == CDNOW.chance_to_buy(nobody, YEAR).shape == (0,)
    fit = fit_pareto_nbd(nobody)
    assert (fit.model, fit.status, fit.reason) == (None, "not computable", "nobody has bought yet")


def test_where_nobody_leaves_there_is_a_sentence() -> None:
    rng = np.random.default_rng(2)
    rate, age = rng.gamma(2, 0.2, 600), rng.uniform(30, 100, 600)
    x = rng.poisson(rate * age)
    t_x = np.where(x > 0, age * rng.beta(np.maximum(x, 1), 1), 0.0)
    fit = fit_pareto_nbd(Behaviour(x, t_x, age, TimeUnit.WEEK))
    assert fit.status == "not computable"
    assert fit.reason.startswith("nobody measurably leaves here")


@pytest.mark.parametrize(
    "call",
    [
        lambda: ParetoNbd(0, 1, 1, 1),
        lambda: CDNOW.expected_purchases(weeks((0, 0, 39)), 52),
        lambda: CDNOW.discounted_expected_transactions(weeks((0, 0, 39)), 0),
    ],
)
def test_bare_numbers_and_impossible_ones_are_refused(call) -> None:
    with pytest.raises(ParameterError, match="Wanted"):
        call()
