"""One written day → its parts, before the order of day and month is known."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from crm_core.intake.month_names import is_weekday, month_of

Order = Literal["dmy", "mdy", "ymd"]

NOT_A_DAY, CONTRADICTS, TWO_WAYS, NO_SUCH_DAY, OUT_OF_RANGE = 1, 2, 3, 4, 5
FIRST_YEAR, LAST_YEAR = 1900, 2199
EPOCH_ORDINAL = dt.date(1970, 1, 1).toordinal()
EXCEL_ZERO = dt.date(1899, 12, 30).toordinal() - EPOCH_ORDINAL
_TURN_OF_CENTURY = 69
"""Two-digit years from here on are 19xx, as POSIX has it."""

_YEAR_FIRST = re.compile(r"^(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})\.?日?$")
_NUMERIC = re.compile(r"^(\d{1,2})\s?([-/. ])\s?(\d{1,2})\s?\2\s?'?(\d{4}|\d{2})\.?$")
_WEEKDAY = re.compile(r"^[^\W\d_]{2,12}\.?,?\s+(?=\d)|^[^\W\d_]{2,12}\.?,\s*(?=[^\W\d_])")
_DAY_NAME_YEAR = re.compile(
    r"^(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s/.-]*(?:de\s+|of\s+)?([^\W\d_]+)\.?[\s/.,-]*"
    r"(?:del?\s+)?'?(\d{4}|\d{2})\.?$"
)
_NAME_DAY_YEAR = re.compile(
    r"^([^\W\d_]+)\.?[\s/.-]*(\d{1,2})(?:st|nd|rd|th)?(?:,\s*|[\s/.-]+)'?(\d{4}|\d{2})$"
)
_YEAR_NAME_DAY = re.compile(r"^(\d{4})[\s/.-]*([^\W\d_]+)\.?[\s/.-]*(\d{1,2})$")
_YEAR_MONTH = re.compile(r"^(\d{4})[-/.](\d{1,2})$")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_NAME_YEAR = re.compile(r"^([^\W\d_]+)\.?[\s/.,'-]*(\d{4})$")


@dataclass(frozen=True, slots=True)
class Form:
    """A written day.

    ``day`` counts from 1970-01-01 where the text alone decides; ``reason`` is
    its place in ``DAY_REASONS`` where it cannot be read; ``parts`` are the
    three numbers of a numeric date whose order the column must decide, the
    year last unless it has two digits.
    """

    day: int = 0
    reason: int = 0
    parts: tuple[int, int, int] | None = None
    short_year: bool = False
    separator: str = ""


def full_year(year: int) -> int:
    """Return a two-digit year with its century.

    Examples
    --------
    >>> full_year(68), full_year(69), full_year(2024)
    (2068, 1969, 2024)
    """
    if year > 99:
        return year
    return year + (1900 if year >= _TURN_OF_CENTURY else 2000)


def dated(year: int, month: int, day: int) -> Form:
    """Return the form of a known day, or the reason it cannot be one.

    Examples
    --------
    >>> dated(1970, 1, 2).day, dated(2023, 2, 29).reason, dated(1066, 10, 14).reason
    (1, 4, 5)
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return Form(reason=OUT_OF_RANGE)
    try:
        return Form(day=dt.date(year, month, day).toordinal() - EPOCH_ORDINAL)
    except ValueError:
        return Form(reason=NO_SUCH_DAY)


def read_form(text: str) -> Form:
    """Read one written day, without its time.

    Parameters
    ----------
    text : str
        ISO and other year-first days, ``19970101``, Excel serials, seconds or
        milliseconds since 1970, month names, numeric dates. A month alone
        (``2024-01``, ``Jan 2024``, ``01/2024``) is read as its first day.

    Returns
    -------
    Form
        With ``parts`` for numeric dates.

    Examples
    --------
    >>> read_form("2024-01-05").day == read_form("5 janv. 2024").day == read_form("20240105").day
    True
    >>> read_form("45296").day == read_form("2024-01-05").day, read_form("05/01/24").parts
    (True, (5, 1, 24))
    """
    text = text.strip()
    weekday = _WEEKDAY.match(text)
    numeric = text[weekday.end() :] if weekday and is_weekday(weekday[0]) else text
    if text.isdigit() and text.isascii():
        return _digits(text)
    if match := _YEAR_FIRST.match(numeric):
        year, month, day = (int(part) for part in match.groups())
        return dated(year, month, day)
    if match := _NUMERIC.match(numeric):
        first, separator, second, third = match.groups()
        parts = (int(first), int(second), int(third))
        return Form(parts=parts, short_year=len(third) == 2, separator=separator)
    without_weekday = _WEEKDAY.sub("", text)
    return (
        _named(text)
        or (_named(without_weekday) if without_weekday != text else None)
        or _month_alone(text)
        or Form(reason=NOT_A_DAY)
    )


def _digits(text: str) -> Form:
    if len(text) == 5:
        return _bounded(int(text) + EXCEL_ZERO)
    if len(text) in {10, 13}:
        return _bounded(int(text[:10]) // 86_400)
    if len(text) == 14:
        text = text[:8]
    if len(text) != 8:
        return Form(reason=NOT_A_DAY)
    form = dated(int(text[:4]), int(text[4:6]), int(text[6:]))
    if form.reason and FIRST_YEAR <= int(text[4:]) <= LAST_YEAR:
        return Form(parts=(int(text[:2]), int(text[2:4]), int(text[4:])))
    return form


def _bounded(day: int) -> Form:
    year = dt.date.fromordinal(day + EPOCH_ORDINAL).year
    return Form(day=day) if FIRST_YEAR <= year <= LAST_YEAR else Form(reason=OUT_OF_RANGE)


def _named(text: str) -> Form | None:
    if match := _DAY_NAME_YEAR.match(text):
        day, name, year = match.groups()
    elif match := _NAME_DAY_YEAR.match(text):
        name, day, year = match.groups()
    elif match := _YEAR_NAME_DAY.match(text):
        year, name, day = match.groups()
    else:
        return None
    month = month_of(name)
    return dated(full_year(int(year)), month, int(day)) if month else None


def _month_alone(text: str) -> Form | None:
    if match := _YEAR_MONTH.match(text):
        return dated(int(match[1]), int(match[2]), 1)
    if match := _MONTH_YEAR.match(text):
        return dated(int(match[2]), int(match[1]), 1)
    if (match := _NAME_YEAR.match(text)) and (month := month_of(match[1])):
        return dated(int(match[2]), month, 1)
    return None


def settle(form: Form, order: Order, *, mixed: bool) -> Form:
    """Return a numeric date read in an order; other forms as they are.

    Examples
    --------
    >>> settle(read_form("13/01/2024"), "dmy", mixed=False).reason
    0
    >>> settle(read_form("01/13/2024"), "dmy", mixed=False).reason
    2
    >>> settle(read_form("02/01/2024"), "dmy", mixed=True).reason
    3
    """
    if form.parts is None:
        return form
    first, second, third = form.parts
    if order == "ymd":
        if not form.short_year:
            return Form(reason=CONTRADICTS)
        return dated(full_year(first), second, third)
    day, month = (first, second) if order == "dmy" else (second, first)
    if month > 12:
        return Form(reason=CONTRADICTS if day <= 12 else NO_SUCH_DAY)
    if mixed and day <= 12 and day != month:
        return Form(reason=TWO_WAYS)
    return dated(full_year(third) if form.short_year else third, month, day)
