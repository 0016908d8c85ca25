from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.rfm import (
    DIMENSIONS,
    RfmCuts,
    exact_quantiles,
    quantile_cuts,
    rfm_values,
    score_rfm,
    score_values,
)
from tests.builders import make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.ledgers import live_days_of, locked, named, net_of, order_books


def scores_of(book, as_of=2_000, **options):
    scores = score_rfm(locked(book), as_of, **options)
    return [getattr(scores, name).tolist() for name in DIMENSIONS]


def five_clients() -> dict[str, list[tuple[int, int]]]:
    """Client number k bought k times, k units each, last on day 100 + k."""
    return {f"c{k}": [(100 + k - back, k) for back in range(k)] for k in range(1, 6)}


def test_five_clients_apart_in_all_get_the_scores_one_to_five() -> None:
    assert scores_of(five_clients(), 110) == [[1, 2, 3, 4, 5]] * 3


def test_value_equal_to_a_cut_is_not_above_it() -> None:
    # Quantiles of 1 1 1 1 9: all four are 1 but the last, 1 + 0.2 * 8 = 2.6.
    book = {f"c{k}": [(5, 1)] for k in range(4)} | {"big": [(5, 9)]}
    assert scores_of(book, 5)[2] == [5, 1, 1, 1, 1]


def test_many_buyers_of_once_make_frequency_jump() -> None:
    # Five bought once, two twice, three five times: quantiles 1, 1, 2 and 5.
    often = {f"c{k}": [(day, 1) for day in range(5)] for k in range(3)}
    book = {f"a{k}": [(1, 1)] for k in range(5)} | {f"b{k}": [(1, 1), (2, 1)] for k in range(2)}
    assert scores_of(book | often, 5)[1] == [1] * 5 + [3] * 2 + [4] * 3


def test_refunds_lower_money_and_a_refunded_order_is_no_purchase() -> None:
    ledger = make_ledger(
        {"a": [(1, 10, "x"), (4, 20, "y"), (6, -20, None, "y")], "b": [(1, 5), (2, -8)]}
    )
    before, after = rfm_values(ledger, 5), rfm_values(ledger, 6)
    assert before.frequency.tolist() == [2, 1]
    assert after.frequency.tolist() == [1, 1]
    assert after.recency.tolist() == [5, 5]
    assert after.money.tolist() == [10_0000, -3_0000]


def test_client_buying_on_the_day_has_zero_recency_and_later_rows_are_not_seen() -> None:
    values = rfm_values(make_ledger({"a": [(3, 1), (9, 7)]}), 3)
    assert (values.recency.tolist(), values.money.tolist()) == ([0], [1_0000])


@pytest.mark.parametrize("as_of", [-5, 0])
def test_nobody_to_score_gives_no_cuts_and_a_reason(as_of: int) -> None:
    scores = score_rfm(make_ledger({"a": [(3, 1)]}), as_of)
    assert scores.cuts == RfmCuts((), (), (), n=0)
    assert scores.recency.tolist() == [0]
    assert scores.status == "not computable"
    assert scores.reason == "nobody has bought by this day"


def test_fewer_than_five_clients_are_not_cut_into_fifths() -> None:
    scores = score_rfm(make_ledger({"a": [(3, 1)], "b": [(4, 2)]}), 5)
    assert scores.status == "not computable"
    assert "only 2 clients bought" in str(scores.reason)


def test_ten_clients_are_thin_and_thirty_are_not() -> None:
    for n, status in ((10, "thin"), (30, "ok")):
        book = {f"c{k:02}": [(k, k + 1)] for k in range(n)}
        assert score_rfm(make_ledger(book), 50).status == status


def test_dimensions_in_which_all_are_alike_are_named() -> None:
    book = {f"c{k}": [(k, 7)] for k in range(6)}
    assert score_rfm(make_ledger(book), 50).flat == ("frequency", "money")


def test_unknown_rule_is_refused() -> None:
    with pytest.raises(ParameterError, match="compat"):
        rfm_values(make_ledger({"a": [(3, 1)]}), 5, compat="other")  # type: ignore[arg-type]


@given(st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=60))
def test_quantiles_are_those_of_type_seven_without_rounding(values: list[int]) -> None:
    exact = exact_quantiles(np.array(values, dtype=np.int64))
    rising = sorted(values)
    for fifth, quantile in enumerate(exact, start=1):
        place = Fraction((len(values) - 1) * fifth, 5)
        low = int(place)
        high = min(low + 1, len(values) - 1)
        assert quantile == rising[low] + (place - low) * (rising[high] - rising[low])


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60))
def test_quantiles_are_those_of_numpy(values: list[int]) -> None:
    exact = [float(q) for q in exact_quantiles(np.array(values, dtype=np.int64))]
    assert exact == pytest.approx(np.quantile(values, [0.2, 0.4, 0.6, 0.8]))


@settings(max_examples=40, deadline=None)
@given(order_books(), st.integers(-10, 1_400))
def test_values_are_those_of_a_plain_reading(book, as_of) -> None:
    values = rfm_values(locked(book), as_of)
    for at, rows in enumerate(named(book).values()):
        live = live_days_of(rows, as_of)
        assert values.frequency[at] == len(live)
        assert values.recency[at] == (as_of - live[-1] if live else 0)
        assert values.money[at] == net_of(rows, -10_000, as_of)


@settings(max_examples=30, deadline=None)
@given(order_books(), st.integers(1, 900))
def test_money_counted_in_another_unit_changes_no_score(book, factor) -> None:
    scaled = {name: [(r[0], factor * r[1], *r[2:]) for r in rows] for name, rows in book.items()}
    assert scores_of(scaled) == scores_of(book)


@settings(max_examples=30, deadline=None)
@given(order_books(), st.randoms())
def test_order_of_rows_and_rows_of_later_days_change_nothing(book, random) -> None:
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in book.items()}
    later = {name: [*rows, (1_500, 3)] for name, rows in book.items()}
    assert scores_of(shuffled, 1_400) == scores_of(book, 1_400) == scores_of(later, 1_400)


@settings(max_examples=30, deadline=None)
@given(order_books())
def test_splitting_an_order_within_its_day_changes_nothing(book) -> None:
    split = {
        name: [
            part
            for r in rows
            for part in ([(r[0], 1, *r[2:]), (r[0], r[1] - 1, *r[2:])] if r[1] > 1 else [r])
        ]
        for name, rows in book.items()
    }
    assert scores_of(split) == scores_of(book)


@settings(max_examples=30, deadline=None)
@given(order_books())
def test_equal_values_get_equal_scores_and_more_is_never_worse(book) -> None:
    scores = score_rfm(locked(book), 1_400)
    bought = scores.values.bought
    for name, sign in (("recency", -1), ("frequency", 1), ("money", 1)):
        values = sign * getattr(scores.values, name)[bought]
        got = getattr(scores, name)[bought].astype(int)
        order = np.argsort(values, kind="stable")
        rises, steps = np.diff(values[order]), np.diff(got[order])
        assert (steps >= 0).all()
        assert (steps[rises == 0] == 0).all()
        assert not len(got) or {got.min(), got.max()} <= set(range(1, 6))


def test_scores_by_the_cuts_of_all_clients_do_not_depend_on_who_is_looked_at() -> None:
    ledger = make_ledger(five_clients())
    everybody = rfm_values(ledger, 110)
    cuts = quantile_cuts(everybody)
    some = np.array([True, False, True, False, True])
    part = score_values(rfm_values(ledger.select(some), 110), cuts)
    assert part.status == score_values(everybody, cuts).status == "thin"
    assert part.money.tolist() == score_values(everybody, cuts).money[some].tolist()


def test_cdnow_quantiles(shared_data: Path) -> None:
    cuts = score_rfm(read_cdnow(shared_data), LAST_DAY).cuts
    assert [float(q) for q in cuts.recency] == [152, 442, 486, 512]
    assert [float(q) for q in cuts.frequency] == [1, 1, 2, 4]
    assert [float(q) / 10_000 for q in cuts.money] == [15.36, 31.958, 59.25, 130.436]
