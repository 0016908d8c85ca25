from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.chances import ROWS_AT_ONCE, chance_alive, chance_to_buy
from crm_core.metrics.lifetime.durations import Behaviour, Duration
from tests.conftest import ROOT
from tests.metrics.lifetime.behaviours import behaviours, draw_bg_clients, models

ROUNDED = (0.243, 4.414, 0.793, 2.426)
FITTED = (0.242593, 4.413532, 0.792886, 2.425753)


def columns(*clients: tuple[float, float, float]) -> list[np.ndarray]:
    return list(np.array(clients, dtype=np.float64).T)


def test_chances_to_be_alive_are_those_of_the_published_parameters() -> None:
    """Recomputed for docs/methods.md with the rounded parameters of the 2005 article."""
    found = chance_alive(*ROUNDED, *columns((5, 30, 39), (20, 30, 39), (23, 39, 39)))
    assert found.tolist() == pytest.approx([0.705627, 0.196820, 0.968555], abs=1e-6)


def test_chances_of_the_first_client_of_cdnow() -> None:
    client = columns((2, 30.43, 38.86))
    assert chance_alive(*ROUNDED, *client).item() == pytest.approx(0.72658, abs=5e-6)
    assert chance_to_buy(*ROUNDED, *client, 39).item() == pytest.approx(0.55463, abs=5e-6)


def test_whoever_bought_once_is_alive_by_one_model_and_fades_by_the_other() -> None:
    clients = columns((0, 0, 1), (0, 0, 500))
    assert chance_alive(*FITTED, *clients).tolist() == [1, 1]
    sooner, later = chance_alive(*FITTED, *clients, kind="mbg")
    assert 1 > sooner > later > 0
    at_once = chance_alive(*FITTED, *columns((0, 0, 0)), kind="mbg").item()
    assert at_once == pytest.approx(FITTED[3] / (FITTED[2] + FITTED[3]))


def test_many_whole_days_give_what_few_broken_ones_give() -> None:
    rng = np.random.default_rng(5)
    n = 2 * ROWS_AT_ONCE + 11
    x = rng.integers(0, 90, n).astype(np.int32)
    age = rng.integers(90, 700, n).astype(np.int32)
    last = np.where(x > 0, rng.integers(0, age), 0).astype(np.int32)
    for kind in ("bg", "mbg"):
        tables = chance_to_buy(*FITTED, x, last, age, 90, kind=kind)
        plain = chance_to_buy(*FITTED, x * 1.0, last * 1.0, age * 1.0, 90, kind=kind)
        assert np.abs(tables - plain).max() < 1e-13
        assert chance_alive(*FITTED, x, last, age, kind=kind)[-1] == pytest.approx(
            chance_alive(*FITTED, x[-1:], last[-1:], age[-1:], kind=kind).item(), rel=1e-13
        )


@settings(max_examples=120)
@given(models(), behaviours(), st.integers(0, 900))
def test_chances_lie_between_nought_and_one(model: BgNbd, clients: Behaviour, days: int) -> None:
    alive = model.chance_alive(clients)
    buys = model.chance_to_buy(clients, Duration.days(days))
    assert ((alive >= 0) & (alive <= 1)).all()
    assert ((buys >= 0) & (buys <= alive)).all()
    assert np.isfinite(buys).all()


@settings(max_examples=120)
@given(models(), behaviours(), st.integers(1, 400))
def test_a_day_without_purchases_never_raises_a_chance(
    model: BgNbd, clients: Behaviour, days: int
) -> None:
    later, span = clients.later(Duration.days(days)), Duration.weeks(13)
    slack = 1e-12
    assert (model.chance_alive(later) <= model.chance_alive(clients) + slack).all()
    before = model.chance_to_buy(clients, span)
    assert (model.chance_to_buy(later, span) <= before + slack).all()


@settings(max_examples=60)
@given(models(), behaviours(), st.integers(0, 400), st.integers(1, 400))
def test_more_time_ahead_never_lowers_the_chance_to_buy(
    model: BgNbd, clients: Behaviour, days: int, more: int
) -> None:
    short, long = Duration.days(days), Duration.days(days + more)
    slack = 1e-12
    longer = model.chance_to_buy(clients, long)
    assert (model.chance_to_buy(clients, short) <= longer + slack).all()


@pytest.mark.parametrize("kind", ["bg", "mbg"])
def test_drawn_clients_are_alive_and_buy_as_often_as_expected(kind: str) -> None:
    """200,000 clients drawn from the model; 5 standard errors."""
    model = BgNbd(0.6, 4.0, 0.8, 2.4, kind=kind)
    past, alive = draw_bg_clients(model, 200_000, age=40, seed=11)
    chance = model.chance_alive(past)
    for wanted in (past.repeat == 0, past.repeat == 1, past.repeat >= 4):
        n = np.count_nonzero(wanted)
        error = np.sqrt((chance[wanted] * (1 - chance[wanted])).sum()) / n
        assert alive[wanted].mean() == pytest.approx(chance[wanted].mean(), abs=5 * error + 1e-12)


def test_chances_need_no_scipy() -> None:
    code = "import sys, crm_core.metrics.lifetime.chances; print('scipy' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
