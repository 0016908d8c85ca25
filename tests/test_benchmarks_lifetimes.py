"""The package ``lifetimes`` on random clients: where its formulas are right, ours agree."""

from __future__ import annotations

import os

import numpy as np
import pytest

from benchmarks.generated import LAST_DAY, build_ledger, generate
from benchmarks.lifetime import draw_clients
from benchmarks.peer_environment import Worker, is_ready, lifetimes_python
from crm_core.metrics.lifetime.bg_nbd import BgNbd, fit_bg_nbd
from crm_core.metrics.lifetime.durations import Duration, TimeUnit
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma
from crm_core.metrics.lifetime.summaries import summarise

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not is_ready() and "REGULARS_CI" not in os.environ,
        reason="python -m benchmarks.peer_environment sets up the package lifetimes",
    ),
]


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    with Worker(lifetimes_python(), tmp_path_factory.mktemp("lifetimes")) as worker:
        yield worker


def give(peer, name, behaviour, mean):
    weeks = behaviour.to(TimeUnit.WEEK)
    columns = {"repeat": weeks.repeat, "recency": weeks.recency, "age": weeks.age}
    peer.give(name, mean_value=mean, **columns)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fit_reaches_the_likelihood_that_lifetimes_reaches(peer, seed):
    clients = draw_clients(3_000, seed=seed)
    give(peer, f"fit-{seed}", clients, np.ones(len(clients)))
    theirs = BgNbd(*peer.ask("fit", f"fit-{seed}")["parameters"]).log_likelihood(clients)
    assert fit_bg_nbd(clients).log_likelihood == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize(
    ("numbers", "weeks"),
    [
        ((0.2426, 4.4135, 0.7929, 2.4258, 6.25, 3.74, 15.44), 39.0),
        ((1.7, 9.0, 1.6, 3.1, 2.0, 4.5, 30.0), 12.0),
        ((0.6, 20.0, 0.4, 5.5, 10.0, 2.2, 100.0), 104.0),
    ],
)
def test_scores_equal_those_of_lifetimes(peer, numbers, weeks):
    clients = draw_clients(2_000, seed=11)
    mean = np.random.default_rng(4).gamma(3.0, 12.0, size=len(clients))
    give(peer, "scores", clients, mean)
    peer.ask("score", "scores", list(numbers), weeks)
    theirs = peer.arrays("scores-scores")
    model, money = BgNbd(*numbers[:4]), GammaGamma(*numbers[4:])
    np.testing.assert_allclose(model.chance_alive(clients), theirs["alive"], rtol=1e-9)
    expected = model.expected_purchases(clients, Duration.weeks(weeks))
    np.testing.assert_allclose(expected, theirs["purchases"], rtol=1e-6)
    value = money.expected_value(clients.repeat, mean)
    np.testing.assert_allclose(value, theirs["value"], rtol=1e-9)


def test_summary_table_equals_that_of_lifetimes(peer):
    rows = generate(5_000, seed=3)
    amount = np.abs(rows.amount)
    ledger = build_ledger(type(rows)(rows.client, rows.day, amount))
    peer.give("sales", client=rows.client, day=rows.day, amount=amount / 1e4, end=[LAST_DAY])
    peer.ask("summary", "sales")
    theirs, ours = peer.arrays("sales-summary"), summarise(ledger, LAST_DAY)
    assert np.array_equal(ours.client, theirs["client"])
    assert np.array_equal(ours.behaviour.repeat, theirs["frequency"])
    assert np.array_equal(ours.behaviour.recency, theirs["recency"])
    assert np.array_equal(ours.behaviour.age, theirs["T"])
    np.testing.assert_allclose(np.nan_to_num(ours.mean_value), theirs["monetary_value"])
