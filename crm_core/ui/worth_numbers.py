"""The numbers of the page of lifetime values, with what they would be on other terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from crm_core.charts.worth import plain_way
from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_share,
    one_line,
    plural,
)
from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.discounting import Terms
from crm_core.metrics.lifetime.outlook import SalesOutlook
from crm_core.metrics.lifetime.plain_values import last_year
from crm_core.metrics.lifetime.value import ClientValues
from crm_core.sentences.worth import (
    WAYS,
    about,
    say_money,
    say_month,
    say_months,
    say_tracking,
)
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.numbers import rate_shown
from crm_core.ui.view import View
from crm_core.ui.worth import Worth, models_of, summary_of, values_on_terms

MONTHS_BESIDE = (6, 12, 24)
DISCOUNTS_BESIDE = (0.0, 0.01, 0.02)
MARGIN_BESIDE = 0.05

Said = dict[str, str]


def shown_totals(view: View, worth: Worth) -> list[Shown]:
    """Return the numbers of the whole base, each with its band beneath."""
    values = worth.values
    others = _others(view, worth)
    rests = _rests_on(view, worth)
    said = _said(view, values, worth.buyers)
    found = [
        Shown("worth.buyers", said["worth.buyers"], rests, others["worth.buyers"]),
        Shown(
            "worth.purchases",
            said["worth.purchases"],
            _band_rows(worth, values.total_purchases, format_count),
            others["worth.purchases"],
        ),
        Shown(
            "worth.sales",
            said["worth.sales"],
            _band_rows(worth, values.total_sales, say_money),
            others["worth.sales"],
        ),
    ]
    if worth.entered.margin is not None:
        rows = _band_rows(worth, values.total_value, say_money)
        terms = f"{say_terms(values.terms)}; {rows}"
        found.append(Shown("worth.value", said["worth.value"], terms, others["worth.value"]))
    return found


def _rests_on(view: View, worth: Worth) -> str:
    n, basis = plural(len(worth.values), "client"), worth.values.models.basis
    if worth.plain:
        return f"of {n}; not gone, and bought in the twelve months up to {format_day(view.as_of)}"
    return f"of {n}; from {format_day(basis.as_of)} on"


def _band_rows(worth: Worth, band: Banded, say: Callable[[float], str]) -> str:
    n = plural(len(worth.values), "client")
    ahead = f"the next {say_months(worth.values.terms.months)}, {n}"
    if band.low is None or band.high is None:
        return f"{ahead}; last year’s pace, without a band"
    return f"{ahead}; {say(band.low)} to {say(band.high)} in eight of ten cases"


def say_terms(terms: Terms) -> str:
    r"""Return months, discount and margin in a few words.

    Examples
    --------
    >>> say_terms(Terms(12, 0.01, 0.4))
    '12 months, discount 1 % a month, margin 40 %'
    """
    return (
        f"{plural(terms.months, 'month')}, discount {100 * terms.discount_monthly:g} % a month, "
        f"margin {100 * terms.margin:g} %"
    )


def _said(view: View, values: ClientValues, buyers: float) -> Said:
    purchases, sales, value = values.total_purchases, values.total_sales, values.total_value
    rough = values.source == "model"
    return {
        "worth.buyers": f"about {format_count(about(buyers))}" if rough else format_count(buyers),
        "worth.purchases": format_count(about(purchases.expected)),
        "worth.sales": say_money(sales.expected, view.currency),
        "worth.value": say_money(value.expected, view.currency),
    }


def _others(view: View, worth: Worth) -> dict[str, Callable[[], Others]]:
    """Return by number what gives its values on other terms: tried together, and once."""
    keys = ("worth.buyers", "worth.purchases", "worth.sales", "worth.value")

    def compute() -> dict[str, list[tuple[str, str]]]:
        tried = list(_neighbours(view, worth))
        return {key: [(name, said[key]) for name, said in tried if key in said] for key in keys}

    def one(key: str) -> Others:
        return view.remember("worth_elsewhere", compute, repr(worth.entered))[key]

    return {key: partial(one, key) for key in keys}


def _neighbours(view: View, worth: Worth) -> Iterator[tuple[str, Said]]:
    terms = worth.values.terms
    for months in MONTHS_BESIDE:
        if months != terms.months:
            yield f"over {months} months", _tried(view, replace(terms, months=months))
    if worth.entered.margin is not None:
        yield from _of_value(view, worth)
    if worth.plain:
        return
    other = models_of(view, "mbg")
    if other.status == "ok":
        values = values_on_terms(view, terms, "mbg")
        buyers = 0.0 if values.chance_to_buy is None else float(values.chance_to_buy.sum())
        yield "by MBG/NBD", _said(view, values, buyers)
    yield "at last year’s pace of those not gone", _at_pace(view, terms)


def _of_value(view: View, worth: Worth) -> Iterator[tuple[str, Said]]:
    """Yield the value at other discounts and margins, which move nothing else."""
    terms = worth.values.terms
    for discount in DISCOUNTS_BESIDE:
        if discount != terms.discount_monthly:
            said = _tried(view, replace(terms, discount_monthly=discount))
            yield f"discount {100 * discount:g} % a month", {"worth.value": said["worth.value"]}
    for margin in (terms.margin - MARGIN_BESIDE, terms.margin + MARGIN_BESIDE):
        if 0 < margin <= 1:
            value = worth.values.total_value.expected * margin / terms.margin
            yield f"margin {100 * margin:g} %", {"worth.value": say_money(value, view.currency)}


def _tried(view: View, terms: Terms) -> Said:
    values = values_on_terms(view, terms)
    chances = values.chance_to_buy
    buyers = np.count_nonzero(values.purchases > 0) if chances is None else chances.sum()
    return _said(view, values, float(buyers))


def _at_pace(view: View, terms: Terms) -> Said:
    seen = last_year(view.ledger, view.as_of, view.values)
    there, part = ~seen.gone, terms.months / 12
    sales = int(seen.sales[there].sum()) * part
    worth = sales * terms.margin * float(terms.factors.mean())
    return {
        "worth.buyers": format_count(int(np.count_nonzero(seen.purchases[there]))),
        "worth.purchases": format_count(about(int(seen.purchases[there].sum()) * part)),
        "worth.sales": say_money(sales, view.currency),
        "worth.value": say_money(worth, view.currency),
    }


def shown_largest(view: View, worth: Worth) -> list[Shown]:
    """Return the largest expectation, which the headline names."""
    summary = summary_of(view, worth)
    if summary.largest is None:
        return []
    name, sales = summary.largest
    total = worth.values.total_sales.expected
    rows = f"{one_line(name)}: {format_share(sales / total)} of all expected sales"
    return [Shown("worth.largest", say_money(sales, view.currency), rows)]


def shown_falls(view: View, worth: Worth) -> list[Shown]:
    """Return how many lost 40 % or more of what was expected of them, and how much."""
    falls, summary = worth.falls, summary_of(view, worth)
    base = f"of {plural(falls.n_judged, 'client')} of {format_day(falls.since)}"
    every = int(falls.lost.sum())
    some = plural(len(falls.client), "client")
    return [
        Shown(
            "worth.fell", format_count(summary.n_fell), f"{base}, up to {format_day(view.as_of)}"
        ),
        Shown(
            "worth.lost",
            say_money(summary.lost, view.currency),
            f"{plural(summary.n_fell, 'client')} who lost 40 % or more of their {summary.word}",
            [(f"with all {some} of whom less is expected", say_money(every, view.currency))],
        ),
    ]


def shown_record(view: View, outlook: SalesOutlook) -> list[Shown]:
    """Return how past months came beside what was expected of them, and the coming one."""
    found = [_coming(view, outlook)]
    if outlook.within.denominator:
        found.append(rate_shown("worth.within", outlook.within))
    if outlook.best is not None:
        found.append(_errors(outlook))
    return found


def shown_band(view: View, outlook: SalesOutlook) -> list[Shown]:
    """Return the coming month's band as past months would have it, where there are enough."""
    band = outlook.band_by_record
    if band is None:
        return []
    said = f"{say_money(band[0])} to {say_money(band[1], view.currency)}"
    return [Shown("worth.record_band", said, _month_rows(outlook))]


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
    last = outlook.past[-1]
    month = say_month(last.month)
    return [
        Shown("worth.month_actual", format_money(last.actual or 0, view.currency), month),
        Shown("worth.month_new", format_money(last.actual_new or 0, view.currency), month),
    ]


def shown_tracking(view: View, outlook: SalesOutlook) -> Shown:
    """Return all that was expected of the past months beside all that came."""
    said = say_tracking(outlook.past, view.currency)
    if said is None:
        reason = outlook.past[-1].reason if outlook.past else "no whole month has passed yet"
        return Shown("worth.tracking", DASH, f"no model spoke of a past month: {reason}")
    return Shown("worth.tracking", said, f"{plural(len(outlook.past), 'past month')}")
