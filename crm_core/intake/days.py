"""Days as people write them → days since 1970-01-01.

The day is the date as written; only a column of moments in UTC is moved to the
business's time zone, when asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amount_texts import NOTHING
from crm_core.intake.day_forms import EXCEL_ZERO, NOT_A_DAY, Form, Order, read_form, settle
from crm_core.intake.month_names import is_weekday, month_of
from crm_core.intake.table import BoolArray, Evidence
from crm_core.intake.time_zones import local_days
from crm_core.intake.words import pattern_for

__all__ = ["DAY_REASONS", "DayColumn", "DayOrder", "Order", "detect_day_order", "parse_days"]

DAY_REASONS = (
    "",
    "not a day",
    "contradicts the order of day and month in the other rows",
    "day and month could be either way round, and the column mixes both orders",
    "no such day in the calendar",
    "outside the years 1900 to 2199",
)
WORDS: dict[Order, str] = {"dmy": "day-first", "mdy": "month-first", "ymd": "year-first"}
# A time with points or an h follows a digit: "Mo, 13.01.2024" holds none.
_TIME = (
    r"(?:[T ,]\s*|\s+)[0-9]{1,2}:[0-9]{2}.*$|T[0-9]{2,6}.*$"
    r"|([0-9])(?:[T ,]\s*|\s+)[0-9]{1,2}[.h][0-9]{2}.*$"
)
_FRACTION = r"^([0-9]{5}|[0-9]{10})[.,][0-9]+$"
_EPOCH = r"^[0-9]{10}(?:[0-9]{3})?$"
_LONGEST = 48


@dataclass(frozen=True)
class DayOrder:
    """In which order a column writes day, month and year.

    Only matters for numeric dates; ISO days, month names, ``19970101``, Excel
    serials and seconds since 1970 are read whatever the order.

    Parameters
    ----------
    order : {"dmy", "mdy", "ymd"}
        The order in force.
    mixed : bool, default False
        Both orders are proven in one column, so values that could be either
        are not read.
    evidence : Evidence or None
        What decided; None for a column without days.
    """

    order: Order = "ymd"
    mixed: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True)
class DayColumn:
    """Days of a column, one entry per row.

    Parameters
    ----------
    days : ndarray of int32
        Days since 1970-01-01; 0 where not ``ok``.
    ok : ndarray of bool
        The cell holds a day from 1900 to 2199.
    blank : ndarray of bool
        Nothing is written. A row neither ok nor blank could not be read.
    reasons : ndarray of int8
        Place in ``DAY_REASONS``; 0 where ok or blank.
    order : DayOrder or None
        The order in force.
    """

    days: npt.NDArray[np.int32]
    ok: BoolArray
    blank: BoolArray
    reasons: npt.NDArray[np.int8]
    order: DayOrder | None = None


@dataclass(frozen=True)
class _Forms:
    """Distinct cells of a column, and the distinct dates in them."""

    texts: pa.Array
    places: npt.NDArray[np.int32]
    dates: pa.Array
    date_places: npt.NDArray[np.int32]
    forms: list[Form]

    def date_counts(self) -> npt.NDArray[np.int64]:
        per_text = np.bincount(self.places, minlength=len(self.texts))
        return np.bincount(self.date_places, per_text, len(self.dates)).astype(np.int64)


def detect_day_order(
    column: pa.ChunkedArray | pa.Array, *, hint: DayOrder | None = None
) -> DayOrder:
    """Decide the order of day, month and year over a whole column.

    A value with a number above 12 in its first or second place decides. Where
    both orders are proven, the majority rules (``dmy`` on a tie), ``mixed`` is
    set and the evidence is doubtful. Where nothing decides, dates with points
    are day-first; otherwise ``hint`` rules, and without one day-first,
    doubtfully.

    Parameters
    ----------
    column : ChunkedArray or Array of string
        Cells as the file has them.
    hint : DayOrder or None
        The order proven by other columns of the same file.

    Returns
    -------
    DayOrder
        With the evidence and the count of values behind it.

    Examples
    --------
    >>> found = detect_day_order(pa.array(["24/12/2024", "01/02/2025", "31/01/2025"]))
    >>> found.order, found.evidence.sentence
    ('dmy', '2 values can only be day-first.')
    >>> detect_day_order(pa.array(["01/02/2025"])).evidence.doubtful
    True
    """
    return _decide(_take_apart(column), hint)


def parse_days(
    column: pa.ChunkedArray | pa.Array,
    order: DayOrder | Order | None = None,
    *,
    time_zone: str | None = None,
    hint: DayOrder | None = None,
) -> DayColumn:
    """Read a column of days.

    Parameters
    ----------
    column : ChunkedArray or Array of string
        Cells as the file has them; a time of day behind the date is allowed.
    order : DayOrder, {"dmy", "mdy", "ymd"} or None
        Overrules detection.
    time_zone : str or None
        An IANA name such as ``Europe/Helsinki``: moments are taken as UTC (or
        by the offset written behind them) and moved there. None keeps the
        date as written; seconds since 1970 then count in UTC.
    hint : DayOrder or None
        As :func:`detect_day_order`.

    Returns
    -------
    DayColumn
        One entry per row, in order. Empty in, empty out.

    Raises
    ------
    ParameterError
        If the time zone is unknown.

    Examples
    --------
    >>> found = parse_days(pa.array(["1970-01-02", "", "31/02/2024", "45296.5", "soon"]))
    >>> found.days.tolist(), found.ok.tolist(), found.reasons.tolist()
    ([1, 0, 0, 19727, 0], [True, False, False, True, False], [0, 0, 4, 0, 1])
    """
    taken = _take_apart(column)
    if order is None:
        order = _decide(taken, hint)
    elif not isinstance(order, DayOrder):
        order = DayOrder(order)
    settled = [settle(form, order.order, mixed=order.mixed) for form in taken.forms]
    days = np.array([form.day for form in settled], dtype=np.int32)[taken.date_places]
    reasons = np.array([form.reason for form in settled], dtype=np.int8)[taken.date_places]
    blank = _blank(taken.texts)
    reasons[blank] = 0
    ok = (reasons == 0) & ~blank
    days[~ok] = 0
    if time_zone is not None:
        days = local_days(taken.texts, days, ok, time_zone)
    places = taken.places
    return DayColumn(days[places], ok[places], blank[places], reasons[places], order)


def _blank(texts: pa.Array) -> BoolArray:
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    nothing = pa.array([*NOTHING, "0000-00-00", "0000-00-00 00:00:00"])
    found: BoolArray = pc.is_in(lower, value_set=nothing).to_numpy(zero_copy_only=False)
    return found


def _take_apart(column: pa.ChunkedArray | pa.Array) -> _Forms:
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    flat = pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())
    encoded = pc.fill_null(flat, "").dictionary_encode()
    dates = _without_times(encoded.dictionary).dictionary_encode()
    forms = [Form(reason=NOT_A_DAY)] * len(dates.dictionary)
    maybe = np.flatnonzero(_may_be_days(dates.dictionary))
    texts = dates.dictionary.take(pa.array(maybe)).to_pylist()
    for place, text in zip(maybe.tolist(), texts, strict=True):
        forms[place] = read_form(text)
    places, date_places = encoded.indices.to_numpy(), dates.indices.to_numpy()
    return _Forms(encoded.dictionary, places, dates.dictionary, date_places, forms)


def _without_times(texts: pa.Array) -> pa.Array:
    """Return the date part of each text; seconds since 1970 become Excel serials."""
    dates = pc.replace_substring_regex(pc.utf8_trim_whitespace(texts), _TIME, r"\1")
    dates = pc.utf8_trim_whitespace(pc.replace_substring_regex(dates, _FRACTION, r"\1"))
    epoch = pc.match_substring_regex(dates, _EPOCH)
    if pc.any(epoch).as_py():
        seconds = pc.utf8_slice_codeunits(dates.filter(epoch), 0, 10).cast(pa.int64())
        serials = pc.add(pc.divide(seconds, 86_400), -EXCEL_ZERO).cast(pa.string())
        dates = pc.replace_with_mask(dates, epoch, serials)
    return dates


def _may_be_days(dates: pa.Array) -> BoolArray:
    """Return which texts are worth reading: with digits, and no word that is not in a date."""
    short = pc.less_equal(pc.binary_length(dates), _LONGEST)
    maybe = pc.and_(short, pc.match_substring_regex(dates, "[0-9]"))
    no_letters = pattern_for(dates, r"[^\pL]+")
    words = pc.replace_substring_regex(dates, no_letters, " ").dictionary_encode()
    sound = [
        not text.strip()
        or all(is_weekday(word) for word in text.split())
        or any(month_of(word) or word in "年月日" for word in text.split())
        for text in words.dictionary.to_pylist()
    ]
    known = np.array(sound, dtype=np.bool_)[words.indices.to_numpy()]
    found: BoolArray = maybe.to_numpy(zero_copy_only=False) & known
    return found


def _decide(taken: _Forms, hint: DayOrder | None) -> DayOrder:
    counts = taken.date_counts()
    numeric = [
        (form, int(count))
        for form, count in zip(taken.forms, counts, strict=True)
        if form.parts is not None
    ]
    if not numeric:
        n_days = int(sum(c for f, c in zip(taken.forms, counts, strict=True) if not f.reason))
        sentence = f"{_values(n_days)} can only be read one way."
        return DayOrder(evidence=Evidence("day order", sentence, chosen="ymd") if n_days else None)
    votes = _votes(numeric)
    if votes["ymd"] and not votes["mdy"] and _fit_year_first(numeric):
        return _order("ymd", f"{_values(votes['ymd'])} can only be year-first.")
    proven: list[Order] = [o for o in ("dmy", "mdy") if votes[o]]
    if len(proven) == 2:
        return _mixed(votes)
    if proven:
        chosen = proven[0]
        return _order(chosen, f"{_values(votes[chosen])} can only be {WORDS[chosen]}.")
    return _undecided(numeric, hint)


def _votes(numeric: Sequence[tuple[Form, int]]) -> Counter[Order]:
    """Count the values that fit one order only."""
    votes: Counter[Order] = Counter()
    for form, count in numeric:
        first, second, _ = form.parts or (0, 0, 0)
        if 12 < first <= 31 and 1 <= second <= 12:
            votes["dmy"] += count
        elif 12 < second <= 31 and 1 <= first <= 12:
            votes["mdy"] += count
        elif form.short_year and first > 31 and 1 <= second <= 12:
            votes["ymd"] += count
    return votes


def _fit_year_first(numeric: Sequence[tuple[Form, int]]) -> bool:
    return not any(settle(form, "ymd", mixed=False).reason for form, _ in numeric)


def _mixed(votes: Counter[Order]) -> DayOrder:
    chosen: Order = "dmy" if votes["dmy"] >= votes["mdy"] else "mdy"
    other: Order = "mdy" if chosen == "dmy" else "dmy"
    sentence = (
        f"{_values(votes[chosen])} can only be {WORDS[chosen]}, {votes[other]:,} only "
        f"{WORDS[other]}; these, and values that could be either, are held back."
    )
    evidence = Evidence("day order", sentence, doubtful=True, chosen=chosen, alternatives=(other,))
    return DayOrder(chosen, mixed=True, evidence=evidence)


def _undecided(numeric: Sequence[tuple[Form, int]], hint: DayOrder | None) -> DayOrder:
    total = sum(count for _, count in numeric)
    if all(form.separator == "." for form, _ in numeric):
        return _order("dmy", f"{_values(total)} written with points, which put the day first.")
    if hint is not None and hint.order != "ymd" and not (hint.evidence and hint.evidence.doubtful):
        sentence = f"{_values(total)} could be either way round; the file's other days are "
        return _order(hint.order, f"{sentence}{WORDS[hint.order]}.")
    sentence = f"Nothing decides whether {_values(total)} put day or month first; taken day-first."
    return DayOrder(
        "dmy",
        evidence=Evidence(
            "day order", sentence, doubtful=True, chosen="dmy", alternatives=("mdy",)
        ),
    )


def _order(order: Order, sentence: str) -> DayOrder:
    return DayOrder(order, evidence=Evidence("day order", sentence, chosen=order))


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"
