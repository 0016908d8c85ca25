"""Stretches without sales that are longer than a source's usual breaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from crm_core.tables import DayArray, to_date

SHORTEST_SILENCE = 10
TIMES_USUAL = 5
USUAL_SHARE = 0.95
FEWEST_DAYS = 10


@dataclass(frozen=True)
class Silence:
    """A stretch without sales.

    Attributes
    ----------
    source : str
        Where.
    first, last : int
        First and last silent day.
    kind : str
        ``hole`` where a whole month is silent, ``half month`` where one breaks off and the
        next goes on from its first week, else ``silence``.
    months : tuple of (int, bool)
        Months touched (``year * 12 + month - 1``) and whether wholly.
    sentence : str
        What happened, beside the usual break.
    """

    source: str
    first: int
    last: int
    kind: str
    months: tuple[tuple[int, bool], ...]
    sentence: str


def find_silences(
    day: DayArray, source: NDArray[np.int32], labels: tuple[str, ...]
) -> tuple[Silence, ...]:
    """Return the silences of each source, oldest first.

    Parameters
    ----------
    day, source : ndarray, shape (n_rows,)
        Day and source of each sale.
    labels : tuple of str
        Names of the sources.

    Returns
    -------
    tuple of Silence
        None for a source with fewer than ten selling days. Months that are silent every year
        (a closed season) are left out.

    Examples
    --------
    >>> day = np.delete(np.arange(19783, 19783 + 62, dtype=np.int32), range(14, 31))
    >>> [s.sentence for s in find_silences(day, np.zeros(len(day), np.int32), ("shop",))]
    ['In “shop”, March 2024 stops on the 14th: no sales until 1 April 2024, though the usual break is 1 day.']
    """  # noqa: E501
    found: list[Silence] = []
    for code, label in enumerate(labels):
        days = np.unique(day[source == code])
        if len(days) < FEWEST_DAYS:
            continue
        gaps = np.diff(days)
        usual = float(np.quantile(gaps, USUAL_SHARE, method="inverted_cdf"))
        limit = max(SHORTEST_SILENCE, TIMES_USUAL * usual)
        spells = [
            (int(days[place]) + 1, int(days[place + 1]) - 1)
            for place in np.flatnonzero(gaps - 1 >= limit)
        ]
        found += [
            _describe(label, spell, usual) for spell in spells if not _yearly(spell, spells, days)
        ]
    return tuple(found)


def _yearly(spell: tuple[int, int], spells: list[tuple[int, int]], days: DayArray) -> bool:
    """Whether the same weeks are silent a year before or after, as in a closed season."""
    for shift in (-365, 365):
        first, last = spell[0] + shift, spell[1] + shift
        inside = days[0] <= first and last <= days[-1]
        if inside and any(min(last, b) - max(first, a) > 0.5 * (last - first) for a, b in spells):
            return True
    return False


def _describe(label: str, spell: tuple[int, int], usual: float) -> Silence:
    first, last = to_date(spell[0]), to_date(spell[1])
    months, again = _months(first, last), last + timedelta(days=1)
    whole = [month for month, all_of_it in months if all_of_it]
    if whole:
        kind, what = "hole", f"there are no sales {_span_name(whole)}"
    elif first.day > 1 and again.day <= 7 and again.month != first.month:
        kind = "half month"
        stop = f"{first:%B %Y} stops on the {_ordinal(first.day - 1)}"
        what = f"{stop}: no sales until {_plain(again)}"
    else:
        kind, what = "silence", f"there are no sales from {_plain(first)} to {_plain(last)}"
    days = "1 day" if usual == 1 else f"{int(usual)} days"
    sentence = f"In “{label}”, {what}, though the usual break is {days}."
    return Silence(label, spell[0], spell[1], kind, months, sentence)


def _span_name(months: list[int]) -> str:
    if len(months) == 1:
        return f"in {_month_name(months[0])}"
    return f"from {_month_name(months[0])} to {_month_name(months[-1])}"


def _months(first: date, last: date) -> tuple[tuple[int, bool], ...]:
    touched = []
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        begin = date(month // 12, month % 12 + 1, 1)
        end = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
        touched.append((month, first <= begin and end <= last))
    return tuple(touched)


def _month_name(month: int) -> str:
    return f"{date(month // 12, month % 12 + 1, 1):%B %Y}"


def _plain(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _ordinal(number: int) -> str:
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"
