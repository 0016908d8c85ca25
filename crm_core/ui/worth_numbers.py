"""The numbers of the page of lifetime values, with what they would be on other terms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from crm_core.formatting import (
    format_count,
    format_day,
    format_share,
    one_line,
    plural,
)
from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.discounting import Terms
from crm_core.metrics.lifetime.plain_values import last_year
from crm_core.metrics.lifetime.value import ClientValues
from crm_core.sentences.worth import (
    about,
    say_money,
    say_months,
)
from crm_core.small_groups import is_few, is_few_of
from crm_core.ui.definitions import Others, Shown
from crm_core.ui.view import View
from crm_core.ui.worth import Worth, models_of, summary_of, values_on_terms

MONTHS_BESIDE = (6, 12, 24)
DISCOUNTS_BESIDE = (0.0, 0.01, 0.02)
MARGIN_BESIDE = 0.05
FALLS_BESIDE = (20, 60, 80)

Said = dict[str, str]


def shown_totals(view: View, worth: Worth) -> list[Shown]:
    """Return the numbers of the whole base, each with its band beneath."""
    values = worth.values
    others = _others(view, worth)
    rests = _rests_on(view, worth)
    said = _said(view, values, worth.buyers)
    few = is_few(*groups_told(worth))
    found = [
        Shown("worth.buyers", said["worth.buyers"], rests, others["worth.buyers"], few),
        Shown(
            "worth.purchases",
            said["worth.purchases"],
            _band_rows(worth, values.total_purchases, format_count),
            others["worth.purchases"],
            few,
        ),
        Shown(
            "worth.sales",
            said["worth.sales"],
            _band_rows(worth, values.total_sales, say_money),
            others["worth.sales"],
            few,
        ),
    ]
    if worth.entered.margin is not None:
        rows = _band_rows(worth, values.total_value, say_money)
        terms = f"{say_terms(values.terms)}; {rows}"
        found.append(Shown("worth.value", said["worth.value"], terms, others["worth.value"], few))
    return found


def groups_told(worth: Worth) -> tuple[int, ...]:
    """Return how many clients something is expected of, and of how many not, by the plain rule.

    A model expects something of everybody.
    """
    n = len(worth.values)
    return (round(worth.buyers), n - round(worth.buyers)) if worth.plain else (n,)


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
        "worth.largest": say_money(int(values.sales.max(initial=0)), view.currency),
    }


def _others(view: View, worth: Worth) -> dict[str, Callable[[], Others]]:
    """Return by number what gives its values on other terms: tried together, and once."""
    keys = ("worth.buyers", "worth.purchases", "worth.sales", "worth.value", "worth.largest")

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
        "worth.largest": say_money(int(seen.sales[there].max(initial=0)) * part, view.currency),
    }


def shown_largest(view: View, worth: Worth) -> list[Shown]:
    """Return the largest expectation, which the headline names."""
    summary = summary_of(view, worth)
    if summary.largest is None:
        return []
    name, sales = summary.largest
    total = worth.values.total_sales.expected
    rows = f"{one_line(name)}: {format_share(sales / total)} of all expected sales"
    others = _others(view, worth)["worth.largest"]
    return [Shown("worth.largest", say_money(sales, view.currency), rows, others)]


def shown_falls(view: View, worth: Worth) -> list[Shown]:
    """Return how many lost 40 % or more of what was expected of them, and how much."""
    falls, summary = worth.falls, summary_of(view, worth)
    base = f"of {plural(falls.n_judged, 'client')} of {format_day(falls.since)}"
    every = int(falls.lost.sum())
    parts = [
        (
            f"lost {part} % or more",
            format_count(int((falls.lost * 100 >= falls.before * part).sum())),
        )
        for part in FALLS_BESIDE
    ]
    some = plural(len(falls.client), "client")
    return [
        Shown(
            "worth.fell",
            format_count(summary.n_fell),
            f"{base}, up to {format_day(view.as_of)}",
            parts,
            is_few_of(summary.n_fell, falls.n_judged),
        ),
        Shown(
            "worth.lost",
            say_money(summary.lost, view.currency),
            f"{plural(summary.n_fell, 'client')} who lost 40 % or more of their {summary.word}",
            [(f"with all {some} of whom less is expected", say_money(every, view.currency))],
            is_few(summary.n_fell),
        ),
    ]
