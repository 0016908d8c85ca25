"""The numbers beside the past months: how what was expected of them compares with what came."""

from __future__ import annotations

from crm_core.charts.worth import plain_way
from crm_core.formatting import DASH, format_money, format_share, plural
from crm_core.metrics.lifetime.outlook import SalesOutlook
from crm_core.sentences.worth import WAYS, say_money, say_month, say_tracking
from crm_core.ui.definitions import Shown
from crm_core.ui.numbers import rate_shown
from crm_core.ui.view import View


def shown_record(view: View, outlook: SalesOutlook) -> list[Shown]:
    """Return how past months came beside what was expected of them, and the coming one."""
    found = [_coming(view, outlook)]
    if outlook.within.denominator:
        found.append(
            rate_shown("worth.within", outlook.within, elsewhere=_halves(outlook), of_clients=False)
        )
    if outlook.best is not None:
        found.append(_errors(outlook))
    return found


def shown_band(view: View, outlook: SalesOutlook) -> list[Shown]:
    """Return the coming month's band as past months would have it, where there are enough."""
    band = outlook.band_by_record
    if band is None:
        return []
    said = f"{say_money(band[0])} to {say_money(band[1], view.currency)}"
    coming, others = outlook.coming, []
    if coming.low is not None and coming.high is not None:
        own = f"{say_money(coming.low)} to {say_money(coming.high, view.currency)}"
        others.append(("as the model itself says", own))
    return [Shown("worth.record_band", said, _month_rows(outlook), others)]


def _halves(outlook: SalesOutlook) -> list[tuple[str, str]]:
    """Return how many came within in the earlier and in the later half of the past months."""
    judged = [hit for month in outlook.past if (hit := month.came_within) is not None]
    middle = len(judged) // 2
    halves = (("the earlier half", judged[:middle]), ("the later half", judged[middle:]))
    return [(name, f"{sum(hits)} of {len(hits)}") for name, hits in halves if hits]


def _coming(view: View, outlook: SalesOutlook) -> Shown:
    coming = outlook.coming
    plain = [
        (f"by {WAYS[way]}", say_money(said, view.currency))
        for way in ("recent", "last_year")
        if (said := coming.said(way)) is not None
    ]
    rests = f"{say_month(coming.month)}; {plural(coming.basis.n_clients, 'client')}"
    if coming.expected is not None:
        if coming.low is not None and coming.high is not None:
            rests += f"; {say_money(coming.low)} to {say_money(coming.high)} in eight of ten cases"
        value = say_money(coming.expected, view.currency)
        return Shown("worth.month_expected", value, rests, plain)
    said = coming.said(plain_way(outlook))
    value = DASH if said is None else say_money(said, view.currency)
    rows = f"{rests}; by {WAYS[plain_way(outlook)]}: {coming.reason}"
    return Shown("worth.month_expected", value, rows, plain)


def _errors(outlook: SalesOutlook) -> Shown:
    best = outlook.best or "recent"
    others = [(WAYS[way], format_share(e)) for way, e in outlook.errors.items() if way != best]
    rows = f"{WAYS[best]}, {plural(len(outlook.compared), 'month')}"
    return Shown("worth.error", format_share(outlook.errors[best]), rows, others)


def _month_rows(outlook: SalesOutlook) -> str:
    spoken = sum(month.expected is not None for month in outlook.past)
    return f"{say_month(outlook.coming.month)}; {plural(spoken, 'past month')}"


def shown_months(view: View, outlook: SalesOutlook) -> list[Shown]:
    """Return what the bars of the picture mean, with the last month's figures."""
    if not outlook.past:
        return []
    found = []
    for key, name in (("worth.month_actual", "actual"), ("worth.month_new", "actual_new")):
        (last, value), *before = [
            (say_month(month.month), format_money(getattr(month, name) or 0, view.currency))
            for month in outlook.past[::-1]
        ]
        found.append(Shown(key, value, last, before))
    return found


def shown_tracking(view: View, outlook: SalesOutlook) -> Shown:
    """Return all that was expected of the past months beside all that came."""
    said = say_tracking(outlook.past, view.currency)
    if said is None:
        reason = outlook.past[-1].reason if outlook.past else "no whole month has passed yet"
        rows = f"no model spoke of a past month: {reason}"
        return Shown("worth.tracking", DASH, rows, _plain_sums(view, outlook))
    rows = plural(len(outlook.past), "past month")
    return Shown("worth.tracking", said, rows, _plain_sums(view, outlook))


def _plain_sums(view: View, outlook: SalesOutlook) -> list[tuple[str, str]]:
    """Return what the plain ways expected of the months for which each said something."""
    found = []
    for way in ("recent", "last_year"):
        both = [
            (said, month.actual)
            for month in outlook.past
            if (said := month.said(way)) is not None and month.actual is not None
        ]
        if both:
            sums = [say_money(sum(amounts), view.currency) for amounts in zip(*both, strict=True)]
            found.append((f"by {WAYS[way]}", f"{sums[0]} expected, {sums[1]} came"))
    return found
