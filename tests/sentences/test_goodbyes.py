from __future__ import annotations

from dataclasses import replace

import pytest

from crm_core.metrics.backtest.candidates import Candidate, all_candidates
from crm_core.metrics.backtest.results import Backtest, CutFacts, RuleScore
from crm_core.metrics.parameters import Parameters
from crm_core.sentences.goodbyes import advice_sentence, name_rule, say_basis
from tests.builders import as_day

INNER, OUTER, LAST = (as_day(day) for day in ("2024-09-30", "2025-03-31", "2025-09-30"))
OWN, WINDOW = Candidate.personal(4, 4), Candidate.fixed(180)


def score(rule: Candidate, flagged: int, back: int, cut: int = OUTER) -> RuleScore:
    """Return a rule on a cut with 200 clients, half of whom bought."""
    return RuleScore(rule, cut, n=200, n_bought=100, n_flagged=flagged, n_flagged_bought=back)


def trial(**changes: object) -> Backtest:
    own, window = score(OWN, 134, 38), score(WINDOW, 120, 20)
    found = Backtest(
        as_of=LAST,
        from_day=as_day("2022-01-01"),
        n_rows=1204,
        horizon_days=183,
        cuts=(CutFacts(INNER, 180, 90, 0, 30), CutFacts(OUTER, 200, 100, 0, 30)),
        rows=(own, window),
        chosen=own,
        current=own,
        verdict="keep",
        status="ok",
    )
    return replace(found, **changes)


def test_keeping_the_rule_gives_its_counts_and_range() -> None:
    said = advice_sentence(trial())
    assert said.startswith("Keep **4 × own rhythm**: of **134 clients** it would have given up on")
    assert "31 Mar 2025, **38 came back** (28\u00a0%, 21–37\u00a0%)" in said
    assert said.endswith("no other rule was wrong less often on the days before.")


def test_a_best_rule_that_failed_on_the_last_day_is_said() -> None:
    worse = advice_sentence(trial(chosen=score(WINDOW, 120, 45)))
    assert "180 days for everybody, the best of the days before, was wrong no less often" in worse


def test_a_better_rule_on_thin_history_is_no_reason_to_switch() -> None:
    said = advice_sentence(trial(status="thin", chosen=score(WINDOW, 120, 20)))
    assert said.endswith("wrong less often, but the history is too thin to switch for it.")


def test_a_switch_names_both_rules_with_their_counts() -> None:
    found = trial(verdict="switch", chosen=score(WINDOW, 120, 20))
    said = advice_sentence(found)
    assert said.startswith("Switch to **180 days for everybody**: of **120 clients**")
    assert "the rule in force: 38 of 134 came back" in said


def test_where_silence_says_little_nobody_is_called_gone() -> None:
    said = advice_sentence(trial(verdict="says little", silence_says_little=True))
    assert "**silence says little**" in said
    assert said.endswith("Speak of late clients, not of gone ones.")


@pytest.mark.parametrize(
    ("cuts", "begins"),
    [((), "Too little history to try any rule: only 3"), (None, "The rules cannot be told apart")],
)
def test_no_result_says_why(cuts: tuple[CutFacts, ...] | None, begins: str) -> None:
    found = trial(status="not computable", verdict="not computable", reason="only 3 clients")
    found = found if cuts is None else replace(found, cuts=cuts)
    assert advice_sentence(found).startswith(begins)


def test_where_everybody_came_back_every_goodbye_was_wrong() -> None:
    outer = CutFacts(OUTER, 60, 60, 0, 30)
    said = advice_sentence(trial(status="not computable", cuts=(outer,)))
    assert "all 60 clients bought again" in said


def test_a_withheld_share_leaves_its_counts() -> None:
    few = score(OWN, 3, 1)
    said = advice_sentence(trial(chosen=few, current=few))
    assert "of **3 clients**" in said
    assert "**1 came back**;" in said


def test_a_rule_in_force_that_could_not_be_tried_is_said() -> None:
    assert "cannot be tried on the past" in advice_sentence(trial(current=None))


def test_basis_names_days_rows_and_what_a_rule_sees() -> None:
    said = say_basis(trial())
    assert "Chosen on 30 Sep 2024; reported on 31 Mar 2025 (200 clients, 100 of whom" in said
    assert "1,204 sales from 1 Jan 2022 to 30 Sep 2025" in said
    assert say_basis(trial(cuts=())) == ""


def test_every_rule_has_a_name_of_its_own() -> None:
    rules = all_candidates(Parameters())
    assert len({name_rule(rule) for rule in rules}) == len(rules)
