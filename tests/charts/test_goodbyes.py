from __future__ import annotations

from crm_core.charts.goodbyes import describe_errors, error_points, errors_of
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import RuleScore

OWN, WINDOW, MODEL = Candidate.personal(4, 4), Candidate.fixed(60), Candidate.model()


def score(rule: Candidate, flagged: int, back: int) -> RuleScore:
    return RuleScore(
        rule, 0, n=200, n_bought=100, n_flagged=flagged, n_flagged_bought=back,
        money=1000, money_bought=900, money_flagged=90, money_flagged_bought=45,
    )  # fmt: skip


SCORES = (score(OWN, 50, 10), score(WINDOW, 100, 20), score(MODEL, 60, 5))


def test_every_rule_is_a_point_of_its_kind_with_its_key() -> None:
    figure = error_points(SCORES, current=OWN, chosen=WINDOW)
    points = {trace.name: trace for trace in figure.data}
    assert points["Own rhythm"].customdata[0][0] == "personal:4:4"
    assert (points["Fixed silence"].x[0], points["Fixed silence"].y[0]) == (20, 20)
    assert points["In force"].x == points["Own rhythm"].x
    assert points["Best of the days before"].x == points["Fixed silence"].x


def test_money_weighs_the_errors() -> None:
    assert errors_of(SCORES[0], money=True) == (0.05, 0.55)
    assert errors_of(RuleScore(OWN, 0, 3, 0, 1, 0), money=False) is None


def test_nothing_known_is_an_empty_picture() -> None:
    figure = error_points((RuleScore(OWN, 0, 3, 0, 1, 0),), current=OWN, chosen=None)
    assert all(not len(trace.x) for trace in figure.data)


def test_picture_is_described_by_its_best_rules() -> None:
    said = describe_errors(SCORES)
    assert said.startswith("False alarms and misses of 3 rules; least in all: 60 days")
