from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from crm_core.metrics.lifetime import power_integrals
from crm_core.metrics.lifetime.power_integrals import integrate_decay, log_power_integral

CASES = [
    (2.5, 1.6, 10.6, 11.7, 30.4, 38.9),
    (2.5, 1.6, 11.7, 10.6, 30.4, 38.9),
    (0.55, 1.6, 5.0, 5.0, 0.0, 39.0),
    (1000.5, 1.6, 10.0, 11.0, 30.0, 39.0),
    (5000.0, 1.6, 1e-3, 1e4, 100.0, 101.0),
    (800.0, 50.0, 1e4, 1e-4, 1.0, 39.0),
    (3000.0, 1000.0, 7.0, 7000.0, 10.0, 500.0),
    (3000.0, 1000.0, 7000.0, 7.0, 10.0, 500.0),
    (1e-4, 1.0001, 1e4, 1e4, 0.0, 3000.0),
    (1e-4, 1.0001, 1e-4, 1e4, 0.0, 3000.0),
    (0.3, 0.8, 20.0, 30.0, 0.0, 52.0),
]


def one(value: float) -> np.ndarray:
    return np.array([value])


def by_adaptive_quadrature(case) -> float:
    """Return the logarithm of the integral, the value at ``start`` taken out of it."""
    k, m, alpha, beta, start, stop = case
    a, b = alpha + start, beta + start
    scale = 1 / (k / a + m / b)

    def height(v: float) -> float:
        u = scale * np.expm1(v)
        return scale * np.exp(v - k * np.log1p(u / a) - m * np.log1p(u / b))

    far = np.log1p((stop - start) / scale)
    area = quad(height, 0, far, limit=1000, epsabs=0, epsrel=1e-11)[0]
    return float(np.log(area) - k * np.log(a) - m * np.log(b))


@pytest.mark.parametrize("case", CASES)
def test_closed_form_is_the_integral(case) -> None:
    k, m, alpha, beta, start, stop = case
    found = log_power_integral(k, m, alpha, beta, start=one(start), stop=one(stop))
    assert found.item() == pytest.approx(by_adaptive_quadrature(case), abs=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_quadrature_stands_in_where_the_closed_form_has_no_value(case, monkeypatch) -> None:
    k, m, alpha, beta, start, stop = case
    monkeypatch.setattr(power_integrals, "NEAR_ONE", -1.0)
    found = log_power_integral(k, m, alpha, beta, start=one(start), stop=one(stop))
    assert found.item() == pytest.approx(by_adaptive_quadrature(case), abs=1e-9)


def test_nothing_lies_between_bounds_that_meet() -> None:
    bounds = {"start": np.array([3.0, 0.0]), "stop": np.array([3.0, 1.0])}
    found = log_power_integral(1.0, 2.0, 1.0, 1.0, **bounds)
    assert found[0] == -np.inf
    assert np.exp(found[1]) == pytest.approx(0.375)  # of (1 + u) ** -3 from 0 to 1


def test_decay_is_integrated_far_out() -> None:
    found = integrate_decay(lambda u: 2 * u, one(0.5), one(1e6))
    assert found.item() == pytest.approx(0.5)
