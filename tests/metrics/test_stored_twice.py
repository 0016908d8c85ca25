"""The same business brought a second time, in another form."""

from __future__ import annotations

import numpy as np
import pytest

from crm_core.metrics.stored_twice import Alike, DayRows, StoredTwice, stored_twice

ANN, BOB, NOBODY = 1, 2, 0
STORED = [(ANN, 3, 20), (ANN, 17, 7), (BOB, 3, 20), (BOB, 33, 12), (BOB, 33, 8)]


def rows(*of: tuple[int, int, int]) -> DayRows:
    """Return rows of client, day and amount."""
    client, day, amount = np.array(of, dtype=np.int64).reshape(-1, 3).T
    return DayRows(client, day, amount)


def by_client(*added: tuple[int, int, int]) -> tuple[int, int]:
    found = stored_twice(rows(*added), rows(*STORED)).by_client
    return found.added, found.alike


def by_day(*added: tuple[int, int, int]) -> tuple[int, int]:
    found = stored_twice(rows(*added), rows(*STORED)).by_day
    return found.added, found.alike


def test_nothing_added_is_nothing_twice():
    assert stored_twice(rows(), rows(*STORED)) == StoredTwice(Alike(0, 0), Alike(0, 0))
    assert stored_twice(rows(), rows()) == StoredTwice()


def test_a_first_import_adds_and_repeats_nothing():
    found = stored_twice(rows(*STORED), rows())
    assert found == StoredTwice(Alike(4, 0), Alike(3, 0))


def test_every_day_that_is_doubled_to_the_cent_is_alike():
    again = [(ANN, 3, 20), (ANN, 17, 7), (BOB, 3, 20)]
    assert by_client(*again) == (3, 3)
    assert by_day(*again) == (2, 2)


def test_one_row_for_a_day_is_like_the_two_rows_stored_for_it():
    assert by_client((BOB, 33, 20)) == (1, 1)


@pytest.mark.parametrize("row", [(ANN, 17, 8), (ANN, 4, 7), (3, 3, 20), (ANN, 99, 7), (9, 99, 7)])
def test_another_amount_day_or_client_is_not_alike(row: tuple[int, int, int]):
    assert by_client(row) == (1, 0)


def test_the_whole_business_is_known_again_under_other_names_and_without_any():
    renamed = [(9, 3, 40), (9, 17, 7), (NOBODY, 33, 20)]
    assert by_client(*renamed) == (2, 0)
    assert by_day(*renamed) == (3, 3)


def test_a_few_clients_more_are_not_the_whole_business_again():
    assert by_day((3, 3, 20), (3, 17, 9)) == (2, 0)


def test_days_whose_sales_were_all_taken_back_are_like_nothing():
    stored = rows((ANN, 3, 20), (ANN, 3, -20))
    assert stored_twice(rows((ANN, 3, 5)), stored).by_client == Alike(1, 0)
    assert stored_twice(rows((ANN, 3, 5), (ANN, 3, -5)), stored).by_client == Alike(0, 0)


@pytest.mark.parametrize(
    ("added", "alike", "likely"),
    [(375, 374, True), (8, 5, True), (4, 4, False), (5, 5, True), (375, 20, False), (0, 0, False)],
)
def test_a_warning_needs_half_of_all_and_five_by_either(added: int, alike: int, likely: bool):
    found = Alike(added, alike)
    assert StoredTwice(by_client=found).is_likely is likely
    assert StoredTwice(by_day=found).is_likely is likely
