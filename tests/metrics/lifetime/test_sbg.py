"""Published figures: Fader and Hardie (2007; note of 2014), jdmaturen/shifted_beta_geometric_py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.sbg import ShiftedBetaGeometric, fit_sbg

HIGH_END = (869, 743, 653, 593, 551, 517, 491)
REGULAR = (631, 468, 382, 326, 289, 262, 241)
PARAMETER = st.floats(1e-4, 1e4)


def fit_survivors(survivors):
    """Fit to the survivors of 1,000 contracts after each renewal."""
    return fit_sbg(-np.diff((1000, *survivors)), survivors[-1])


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta", "log_likelihood"),
    [
        (HIGH_END, 0.66809, 3.80610, -1611.158),
        (REGULAR, 0.70408, 1.18204, -1680.265),
        (REGULAR[:4], 0.76367, 1.29583, -1401.559),
    ],
    ids=("high end", "regular", "regular, four renewals"),
)
def test_fit_gives_the_published_parameters(survivors, alpha, beta, log_likelihood) -> None:
    fit = fit_survivors(survivors)
    assert (fit.model.alpha, fit.model.beta) == pytest.approx((alpha, beta), abs=2e-4)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=1e-3)
    assert fit.model.log_likelihood(-np.diff((1000, *survivors)), survivors[-1]) == pytest.approx(
        fit.log_likelihood, abs=1e-9
    )
    assert (fit.status, fit.starts_agree, fit.n_clients) == ("ok", True, 1000)
    assert fit.n_repeat == survivors[0]


def test_projected_survival_is_the_published() -> None:
    assert fit_survivors(HIGH_END).model.survival(range(8, 13)).round(3).tolist() == [
        *(0.460, 0.436, 0.414, 0.395, 0.378),
    ]
    assert fit_survivors(REGULAR).model.survival(8).round(4).item() == 0.2201


def test_discounted_lifetime_is_the_published() -> None:
    model = fit_survivors(HIGH_END).model
    assert model.discounted_expected_lifetime(8, 0.1).item() == pytest.approx(7.52963, abs=2e-4)


def test_discounted_lifetime_is_the_sum_of_what_is_left() -> None:
    model, later = ShiftedBetaGeometric(0.7, 1.2), np.arange(3, 3000)
    by_hand = model.survival(later) / model.survival(2) / 1.1 ** (later - 3)
    assert model.discounted_expected_lifetime(3, 0.1).item() == pytest.approx(by_hand.sum())


@given(PARAMETER, PARAMETER)
def test_survival_falls_and_its_steps_are_the_churn(alpha, beta) -> None:
    model, numbers = ShiftedBetaGeometric(alpha, beta), np.arange(1, 40)
    survival = model.survival(np.arange(40))
    assert np.isfinite(model.log_survival(numbers)).all()
    assert ((survival >= 0) & (survival <= 1)).all()
    assert (np.diff(survival) <= 0).all()
    assert np.allclose(-np.diff(survival), model.churn(numbers), atol=1e-12)
    assert np.allclose(survival[:-1] * model.retention(numbers), survival[1:], atol=1e-12)


def test_survival_is_the_mean_over_simulated_contracts() -> None:
    chance = np.random.default_rng(4).beta(0.7, 1.2, size=400_000)
    for renewals in (1, 3, 9):
        simulated = ((1 - chance) ** renewals).mean()
        expected = ShiftedBetaGeometric(0.7, 1.2).survival(renewals).item()
        assert expected == pytest.approx(simulated, abs=0.002)


def test_contracts_that_began_at_different_times_give_the_same_parameters() -> None:
    rng = np.random.default_rng(8)
    n = 40_000
    ends_at = rng.geometric(rng.beta(0.7, 1.2, n))
    seen = rng.integers(1, 8, n)
    lost = np.bincount(ends_at[ends_at <= seen], minlength=8)[1:]
    there = np.bincount(seen[ends_at > seen], minlength=8)[1:]
    model = fit_sbg(lost, there).model
    assert (model.alpha, model.beta) == pytest.approx((0.7, 1.2), rel=0.07)


@pytest.mark.parametrize(
    ("lost", "there", "status", "reason"),
    [
        ([], 0, "not computable", "no contract has come to a renewal yet"),
        ([0, 0], [3, 5], "not computable", "no contract has ended yet"),
        ([9, 0], 0, "not computable", "no contract has been renewed yet"),
        ([40], 60, "not computable", "only the first renewal has been due"),
        ([10, 5, 4], 80, "thin", "only 19 contracts have ended, at least 20"),
        ([1, 0], [0, 9], "not computable", "only 1 contract has ended"),
        ([100, 90, 81, 73], 656, "not computable", "one and the same rate, about 10% at each"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(lost, there, status, reason) -> None:
    fit = fit_sbg(lost, there)
    assert fit.status == status
    assert reason in fit.reason


def test_twenty_losses_are_enough() -> None:
    assert fit_sbg([12, 5, 3], 80).status == "ok"


@pytest.mark.parametrize(
    "call",
    [
        lambda: ShiftedBetaGeometric(0, 1),
        lambda: ShiftedBetaGeometric(1, float("nan")),
        lambda: ShiftedBetaGeometric(1, 1).survival(-1),
        lambda: ShiftedBetaGeometric(1, 1).churn(0),
        lambda: ShiftedBetaGeometric(1, 1).retention(1.5),
        lambda: ShiftedBetaGeometric(1, 1).discounted_expected_lifetime(1, 0),
        lambda: fit_sbg([1, -1], 3),
        lambda: fit_sbg([1, 1], [1, 2, 3]),
    ],
)
def test_what_is_no_count_or_rate_is_refused(call) -> None:
    with pytest.raises(ParameterError, match="Wanted"):
        call()
