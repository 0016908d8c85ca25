"""The same business brought a second time, in another form."""

from __future__ import annotations

import pytest

from crm_core.ledger import Ledger
from crm_core.metrics.stored_twice import StoredTwice, stored_twice
from tests.builders import make_ledger

STORED = {
    "Ann": [("2024-05-03", 20, "A1"), ("2024-05-17", 7, "A2")],
    "Bob": [("2024-05-03", 20, "A3"), ("2024-06-03", 12.5, "A4"), ("2024-06-03", 7.5, "A4")],
}


def business(*more: tuple[str, str, float]) -> Ledger:
    """Return what is stored, and what came in besides."""
    rows = {name: list(own) for name, own in STORED.items()}
    for number, (name, day, amount) in enumerate(more):
        rows.setdefault(name, []).append((day, amount, f"B{number}"))
    return make_ledger(rows)


def test_nothing_added_is_nothing_twice():
    assert stored_twice(business(), business()) == StoredTwice(0, 0)
    assert stored_twice(make_ledger({}), make_ledger({})) == StoredTwice(0, 0)


def test_a_first_import_adds_and_repeats_nothing():
    assert stored_twice(make_ledger({}), business()) == StoredTwice(added=4, alike=0)


def test_every_day_that_is_doubled_to_the_cent_is_alike():
    again = business(("Ann", "2024-05-03", 20), ("Ann", "2024-05-17", 7), ("Bob", "2024-05-03", 20))
    assert stored_twice(business(), again) == StoredTwice(added=3, alike=3)


def test_one_row_for_a_day_is_like_the_two_rows_stored_for_it():
    assert stored_twice(business(), business(("Bob", "2024-06-03", 20))) == StoredTwice(1, 1)


@pytest.mark.parametrize(
    "row", [("Ann", "2024-05-03", 20.01), ("Ann", "2024-05-04", 20), ("Cleo", "2024-05-03", 20)]
)
def test_another_amount_day_or_client_is_not_alike(row: tuple[str, str, float]):
    assert stored_twice(business(), business(row)) == StoredTwice(added=1, alike=0)


def test_sales_that_were_taken_back_are_added_but_alike_to_nothing():
    before = make_ledger({"Ann": [("2024-05-03", 20), ("2024-05-03", -20)]})
    after = make_ledger({"Ann": [("2024-05-03", 20), ("2024-05-03", -20), ("2024-05-03", 5)]})
    assert stored_twice(before, after) == StoredTwice(added=1, alike=0)


def test_clients_are_told_by_their_record_not_by_their_place():
    before = make_ledger({"Bob": [("2024-05-03", 20)]})
    after = make_ledger({"Abe": [("2024-05-03", 20)], "Bob": [("2024-05-03", 20)]})
    after.clients.record_id[:] = [2, 1]
    assert stored_twice(before, after) == StoredTwice(added=1, alike=0)


@pytest.mark.parametrize(
    ("added", "alike", "likely"),
    [(375, 374, True), (8, 5, True), (4, 4, False), (5, 5, True), (375, 20, False), (0, 0, False)],
)
def test_a_warning_needs_half_of_all_and_five(added: int, alike: int, likely: bool):
    assert StoredTwice(added, alike).is_likely is likely
