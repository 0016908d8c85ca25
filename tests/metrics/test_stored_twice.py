"""The same business brought a second time, in another form."""

from __future__ import annotations

import pytest

from crm_core.ledger import Ledger
from crm_core.metrics.stored_twice import Alike, StoredTwice, stored_twice
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


def by_client(before: Ledger, after: Ledger) -> tuple[int, int]:
    found = stored_twice(before, after).by_client
    return found.added, found.alike


def by_day(before: Ledger, after: Ledger) -> tuple[int, int]:
    found = stored_twice(before, after).by_day
    return found.added, found.alike


def test_nothing_added_is_nothing_twice():
    nothing = StoredTwice(Alike(0, 0), Alike(0, 0))
    assert stored_twice(business(), business()) == nothing
    assert stored_twice(make_ledger({}), make_ledger({})) == nothing


def test_a_first_import_adds_and_repeats_nothing():
    assert by_client(make_ledger({}), business()) == (4, 0)
    assert by_day(make_ledger({}), business()) == (3, 0)


def test_every_day_that_is_doubled_to_the_cent_is_alike():
    again = business(("Ann", "2024-05-03", 20), ("Ann", "2024-05-17", 7), ("Bob", "2024-05-03", 20))
    assert by_client(business(), again) == (3, 3)
    assert by_day(business(), again) == (2, 2)


def test_one_row_for_a_day_is_like_the_two_rows_stored_for_it():
    assert by_client(business(), business(("Bob", "2024-06-03", 20))) == (1, 1)


@pytest.mark.parametrize(
    "row", [("Ann", "2024-05-17", 7.01), ("Ann", "2024-05-04", 7), ("Cleo", "2024-05-03", 20)]
)
def test_another_amount_day_or_client_is_not_alike(row: tuple[str, str, float]):
    assert by_client(business(), business(row)) == (1, 0)


def test_the_whole_business_is_known_again_under_other_names_and_without_any():
    renamed = [("Zoe", "2024-05-03", 40.0), ("Zoe", "2024-05-17", 7.0)]
    after = business(*renamed, ("", "2024-06-03", 20.0))
    assert by_client(business(), after) == (2, 0)
    assert by_day(business(), after) == (3, 3)


def test_a_few_clients_more_are_not_the_whole_business_again():
    assert by_day(business(), business(("Cleo", "2024-05-03", 20), ("Cleo", "2024-05-17", 9))) == (
        2,
        0,
    )


def test_days_whose_sales_were_all_taken_back_are_like_nothing():
    before = make_ledger({"Ann": [("2024-05-03", 20), ("2024-05-03", -20)]})
    after = make_ledger({"Ann": [("2024-05-03", 20), ("2024-05-03", -20), ("2024-05-03", 5)]})
    assert by_client(before, after) == by_day(before, after) == (1, 0)


def test_clients_are_told_by_their_record_not_by_their_place():
    before = make_ledger({"Bob": [("2024-05-03", 20)]})
    after = make_ledger({"Abe": [("2024-05-03", 20)], "Bob": [("2024-05-03", 20)]})
    after.clients.record_id[:] = [2, 1]
    assert by_client(before, after) == (1, 0)


@pytest.mark.parametrize(
    ("added", "alike", "likely"),
    [(375, 374, True), (8, 5, True), (4, 4, False), (5, 5, True), (375, 20, False), (0, 0, False)],
)
def test_a_warning_needs_half_of_all_and_five_by_either(added: int, alike: int, likely: bool):
    found = Alike(added, alike)
    assert StoredTwice(by_client=found).is_likely is likely
    assert StoredTwice(by_day=found).is_likely is likely
