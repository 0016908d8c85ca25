from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crm_core.ledger import Ledger
from crm_core.metrics.backtest import run
from crm_core.metrics.backtest.candidates import Candidate
from crm_core.metrics.backtest.results import Backtest
from crm_core.metrics.backtest.run import run_backtest
from crm_core.metrics.cadence import purchase_history
from crm_core.metrics.goodbyes import false_goodbyes
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.backtest.firms import FIRST, LAST, regular_book, regular_firm
from tests.metrics.ledgers import arrays_of

P = Parameters()


@pytest.fixture(scope="module")
def found() -> Backtest:
    return run_backtest(regular_firm(), LAST, P)


def test_every_rule_is_tried_at_every_cut(found: Backtest) -> None:
    assert [b.day - a.day for a, b in zip(found.cuts, found.cuts[1:], strict=False)] == [120] * 5
    assert (found.as_of, found.from_day, found.horizon_days) == (LAST, found.from_day, 120)
    assert found.outer_cut == LAST - 120
    assert found.n_rows == len(regular_firm().sales)
    assert len(found.rows) == 6 * 66
    assert {row.rule for row in found.outer} == {row.rule for row in found.pooled}
    assert all(fact.model for fact in found.cuts)


def test_what_is_chosen_is_best_on_inner_cuts_and_reported_on_the_outer(found: Backtest) -> None:
    assert found.status == "ok"
    assert found.chosen is not None
    best = min(row.error_sum for row in found.pooled)
    (pooled,) = (row for row in found.pooled if row.rule == found.chosen.rule)
    assert (pooled.error_sum, found.chosen.cut) == (best, found.outer_cut)
    assert found.chosen == found.score_of(found.chosen.rule)
    assert found.current == found.score_of(Candidate.personal(4, 4))
    sums = [row.error_sum for row in found.outer]
    assert sums == sorted(sums)


def test_regular_buyers_who_leave_are_told_apart(found: Backtest) -> None:
    assert found.chosen.error_sum < 0.1
    assert found.chosen.false_goodbyes.value < 0.1
    assert not found.silence_says_little
    fixed = found.score_of(Candidate.fixed(365))
    assert fixed.error_sum > found.chosen.error_sum + 0.1


def test_the_current_rule_counts_its_false_goodbyes_as_the_gone_list_does() -> None:
    ledger = regular_firm()
    parameters = Parameters(window=60)
    found = run_backtest(ledger, LAST, parameters)
    beside = false_goodbyes(ledger, purchase_history(ledger, parameters), parameters, LAST)
    assert (beside.cut, found.current.false_goodbyes) == (found.outer_cut, beside.rate)


def test_the_settings_of_the_chosen_rule_put_it_in_force(found: Backtest) -> None:
    values = replace(P, **found.settings)
    again = run_backtest(regular_firm(), LAST, values)
    assert again.current.rule == found.chosen.rule
    assert again.verdict == "keep"


# No look-ahead ---------------------------------------------------------------------------


def later_rows(cut: int) -> dict[str, list[tuple]]:
    """Rows after a cut that would change every rule's flags if they were seen on it.

    Everybody buys daily for a while (gaps of a day, so other rhythms, typical gaps and
    models) and everything bought before is paid back.
    """
    book = regular_book()
    after: dict[str, list[tuple]] = {}
    for number, (name, rows) in enumerate(book.items()):
        own = [(*row, f"{name}-{i}") for i, row in enumerate(rows) if row[0] <= cut]
        backs = [(cut + 1, -row[1], None, row[2]) for row in own]
        daily = [(cut + day, 7, f"{name}+{day}") for day in range(2, 20 + number % 40)]
        after[name] = [*own, *backs, *daily]
    return after


def flags_only(found: Backtest, cut: int) -> list[tuple]:
    """What rules say on a cut, the truth left out."""
    return [
        (row.rule, row.n, row.n_flagged, row.money, row.money_flagged)
        for row in found.rows
        if row.cut == cut
    ]


def test_nothing_after_a_cut_changes_what_rules_say_on_it() -> None:
    cut = LAST - 120
    before = {
        name: [(*row, f"{name}-{i}") for i, row in enumerate(rows) if row[0] <= cut]
        for name, rows in regular_book().items()
    }
    calls = {name: [cut + 3] for name in before}
    ends = {name: [(cut + 2, "other")] for name in list(before)[:50]}
    plain = run_backtest(make_ledger(before), LAST, P)
    planted = run_backtest(make_ledger(later_rows(cut), inbound=calls, closed=ends), LAST, P)
    assert plain.outer_cut == planted.outer_cut == cut
    assert flags_only(planted, cut) == flags_only(plain, cut)
    assert planted.cuts[-1].m0 == plain.cuts[-1].m0
    assert planted.cuts[-1].model == plain.cuts[-1].model
    # The truth did change: nobody had bought, now everybody has.
    assert {row.n_bought for row in plain.outer} == {0}
    assert {row.n_bought for row in planted.outer} == {plain.cuts[-1].n}
    # And seen on a later day the rows change what every rule says.
    seen = run_backtest(make_ledger(later_rows(cut)), LAST + 200, P)
    assert flags_only(seen, seen.outer_cut) != flags_only(plain, cut)


def test_rows_dated_after_the_day_change_nothing(found: Backtest) -> None:
    book = {name: [*rows, (LAST + 5, 1)] for name, rows in regular_book().items()}
    assert run_backtest(make_ledger(book | {"new": [(LAST + 9, 5)]}), LAST, P) == found


# Thin data -------------------------------------------------------------------------------


def test_no_sales_say_so() -> None:
    found = run_backtest(make_ledger({}), 20_000, P)
    assert (found.status, found.verdict) == ("not computable", "not computable")
    assert found.reason == "there are no sales with a client yet"
    assert (found.rows, found.cuts, found.outer_cut, found.chosen) == ((), (), None, None)
    nobody = run_backtest(make_ledger({"": [("2020-01-01", 5)]}), as_day("2024-01-01"), P)
    assert nobody.reason == found.reason


def test_one_client_is_no_backtest() -> None:
    ledger = make_ledger({"a": [(day, 5) for day in range(FIRST, LAST, 30)]})
    found = run_backtest(ledger, LAST, P)
    assert found.status == "not computable"
    assert found.reason == "only 1 case, at least 5 are needed"
    assert found.chosen is None


def test_ten_clients_are_too_thin_to_advise_a_switch() -> None:
    found = run_backtest(regular_firm(clients=10), LAST, Parameters(window=365))
    assert (found.status, found.verdict) == ("thin", "keep")
    assert found.reason == "only 10 clients on the outer cut, fewer than 30"
    assert found.chosen is not None


def test_a_history_shorter_than_two_horizons_is_watched_for_less() -> None:
    starts = range(FIRST, FIRST + 60)
    book = {f"c{day}": [(d, 5) for d in range(day, day * 4 - 3 * FIRST + 9, 9)] for day in starts}
    ledger = make_ledger(book)
    found = run_backtest(ledger, FIRST + 220, P)
    assert found.horizon_days == 88
    assert found.status == "thin"
    assert "goodbyes are watched for" in found.reason
    short = run_backtest(ledger, FIRST + 60, P)
    assert short.status == "not computable"
    assert "at least 75 are needed" in short.reason


def test_everybody_or_nobody_coming_back_leaves_nothing_to_compare() -> None:
    loyal = make_ledger({f"c{i}": [(day, 5) for day in range(0, 1500, 20)] for i in range(40)})
    found = run_backtest(loyal, 1499, P)
    assert found.reason == "everybody bought again after the outer cut: every goodbye was wrong"
    once = make_ledger({f"c{i}": [(i, 5)] for i in range(400)})
    found = run_backtest(once, 1499, P)
    assert found.reason == "nobody bought in the days after the outer cut: every goodbye was right"
    assert (found.status, found.chosen, found.settings) == ("not computable", None, {})


def test_silence_says_little_where_buyers_come_at_random() -> None:
    chance = np.random.default_rng(1)
    book = {
        f"c{i}": [(int(day), 9) for day in np.unique(chance.integers(0, 1500, 11))]
        for i in range(200)
    }
    found = run_backtest(make_ledger(book), 1500, Parameters(m0=100))
    assert found.silence_says_little
    assert found.verdict == "says little"
    assert found.status == "ok"


def test_clients_somebody_said_have_left_are_left_out() -> None:
    book = regular_book()
    ends = {name: [(rows[-1][0] + 1, "other")] for name, rows in list(book.items())[:60]}
    found = run_backtest(make_ledger(book, closed=ends), LAST, P)
    outer = found.cuts[-1]
    assert outer.n_ended > 20
    assert outer.n + outer.n_ended == 120
    # Their gaps still speak for the business.
    assert outer.m0 == run_backtest(regular_firm(), LAST, P).cuts[-1].m0


def test_the_ledger_is_only_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = regular_firm(clients=30)
    for array in arrays_of(ledger):
        array.setflags(write=False)

    def refuse(self: Ledger, mask: np.ndarray) -> Ledger:
        assert not mask.any(), "a backtest copies no rows of the ledger"
        return select(self, mask)

    select = Ledger.select
    monkeypatch.setattr(Ledger, "select", refuse)
    assert run_backtest(ledger, LAST, P).rows


def test_fewer_cuts_may_be_asked_for() -> None:
    ledger = regular_firm(clients=40)
    assert [len(run_backtest(ledger, LAST, P, cuts=n).cuts) for n in (1, 2, 4)] == [2, 2, 4]
    assert run.CUTS == 6
