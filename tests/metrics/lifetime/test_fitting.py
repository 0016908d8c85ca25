from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.lifetime.climbing import HIGHEST, LOWEST, Surface, climb
from crm_core.metrics.lifetime.durations import Behaviour, Duration, TimeUnit
from crm_core.metrics.lifetime.fitting import Optimum, fit_or_reason, maximise, why_thin
from tests.metrics.lifetime.behaviours import weeks

PEAK = np.array([0.3, 20.0])
TIGHT = np.array([[2.0, 0.6], [0.6, 1.0]])
STARTS = [(1.0, 1.0), (0.01, 500.0), (5.0, 0.2)]


def hill(parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """One peak at PEAK: a paraboloid in the logarithms, of 1,000 clients."""
    away = np.log(parameters / PEAK)
    pull = TIGHT @ away
    return -500 * float(away @ pull), -1000 * pull / parameters


def hill_without_slope(parameters: np.ndarray) -> float:
    return hill(parameters)[0]


@pytest.mark.parametrize("likelihood", [hill, hill_without_slope])
def test_the_peak_is_found_with_or_without_a_formula_for_the_slope(likelihood) -> None:
    found = maximise(likelihood, STARTS, ("p", "q"), clients=1000)
    assert found.parameters == pytest.approx(PEAK, rel=1e-4)
    assert found.log_likelihood == pytest.approx(0, abs=1e-6)
    assert found.starts_agree
    assert found.at_bound == frozenset()
    assert found.covariance == pytest.approx(np.linalg.inv(TIGHT) / 1000, rel=1e-3)


def test_a_coarse_likelihood_is_climbed_first_and_the_true_one_decides() -> None:
    calls = []

    def counted(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        calls.append(1)
        return hill(parameters)

    def nearby(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = hill(parameters / 1.02)
        return value, slope / 1.02

    found = maximise(counted, STARTS, ("p", "q"), clients=1000, coarse=nearby)
    assert found.parameters == pytest.approx(PEAK, rel=1e-4)
    assert len(calls) < 12


def test_a_parameter_that_runs_away_stops_at_a_bound_and_is_named() -> None:
    def slope_down(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        gone, stays = parameters
        away = np.log(stays / 2)
        value = -10 * np.log(gone) - 100 * away**2
        return value, np.array([-10 / gone, -200 * away / stays])

    found = maximise(slope_down, STARTS, ("gone", "stays"), clients=100)
    assert (found.at_low, found.at_high) == ({"gone"}, set())
    assert found.parameters[0] == pytest.approx(LOWEST)
    assert found.parameters[1] == pytest.approx(2, rel=1e-4)
    assert found.covariance is None

    def slope_up(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = slope_down(np.array([1 / parameters[0], parameters[1]]))
        return value, np.array([-slope[0] / parameters[0] ** 2, slope[1]])

    found = maximise(slope_up, STARTS, ("gone", "stays"), clients=100)
    assert (found.at_low, found.at_high) == (set(), {"gone"})
    assert found.parameters[0] == pytest.approx(HIGHEST)


def two_hills(parameters: np.ndarray) -> tuple[float, np.ndarray]:
    """A lower and a higher peak, at logarithms -3 and 3."""
    away = np.log(parameters)
    parts = 100 * np.exp(-((away + 3) ** 2)), 110 * np.exp(-((away - 3) ** 2))
    slope = -2 * (away + 3) * parts[0] - 2 * (away - 3) * parts[1]
    return float((parts[0] + parts[1])[0]), slope / parameters


def test_starts_that_end_on_different_hills_do_not_agree() -> None:
    starts = [(np.exp(-2.7),), (np.exp(2.7),), (np.exp(3.3),)]
    found = maximise(two_hills, starts, ("p",), clients=10)
    assert not found.starts_agree
    assert found.parameters == pytest.approx([np.exp(3)], rel=1e-3)


def test_a_place_without_a_likelihood_is_turned_back_from() -> None:
    def broken(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        if parameters[0] > 40:
            return float("nan"), np.full(2, np.nan)
        return hill(parameters)

    top = climb(Surface(broken, 1000), np.log([39.0, 0.01]))
    assert np.exp(top.at) == pytest.approx(PEAK, rel=1e-4)


def optimum(**changes) -> Optimum:
    usual = {
        "parameters": np.ones(2),
        "log_likelihood": -5.0,
        "covariance": np.eye(2),
        "starts_agree": True,
        "at_low": frozenset(),
        "at_high": frozenset(),
    }
    return Optimum(**(usual | changes))


def repeaters(count: int, days: int = 1000) -> Behaviour:
    one = np.ones(count, dtype=np.int32)
    return Behaviour(one, one * 5, one * days, TimeUnit.DAY)


def judged(behaviour: Behaviour, found: Optimum, m0_days: float | None = None):
    def explain(at: Optimum) -> str:
        return f"{sorted(at.at_bound)} ran away"

    return fit_or_reason(behaviour, lambda: found, tuple, explain_bound=explain, m0_days=m0_days)


def test_a_fit_stands_from_a_hundred_repeat_clients_on() -> None:
    assert (judged(repeaters(100), optimum()).status, judged(repeaters(99), optimum()).status) == (
        "ok",
        "thin",
    )
    reason = judged(repeaters(99), optimum()).reason
    assert reason == "only 99 clients have bought again, at least 100 are needed"
    assert why_thin(repeaters(1), None) == (
        "only 1 client has bought again, at least 100 are needed"
    )


def test_a_fit_stands_from_three_return_gaps_on() -> None:
    assert why_thin(repeaters(100, days=132), 44) is None
    assert why_thin(repeaters(100, days=131), 44) is not None
    assert why_thin(repeaters(100, days=131).to(TimeUnit.WEEK), 44) is not None
    assert why_thin(repeaters(100, days=131), None) is None


def test_a_bound_comes_before_disagreement() -> None:
    fit = judged(repeaters(100), optimum(at_low=frozenset({"a"}), starts_agree=False))
    assert (fit.status, fit.reason) == ("not computable", "['a'] ran away")
    fit = judged(repeaters(100), optimum(starts_agree=False))
    assert (fit.status, fit.starts_agree) == ("not computable", False)
    assert fit.reason == "three searches for the best fit ended in different places"


def test_a_top_without_curvature_is_no_fit() -> None:
    fit = judged(repeaters(100), optimum(covariance=None))
    assert fit.status == "not computable"
    assert fit.reason == "the history is too even to pin this model down"


def test_too_few_clients_are_named_before_what_they_would_mean() -> None:
    fit = judged(repeaters(3), optimum(at_low=frozenset({"a"})))
    assert fit.status == "not computable"
    assert fit.reason == "only 3 clients have bought again, at least 100 are needed"


def test_without_repeat_clients_no_search_is_made() -> None:
    def never() -> Optimum:
        raise AssertionError

    behaviour = weeks((0, 0, 5)).later(Duration.weeks(1))
    fit = fit_or_reason(behaviour, never, tuple, explain_bound=str)
    assert (fit.model, fit.n_clients, fit.n_repeat) == (None, 1, 0)
    assert fit.reason == "nobody has bought twice yet"
