"""Days in every order and language, never guessed silently."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import ParameterError
from crm_core.intake.days import DAY_REASONS, DayOrder, detect_day_order, parse_days

EPOCH = dt.date(1970, 1, 1)


def one(text: str, order: str | None = None, *, time_zone: str | None = None) -> str:
    """Return the day read in ISO, ``"blank"``, or the reason it was not read."""
    found = parse_days(pa.array([text]), order, time_zone=time_zone)  # type: ignore[arg-type]
    if found.ok[0]:
        return (EPOCH + dt.timedelta(days=int(found.days[0]))).isoformat()
    assert found.days[0] == 0
    return "blank" if found.blank[0] else DAY_REASONS[found.reasons[0]]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-25",
        "2024/1/25",
        "2024. 01. 25.",
        "2024-01-25T23:59:59Z",
        "2024-01-25 23:15:00 -0400",
        "2024-01-25 00:00:00.000",
        "25.01.2024",
        " 25.01.2024 ",
        "Do, 25.01.2024",
        "jeu. 25/01/2024 10h15",
        "25.01.2024 10.15",
        "25.1.24",
        "25/01/2024 10:15",
        "1/25/2024 3:15 PM",
        "25-01-2024",
        "20240125",
        "20240125T101500",
        "25012024",
        "45316",
        "45316.3478",
        "1706140800",
        "1706140800000",
        "25 Jan 2024",
        "25-Jan-24",
        "January 25, 2024",
        "Thu, 25 Jan 2024 10:00:00 +0000",
        "25. Januar 2024",
        "25 janv. 2024",
        "25 de enero de 2024",
        "25 tammikuuta 2024",
        "25 января 2024",
        "2024年1月25日",
    ],
)
def test_one_day_alone_is_read(text: str) -> None:
    assert one(text) == "2024-01-25"


@pytest.mark.parametrize(
    ("text", "day"),
    [("2024-03", "2024-03-01"), ("März 2024", "2024-03-01"), ("05 May 2024", "2024-05-05")],
)
def test_a_month_alone_is_its_first_day(text: str, day: str) -> None:
    assert one(text) == day


@pytest.mark.parametrize("text", ["", " ", "-", "NaT", "null", "0000-00-00 00:00:00"])
def test_nothing_written_is_blank(text: str) -> None:
    assert one(text) == "blank"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("soon", "not a day"),
        ("10:15", "not a day"),
        ("CA-2016-152156", "not a day"),
        ("Client 25", "not a day"),
        ("123", "not a day"),
        ("2023-02-29", "no such day in the calendar"),
        ("31.04.2024", "no such day in the calendar"),
        ("1899-12-31", "outside the years 1900 to 2199"),
        ("2200-01-01", "outside the years 1900 to 2199"),
        ("x" * 10_000, "not a day"),
    ],
)
def test_what_is_no_day_says_why(text: str, reason: str) -> None:
    assert one(text) == reason


def test_the_first_and_the_last_year_are_read() -> None:
    assert one("1900-01-01") == "1900-01-01"
    assert one("2199-12-31") == "2199-12-31"


def test_two_digit_years_turn_at_69() -> None:
    assert one("31/12/68") == "2068-12-31"
    assert one("31/12/69") == "1969-12-31"


@pytest.mark.parametrize(
    ("cells", "order", "sentence"),
    [
        (["25/01/2024", "02/03/2024"], "dmy", "1 value can only be day-first."),
        (["01/25/2024", "02/03/2024", "09/24/26"], "mdy", "2 values can only be month-first."),
        (["99-12-31", "24-05-03"], "ymd", "1 value can only be year-first."),
        (["2024-01-05"], "ymd", "1 value can only be read one way."),
        (["01.02.2024"], "dmy", "1 value written with points, which put the day first."),
    ],
)
def test_the_whole_column_decides_the_order(cells: list[str], order: str, sentence: str) -> None:
    found = detect_day_order(pa.array(cells))
    assert (found.order, found.mixed) == (order, False)
    assert found.evidence is not None
    assert (found.evidence.sentence, found.evidence.doubtful) == (sentence, False)


def test_an_open_order_is_doubtful_unless_another_column_decides() -> None:
    cells = pa.array(["10/09/2026", "11/09/2026"])
    found = detect_day_order(cells)
    assert found.order == "dmy"
    assert found.evidence is not None
    assert found.evidence.doubtful
    assert found.evidence.alternatives == ("mdy",)
    hinted = detect_day_order(cells, hint=detect_day_order(pa.array(["01/25/2024"])))
    assert hinted.order == "mdy"
    assert hinted.evidence is not None
    assert not hinted.evidence.doubtful


def test_mixed_orders_hold_back_the_minority_and_what_is_open() -> None:
    cells = ["10/13/2026", "10/14/2026", "13/10/2026", "02/03/2026", "05/05/2026", "2026-01-02"]
    found = parse_days(pa.array(cells))
    assert found.order is not None
    assert found.order.mixed
    assert (found.order.order, found.ok.tolist()) == ("mdy", [True, True, False, False, True, True])
    assert [DAY_REASONS[r] for r in found.reasons[2:4]] == [
        "contradicts the order of day and month in the other rows",
        "day and month could be either way round, and the column mixes both orders",
    ]


def test_a_person_may_overrule_the_order() -> None:
    assert one("02/03/2026", "mdy") == "2026-02-03"
    assert one("02/03/2026", "dmy") == "2026-03-02"
    assert one("26-03-02", "ymd") == "2026-03-02"
    found = parse_days(pa.array(["02/03/2026"]), DayOrder("mdy"))
    assert found.order == DayOrder("mdy")


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-10-01 23:12:00", "Europe/Helsinki", "2026-10-02"),
        ("2026-10-01 03:12:00", "America/New_York", "2026-09-30"),
        ("2026-10-01T23:30:00-05:00", "Europe/Paris", "2026-10-02"),
        ("10/31/2026 11:30 PM", "Europe/Paris", "2026-11-01"),
        ("2026-03-28 23:30:00", "Europe/Paris", "2026-03-29"),
        ("2026-03-29 22:30:00", "Europe/Paris", "2026-03-30"),
        ("2026-10-25 22:30:00", "Europe/Paris", "2026-10-25"),
        ("2026-10-01", "America/New_York", "2026-10-01"),
        ("1700000000", "Asia/Tokyo", "2023-11-15"),
        ("45384.99", "Europe/Helsinki", "2024-04-03"),
    ],
)
def test_moments_in_utc_move_to_the_business_zone(text: str, zone: str, day: str) -> None:
    assert one(text, time_zone=zone) == day


def test_without_a_zone_the_day_is_as_written() -> None:
    assert one("2026-09-03 23:15:00 -0400") == "2026-09-03"


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ParameterError, match="Wanted a time zone such as Europe/Helsinki"):
        one("2026-10-01 23:12:00", time_zone="Moon/Base")


def test_an_empty_column_gives_an_empty_column() -> None:
    found = parse_days(pa.chunked_array([], pa.string()))
    assert (len(found.days), found.days.dtype) == (0, np.int32)
    assert found.order == DayOrder()


def _written(day: dt.date, style: str) -> str:
    return {
        "iso": day.isoformat(),
        "iso time": f"{day}T23:59:59+02:00",
        "compact": f"{day.year:04d}{day.month:02d}{day.day:02d}",
        "points": f"{day.day}.{day.month}.{day.year}",
        "english": f"{day.day} {day:%b} {day.year}",
        "american": f"{day:%B} {day.day}, {day.year}",
        "serial": str((day - dt.date(1899, 12, 30)).days),
        "slashes": f"{day.month:02d}/{day.day:02d}/{day.year}",
    }[style]


STYLES = ("iso", "iso time", "compact", "points", "english", "american", "serial", "slashes")


@settings(max_examples=80)
@given(
    st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31)), min_size=1, max_size=15),
    st.sampled_from(STYLES),
)
def test_a_written_day_is_read_back(days: list[dt.date], style: str) -> None:
    order = DayOrder("mdy" if style == "slashes" else "dmy")
    found = parse_days(pa.array([_written(day, style) for day in days]), order)
    assert found.ok.all()
    assert found.days.tolist() == [(day - EPOCH).days for day in days]


@settings(max_examples=60)
@given(st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)), min_size=1, max_size=30))
def test_a_day_is_right_or_doubted(days: list[dt.date]) -> None:
    found = parse_days(pa.array([f"{d:%d/%m/%Y}" for d in days]))
    right = found.days == np.array([(d - EPOCH).days for d in days])
    assert found.order is not None
    assert found.order.evidence is not None
    assert right.all() or found.order.evidence.doubtful
