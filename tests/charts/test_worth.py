from __future__ import annotations

from crm_core.charts.worth import describe_outlook, outlook_chart, plain_way
from tests.sentences.test_worth import month, outlook


def trace(figure, name: str):
    return next(one for one in figure.data if one.name.startswith(name))


def test_past_months_stand_beside_what_was_expected_and_the_coming_one_is_hatched() -> None:
    past = [
        month(681 + at, 1_000_000, 900_000, low=800_000, high=1_300_000, actual_new=100_000)
        for at in range(3)
    ]
    figure = outlook_chart(outlook(past, month(684, 1_200_000, None, low=1, high=2_000_000)), "EUR")
    assert list(trace(figure, "Bought by existing").y) == [90, 90, 90]
    assert list(trace(figure, "By new").y) == [10, 10, 10]
    said = trace(figure, "Expected the day before")
    assert list(said.y) == [100, 100, 100, 120]
    assert list(said.error_y.array)[:3] == [30, 30, 30]
    assert list(said.error_y.arrayminus)[:3] == [20, 20, 20]
    coming = trace(figure, "Expected next")
    assert coming.marker.pattern.shape == "/"
    assert [str(day)[:10] for day in coming.x] == ["2027-01-01"]


def test_the_better_plain_way_stands_in_where_no_model_spoke() -> None:
    past = [
        month(680 + at, None, 1_000_000, recent=1_500_000, last_year=1_100_000) for at in range(4)
    ]
    seen = outlook(past, month(684, None, None, recent=700_000, last_year=600_000))
    assert plain_way(seen) == "last_year"
    figure = outlook_chart(seen, None)
    assert list(trace(figure, "Expected by the same month").y) == [110] * 4
    assert list(trace(figure, "Expected next").y) == [60]


def test_a_month_that_is_not_over_is_named_in_its_hole() -> None:
    past = [month(681, 1_000_000, 900_000)]
    figure = outlook_chart(outlook(past, month(683, 1_000_000, None)), None)
    assert any("is not over" in note.text for note in figure.layout.annotations)


def test_alt_text_says_counts() -> None:
    past = [month(681 + at, 1_000_000, 900_000, low=1, high=950_000) for at in range(3)]
    said = describe_outlook(outlook(past, month(684, 1_000_000, None)), None)
    assert said == (
        "Sales of 3 past months beside what was expected of them; 3 of 3 came within their band; "
        "100 expected for Jan 2027"
    )
