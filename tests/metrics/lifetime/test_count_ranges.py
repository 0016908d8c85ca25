from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.count_ranges import MOST_PURCHASES, count_ranges
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit

CDNOW = BgNbd(0.243, 4.414, 0.793, 2.426)
YEAR = Duration.weeks(52)


def weeks(*clients: tuple[float, float, float]) -> Behaviour:
    x, t_x, age = np.array(clients, dtype=np.float64).reshape(-1, 3).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK)


def simulate(model: BgNbd, client: Behaviour, horizon: float, n: int = 100_000) -> np.ndarray:
    """Return drawn purchases of one client, one purchase after the other."""
    rng = np.random.default_rng(5)
    stays = model.b + client.repeat[0] + (model.kind == "mbg")
    rate = rng.gamma(model.r + client.repeat[0], 1 / (model.alpha + client.age[0]), n)
    leaves = rng.beta(model.a, stays, n)
    active = rng.random(n) < model.chance_alive(client)[0]
    count, clock = np.zeros(n, dtype=int), np.zeros(n)
    while active.any():
        clock += rng.exponential(1 / rate)
        active &= clock <= horizon
        count += active
        active &= rng.random(n) >= leaves
    return count


@pytest.mark.parametrize("kind", ["bg", "mbg"])
@pytest.mark.parametrize("client", [(0, 0, 39), (2, 30.43, 38.86), (26, 30.9, 31)])
def test_ranges_and_variance_are_those_of_simulated_clients(kind, client) -> None:
    model, one = replace(CDNOW, kind=kind), weeks(client)
    found, drawn = count_ranges(model, one, YEAR), simulate(model, one, 52)
    assert drawn.mean() == pytest.approx(model.expected_purchases(one, YEAR).item(), rel=0.03)
    assert found.variance.item() == pytest.approx(drawn.var(), rel=0.05)
    assert abs(found.low.item() - np.quantile(drawn, 0.1, method="inverted_cdf")) <= 1
    assert abs(found.high.item() - np.quantile(drawn, 0.9, method="inverted_cdf")) <= 1


def test_range_starts_at_none_exactly_where_buying_is_less_likely_than_the_level() -> None:
    clients = weeks(*[(x, 30, 39) for x in range(40)])
    to_buy = CDNOW.chance_to_buy(clients, YEAR)
    assert ((count_ranges(CDNOW, clients, YEAR).low == 0) == (to_buy <= 0.9)).all()
    assert ((count_ranges(CDNOW, clients, YEAR).high == 0) == (to_buy <= 0.1)).all()


@settings(max_examples=40)
@given(
    st.tuples(st.floats(0.01, 3), st.floats(1, 20), st.floats(0.01, 20), st.floats(0.01, 20)),
    st.lists(
        st.tuples(st.integers(0, 40), st.floats(0, 1), st.floats(0, 200)), min_size=1, max_size=5
    ),
    st.floats(0, 30),
)
def test_each_client_is_followed_alone(parameters, drawn, horizon) -> None:
    model, ahead = BgNbd(*parameters), Duration.weeks(horizon)
    clients = [(x, part * age if x else 0.0, age) for x, part, age in drawn]
    together = count_ranges(model, weeks(*clients), ahead)
    assert (together.low <= together.high).all()
    assert (together.variance >= 0).all()
    for at, client in enumerate(clients):
        alone = count_ranges(model, weeks(client), ahead)
        assert (alone.low.item(), alone.high.item()) == (together.low[at], together.high[at])
        assert alone.variance.item() == pytest.approx(together.variance[at])


def test_a_wholesaler_is_followed_far_and_then_cut_off() -> None:
    steady = BgNbd(2.0, 0.1, 1e-3, 50.0)
    found = count_ranges(steady, weeks((1000, 100, 100), (100_000, 100, 100)), YEAR)
    assert 450 < found.low[0] < 520 < found.high[0] < 580
    assert found.high[1] == MOST_PURCHASES


def test_no_time_ahead_and_nobody_give_nothing() -> None:
    none = count_ranges(CDNOW, weeks((2, 30, 39)), Duration.days(0))
    assert (none.low.item(), none.high.item(), none.variance.item()) == (0, 0, 0.0)
    assert len(count_ranges(CDNOW, weeks(), YEAR).low) == 0
    with pytest.raises(ParameterError, match="Wanted a Duration"):
        count_ranges(CDNOW, weeks((2, 30, 39)), 52)
