from __future__ import annotations

import numpy as np

from crm_core.metrics.lifetime.contracts import contract_survival, count_renewals
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger

YEARS = [(f"{year}-01-01", f"{year}-12-31", "paid") for year in (2019, 2020, 2021, 2022)]
AS_OF = as_day("2022-06-30")


def renewals(contracts, as_of=AS_OF, **parameters):
    counts = count_renewals(make_ledger({}, contracts=contracts), as_of, Parameters(**parameters))
    return counts.lost.tolist(), counts.still_there.tolist()


def test_each_paid_term_after_the_first_is_a_renewal() -> None:
    assert renewals({"a": YEARS}) == ([0, 0, 0, 0], [0, 0, 0, 1, 0])
    assert renewals({"a": YEARS[:2]}) == ([0, 1], [0, 0, 0])
    assert renewals({"a": YEARS[3:]}) == ([0], [1, 0])


def test_a_term_just_over_is_still_there_within_the_grace_but_not_after_notice() -> None:
    term = ("2021-07-01", "2022-06-20", "paid")
    assert renewals({"a": [term]}) == ([0], [1, 0])
    assert renewals({"a": [term]}, contract_grace=5) == ([1], [0, 0])
    assert renewals({"a": [(*term, "2022-03-01")]}) == ([1], [0, 0])


def test_notice_given_later_is_not_seen() -> None:
    term = ("2021-07-01", "2022-06-20", "paid", "2022-07-05")
    assert renewals({"a": [term]}) == ([0], [1, 0])


def test_who_returns_after_the_end_begins_a_new_contract() -> None:
    assert renewals({"a": [YEARS[0], YEARS[2], YEARS[3]]}) == ([1, 0], [0, 1, 0])


def test_a_trial_is_no_renewal_and_alone_no_contract() -> None:
    trial = ("2018-12-01", "2018-12-31", "trial")
    assert renewals({"a": [trial, *YEARS[:2]]}) == ([0, 1], [0, 0, 0])
    assert renewals({"a": [trial]}) == ([], [0])


def test_later_terms_change_nothing() -> None:
    later = ("2022-07-01", "2023-06-30", "paid")
    before = renewals({"a": YEARS, "b": YEARS[:2]})
    assert renewals({"a": [*YEARS, later], "b": [*YEARS[:2], later], "c": [later]}) == before


def test_rates_of_renewal_count_only_what_was_decided() -> None:
    ledger = make_ledger(
        {}, contracts={"a": YEARS, "b": YEARS[:2], "c": YEARS[2:3], "d": YEARS[3:]}
    )
    counts = count_renewals(ledger, AS_OF, Parameters())
    assert counts.n_contracts == 4
    assert counts.n_lost == 2
    assert counts.due.tolist() == [3, 2, 1, 0]
    assert [(rate.numerator, rate.denominator) for rate in counts.renewed] == [
        *((2, 3), (1, 2), (1, 1), (0, 0)),
    ]


def test_survival_is_fitted_to_the_contracts_of_a_ledger() -> None:
    rng = np.random.default_rng(3)
    terms = np.minimum(rng.geometric(rng.beta(0.7, 1.2, 400)), 8)
    starts = rng.integers(0, 4, 400)
    contracts = {
        f"c{i}": [
            (f"{2014 + j}-01-01", f"{2014 + j}-12-31", "paid")
            for j in range(starts[i], min(starts[i] + terms[i], 9))
        ]
        for i in range(400)
    }
    result = contract_survival(make_ledger({}, contracts=contracts), AS_OF, Parameters())
    assert result.status == "ok"
    assert result.fit.n_clients == result.counts.n_contracts - result.counts.still_there[0]
    seen = result.counts.renewed[0].value
    assert abs(result.fit.model.survival(1).item() - seen) < 0.05


def test_without_contracts_there_is_a_sentence() -> None:
    for ledger in (make_ledger({}), make_ledger({"a": [("2022-01-01", 5)]})):
        result = contract_survival(ledger, AS_OF, Parameters())
        assert result.status == "not computable"
        assert result.reason == "no paid contracts have begun up to this day"
    single = contract_survival(make_ledger({}, contracts={"a": YEARS}), AS_OF, Parameters())
    assert (single.status, single.reason) == (
        "not computable",
        "no contract has ended yet, so nothing tells how long they last",
    )
