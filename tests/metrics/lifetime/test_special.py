"""Expected purchases of a living client, against the closed form and plain integration."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import betaln, hyp2f1

from crm_core.metrics.lifetime.special import integrate_purchases, purchases_while_alive

NODES, WEIGHTS = np.polynomial.legendre.leggauss(30)


def plain(shape: float, ratio: float, a: float, survived: float) -> float:
    """Integrate over the log-odds of the chance to leave, piece by piece (Gauss-Legendre)."""
    middle, wide = np.log(a / survived), np.sqrt(1 / a + 1 / survived)
    growth = np.log1p(shape * ratio)
    low = max(min(middle, -growth) - (50 + growth) / a - 10 * wide, -600.0)
    high = min(max(middle, 0) + 50 / survived + 10 * wide, 600.0)
    near = middle + wide * np.linspace(-10, 10, 61)
    cuts = np.concatenate((np.linspace(low, high, 121), near, np.linspace(-40, 40, 81)))
    cuts = np.unique(cuts[(cuts >= low) & (cuts <= high)])
    half = np.diff(cuts)[:, None] / 2
    u = cuts[:-1, None] + half * (1 + NODES)
    log_leave, log_stay = -np.logaddexp(0, -u), -np.logaddexp(0, u)
    chance = np.exp(log_leave)
    bought = -np.expm1(-shape * np.log1p(ratio * chance)) / chance
    density = np.exp(a * log_leave + survived * log_stay - betaln(a, survived))
    return float((density * bought * half * WEIGHTS).sum())


def one(function, shape: float, ratio: float, a: float, survived: float) -> float:
    columns = (np.array([value]) for value in (shape, ratio))
    return float(function(*columns, a, np.array([survived]))[0])


def sizes(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda power: 10.0**power)


@settings(max_examples=100)
@given(sizes(-2, 4), sizes(-4, 4), sizes(-0.7, 4), sizes(-0.7, 4))
@example(1e4, 1e-4, 1e4, 1e4)
@example(0.24, 8.8, 1.0, 2.4)
@example(2000.0, 1.0, 0.8, 2002.0)
@example(4.54, 96.7, 4.54, 389.0)
def test_purchases_equal_plain_integration_for_every_size(shape, ratio, a, survived) -> None:
    wanted = plain(shape, ratio, a, survived)
    for function in (purchases_while_alive, integrate_purchases):
        assert one(function, shape, ratio, a, survived) == pytest.approx(wanted, rel=1e-8)


@settings(max_examples=60)
@given(sizes(-1, 2), sizes(-2, 1), st.floats(1.1, 20), sizes(-1, 2))
def test_quadrature_equals_the_closed_form_where_that_keeps_its_digits(
    shape, ratio, a, survived
) -> None:
    third = a + survived - 1
    series = hyp2f1(shape, survived, third, ratio / (1 + ratio))
    closed = third / (a - 1) * (1 - (1 + ratio) ** -shape * series)
    lost = 1e-15 * third / (a - 1) / closed
    found = one(integrate_purchases, shape, ratio, a, survived)
    assert found == pytest.approx(closed, rel=1e-9 + 100 * lost)


@settings(max_examples=60)
@given(sizes(-4, 4), sizes(-6, 6), sizes(-4, 4), sizes(-4, 4))
def test_nobody_buys_more_than_without_leaving_or_less_than_once(shape, ratio, a, survived) -> None:
    found = one(purchases_while_alive, shape, ratio, a, survived)
    at_least_one = -np.expm1(-shape * np.log1p(ratio))
    assert at_least_one * (1 - 1e-7) <= found <= shape * ratio * (1 + 1e-7)


def test_a_of_exactly_one_lies_between_its_neighbours() -> None:
    below, at, above = (
        one(purchases_while_alive, 2.2, 1.3, a, 3.4) for a in (1 - 1e-6, 1.0, 1 + 1e-6)
    )
    assert below > at > above
    assert at == pytest.approx((below + above) / 2, rel=1e-10)


def test_where_nobody_leaves_purchases_are_those_of_the_rate() -> None:
    assert one(purchases_while_alive, 5.0, 2.0, 1e-4, 1e4) == pytest.approx(10, rel=1e-6)
    assert one(purchases_while_alive, 5.0, 0.0, 0.8, 2.4) == 0


def test_without_clients_there_is_nothing() -> None:
    nothing = np.empty(0)
    assert purchases_while_alive(nothing, nothing, 0.8, nothing).tolist() == []
    assert integrate_purchases(nothing, nothing, 0.8, nothing).tolist() == []


def test_rows_do_not_depend_on_each_other() -> None:
    rng = np.random.default_rng(3)
    x = rng.integers(0, 900, 3000).astype(np.float64)
    ratio = rng.uniform(0, 20, 3000)
    together = purchases_while_alive(x + 0.3, ratio, 0.9, x + 2.0)
    for row in (0, 17, 2999):
        alone = one(purchases_while_alive, x[row] + 0.3, ratio[row], 0.9, x[row] + 2.0)
        assert together[row] == pytest.approx(alone, rel=1e-9)
