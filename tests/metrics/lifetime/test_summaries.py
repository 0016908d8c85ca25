from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from crm_core.metrics.lifetime.durations import TimeUnit
from crm_core.metrics.lifetime.summaries import measure, purchase_values, summarise
from crm_core.tables import to_date
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.ledgers import live_days_of, locked, named, order_books


def test_first_purchase_is_no_repeat_and_days_count_once() -> None:
    ledger = locked({"ann": [(1, 10), (5, 20), (5, 7), (9, 4)], "bob": [(3, 4)]})
    result = summarise(ledger, 12)
    behaviour = result.behaviour
    assert result.client.tolist() == [0, 1]
    assert behaviour.repeat.tolist() == [2, 0]
    assert behaviour.recency.tolist() == [8, 0]
    assert behaviour.age.tolist() == [11, 9]
    assert result.mean_value[0] == pytest.approx((27 + 4) / 2)
    assert np.isnan(result.mean_value[1])
    assert (behaviour.unit, behaviour.age.dtype) == (TimeUnit.DAY, np.int32)


def test_who_never_bought_is_not_among_the_buyers() -> None:
    ledger = locked({"ann": [(4, -4)], "bob": [(3, 4)]}, created={"cy": 1})
    assert summarise(ledger, 12).client.tolist() == [1]
    assert len(summarise(ledger, 2)) == 0
    assert summarise(ledger, 2).behaviour.age.dtype == np.int32


def test_a_purchase_paid_back_in_full_is_none_from_that_day_on() -> None:
    book = {"ann": [(1, 10), (5, 20), (9, 5, "o"), (12, -5, None, "o")]}
    assert summarise(locked(book), 11).behaviour.repeat.tolist() == [2]
    after = summarise(locked(book), 12)
    assert (after.behaviour.repeat.tolist(), after.behaviour.recency.tolist()) == ([1], [4])
    assert after.mean_value.tolist() == [20]


def test_a_refund_lowers_the_purchase_it_follows() -> None:
    book = {
        "ann": [(1, 10), (5, 20, "o"), (5, -8, None, "o"), (7, -3), (8, 6), (11, -1)],
        "bob": [(2, -4), (3, 9), (4, -2), (6, 5)],
    }
    values = purchase_values(locked(book), 12)
    assert (values / 10_000).tolist() == [10, 20 - 8 - 3, 6 - 1, 9 - 2, 5]
    assert summarise(locked(book), 12).mean_value.tolist() == [(9 + 5) / 2, 5]
    assert summarise(locked(book), 10).mean_value.tolist() == [(9 + 6) / 2, 5]
    assert summarise(locked(book), 6).mean_value.tolist() == [12, 5]


def test_rows_of_one_client_never_reach_the_purchases_of_another() -> None:
    book = {"ann": [(1, 10)], "bob": [(1, -7), (2, -2)], "cy": [(1, -3), (5, 4), (9, -1)]}
    assert (purchase_values(locked(book), 10) / 10_000).tolist() == [10, 3]


def test_a_void_purchase_drops_out_with_refunds_that_came_after_the_next_one() -> None:
    book = {
        "ann": [(1, 10), (5, 20, "o"), (9, 5), (12, -20, None, "o"), (14, 8)],
        "bob": [(2, 6, "p"), (3, -6, None, "p")],
    }
    before, after = (purchase_values(locked(book), day) / 10_000 for day in (2, 15))
    assert before.tolist() == [10, 0, 0, 0, 6]
    assert after.tolist() == [10, 0, 5, 8, 0]
    assert summarise(locked(book), 15).mean_value[0] == pytest.approx((5 + 8) / 2)


def test_later_rows_change_nothing() -> None:
    book = {"ann": [(1, 10), (5, 20)], "bob": [(2, 5, "b")]}
    planted = {
        "ann": [*book["ann"], (9, 500), (10, 1)],
        "bob": [*book["bob"], (9, -5, None, "b")],
        "cy": [(8, 3)],
    }
    before, after = (summarise(locked(b), 7) for b in (book, planted))
    assert after.client.tolist() == before.client.tolist()
    assert after.mean_value[0] == before.mean_value[0]
    for name in ("repeat", "recency", "age"):
        assert getattr(after.behaviour, name).tolist() == getattr(before.behaviour, name).tolist()


def worth_of(rows, as_of: int) -> dict[int, int]:
    """Return what each live purchase of a client is worth, by its day, read row by row."""
    known = [row for row in rows if row[0] <= as_of]
    live = live_days_of(rows, as_of)
    days = sorted({row[0] for row in known if row[1] >= 0})
    worth = dict.fromkeys(days, 0)
    for row in known:
        followed = [day for day in days if day <= row[0]]
        if followed:
            worth[followed[-1]] += row[1]
    for day in set(days) - set(live):
        orders = {row[2] for row in known if row[0] == day and row[1] > 0}
        void_on = max(row[0] for row in known if len(row) > 3 and row[3] in orders)
        standing = [one for one in live if one <= void_on]
        if standing:
            worth[standing[-1]] += worth[day]
    return {day: worth[day] for day in live}


@settings(max_examples=100)
@given(order_books(), st.integers(0, 1000))
def test_summaries_equal_a_plain_reading_of_the_rows(book, as_of) -> None:
    result = summarise(locked(book), as_of)
    plain = {}
    for position, rows in enumerate(named(book).values()):
        days = live_days_of(rows, as_of)
        if days:
            worth = list(worth_of(rows, as_of).values())[1:]
            mean = sum(worth) / len(worth) if worth else None
            plain[position] = (len(days) - 1, days[-1] - days[0], as_of - days[0], mean)
    behaviour = result.behaviour
    means = [None if np.isnan(m) else pytest.approx(m) for m in result.mean_value]
    columns = (behaviour.repeat, behaviour.recency, behaviour.age)
    found = list(zip(*(column.tolist() for column in columns), means, strict=True))
    assert result.client.tolist() == list(plain)
    assert list(plain.values()) == found


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=20)
@given(book=order_books(), as_of=st.integers(0, 1000))
def test_parts_measure_to_the_whole(count, book, as_of) -> None:
    ledger = locked(book)
    whole = measure(ledger, as_of)
    parts = [measure(part, as_of) for part in ledger.parts(count)]
    for name in ("count", "recency", "age", "repeat_net"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert joined.tolist() == getattr(whole, name).tolist()


def test_a_purchase_is_worth_the_net_of_its_day() -> None:
    ledger = locked({"ann": [(1, 10), (5, 20), (5, -5), (5, 1)], "bob": [(5, 7)]})
    assert (purchase_values(ledger, 9) / 10_000).tolist() == [10, 16, 7]
    assert (purchase_values(ledger, 4) / 10_000).tolist() == [10, 0, 0]
    assert purchase_values(locked({}), 9).tolist() == []


def test_cdnow_sample_gives_the_published_summary(shared_data) -> None:
    """The table that `lifetimes` 0.11.3 ships: x, t_x, T in weeks of 39, mean values."""
    path = shared_data / "cdnow/cdnow_customers_summary_with_transactions.csv"
    _, x, t_x, age, mean = np.loadtxt(path, delimiter=",", skiprows=1).T
    cut = LAST_DAY - 273
    assert str(to_date(cut)) == "1997-09-30"
    result = summarise(read_cdnow(shared_data), cut)
    own = result.behaviour.to(TimeUnit.WEEK)
    ours = sorted(
        zip(own.repeat, own.recency, own.age, np.nan_to_num(result.mean_value), strict=True)
    )
    theirs = sorted(zip(x, t_x, age, mean, strict=True))
    assert len(ours) == len(theirs) == 2357
    apart = np.abs(np.array(ours) - np.array(theirs)).max(axis=0)
    assert apart[0] == 0
    assert apart.max() < 0.0051  # the published times and means are rounded to two decimals
