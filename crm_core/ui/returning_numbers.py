"""The numbers of the page about coming back, with what each rests on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crm_core.formatting import DASH, format_count, format_month, format_range, format_share, plural
from crm_core.metrics.gaps import Gaps
from crm_core.metrics.returning import Months, Returning
from crm_core.metrics.second_purchase import SecondPurchase
from crm_core.ui.definitions import Shown
from crm_core.ui.numbers import rate_shown

SHOWN_DAYS = 90
"""The days the row names; the others stand in the drawer."""


def returning_numbers(result: Returning) -> list[Shown]:
    """Return second purchase, repeat rate, who is in the window, and the usual gap."""
    return [
        shown_second(result.second),
        rate_shown("returning.repeat_rate", result.repeat),
        shown_window(result.second),
        shown_gap(result.gaps),
    ]


def shown_second(second: SecondPurchase) -> Shown:
    """Return the share within 90 days, and at the other days reports name."""
    shares = dict(zip(second.days, second.probability, strict=True))
    bands = dict(zip(second.days, second.band, strict=True))
    share, n = shares[SHOWN_DAYS], plural(second.buyers, "first-time buyer")
    proof = f"within {SHOWN_DAYS} days; {n}, {format_range(bands[SHOWN_DAYS])}"
    if share is None:
        proof = second.curve.reason or f"too few of {n} are watched for {SHOWN_DAYS} days"
    others = [(f"{day} days", format_share(shares[day])) for day in shares if day != SHOWN_DAYS]
    return Shown("returning.second_purchase", format_share(share), proof, others)


def shown_window(second: SecondPurchase) -> Shown:
    """Return who is in the window, and how many such clients come again within it."""
    if second.window is None:
        return Shown("returning.window", DASH, second.window_reason or "")
    first, last = second.window
    chance = format_share(second.chance_in_window)
    proof = f"day {first} to {last} after the first purchase; {chance} come again in it"
    return Shown("returning.window", format_count(len(second.in_window)), proof)


def shown_gap(gaps: Gaps) -> Shown:
    """Return the median gap between two purchases."""
    value = DASH if gaps.median is None else f"{gaps.median:g} days"
    return Shown("returning.gap", value, gaps.reason or plural(gaps.n, "gap"))


def month_rates(months: Months) -> list[Shown]:
    """Return returning rate and existing share of the last whole month; none without one."""
    whole = np.flatnonzero(~months.calendar.partial)
    if not len(whole):
        return []
    month = int(whole[-1])
    name = format_month(months.calendar.labels[month])
    pairs = (
        ("returning.rate", months.returning_rate(month)),
        ("returning.existing_share", months.existing_share(month)),
    )
    shown = [rate_shown(key, rate) for key, rate in pairs]
    return [replace(one, rows=f"{name}: {one.rows}") for one in shown]
