from __future__ import annotations

import pytest

from crm_core.errors import ParameterError
from crm_core.metrics.client_sales import daily_sales, net_between, part_of, year_against_last
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {
        "": [("2025-01-01", 900)],
        "ann": [
            ("2024-05-10", 30, "a"),
            ("2024-05-10", 12, "b"),
            ("2025-05-01", 50, "c"),
            ("2025-05-09", -50, "d", "c"),
            ("2025-06-02", 7, "e"),
            ("2025-06-02", -2, "f"),
            ("2025-06-20", 8, "g"),
        ],
        "bob": [("2025-06-02", 1000)],
        "lead": [],
    },
    created={"lead": "2025-01-01"},
)


def test_days_hold_what_was_sold_and_given_back() -> None:
    result = daily_sales(LEDGER, 0, as_day("2025-06-10"))
    assert result.day.tolist() == [
        as_day(day) for day in ("2024-05-10", "2025-05-01", "2025-05-09", "2025-06-02")
    ]
    assert result.sold.tolist() == [420_000, 500_000, 0, 70_000]
    assert result.refunded.tolist() == [0, 0, -500_000, -20_000]
    assert result.live.tolist() == [True, False, False, True]
    assert result.net == 470_000
    assert result.typical == 245_000


def test_order_refunded_later_counts_until_that_day() -> None:
    assert daily_sales(LEDGER, 0, as_day("2025-05-08")).live.tolist() == [True, True]


def test_lead_has_no_days_and_no_typical_purchase() -> None:
    result = daily_sales(LEDGER, 2, as_day("2025-06-10"))
    assert (len(result.day), result.net, result.typical) == (0, 0, None)


def test_each_month_stands_beside_the_same_month_a_year_before() -> None:
    result = year_against_last(LEDGER, 0, as_day("2025-06-10"))
    assert len(result.month) == 12
    assert (result.this[-2], result.before[-2]) == (0, 420_000)
    assert (result.this[-1], result.before[-1]) == (50_000, 0)
    assert result.partial
    assert int(result.this.sum() + result.before.sum()) == 470_000


def test_month_that_ends_on_the_as_of_day_is_whole() -> None:
    assert not year_against_last(LEDGER, 0, as_day("2025-06-30")).partial


def test_net_between_counts_both_ends() -> None:
    assert net_between(LEDGER, 0, as_day("2025-05-01"), as_day("2025-06-02")) == 50_000
    assert net_between(LEDGER, 0, as_day("2025-05-02"), as_day("2025-06-01")) == -500_000


def test_part_of_holds_one_client_only() -> None:
    own = part_of(LEDGER, 1)
    assert own.n_clients == 1
    assert len(own.unnamed_day) == 0
    with pytest.raises(ParameterError, match="from 0 to 2"):
        part_of(LEDGER, 3)
