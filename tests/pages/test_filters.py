"""The filters as the pages and the sidebar show them."""

from __future__ import annotations

from tests.pages.conftest import Visit, text_of

NOBODY = "The filters leave nobody on this day"


def test_link_with_a_filter_says_at_once_that_one_is_on(demo_database: str, visit: Visit) -> None:
    labels = [one.label for one in visit("stages", department="Garden").sidebar.expander]
    assert "Filters (1 on)" in labels


def test_label_nobody_has_is_no_filter(demo_database: str, visit: Visit) -> None:
    app = visit("stages", department="No such department")
    assert "Filters" in [one.label for one in app.sidebar.expander]
    assert NOBODY not in text_of(app)


def test_filters_that_leave_nobody_are_named_as_the_reason(
    demo_database: str, visit: Visit
) -> None:
    assert NOBODY not in text_of(visit("late", department="Garden"))
    assert NOBODY in text_of(visit("late", department="Garden", segment="Restaurants"))
