"""Behaviour of clients as people write it down, and as random testing draws it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.durations import Behaviour, TimeUnit


def weeks(*clients: tuple[float, float, float]) -> Behaviour:
    """Return the behaviour of clients given as (x, t_x, T) in weeks."""
    x, t_x, age = np.array(clients, dtype=np.float64).reshape(-1, 3).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK)


def read_cdnow_summary(folder: Path) -> tuple[Behaviour, np.ndarray]:
    """Return the sample's behaviour in its first 39 weeks, and mean values (0 without)."""
    path = folder / "cdnow/cdnow_customers_summary_with_transactions.csv"
    _, x, t_x, age, mean = np.loadtxt(path, delimiter=",", skiprows=1).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK), mean


def draw_bg_clients(
    model: BgNbd, n_clients: int, *, age: int = 78, seed: int = 1
) -> tuple[Behaviour, np.ndarray]:
    """Draw clients who live as a model says, for ``age`` of its units.

    Returns their behaviour, and whether each is alive at the end.
    """
    rng = np.random.default_rng(seed)
    rate = rng.gamma(model.r, 1 / model.alpha, n_clients)
    leaves = rng.beta(model.a, model.b, n_clients)
    alive = np.ones(n_clients, dtype=np.bool_)
    if model.kind == "mbg":
        alive = rng.random(n_clients) >= leaves
    count, last, clock = np.zeros(n_clients), np.zeros(n_clients), np.zeros(n_clients)
    at = np.flatnonzero(alive)
    while len(at):
        clock[at] += rng.exponential(1 / np.maximum(rate[at], 1e-300))
        at = at[clock[at] <= age]
        count[at] += 1
        last[at] = clock[at]
        alive[at] = rng.random(len(at)) >= leaves[at]
        at = at[alive[at]]
    behaviour = Behaviour(count, last, np.full(n_clients, float(age)), model.unit)
    return behaviour, alive


@st.composite
def behaviours(draw: st.DrawFn, *, clients: int = 12) -> Behaviour:
    """Draw the behaviour of a few clients, in whole days."""
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 60), st.integers(0, 700), st.integers(0, 700)),
            min_size=1,
            max_size=clients,
        )
    )
    x, last, more = np.array(rows, dtype=np.int32).T
    recency = np.where(x > 0, np.maximum(last, x), 0).astype(np.int32)
    return Behaviour(x, recency, recency + more, TimeUnit.DAY)


def models(kind: str | None = None) -> st.SearchStrategy[BgNbd]:
    """Draw a model with parameters of every size that a fit may end with."""
    size = st.floats(-3, 3).map(lambda power: 10.0**power)
    kinds = st.just(kind) if kind else st.sampled_from(["bg", "mbg"])
    return st.builds(BgNbd, size, size, size, size, st.just(TimeUnit.WEEK), kinds)
