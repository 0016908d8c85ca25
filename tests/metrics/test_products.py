from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crm_core.errors import ParameterError
from crm_core.ledger import Ledger
from crm_core.metrics.products import client_products
from tests.builders import as_day, make_ledger

AS_OF = as_day("2025-06-30")


def ledger_with_products(
    rows: list[tuple[str, float, str]],
    *,
    refunds: list[tuple[str, float, str, str]] | None = None,
    categories: dict[str, str] | None = None,
) -> Ledger:
    """One client, "ann"; rows are (day, amount, product), "" naming none."""
    orders = [(day, amount, f"o{number}") for number, (day, amount, _) in enumerate(rows)]
    back = [(day, amount, f"r{day}", of) for day, amount, _, of in refunds or []]
    ledger = make_ledger({"ann": [*orders, *back]})
    products = tuple(sorted({row[2] for row in rows} - {""}))
    by_row = {
        (as_day(day), round(amount * 10_000)): name
        for day, amount, name, *_ in [*rows, *(refunds or [])]
    }
    codes = [
        products.index(name) if name else -1
        for name in (
            by_row[day, amount]
            for day, amount in zip(
                ledger.sales.day.tolist(), ledger.sales.amount.tolist(), strict=True
            )
        )
    ]
    return replace(
        ledger,
        sales=replace(ledger.sales, product=np.array(codes, dtype=np.int32)),
        products=products,
        categories=tuple((categories or {}).get(name, "") for name in products),
    )


COFFEE_THEN_NONE = [
    ("2024-09-01", 100, "coffee"),
    ("2024-10-01", 110, "coffee"),
    ("2024-10-31", 120, "coffee"),
    ("2024-12-01", 20, "tea"),
    ("2025-01-01", 21, "tea"),
    ("2025-02-01", 22, "tea"),
    ("2025-03-01", 23, "tea"),
]


def test_product_missing_twice_its_usual_gap_while_the_client_buys_on_is_stopped() -> None:
    result = client_products(ledger_with_products(COFFEE_THEN_NONE), 0, AS_OF)
    assert result.name == ("coffee", "tea")
    assert result.stopped.tolist() == [True, False]
    assert result.days_bought.tolist() == [3, 4]
    assert result.usual_gap_days.tolist() == [30.0, 31.0]
    assert result.missed.tolist() == [4, 0]
    assert result.missing_days.tolist() == [as_day("2025-03-01") - as_day("2024-10-31"), 0]
    assert result.net_before_stop.tolist()[0] == 330 * 10_000


def test_client_who_is_silent_altogether_has_not_stopped_each_product() -> None:
    coffee = [row for row in COFFEE_THEN_NONE if row[2] == "coffee"]
    result = client_products(ledger_with_products(coffee), 0, AS_OF)
    assert not result.stopped.any()


def test_product_bought_twice_has_no_rhythm_to_miss() -> None:
    rows = [("2024-01-01", 9, "cup"), ("2024-01-20", 9.5, "cup"), *COFFEE_THEN_NONE]
    result = client_products(ledger_with_products(rows), 0, AS_OF)
    assert not result.stopped[result.name.index("cup")]


def test_exactly_twice_the_usual_gap_is_not_stopped_yet() -> None:
    days = ["2024-01-01", "2024-02-10", "2024-03-21"]  # gaps of 40 days
    rows = [(day, 10 + i, "coffee") for i, day in enumerate(days)]
    kept = client_products(ledger_with_products([*rows, ("2024-06-09", 1, "tea")]), 0, AS_OF)
    gone = client_products(ledger_with_products([*rows, ("2024-06-10", 1, "tea")]), 0, AS_OF)
    assert (kept.missing_days.max(), gone.missing_days.max()) == (80, 81)
    assert (kept.stopped.any(), gone.stopped.any()) == (False, True)


def test_weekly_product_is_not_stopped_before_thirty_days() -> None:
    rows = [(to_iso(7 * i), 10 + i, "milk") for i in range(4)]
    result = client_products(ledger_with_products([*rows, (to_iso(51), 1, "tea")]), 0, AS_OF)
    assert result.missing_days[result.name.index("milk")] == 30
    assert not result.stopped.any()


def to_iso(days: int) -> str:
    from datetime import date, timedelta

    return (date(2024, 1, 1) + timedelta(days=days)).isoformat()


def test_nothing_after_the_as_of_day_is_seen() -> None:
    ledger = ledger_with_products(COFFEE_THEN_NONE)
    early = client_products(ledger, 0, as_day("2024-10-15"))
    assert early.name == ("coffee",)
    assert early.days_bought.tolist() == [2]
    assert early.last_purchase == as_day("2024-10-01")


def test_refunded_order_gives_no_day_and_lowers_the_money() -> None:
    ledger = ledger_with_products(COFFEE_THEN_NONE, refunds=[("2024-11-05", -120, "coffee", "o2")])
    result = client_products(ledger, 0, AS_OF)
    coffee = result.name.index("coffee")
    assert result.days_bought[coffee] == 2
    assert not result.stopped[coffee]


def test_years_are_compared_to_the_day() -> None:
    rows = [
        ("2023-06-30", 1, "tea"),
        ("2023-07-01", 2, "tea"),
        ("2024-06-30", 4, "tea"),
        ("2024-07-01", 8, "tea"),
        ("2025-06-30", 16, "tea"),
    ]
    result = client_products(ledger_with_products(rows), 0, AS_OF)
    assert result.net_last_year.tolist() == [24 * 10_000]
    assert result.net_year_before.tolist() == [6 * 10_000]


def test_categories_join_their_products() -> None:
    ledger = ledger_with_products(
        [("2025-01-01", 1, "mocha"), ("2025-02-01", 2, "filter"), ("2025-03-01", 4, "pen")],
        categories={"mocha": "coffee", "filter": "coffee"},
    )
    result = client_products(ledger, 0, AS_OF, level="category")
    assert result.name == ("coffee",)
    assert result.days_bought.tolist() == [2]
    assert result.unnamed_net == 4 * 10_000


def test_client_without_named_products_says_why_nothing_shows() -> None:
    result = client_products(make_ledger({"ann": [("2025-01-01", 5)]}), 0, AS_OF)
    assert (len(result), result.status) == (0, "not computable")
    assert result.unnamed_net == 5 * 10_000
    assert "names a product" in str(result.reason)


def test_client_without_sales_gives_no_rows() -> None:
    ledger = make_ledger({}, created={"ann": "2025-01-01"})
    assert len(client_products(ledger, 0, AS_OF)) == 0
    assert client_products(ledger, 0, AS_OF).last_purchase is None


def test_unknown_level_or_client_is_refused() -> None:
    ledger = make_ledger({"ann": [("2025-01-01", 5)]})
    with pytest.raises(ParameterError, match="product or category"):
        client_products(ledger, 0, AS_OF, level="shelf")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="from 0 to 0"):
        client_products(ledger, 1, AS_OF)
