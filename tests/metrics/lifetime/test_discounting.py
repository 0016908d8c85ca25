"""The first client of the CDNOW sample, 12 months at 1 % a month: 36.28, and how it went wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.bg_nbd import BgNbd
from crm_core.metrics.lifetime.discounting import Terms, discounted_purchases, discounted_value
from crm_core.metrics.lifetime.durations import (
    CALENDAR_WEEKS_A_MONTH,
    Behaviour,
    Duration,
    TimeUnit,
)
from crm_core.metrics.lifetime.gamma_gamma import GammaGamma
from crm_core.metrics.lifetime.pareto_nbd import ParetoNbd

CDNOW = BgNbd(0.242593, 4.413532, 0.792886, 2.425753)
MONEY = GammaGamma(6.24880, 3.74459, 15.44775)
FIRST = (2, 30.43, 38.86)
SPENT = np.array([22.35])


def weeks(*clients: tuple[float, float, float]) -> Behaviour:
    x, t_x, age = np.array(clients, dtype=np.float64).reshape(-1, 3).T
    return Behaviour(x, t_x, age, TimeUnit.WEEK)


def test_the_first_client_of_cdnow_is_worth_36_28() -> None:
    assert discounted_value(CDNOW, MONEY, weeks(FIRST), SPENT).round(2).item() == 36.28


def test_with_years_of_52_weeks_it_is_36_20() -> None:
    value = discounted_value(
        CDNOW, MONEY, weeks(FIRST), SPENT, weeks_a_month=CALENDAR_WEEKS_A_MONTH
    )
    assert value.round(2).item() == 36.20


def test_weeks_read_as_days_give_the_wrong_140_10() -> None:
    """Months of 30 weeks, written out by hand: only saying "weeks" aloud gets one there."""
    behaviour = weeks(FIRST)
    through = [CDNOW.expected_purchases(behaviour, Duration.weeks(30 * k)) for k in range(13)]
    wrong = sum(np.diff(through, axis=0)[k - 1] / 1.01**k for k in range(1, 13))
    assert (wrong * MONEY.expected_value(np.array([2]), SPENT)).round(2).item() == 140.10


def test_the_unit_cannot_be_left_out_or_mistaken() -> None:
    with pytest.raises(ParameterError, match="Wanted a Duration, found 30"):
        CDNOW.expected_purchases(weeks(FIRST), 30)
    with pytest.raises(ParameterError, match="a month of 30 would be days"):
        discounted_value(CDNOW, MONEY, weeks(FIRST), SPENT, weeks_a_month=30)
    in_days = weeks(FIRST).to(TimeUnit.DAY)
    assert discounted_value(CDNOW, MONEY, in_days, SPENT).round(2).item() == 36.28
    by_days = CDNOW.expected_purchases(weeks(FIRST), Duration.days(364))
    assert by_days.item() == pytest.approx(
        CDNOW.expected_purchases(weeks(FIRST), Duration.weeks(52)).item()
    )


def test_every_purchase_model_can_be_valued() -> None:
    pareto = ParetoNbd(0.55328, 10.57761, 0.60621, 11.66791)
    assert 20 < discounted_value(pareto, MONEY, weeks(FIRST), SPENT).item() < 60


def test_without_discount_the_months_add_up_to_the_whole() -> None:
    discounted, expected = discounted_purchases(
        CDNOW, weeks(FIRST, (0, 0, 10)), Terms(discount_monthly=0)
    )
    assert discounted == pytest.approx(expected)


def test_without_money_model_the_own_mean_counts_and_else_the_mean_of_all() -> None:
    behaviour = weeks(FIRST, FIRST, (0, 0, 38.86))
    values = discounted_value(CDNOW, None, behaviour, [10.0, 30.0, np.nan])
    purchases, _ = discounted_purchases(CDNOW, behaviour, Terms())
    assert values == pytest.approx(purchases * [10, 30, 20])


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.floats(0, 1), st.floats(0.5, 80), st.floats(1, 1000)),
        min_size=1,
        max_size=6,
    ),
    st.floats(0.01, 100),
    st.randoms(use_true_random=False),
)
def test_value_scales_with_the_currency_and_not_with_the_order(drawn, rate, random) -> None:
    behaviour = weeks(*[(x, part * age if x else 0, age) for x, part, age, _ in drawn])
    spent = np.array([m if x else np.nan for x, _, _, m in drawn])
    values = discounted_value(CDNOW, MONEY, behaviour, spent)
    abroad = GammaGamma(MONEY.p, MONEY.q, MONEY.gamma * rate)
    assert discounted_value(CDNOW, abroad, behaviour, spent * rate) == pytest.approx(values * rate)
    order = random.sample(range(len(drawn)), len(drawn))
    shuffled = Behaviour(
        behaviour.repeat[order], behaviour.recency[order], behaviour.age[order], TimeUnit.WEEK
    )
    assert discounted_value(CDNOW, MONEY, shuffled, spent[order]) == pytest.approx(values[order])
    assert (values >= 0).all()


@settings(max_examples=50)
@given(st.integers(0, 40), st.floats(0, 1), st.floats(1, 100), st.floats(0, 60))
def test_a_day_without_purchase_never_raises_expected_purchases(x, part, age, silent) -> None:
    client = weeks((x, part * age if x else 0, age))
    later = client.later(Duration.days(silent))
    for terms in (Terms(), Terms(months=1)):
        for before, after in zip(
            discounted_purchases(CDNOW, client, terms),
            discounted_purchases(CDNOW, later, terms),
            strict=True,
        ):
            assert after.item() <= before.item() * (1 + 1e-7)


@pytest.mark.parametrize(
    "terms",
    [
        *({"months": 0}, {"months": 2.5}, {"months": 121}, {"discount_monthly": -0.1}),
        *({"discount_monthly": 1}, {"margin": 0}, {"margin": 1.1}, {"weeks_a_month": 7}),
    ],
)
def test_terms_outside_their_range_are_refused(terms) -> None:
    with pytest.raises(ParameterError, match="Wanted"):
        Terms(**terms)
