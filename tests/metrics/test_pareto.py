from __future__ import annotations

from datetime import date

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.errors import ParameterError
from crm_core.metrics.pareto import conclude, measure, pareto, period_days
from crm_core.tables import to_day
from tests.metrics.ledgers import locked, named, net_of, order_books


def bought(*amounts: int) -> dict[str, list[tuple[int, int]]]:
    return {f"c{n:02}": [(100, amount)] for n, amount in enumerate(amounts)}


def test_ten_clients_give_the_figures_worked_by_hand():
    result = pareto(locked(bought(500, 200, 100, 60, 40, 30, 25, 20, 15, 10)), 100)
    assert (result.n, result.total) == (10, 10_000_000)
    assert (result.top20_clients, result.top20_share) == (2, 0.70)
    assert (result.for80_clients, result.for80_share_of_clients) == (3, 0.3)
    assert result.classes == (3, 4, 3)
    assert result.gini == pytest.approx(0.622)
    assert result.effective_clients == pytest.approx(1 / result.hhi)
    assert (result.status, result.reason) == ("thin", "only 10 buying clients")


def test_ties_go_by_position_whatever_the_row_order():
    result = pareto(locked(bought(5, 9, 5, 9, 5)), 100)
    assert result.order.tolist() == [1, 3, 0, 2, 4]
    assert result.class_codes().tolist() == [0, 0, 0, 0, 1]


def test_clients_at_zero_or_below_stand_apart_from_the_base():
    book = {"ann": [(1, 10)], "bob": [(1, 0)], "cy": [(1, 3), (2, -8)], "dan": [(400, 5)]}
    result = pareto(locked(book), 100, period="all")
    assert (result.n, result.total) == (1, 100_000)
    assert (result.n_not_positive, result.net_not_positive) == (2, -50_000)
    assert result.class_codes().tolist() == [0, -1, -1, -1]
    assert result.shares().tolist() == [1.0, 0.0, 0.0, 0.0]


def test_sales_without_a_client_stand_beside_the_base():
    result = pareto(locked({"ann": [(50, 10)], "": [(50, 7), (99, 1), (101, 5)]}), 100)
    assert (result.total, result.without_client) == (100_000, 80_000)


def test_twelve_months_begin_the_day_after_the_same_date_a_year_before():
    as_of = to_day(date(2024, 2, 29))
    book = {"in": [("2023-03-01", 1)], "out": [("2023-02-28", 1)]}
    assert pareto(locked(book), as_of).order.tolist() == [0]


def test_a_chosen_period_includes_both_ends_but_nothing_after_the_as_of_day():
    book = {"a": [(10, 1)], "b": [(20, 2)], "c": [(30, 4)], "d": [(9, 8)]}
    assert pareto(locked(book), 25, period=(10, 30)).net.tolist() == [20_000, 10_000]
    assert period_days((10, 30), 25) == (10, 25)


@pytest.mark.parametrize("period", ["6m", (30, 10)])
def test_an_unknown_period_is_refused(period):
    with pytest.raises(ParameterError, match="12m, all or"):
        pareto(locked({}), 10, period=period)


def test_without_sales_every_share_is_missing_with_the_reason():
    result = pareto(locked({}, created={"ann": 1}), 100)
    assert (result.n, result.total, result.classes) == (0, 0, (0, 0, 0))
    shares = (result.top20_share, result.for80_share_of_clients, result.gini, result.hhi)
    assert shares == (None, None, None, None)
    assert result.effective_clients is None
    assert (result.status, result.reason) == (
        "not computable",
        "no client has net sales above zero in this period",
    )
    assert result.class_codes().tolist() == [-1]
    assert result.curve.rank.tolist() == [0]


def test_a_single_client_is_class_a():
    result = pareto(locked(bought(100)), 100)
    assert (result.classes, result.gini, result.for80_clients) == ((1, 0, 0), 0.0, 1)
    assert result.top20_share == 1.0


def test_share_of_first_runs_from_nothing_to_all():
    result = pareto(locked(bought(60, 40)), 100)
    assert [result.share_of_first(k) for k in (0, 1, 2, 3)] == [0.0, 0.6, 1.0, 1.0]


@settings(max_examples=50)
@given(order_books(), st.integers(0, 1000), st.sampled_from(["12m", "all"]))
def test_the_base_equals_a_plain_reading_of_the_rows(book, as_of, period):
    result = pareto(locked(book), as_of, period=period)
    nets = [net_of(rows, result.start, result.end) for rows in named(book).values()]
    assert result.by_client.tolist() == nets
    assert result.net.tolist() == sorted((n for n in nets if n > 0), reverse=True)
    assert sum(result.classes) == result.n
    assert result.n == 0 or result.shares().sum() == pytest.approx(1.0)
    assert result.without_client == net_of(book.get("", []), result.start, result.end)


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_conclude_to_the_whole(count, book, as_of):
    ledger = locked(book)
    whole = pareto(ledger, as_of)
    parts = [measure(part, whole.start, whole.end) for part in ledger.parts(count)]
    again = conclude(parts, as_of, "12m")
    for name, value in vars(whole).items():
        assert np.array_equal(getattr(again, name), value), name


@settings(max_examples=30)
@given(order_books(), st.integers(0, 1000), st.randoms(use_true_random=False))
def test_neither_row_order_nor_later_rows_matter(book, as_of, random):
    mixed = {name: random.sample(rows, len(rows)) for name, rows in book.items()}
    more = {name: [*rows, (as_of + 1, 999)] for name, rows in mixed.items()}
    one, other = pareto(locked(book), as_of), pareto(locked(more), as_of)
    assert one.order.tolist() == other.order.tolist()
    assert (one.gini, one.total) == (other.gini, other.total)
