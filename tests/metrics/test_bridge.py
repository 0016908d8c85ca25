from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.metrics import bridge as bridge_module
from crm_core.metrics.bridge import CAUSES, SalesBridge, sales_bridge
from crm_core.metrics.cadence import history_at, purchase_history
from crm_core.metrics.history_parts import cut_history
from crm_core.metrics.months import same_day_years_before
from crm_core.metrics.parameters import Parameters
from tests.builders import as_day, make_ledger
from tests.metrics.ledgers import locked, named, net_of, order_books
from tests.metrics.lives import ledger_of, scenes

P = Parameters()
TODAY = as_day("2024-12-31")


def bridge(ledger, as_of: int = TODAY, rule: str = "personal") -> SalesBridge:
    return sales_bridge(ledger, purchase_history(ledger, P), P, as_of, rule=rule)


SHOP = make_ledger(
    {
        "": [("2023-05-05", 11), ("2024-05-05", 4)],
        "back": [("2022-06-01", 5), ("2024-12-01", 70)],
        "gone": [("2023-03-01", 500), ("2024-02-01", 100)],
        "after a pause": [
            ("2023-11-20", 10),
            ("2023-12-15", 10),
            ("2024-01-10", 10),
            ("2024-12-10", 90),
        ],
        "new": [("2024-12-10", 40)],
        "new and gone": [("2024-02-01", 30)],
        "older": [("2021-02-01", 30)],
        "shrinking": [("2023-12-01", 300), ("2024-11-20", 200)],
        "steady": [("2023-12-20", 60), ("2024-12-20", 60)],
    },
    closed={"gone": [("2024-03-01", "better offer")]},
)


def test_every_change_has_one_cause() -> None:
    found = bridge(SHOP)
    names = SHOP.clients.name.to_pylist()
    causes = {name: CAUSES[code] for name, code in zip(names, found.cause, strict=True)}
    assert causes == {
        "after a pause": "came back",
        "back": "came back",
        "gone": "gone",
        "new": "new",
        "new and gone": "new",
        "older": "steady",
        "shrinking": "shrinking",
        "steady": "steady",
    }
    assert found.amounts() == {
        "gone": -400_0000,
        "shrinking": -100_0000,
        "growing": 0,
        "came back": 150_0000,
        "new": 70_0000,
        "without client": -7_0000,
    }


def test_bars_lead_from_the_year_before_to_the_last() -> None:
    found = bridge(SHOP)
    assert (found.before, found.recent) == (891_0000, 604_0000)
    assert found.before + sum(found.amounts().values()) == found.recent
    assert found.status == "ok"


def test_windows_of_other_lengths_lie_end_to_end() -> None:
    history = purchase_history(SHOP, P)
    found = sales_bridge(SHOP, history, P, TODAY, months=6)
    assert (found.start, found.middle) == (as_day("2023-12-31"), as_day("2024-06-30"))
    assert (found.before, found.recent) == (144_0000, 460_0000)
    assert found.before + sum(found.amounts().values()) == found.recent


def test_who_bought_on_without_a_break_is_growing() -> None:
    days = [f"{year}-{month:02}-15" for year in (2023, 2024) for month in range(1, 13)]
    ledger = make_ledger({"a": [(day, 10 + number) for number, day in enumerate(days)]})
    assert bridge(ledger).clients("growing").tolist() == [0]


def test_clients_of_a_bar_come_by_the_size_of_their_change() -> None:
    found = bridge(SHOP)
    names = [SHOP.clients.name[int(client)].as_py() for client in found.clients("came back")]
    assert names == ["after a pause", "back"]


def test_a_year_before_that_is_not_complete_makes_the_bridge_thin() -> None:
    short = bridge(make_ledger({"a": [("2023-05-01", 5), ("2024-05-01", 5)]}))
    assert short.status == "thin"
    assert (
        short.reason == "the sales begin on 2023-05-01: the twelve months before are not complete"
    )
    shorter = bridge(make_ledger({"a": [("2024-05-01", 5)]}))
    assert (shorter.status, shorter.amount("new")) == ("not computable", 5_0000)
    assert str(shorter.reason).endswith("there is nothing to compare with")
    assert bridge(make_ledger({})).reason == "no sales up to this day"


@settings(max_examples=40)
@given(order_books(last_day=1200), st.integers(0, 1300))
def test_the_bars_sum_to_the_difference_exactly(book, as_of) -> None:
    found = bridge(locked(book), as_of)
    middle, start = (int(same_day_years_before(as_of, years)) for years in (1, 2))
    everything = [row for rows in book.values() for row in rows]
    assert found.before == net_of(everything, start + 1, middle)
    assert found.recent == net_of(everything, middle + 1, as_of)
    assert found.before + sum(found.amounts().values()) == found.recent
    for client, rows in enumerate(named(book).values()):
        change = net_of(rows, middle + 1, as_of) - net_of(rows, start + 1, middle)
        assert found.change[client] == change
    listed = sorted(int(c) for cause in CAUSES for c in found.clients(cause))
    assert listed == list(range(len(found.cause)))


@settings(max_examples=30)
@given(scenes(), st.sampled_from(("personal", "fixed:90")))
def test_falls_and_rises_are_never_mixed(scene, rule) -> None:
    lives, as_of = scene
    found = bridge(ledger_of(lives), as_of, rule)
    signs = {"steady": 0, "gone": -1, "shrinking": -1, "growing": 1, "came back": 1, "new": 1}
    wanted = np.array([signs[CAUSES[code]] for code in found.cause])
    np.testing.assert_array_equal(np.sign(found.change), wanted)


@pytest.mark.parametrize("count", [1, 3, 7])
@settings(max_examples=15)
@given(book=order_books(last_day=1200))
def test_parts_add_up_to_the_whole(count, book) -> None:
    ledger, as_of = locked(book), 1000
    history = history_at(ledger, purchase_history(ledger, P), as_of, P)
    parts = list(ledger.parts(count))
    measured = [
        bridge_module.measure(part, own, P, as_of, "personal")
        for part, own in zip(parts, cut_history(parts, history), strict=True)
    ]
    joined, whole = bridge_module.conclude(measured, as_of, first_day=0), bridge(ledger, as_of)
    assert joined.amounts() == whole.amounts()
    assert (joined.before, joined.recent) == (whole.before, whole.recent)
    np.testing.assert_array_equal(joined.cause, whole.cause)
