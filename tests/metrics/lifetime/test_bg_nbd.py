"""Published figures: Fader, Hardie & Lee (2005) by `lifetimes` tests, BTYD 2.4.3, CLVTools."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betaln, gammaln

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime import bg_nbd
from crm_core.metrics.lifetime.bg_likelihood import BgLikelihood
from crm_core.metrics.lifetime.bg_nbd import NOBODY_LEAVES, BgNbd, fit_bg_nbd
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.summaries import summarise
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lifetime.behaviours import (
    behaviours,
    draw_bg_clients,
    models,
    read_cdnow_summary,
    weeks,
)

ROUNDED = BgNbd(0.243, 4.414, 0.793, 2.426)
FITTED = BgNbd(0.242593, 4.413532, 0.792886, 2.425753)


def parameters_of(model: BgNbd | None) -> tuple[float, ...]:
    assert model is not None
    return model.r, model.alpha, model.a, model.b


@pytest.mark.parametrize(
    ("span", "published"),
    [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.8571, 1.0405), (32, 1.0437), (78, 1.8576)],
)
def test_expected_purchases_of_a_new_client_are_the_published(span, published) -> None:
    """`lifetimes` tests/test_estimation.py, from the spreadsheet of the 2005 article."""
    assert ROUNDED.expected_from_start(Duration.weeks(span)) == pytest.approx(published, abs=4e-3)
    fitted = FITTED.expected_from_start(Duration.weeks(span))
    recomputed = {0.1429: 0.00782, 1: 0.05318, 3: 0.15063, 31.8571: 1.04049, 32: 1.04374}
    assert fitted == pytest.approx(recomputed.get(span, 1.85797), abs=6e-6)


def test_expected_purchases_of_the_first_client_are_the_published() -> None:
    client, span = weeks((2, 30.43, 38.86)), Duration.weeks(39)
    assert ROUNDED.expected_purchases(client, span).item() == pytest.approx(1.22603, abs=5e-6)
    assert FITTED.expected_purchases(client, span).item() == pytest.approx(1.22591, abs=5e-6)


def test_client_1516_of_the_btyd_walkthrough() -> None:
    """BTYD 2.4.3: its own maximum differs from ours in the sixth digit."""
    year, often = Duration.weeks(52), weeks((26, 30 + 6 / 7, 31))
    assert FITTED.expected_from_start(year) == pytest.approx(1.444004, rel=2e-5)
    assert FITTED.expected_purchases(often, year).item() == pytest.approx(25.75659, rel=1e-4)
    assert FITTED.chance_alive(often).item() == pytest.approx(0.9688523, rel=1e-5)
    clients = weeks(*((x, 20, 39) for x in (10, 15, 20, 25)))
    published = [0.3474606, 0.04283391, 0.004158973, 0.0003583685]
    assert FITTED.expected_purchases(clients, year).tolist() == pytest.approx(published, rel=2e-4)


def test_fit_to_cdnow_gives_the_published_parameters(shared_data) -> None:
    """r, alpha, a, b = .243, 4.414, .793, 2.426; lnL -9582.4 (2005 article, CLVTools)."""
    behaviour, _ = read_cdnow_summary(shared_data)
    fit = fit_bg_nbd(behaviour, m0_days=44)
    assert parameters_of(fit.model) == pytest.approx(parameters_of(FITTED), abs=2e-6)
    assert fit.log_likelihood == pytest.approx(-9582.42556, abs=5e-6)
    assert (fit.status, fit.reason, fit.starts_agree) == ("ok", None, True)
    assert (fit.n_clients, fit.n_repeat) == (2357, 946)
    assert fit.model is not None
    ahead = fit.model.expected_purchases(behaviour, Duration.weeks(39))
    assert ahead.sum() == pytest.approx(1653.42, abs=5e-3)
    assert fit.model.log_likelihood(behaviour) == pytest.approx(fit.log_likelihood, abs=1e-8)


def test_fit_to_unrounded_dates_gives_the_likelihood_of_two_packages(shared_data) -> None:
    """-9582.429 in CLVTools and BTYD, which count weeks as days / 7."""
    behaviour = summarise(read_cdnow(shared_data), LAST_DAY - 273).behaviour
    fit = fit_bg_nbd(behaviour)
    assert fit.log_likelihood == pytest.approx(-9582.4292, abs=5e-5)
    assert len(behaviour.grouped()[0]) == 1016
    rounded = fit_bg_nbd(behaviour.in_steps(Duration.weeks(1)))
    assert len(behaviour.in_steps(Duration.weeks(1)).grouped()[0]) == 682
    wanted = (0.2419, 4.383, 0.808, 2.475)
    assert parameters_of(rounded.model) == pytest.approx(wanted, rel=5e-3)


def test_modified_fit_to_cdnow_gives_the_published_parameters(shared_data) -> None:
    """.525, 6.183, .891, 1.614 in `lifetimes` tests/test_estimation.py."""
    behaviour, _ = read_cdnow_summary(shared_data)
    fit = fit_bg_nbd(behaviour, kind="mbg")
    wanted = (0.52484, 6.18299, 0.89136, 1.61400)
    assert parameters_of(fit.model) == pytest.approx(wanted, rel=3e-5)
    assert fit.log_likelihood == pytest.approx(-9582.1327, abs=5e-5)


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_a_fit_finds_the_parameters_the_clients_were_drawn_with(kind) -> None:
    model = BgNbd(0.6, 4.0, 0.8, 2.4, kind=kind)
    clients, _ = draw_bg_clients(model, 20_000, seed=3)
    fit = fit_bg_nbd(clients, kind=kind)
    assert (fit.status, fit.starts_agree) == ("ok", True)
    assert fit.covariance is not None
    found, wanted = np.log(parameters_of(fit.model)), np.log(parameters_of(model))
    assert (np.abs(found - wanted) < 4 * np.sqrt(np.diag(fit.covariance))).all()


def test_rounded_climbs_end_where_true_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    clients, _ = draw_bg_clients(BgNbd(0.6, 4.0, 0.8, 2.4), 6_000, seed=5)
    monkeypatch.setattr(bg_nbd, "COARSE_FROM", 100)
    rounded = fit_bg_nbd(clients)
    monkeypatch.setattr(bg_nbd, "COARSE_FROM", 10**9)
    true = fit_bg_nbd(clients)
    assert rounded.log_likelihood == pytest.approx(true.log_likelihood, abs=1e-6)
    assert parameters_of(rounded.model) == pytest.approx(parameters_of(true.model), rel=1e-3)


def plain_log_likelihood(model: BgNbd, x: float, t_x: float, age: float) -> float:
    """Write the likelihood of one client down as in docs/methods.md, term by term."""
    r, alpha, a, b = parameters_of(model)
    start = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stayed, left = -(r + x) * np.log(alpha + age), -(r + x) * np.log(alpha + t_x)
    if model.kind == "mbg":
        stayed += betaln(a, b + x + 1) - betaln(a, b)
        left += betaln(a + 1, b + x) - betaln(a, b)
        return start + np.logaddexp(stayed, left)
    start += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    if x == 0:
        return start + stayed
    return start + np.logaddexp(stayed, np.log(a) - np.log(b + x - 1) + left)


@settings(max_examples=60)
@given(models(), behaviours())
def test_likelihood_is_the_sum_of_the_plain_formula(model: BgNbd, clients: Behaviour) -> None:
    own = clients.to(TimeUnit.WEEK)
    rows = zip(own.repeat, own.recency, own.age, strict=True)
    plain = sum(plain_log_likelihood(model, *map(float, row)) for row in rows)
    assert model.log_likelihood(clients) == pytest.approx(plain, rel=1e-8, abs=1e-7)


@settings(max_examples=40)
@given(models(), behaviours())
def test_gradient_is_that_of_the_likelihood(model: BgNbd, clients: Behaviour) -> None:
    likelihood = BgLikelihood(clients, unit=TimeUnit.WEEK, kind=model.kind)
    at = np.array(parameters_of(model))
    gradient = likelihood(at)[1]
    for i, slope in enumerate(gradient):
        move = np.zeros(4)
        move[i] = 1e-4 * at[i]
        value = [likelihood(at + move)[0], likelihood(at - move)[0]]
        noise = 1e-9 * (1 + abs(value[0])) / move[i]
        assert slope == pytest.approx((value[0] - value[1]) / (2 * move[i]), rel=1e-4, abs=noise)


@settings(max_examples=40)
@given(models(), behaviours())
def test_groups_give_what_their_clients_give(model: BgNbd, clients: Behaviour) -> None:
    groups, inverse = clients.grouped()
    assert model.log_likelihood(groups) == pytest.approx(
        model.log_likelihood(clients), rel=1e-10, abs=1e-9
    )
    span = Duration.weeks(26)
    for score in (model.chance_to_buy, model.expected_purchases):
        assert score(groups, span)[inverse].tolist() == pytest.approx(
            score(clients, span).tolist(), rel=1e-9
        )


@settings(max_examples=40)
@given(models(), behaviours(), st.randoms(use_true_random=False))
def test_the_order_of_clients_changes_nothing(model: BgNbd, clients: Behaviour, random) -> None:
    order = list(range(len(clients)))
    random.shuffle(order)
    mixed = replace(
        clients,
        repeat=clients.repeat[order],
        recency=clients.recency[order],
        age=clients.age[order],
    )
    span = Duration.weeks(52)
    expected = model.expected_purchases(clients, span)
    assert model.expected_purchases(mixed, span).tolist() == pytest.approx(
        expected[order].tolist(), rel=1e-10
    )
    likelihood = model.log_likelihood(clients)
    assert model.log_likelihood(mixed) == pytest.approx(likelihood, rel=1e-12, abs=1e-10)


@settings(max_examples=40)
@given(models(), behaviours())
def test_days_and_weeks_give_the_same_answers(model: BgNbd, clients: Behaviour) -> None:
    by_week = clients.to(TimeUnit.WEEK)
    by_day = replace(model, alpha=model.alpha * 7, unit=TimeUnit.DAY)
    for span in (Duration.days(91), Duration.weeks(13)):
        expected = model.expected_purchases(clients, span)
        for other, same in ((model, by_week), (by_day, clients), (by_day, by_week)):
            assert other.expected_purchases(same, span) == pytest.approx(expected, rel=1e-9)
            assert other.chance_alive(same) == pytest.approx(model.chance_alive(clients), rel=1e-9)


@settings(max_examples=60)
@given(models(), behaviours(), st.integers(0, 60), st.integers(1, 60))
def test_expected_purchases_are_finite_grow_with_time_and_bound_the_chance(
    model: BgNbd, clients: Behaviour, some: int, more: int
) -> None:
    short, long = Duration.weeks(some), Duration.weeks(some + more)
    fewer, expected = (model.expected_purchases(clients, span) for span in (short, long))
    assert np.isfinite(expected).all()
    assert (fewer <= expected * (1 + 1e-7)).all()
    # Markov: at least one purchase is no likelier than purchases are expected.
    assert (model.chance_to_buy(clients, long) <= expected * (1 + 1e-7) + 1e-15).all()


def test_weighted_purchases_are_the_sum_of_their_parts() -> None:
    clients = weeks((0, 0, 30), (2, 30.43, 38.86), (9, 3, 60))
    spans = [Duration.months(month) for month in (1, 2, 3)]
    parts = [ROUNDED.expected_purchases(clients, span) for span in spans]
    together = ROUNDED.weighted_purchases(clients, spans, [0.5, -2.0, 3.0])
    assert together == pytest.approx(0.5 * parts[0] - 2 * parts[1] + 3 * parts[2])


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_expected_purchases_integrate_the_rate_of_those_alive(kind) -> None:
    """E[Y(t)] is the integral of the purchase rate of who is alive, by rate and chance."""
    model = replace(ROUNDED, kind=kind)
    client, horizon = weeks((3, 20, 39)), 26.0
    stays = model.b + 3 + (kind == "mbg")

    def at(chance: float) -> float:
        log_density = (model.a - 1) * np.log(chance) + (stays - 1) * np.log1p(-chance)
        shape, clock = model.r + 3, model.alpha + 39
        bought = (1 - (1 + chance * horizon / clock) ** -shape) / chance
        return np.exp(log_density - betaln(model.a, stays)) * bought

    alive = model.chance_alive(client).item()
    wanted = alive * quad(at, 0, 1, epsrel=1e-10, weight="alg", wvar=(0, 0))[0]
    found = model.expected_purchases(client, Duration.weeks(horizon)).item()
    assert found == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_drawn_clients_buy_as_much_as_expected(kind) -> None:
    """Clients drawn for 60 weeks, cut after 30: the rest is what was expected of them."""
    model = BgNbd(0.6, 4.0, 0.8, 2.4, kind=kind)
    whole, _ = draw_bg_clients(model, 100_000, age=60, seed=21)
    n, mean = len(whole), model.expected_from_start(Duration.weeks(60))
    error = whole.repeat.std() / np.sqrt(n)
    assert whole.repeat.mean() == pytest.approx(mean, abs=5 * error)
    half, _ = draw_bg_clients(model, 100_000, age=30, seed=22)
    ahead = model.expected_purchases(half, Duration.weeks(30)).mean()
    assert half.repeat.mean() + ahead == pytest.approx(mean, abs=10 * error)


def test_a_bare_number_is_refused() -> None:
    client = weeks((2, 30, 39))
    for method in (ROUNDED.expected_purchases, ROUNDED.chance_to_buy):
        with pytest.raises(ParameterError, match=r"found 30; say Duration.days\(30\)"):
            method(client, 30)
    with pytest.raises(ParameterError, match="Wanted a Duration"):
        ROUNDED.expected_from_start(39)


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), float("inf")])
def test_parameters_are_above_nought(wrong: float) -> None:
    with pytest.raises(ParameterError, match="Wanted r, alpha, a and b above 0"):
        BgNbd(0.2, 4, wrong, 2)
    with pytest.raises(ParameterError, match='Wanted the kind "bg" or "mbg"'):
        BgNbd(0.2, 4, 1, 2, kind="pareto")  # type: ignore[arg-type]


def faithful_clients(n_clients: int = 300) -> Behaviour:
    """Return clients who come about every month and never stop."""
    rng = np.random.default_rng(9)
    days = np.cumsum(rng.integers(15, 46, (n_clients, 60)), axis=1)
    seen = days <= rng.integers(500, 700, n_clients)[:, None]
    last = np.where(seen, days, 0).max(axis=1)
    return Behaviour(seen.sum(axis=1), last, last + rng.integers(0, 20, n_clients), TimeUnit.DAY)


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_where_nobody_stops_the_fit_says_so_and_gives_no_chance(kind) -> None:
    fit = fit_bg_nbd(faithful_clients(), kind=kind)
    assert (fit.status, fit.reason) == ("not computable", NOBODY_LEAVES)
    assert fit.covariance is None


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_superstore_and_the_rfm_orders_cannot_be_fitted(kind, shared_data) -> None:
    superstore = read_orders(shared_data / "superstore/superstore.csv.gz", "Customer ID")
    fit = fit_bg_nbd(superstore, kind=kind)
    assert (fit.status, fit.reason) == ("not computable", NOBODY_LEAVES)
    orders = read_orders(shared_data / "rfm/rfm_data_orders.csv", "customer_id")
    fit = fit_bg_nbd(orders, kind=kind)
    assert fit.status == "not computable"
    assert fit.reason is not None
    assert fit.reason.startswith("all clients seem equally likely to leave here")


def read_orders(path, client: str) -> Behaviour:
    """Return the behaviour in a file of orders on its last day."""
    import pandas as pd

    day = "Order Date" if client == "Customer ID" else "order_date"
    rows = pd.read_csv(path, usecols=[client, day]).drop_duplicates()
    days = pd.to_datetime(rows[day]).to_numpy().astype("datetime64[D]").astype(np.int64)
    _, who = np.unique(rows[client].to_numpy(dtype=str), return_inverse=True)
    first, last = np.full(who.max() + 1, 10**6), np.zeros(who.max() + 1, dtype=np.int64)
    np.minimum.at(first, who, days)
    np.maximum.at(last, who, days)
    return Behaviour(np.bincount(who) - 1, last - first, days.max() - first, TimeUnit.DAY)


def test_few_repeat_clients_make_a_thin_fit() -> None:
    clients, _ = draw_bg_clients(BgNbd(0.6, 4.0, 0.8, 2.4), 120, seed=2)
    fit = fit_bg_nbd(clients)
    assert fit.n_repeat < 100
    assert fit.status in ("thin", "not computable")
    assert fit.reason is not None


def test_a_history_of_less_than_three_return_gaps_is_thin() -> None:
    clients, _ = draw_bg_clients(BgNbd(0.6, 4.0, 0.8, 2.4), 5_000, seed=2)
    assert fit_bg_nbd(clients, m0_days=78 * 7 / 3).status == "ok"
    fit = fit_bg_nbd(clients, m0_days=78 * 7 / 3 + 1)
    assert fit.status == "thin"
    assert fit.reason == (
        "the history is 546 days long, at least three typical first return gaps (549) are needed"
    )


def test_without_a_repeat_purchase_there_is_nothing_to_fit() -> None:
    fit = fit_bg_nbd(weeks((0, 0, 3), (0, 0, 9)))
    assert (fit.model, fit.status) == (None, "not computable")
    assert fit.reason == "nobody has bought twice yet"
    assert fit_bg_nbd(weeks()).reason == "nobody has bought yet"
    assert np.isnan(fit.log_likelihood)


def test_one_client_is_no_base_for_a_model() -> None:
    fit = fit_bg_nbd(weeks((3, 20, 30)))
    assert fit.status != "ok"
    assert fit.reason is not None


def test_the_fit_reads_behaviour_and_leaves_it_as_it_was() -> None:
    clients, _ = draw_bg_clients(BgNbd(0.6, 4.0, 0.8, 2.4), 500, seed=2)
    for column in (clients.repeat, clients.recency, clients.age):
        column.setflags(write=False)
    fit = fit_bg_nbd(clients, unit=TimeUnit.DAY)
    assert fit.model is not None
    assert fit.model.unit is TimeUnit.DAY
    by_week = fit_bg_nbd(clients).model
    assert by_week is not None
    assert fit.model.alpha == pytest.approx(7 * by_week.alpha, rel=1e-3)
