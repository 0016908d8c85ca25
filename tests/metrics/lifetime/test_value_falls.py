from __future__ import annotations

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.lifetime.value import client_values
from crm_core.metrics.lifetime.value_falls import value_falls
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.lifetime.firms import START, simulated_firm

DAY = START + 899
QUARTER = DAY - 91


@pytest.fixture(scope="module")
def firm():
    return simulated_firm(3000)


@pytest.fixture(scope="module")
def falls(firm):
    return value_falls(firm, DAY, QUARTER, Parameters())


def test_largest_loss_comes_first_and_every_one_is_a_loss(falls) -> None:
    assert (np.diff(falls.lost) <= 0).all()
    assert (falls.lost > 0).all()
    assert falls.total_lost == falls.lost.sum()
    assert 0 < len(falls) < falls.n_judged == len(falls.earlier)


def test_both_days_are_valued_by_one_fit_on_their_own_rows(firm, falls) -> None:
    assert falls.earlier.models is falls.now.models
    assert falls.now.models.basis.as_of == DAY
    assert (falls.earlier.basis.as_of, falls.now.basis.as_of) == (QUARTER, DAY)
    then = client_values(firm, QUARTER, Parameters(), models=falls.now.models)
    at = np.searchsorted(then.client, falls.client)
    assert (falls.value_before == then.value[at]).all()
    now = np.searchsorted(falls.now.client, falls.client)
    assert (falls.value_now == falls.now.value[now]).all()


def test_given_values_are_used(firm, falls) -> None:
    again = value_falls(firm, DAY, QUARTER, Parameters(), now=falls.now)
    assert again.client.tolist() == falls.client.tolist()


def test_who_bought_nothing_in_between_can_only_fall(firm, falls) -> None:
    days = firm.purchases.day
    busy = np.unique(firm.purchases.clients()[(days > QUARTER) & (days <= DAY)])
    quiet = np.setdiff1d(falls.earlier.client, busy)
    worth = falls.earlier.value[np.searchsorted(falls.earlier.client, quiet)] > 0
    assert np.isin(quiet[worth], falls.client).all()


def test_plain_rule_lists_who_went_and_whose_only_purchase_was_undone() -> None:
    orders = {
        "went": [("2022-10-01", 500), ("2022-11-01", 500)],
        "stays": [("2023-01-15", 50), ("2023-06-15", 80)],
        "undone": [("2023-01-10", 70, "A"), ("2023-05-01", -70, None, "A")],
        "new": [("2023-06-01", 900)],
    }
    found = value_falls(
        make_ledger(orders), as_day("2023-06-30"), as_day("2023-01-31"), Parameters(window=120)
    )
    names = ["new", "stays", "undone", "went"]
    assert [names[c] for c in found.client] == ["went", "undone"]
    assert found.value_now.tolist() == [0, 0]
    assert found.n_judged == 3


def test_nobody_falls_where_nobody_is() -> None:
    found = value_falls(make_ledger({}), 100, 10, Parameters())
    assert (len(found), found.total_lost, found.n_judged) == (0, 0, 0)


def test_an_earlier_day_is_wanted() -> None:
    with pytest.raises(ParameterError, match="earlier day"):
        value_falls(make_ledger({}), 100, 100, Parameters())
