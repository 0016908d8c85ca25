from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.ledger import Ledger
from crm_core.metrics import churn_months as churn_module
from crm_core.metrics.cadence import history_at, purchase_history
from crm_core.metrics.churn_months import TERMS, ChurnMonths, churn_months
from crm_core.metrics.history_parts import cut_history
from crm_core.metrics.month_ends import MonthEnds
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.returning import calendar_of
from crm_core.metrics.spells import gone_days
from crm_core.tables import to_date
from tests.builders import as_day, make_ledger
from tests.metrics.cdnow import LAST_DAY, read_cdnow
from tests.metrics.lives import ledger_of, scenes

P = Parameters()
RULES = st.sampled_from(("personal", "fixed:60", "fixed:90"))


def months_of(ledger: Ledger, as_of: int, rule: str = "personal") -> ChurnMonths:
    return churn_months(ledger, purchase_history(ledger, P), P, as_of, rule=rule)


def row(months: ChurnMonths, label: str) -> tuple[int, ...]:
    at = months.calendar.labels.index(label)
    return tuple(int(getattr(months, term)[at]) for term in TERMS)


def net(ledger: Ledger, client: int, day: int) -> int:
    """Return one client's net sales of the twelve months up to a day, by plain addition."""
    a, b = ledger.sales.offsets[client : client + 2]
    year_before = int(same_day_years_before(day))
    return sum(
        int(amount)
        for on, amount in zip(ledger.sales.day[a:b], ledger.sales.amount[a:b], strict=True)
        if year_before < on <= day
    )


def plain_months(ledger: Ledger, as_of: int, rule: str) -> list[dict[str, list[int]]]:
    """Return who is behind every term of every month, client by client and day by day."""
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    gone_on = gone_days(ledger, history, P, rule)
    ends = [int(day) for day in MonthEnds(calendar_of(ledger, as_of)).days]
    months: list[dict[str, list[int]]] = [{term: [] for term in TERMS} for _ in ends]
    for client in range(ledger.n_clients):
        rows = range(history.offsets[client], history.offsets[client + 1])
        days = [(int(history.day[r]), int(gone_on[r])) for r in rows if history.day[r] <= as_of]
        was = False
        for month, end in enumerate(ends):
            before = [gone for day, gone in days if day <= end]
            active = bool(before) and before[-1] > end
            start_of_month = ends[month - 1] if month else ends[0] - 40
            first = bool(days) and start_of_month < days[0][0] <= end
            months[month]["start"] += [client] if was else []
            months[month]["end"] += [client] if active else []
            months[month]["lost"] += [client] if was and not active else []
            months[month]["new"] += [client] if active and not was and first else []
            months[month]["back"] += [client] if active and not was and not first else []
            was = active
    return months


@settings(max_examples=40)
@given(scenes(), RULES)
def test_every_term_is_what_comparing_month_ends_gives(scene, rule) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives)
    found = months_of(ledger, as_of, rule)
    plain = plain_months(ledger, as_of, rule)
    assert len(found) == len(plain)
    ends = MonthEnds(found.calendar).days
    for month, terms in enumerate(plain):
        for term in TERMS:
            clients = terms[term]
            assert found.clients(term, month).tolist() == clients
            assert getattr(found, term)[month] == len(clients)
            valued = int(ends[month - (term in ("start", "lost"))]) if month else int(ends[0])
            money = sum(net(ledger, client, valued) for client in clients)
            assert getattr(found, f"sales_{term}")[month] == money


@settings(max_examples=40)
@given(scenes(), RULES)
def test_the_bucket_balances_and_nobody_leaves_twice(scene, rule) -> None:
    lives, as_of = scene
    found = months_of(ledger_of(lives), as_of, rule)
    balance = found.start + found.new + found.back - found.lost
    np.testing.assert_array_equal(balance, found.end)
    np.testing.assert_array_equal(found.start[1:], found.end[:-1])
    assert (found.back <= found.pool).all()
    assert (found.lost <= found.start).all()
    stayed = found.sales_start + found.sales_new + found.sales_back - found.sales_lost
    np.testing.assert_array_equal(stayed + found.sales_stayed, found.sales_end)


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(scene=scenes())
def test_parts_add_up_to_the_whole(count, scene) -> None:
    lives, as_of = scene
    ledger = ledger_of(lives * 3)
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    parts = list(ledger.parts(count))
    months = calendar_of(ledger, as_of)
    measured = [
        churn_module.measure(part, own, P, months, "personal")
        for part, own in zip(parts, cut_history(parts, history), strict=True)
    ]
    span = ledger.span(as_of)
    joined = churn_module.conclude(
        measured, P, months, rule="personal", first_day=span[0] if span else None
    )
    whole = months_of(ledger, as_of)
    for name in ("start", "new", "back", "lost", "end", "pool", "sales_end", "sales_lost"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    np.testing.assert_array_equal(joined.runs.client, whole.runs.client)


def test_cdnow_flows_are_the_published_ones(shared_data) -> None:
    months = months_of(read_cdnow(shared_data), LAST_DAY)
    assert row(months, "1997-05") == (2311, 0, 2, 578, 1735)
    assert row(months, "1998-06") == (622, 0, 32, 37, 617)
    assert months.rates()[:4] == [None] * 4
    assert months.rates()[4] == 578 / 2311


# -- hand-worked ---------------------------------------------------------------------------

SHOP = make_ledger(
    {
        "back": [("2024-01-10", 100), ("2024-07-01", 30)],  # gone on 10 May, back on 1 July
        "once": [("2024-02-05", 40)],  # gone on 5 June
        "regular": [(f"2024-{month:02}-20", 10) for month in range(1, 9)],
    }
)


def test_a_month_names_who_came_and_went() -> None:
    months = months_of(SHOP, as_day("2024-08-31"))
    assert row(months, "2024-01") == (0, 2, 0, 0, 2)
    assert row(months, "2024-05") == (3, 0, 0, 1, 2)
    assert row(months, "2024-06") == (2, 0, 0, 1, 1)
    assert row(months, "2024-07") == (1, 0, 1, 0, 2)
    assert months.clients("lost", 4).tolist() == [0]
    assert months.clients("back", 6).tolist() == [0]
    assert months.reactivation(6).denominator == 2


def test_the_running_month_is_cut_at_the_as_of_day() -> None:
    months = months_of(SHOP, as_day("2024-05-09"))
    assert months.calendar.partial.tolist() == [False] * 4 + [True]
    assert row(months, "2024-05") == (3, 0, 0, 0, 3)


def test_a_return_never_rewrites_earlier_months() -> None:
    before, after = (months_of(SHOP, as_day(day)) for day in ("2024-06-30", "2024-08-31"))
    assert row(before, "2024-05") == row(after, "2024-05")


def test_leaving_and_returning_within_a_month_is_not_counted() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 10), ("2024-03-20", 10)]}, closed={"a": [("2024-03-05", "other")]}
    )
    months = months_of(ledger, as_day("2024-03-31"))
    assert row(months, "2024-03") == (1, 0, 0, 0, 1)


def test_who_comes_and_goes_within_the_first_month_is_back_later_not_new() -> None:
    ledger = make_ledger(
        {"a": [("2024-01-01", 10), ("2024-03-20", 10)]}, closed={"a": [("2024-01-05", "other")]}
    )
    months = months_of(ledger, as_day("2024-03-31"))
    assert row(months, "2024-01") == (0, 0, 0, 0, 0)
    assert row(months, "2024-03") == (0, 0, 1, 0, 1)


def test_a_purchase_void_by_the_as_of_day_counts_in_no_month() -> None:
    ledger = make_ledger({"a": [("2024-01-10", 50, "A"), ("2024-03-01", -50, None, "A")]})
    assert row(months_of(ledger, as_day("2024-02-29")), "2024-01") == (0, 1, 0, 0, 1)
    assert row(months_of(ledger, as_day("2024-03-01")), "2024-01") == (0, 0, 0, 0, 0)


def test_rate_is_withheld_at_an_empty_start_and_before_anybody_can_be_gone() -> None:
    months = months_of(SHOP, as_day("2024-08-31"))
    # The first stored row is of 10 January: 120 days on is 9 May.
    assert months.rates() == [None, None, None, None, None, 0.5, 0.0, 0.0]
    assert months.reason(0) == "no cases"
    assert "begin too short before" in str(months.reason(4))
    assert months.rate(5).status == "thin"
    assert months.sales_rate(5) == 40 / (40 + 50)


def test_money_balances_with_the_change_of_those_who_stayed() -> None:
    months = months_of(SHOP, as_day("2024-08-31"))
    july = 6
    assert (months.sales_start[july], months.sales_end[july]) == (60_0000, 200_0000)
    assert months.sales_back[july] == 130_0000
    assert months.sales_stayed[july] == 10_0000


def test_an_ending_counts_on_its_day_whatever_the_rule() -> None:
    ledger = make_ledger({"a": [("2024-01-01", 10)]}, closed={"a": [("2024-02-10", "other")]})
    for rule in ("personal", "fixed:90"):
        assert row(months_of(ledger, as_day("2024-02-29"), rule), "2024-02")[3] == 1


def test_without_sales_there_are_no_months() -> None:
    months = months_of(make_ledger({}, created={"a": "2024-01-01"}), as_day("2024-03-01"))
    assert len(months) == 0
    assert months.rates() == []


def test_sales_without_a_client_begin_the_months() -> None:
    ledger = make_ledger({"": [("2024-01-15", 5)], "a": [("2024-03-01", 5)]})
    months = months_of(ledger, as_day("2024-03-31"))
    assert months.calendar.labels[0] == "2024-01"
    assert row(months, "2024-03") == (0, 1, 0, 0, 1)
    assert to_date(int(months.calendar.first[0])).isoformat() == "2024-01-01"
