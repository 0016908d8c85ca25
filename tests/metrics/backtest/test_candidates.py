from __future__ import annotations

import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.backtest.candidates import Candidate, all_candidates, candidate_of
from crm_core.metrics.parameters import Parameters


def test_every_rule_of_the_grid_is_tried_once() -> None:
    rules = all_candidates(Parameters())
    assert len(rules) == len(set(rules)) == 5 + 5 * 6 * 2 * 2 + 1
    assert len({rule.key for rule in rules}) == len({rule.words for rule in rules}) == len(rules)
    assert len(all_candidates(Parameters(), grouped=False)) == 5 + 5 * 6 * 2 + 1


@pytest.mark.parametrize(
    ("parameters", "key"),
    [
        (Parameters(), "personal:4:4"),
        (Parameters(kappa=3, k_gone=5.5, same_weeks=False), "personal:3:5.5:no-same-weeks"),
        (Parameters(m0_groups=(("a", "", 9.0),)), "personal:4:4:groups"),
        (Parameters(window=45), "fixed:45"),
        (Parameters(model=(0.2, 4, 1, 2, 30)), "bgnbd"),
    ],
)
def test_the_rule_in_force_is_always_among_those_tried(parameters: Parameters, key: str) -> None:
    assert candidate_of(parameters).key == key
    assert candidate_of(parameters) in all_candidates(parameters)


def test_a_rule_without_its_numbers_is_refused() -> None:
    with pytest.raises(ParameterError, match="with its numbers"):
        Candidate("fixed")
    with pytest.raises(ParameterError, match="with its numbers"):
        Candidate("personal", kappa=4.0)


def test_rules_are_named_in_plain_words() -> None:
    assert Candidate.fixed(90).words == "90 days of silence for everybody"
    assert Candidate.personal(1, 4, per_group=True).words == (
        "4 times the own rhythm, the typical gap of the kind and channel weighing 1 gap"
    )
