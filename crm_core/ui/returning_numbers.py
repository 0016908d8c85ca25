"""The numbers of the page about coming back, with what each rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_range,
    format_share,
    plural,
)
from crm_core.metrics.cohorts import Cohorts
from crm_core.metrics.gaps import Gaps
from crm_core.metrics.months import MONTHS_PER, Calendar, Unit, calendar, months_before
from crm_core.metrics.returning import Months, Returning
from crm_core.metrics.second_purchase import SecondPurchase
from crm_core.metrics.since import Since, bought_since
from crm_core.small_groups import is_few, is_few_of
from crm_core.ui.definitions import Elsewhere, Others, Shown
from crm_core.ui.numbers import rate_shown, said_rate
from crm_core.ui.view import View

SHOWN_DAYS = 90
"""The days the row names; the others stand in the drawer."""

OTHER_WINDOWS = ((0.1, 0.9), (0.3, 0.7))
"""Windows for a second purchase tried beside the one in force."""

RECENT_MONTHS = (12, 24)
"""Windows in which the repeat rate and the gaps are tried."""

RATE_NUMBERS = ("returning.rate", "returning.existing_share")


def returning_numbers(view: View, result: Returning) -> list[Shown]:
    """Return second purchase, repeat rate, who is in the window, and the usual gap.

    Parameters
    ----------
    view : View
        What the page looks at.
    result : Returning
        Of its day.
    """
    repeat = rate_shown(
        "returning.repeat_rate", result.repeat, elsewhere=lambda: _repeat_since(view)
    )
    return [
        shown_second(result.second),
        repeat,
        shown_window(result.second),
        replace(
            shown_gap(result.gaps, lambda: _gaps_since(view)),
            few=is_few(result.repeat.numerator),
        ),
    ]


def shown_second(second: SecondPurchase) -> Shown:
    """Return the share within 90 days, and at the other days reports name."""
    shares = dict(zip(second.days, second.probability, strict=True))
    bands = dict(zip(second.days, second.band, strict=True))
    share, n = shares[SHOWN_DAYS], plural(second.buyers, "first-time buyer")
    proof = f"within {SHOWN_DAYS} days; {n}, {format_range(bands[SHOWN_DAYS])}"
    if share is None:
        proof = second.curve.reason or f"too few of {n} are watched for {SHOWN_DAYS} days"
    others = [
        (f"{day} days", _with_range(shares[day], bands[day])) for day in shares if day != SHOWN_DAYS
    ]
    few = is_few_of(second.returned, second.buyers)
    return Shown("returning.second_purchase", format_share(share), proof, others, few)


def _with_range(share: float | None, band: tuple[float, float] | None) -> str:
    return format_share(share) if band is None else f"{format_share(share)} ({format_range(band)})"


def shown_window(second: SecondPurchase) -> Shown:
    """Return who is in the window, and how many such clients come again within it."""
    if second.window is None:
        return Shown("returning.window", DASH, second.window_reason or "")
    first, last = second.window
    chance = format_share(second.chance_in_window)
    proof = f"day {first} to {last} after the first purchase; {chance} come again in it"
    value = format_count(len(second.in_window))
    few = is_few(len(second.in_window))
    return Shown("returning.window", value, proof, lambda: _other_windows(second), few)


def _other_windows(second: SecondPurchase) -> Others:
    """Return who is in a wider and in a narrower window."""
    found = []
    for low, high in OTHER_WINDOWS:
        first, last = second.quantile(low), second.quantile(high)
        name = f"days by which {100 * low:.0f} % and {100 * high:.0f} % had returned"
        if first is None or last is None:
            found.append((name, DASH))
            continue
        inside = int(((second.age >= first) & (second.age <= last)).sum())
        found.append((name, f"{format_count(inside)}, day {first} to {last}"))
    return found


def shown_gap(gaps: Gaps, elsewhere: Elsewhere = ()) -> Shown:
    """Return the median gap between two purchases."""
    return Shown("returning.gap", _days(gaps), gaps.reason or plural(gaps.n, "gap"), elsewhere)


def _days(gaps: Gaps) -> str:
    return DASH if gaps.median is None else f"{gaps.median:g} days"


def _since(view: View, months: int) -> tuple[str, Since]:
    day = months_before(view.as_of, months)
    found = view.remember(
        "bought_since", lambda: bought_since(view.ledger, view.as_of, day), str(day)
    )
    return f"purchases since {format_day(day + 1)} only", found


def _repeat_since(view: View) -> Others:
    recent = (_since(view, months) for months in RECENT_MONTHS)
    return [(name, said_rate(found.repeat)) for name, found in recent]


def _gaps_since(view: View) -> Others:
    recent = (_since(view, months) for months in RECENT_MONTHS)
    return [
        (name, f"{_days(found.gaps)} ({plural(found.gaps.n, 'gap')})") for name, found in recent
    ]


def returning_beside(view: View, result: Returning, table: Cohorts) -> list[Shown]:
    """Return what the pictures of months and cohorts show, for the drawer.

    Parameters
    ----------
    view : View
        What the page looks at.
    result : Returning
        Of its day.
    table : Cohorts
        As drawn.
    """
    shown = []
    month = last_whole(result.months)
    if month is not None:
        shown.append(_month_sales(view, result.months, month))
    buyers = int(table.size.sum())
    unit = table.calendar.unit
    rows = f"{plural(buyers, 'first-time buyer')} by {unit} of the first purchase"
    units = [
        (f"by {other}", plural(_periods(result.months.calendar, other), "cohort"))
        for other in MONTHS_PER
        if other != unit
    ]
    shown.append(Shown("returning.cohorts", plural(len(table.size), "cohort"), rows, units))
    return shown


def _periods(months: Calendar, unit: Unit) -> int:
    return len(calendar(int(months.first[0]), months.as_of, unit=unit)) if len(months) else 0


def _month_sales(view: View, months: Months, month: int) -> Shown:
    """Return the sales of new and of existing clients in a month, other months beside."""

    def said(at: int) -> str:
        new, existing = (
            format_money(int(column[at]), view.currency)
            for column in (months.net_new, months.net_existing)
        )
        return f"{new} new, {existing} from before"

    others = [(_name(months, at), said(at)) for at in _beside(month)]
    rows = (
        f"{_name(months, month)}: {plural(int(months.new[month]), 'new buyer')} of "
        f"{format_count(months.buyers[month])}"
    )
    few = is_few_of(int(months.new[month]), int(months.buyers[month]))
    return Shown("returning.months", said(month), rows, others, few)


def last_whole(months: Months) -> int | None:
    """Return the position of the last month the as-of day does not cut, None without one."""
    whole = np.flatnonzero(~months.calendar.partial)
    return int(whole[-1]) if len(whole) else None


def _name(months: Months, month: int) -> str:
    return format_month(months.calendar.labels[month])


def _beside(month: int) -> list[int]:
    """Return the month before and the same month a year before, where there are such."""
    return [at for at in (month - 1, month - 12) if at >= 0]


def month_rates(months: Months) -> list[Shown]:
    """Return returning rate and existing share of the last whole month; none without one."""
    month = last_whole(months)
    if month is None:
        return []
    pairs = (
        ("returning.rate", months.returning_rate),
        ("returning.existing_share", months.existing_share),
    )
    shown = [
        rate_shown(
            key,
            rate(month),
            elsewhere=[(_name(months, at), said_rate(rate(at))) for at in _beside(month)],
        )
        for key, rate in pairs
    ]
    return [replace(one, rows=f"{_name(months, month)}: {one.rows}") for one in shown]
