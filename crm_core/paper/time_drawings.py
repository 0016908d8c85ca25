"""The pictures of the report that run over time: months side by side, and the curve of returns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from crm_core.formatting import MONTHS, format_count, format_money, format_month, plural
from crm_core.metrics.churn_months import ChurnMonths
from crm_core.metrics.months import Calendar
from crm_core.metrics.returning import Months
from crm_core.metrics.second_purchase import SecondPurchase
from crm_core.metrics.survival import FloatArray, Survival
from crm_core.money import UNIT
from crm_core.paper.markup import Html, join
from crm_core.paper.shapes import area, bar, curve, dot, drawing, legend, line, plot, steps, words

LAST = 13
"""Months shown: a year, and the month a year before the last."""

MOST_STEPS = 250
"""Corners drawn of one curve."""

UNNAMED_DAYS = (60,)
"""Days whose share is a dot without a number: on a phone it would cover the next."""

FEW_LEFT = 6.0
"""Percent of the width left of the first month, where the scale is written."""


def last_months(count: int) -> range:
    """Return the positions of the months shown.

    Examples
    --------
    >>> last_months(3), last_months(40)
    (range(0, 3), range(27, 40))
    """
    return range(max(0, count - LAST), count)


def round_marks(top: float) -> list[int]:
    """Return two to five round marks of a scale from 0 to a whole number above zero.

    Examples
    --------
    >>> round_marks(4), round_marks(83_000)
    ([1, 2, 3, 4], [20000, 40000, 60000, 80000])
    """
    step = 1
    while top / step >= 5:
        step = _next_step(step)
    return [step * times for times in range(1, int(top // step) + 1)]


def short_number(value: int) -> str:
    """Return a round number in few signs, for the edge of a picture.

    Examples
    --------
    >>> [short_number(value) for value in (500, 20_000, 1_500_000)]
    ['500', '20k', '1.5M']
    """
    for size, sign in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if value >= size and value % (size // 10) == 0:
            return f"{value / size:g}{sign}"
    return format_count(value)


def _next_step(step: int) -> int:
    """Return 2 after 1, 5 after 2, 10 after 5."""
    lead = int(str(step)[0])
    return step // lead * {1: 2, 2: 5, 5: 10}[lead]


def sales_picture(months: Months) -> Html:
    """Return net sales of the last months, new clients on top of those from before.

    Parameters
    ----------
    months : Months
        At least one; the running one is paler.
    """
    shown = last_months(len(months.calendar))
    new = np.maximum(months.net_new, 0) / UNIT
    old = np.maximum(months.net - months.net_new, 0) / UNIT
    top = max(float((new + old)[max(0, shown.start - 12) :].max()), 1.0)
    height, slot = 165.0, (100 - FEW_LEFT) / len(shown)
    scale = (height - 18) / top
    parts = _scale(round_marks(top), height, scale)
    for place, month in enumerate(shown):
        x, wide = FEW_LEFT + place * slot + 0.14 * slot, 0.72 * slot
        running = " running" if months.calendar.partial[month] else ""
        below, above = scale * old[month], scale * new[month]
        parts += [
            bar(x, height - below, wide, below, f"blue{running}"),
            bar(x, height - below - above, wide, above, f"orange{running}"),
        ]
        if month >= 12 and not running:
            y = height - scale * float(old[month - 12] + new[month - 12])
            parts.append(line((x - 0.08 * slot, y), (x + wide + 0.08 * slot, y), "year"))
    parts += [
        line((0, height), (100, height), "axis"),
        *_month_names(months.calendar, shown, height),
    ]
    told = "; ".join(
        f"{format_month(months.calendar.labels[i])} {format_money(int(months.net[i]))}"
        for i in shown
    )
    return join(
        [
            legend(
                ("blue", "clients from before"),
                ("orange", "new clients"),
                ("line-year", "the same month last year"),
            ),
            drawing("months", "Sales by month", told, height + 34, *parts),
        ]
    )


def balance_picture(months: ChurnMonths) -> Html:
    """Return who came and went in the last months, and above it how many are active.

    Parameters
    ----------
    months : ChurnMonths
        At least one month; the running one is paler.
    """
    shown = last_months(len(months))
    slot = (100 - FEW_LEFT) / len(shown)
    came = months.new + months.back
    ups = max(int(came[shown.start :].max()), 1)
    downs = max(int(months.lost[shown.start :].max()), 1)
    scale, zero = 150 / (ups + downs), 88 + 150 * ups / (ups + downs)
    parts = [*_active(months, shown, slot), line((0, zero), (100, zero), "axis")]
    for mark in round_marks(max(ups, downs)):
        for level, fits in ((mark, mark <= ups), (-mark, mark <= downs)):
            if fits:
                parts.append(words(0, zero - scale * level + 4, format_count(mark), look="small"))
    for place, month in enumerate(shown):
        x, wide = FEW_LEFT + place * slot + 0.14 * slot, 0.72 * slot
        running = " running" if months.calendar.partial[month] else ""
        new, back, lost = (
            scale * int(term[month]) for term in (months.new, months.back, months.lost)
        )
        parts += [
            bar(x, zero - new, wide, new, f"blue{running}"),
            bar(x, zero - new - back, wide, back, f"green{running}"),
            bar(x, zero, wide, lost, f"pink{running}"),
        ]
    parts += _month_names(months.calendar, shown, 242)
    end = plural(int(months.end[-1]), "active client")
    return join(
        [
            legend(
                ("violet", "active at the month’s end"),
                ("blue", "new"),
                ("green", "came back"),
                ("pink", "gone"),
            ),
            drawing("balance", "The balance of clients", f"{end} at the end", 276, *parts),
        ]
    )


def _active(months: ChurnMonths, shown: range, slot: float) -> list[Html]:
    """Return the line of active clients with its first and last value."""
    end = months.end[shown.start :].astype(float)
    top = max(float(end.max()), 1.0)
    xs = [FEW_LEFT + (place + 0.5) * slot for place in range(len(shown))]
    ys = [62 - 44 * value / top for value in end]
    points = list(zip(xs, ys, strict=True))
    parts = [plot(0, 70, 100, curve(points, "line-violet"))]
    parts += [dot(x, y, 2.6, "violet") for x, y in points]
    for place in {0, len(points) - 1}:
        x, y = points[place]
        parts.append(words(x, y - 8, format_count(int(end[place])), anchor="middle"))
    return parts


def _scale(marks: Sequence[int], height: float, scale: float) -> list[Html]:
    """Return the lines of a scale from the ground up, each with its number on it."""
    parts = []
    for mark in marks:
        y = height - scale * mark
        parts += [
            line((0, y), (100, y), ""),
            words(0, y - 3, short_number(mark), look="small"),
        ]
    return parts


def _month_names(calendar: Calendar, shown: range, y: float) -> list[Html]:
    """Return the months' names below a picture, the year under the first and each January."""
    slot = (100 - FEW_LEFT) / len(shown)
    parts = []
    for place, month in enumerate(shown):
        year, _, number = calendar.labels[month].partition("-")
        x = FEW_LEFT + (place + 0.5) * slot
        parts.append(words(x, y + 14, MONTHS[int(number) - 1], anchor="middle", look="small"))
        if place == 0 or number == "01":
            parts.append(words(x, y + 28, year, anchor="middle", look="small"))
    return parts


def returns_picture(second: SecondPurchase) -> Html:
    """Return the share of first-time buyers who came again, by days, with its 95 % band.

    Parameters
    ----------
    second : SecondPurchase
        With a curve that can be computed.
    """
    reach = int(min(max(second.curve.horizon, 60), 400))
    points = list(zip(second.days, second.probability, strict=True))
    known = [(day, share) for day, share in points if share is not None and day <= reach]
    tops = [band[1] for band in second.band if band is not None]
    top = min(1.0, 1.1 * max([*tops, 0.1]))
    height = 200.0

    def drawn(values: FloatArray) -> list[tuple[float, float]]:
        corners = _corners(second.curve, values, reach)
        return steps([(day, height - height * (1 - alive) / top) for day, alive in corners])

    lower, upper, middle = (
        drawn(v) for v in (second.curve.lower, second.curve.upper, second.curve.survival)
    )
    step = 20 if top > 0.5 else 10 if top > 0.2 else 5
    parts = []
    for mark in range(step, int(100 * top) + 1, step):
        y = height - height * mark / 100 / top
        parts += [line((0, y), (100, y), ""), words(0, y - 3, f"{mark} %", look="small")]
    parts.append(plot(0, height, reach, area(upper, lower, "band"), curve(middle, "line-blue")))
    for day, share in known:
        y = height - height * share / top
        x = 100 * day / reach
        parts.append(dot(x, y, 3.5, "blue"))
        if day not in UNNAMED_DAYS:
            # A curve that rises ever slower leaves room below it.
            said, side = f"{100 * share:.0f} %", "end" if x > 85 else "start"
            parts.append(words(x, y + 18, said, anchor=side, look="strong", aside=3))
        parts.append(words(x, height + 15, str(day), anchor="middle", look="small"))
    parts.append(line((0, height), (100, height), "axis"))
    told = ", ".join(f"{100 * share:.0f} % within {day} days" for day, share in known)
    return join(
        [
            legend(("blue", "bought a second time"), ("pale", "95 % band")),
            drawing("returns", "Coming back", told, height + 22, *parts),
        ]
    )


def _corners(curve: Survival, values: FloatArray, reach: int) -> list[tuple[int, float]]:
    """Return day and share of a curve up to its last day shown, thinned."""
    times = curve.times[curve.times <= reach]
    kept = np.unique(np.linspace(0, len(times) - 1, min(len(times), MOST_STEPS)).astype(int))
    corners = [(0, 1.0), *((int(times[i]), float(values[i])) for i in kept)]
    return [*corners, (min(curve.horizon, reach), corners[-1][1])]
