from __future__ import annotations

import pytest

from crm_core.ui import filters
from crm_core.ui.filters import count_labels, filter_mask, reads_sales
from tests.builders import as_day, make_ledger

LEDGER = make_ledger(
    {"ann": [("2026-01-01", 1)], "bob": [("2026-02-01", 1)], "cy": [("2026-03-01", 1)]},
    attributes={"country": {"ann": "DE", "bob": "DE", "cy": "DK"}, "city": {"ann": "Kiel"}},
)
LATE = as_day("2026-06-01")


def test_labels_are_counted_among_the_known_most_first() -> None:
    assert count_labels(LEDGER, "country", LATE) == {"DE": 2, "DK": 1}
    assert count_labels(LEDGER, "country", as_day("2026-01-15")) == {"DE": 1}
    assert count_labels(LEDGER, "segment", LATE) == {}


def test_within_a_filter_any_label_counts_and_between_filters_all_must_hold() -> None:
    either = filter_mask(LEDGER, (("country", ("DE", "DK")),), LATE)
    assert either.tolist() == [True, True, True]
    both = filter_mask(LEDGER, (("country", ("DE",)), ("city", ("Kiel",))), LATE)
    assert both.tolist() == [True, False, False]


def test_unknown_label_leaves_nobody_and_unknown_filter_everybody() -> None:
    assert not filter_mask(LEDGER, (("country", ("FR",)),), LATE).any()
    assert filter_mask(LEDGER, (("segment", ("x",)),), LATE).all()


def test_only_what_lives_on_sales_depends_on_the_day() -> None:
    assert reads_sales((("channel", ("Web",)),))
    assert not reads_sales((("country", ("DE",)),))


def test_a_filter_of_endless_labels_offers_the_largest_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filters, "MOST_LABELS", 1)
    assert count_labels(LEDGER, "country", LATE) == {"DE": 2}
