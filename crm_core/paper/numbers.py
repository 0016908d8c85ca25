"""The key numbers of the month, each with what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crm_core.definitions import define
from crm_core.explanations import guess_words
from crm_core.formatting import (
    DASH,
    format_count,
    format_day,
    format_money,
    format_month,
    format_range,
    format_rate,
    format_share,
    plural,
)
from crm_core.metrics.cadence import COMMITMENT
from crm_core.metrics.rates import Rate
from crm_core.paper import few
from crm_core.paper.markup import Html, join, say, tag
from crm_core.paper.material import Material
from crm_core.sentences.relations import last_whole_month
from crm_core.small_groups import is_few

AGAIN_DAYS = 90
"""Within so many days first-time buyers come again: the share the page names too."""


class Number(NamedTuple):
    """A number on paper, plain text.

    Attributes
    ----------
    id : str
        Key of :data:`crm_core.definitions.DEFINITIONS`; its title is the label.
    value : str
        As shown; a dash where it is withheld.
    proof : str
        What it rests on, or why it is withheld.
    """

    id: str
    value: str
    proof: str


def key_numbers(m: Material) -> list[Number]:
    """Return the key numbers in the order of the pages they come from.

    Those that would tell of a few clients stand without a value, for whom they may not.
    """
    groups = [
        ([_month(m)], is_few(m.month.clients, least=m.least)),
        ([_change(m)], few.few_in_bridge(m)),
        (list(_shares(m)), few.few_in_shares(m)),
        ([_regulars(m)], few.few_regulars(m)),
        (list(_late(m)), few.few_late(m)),
        ([_lost(m)], few.few_last_month(m)),
        ([_goodbyes(m)], few.few_goodbyes(m)),
        (list(_again(m)), few.few_again(m) or few.few_in(m, m.returning.repeat)),
    ]
    return [
        Number(one.id, DASH, few.say_few(m)) if hidden else one
        for numbers, hidden in groups
        for one in numbers
    ]


def number_grid(numbers: list[Number]) -> Html:
    """Return the numbers as a grid of cards."""
    cards = (
        tag(
            "div",
            tag("dt", say(define(one.id).title)),
            tag("dd", say(one.value), class_="value"),
            tag("dd", say(one.proof), class_="proof"),
        )
        for one in numbers
    )
    return tag("dl", join(cards), class_="numbers")


def rate_number(key: str, rate: Rate, before: str = "") -> Number:
    r"""Return a rate with its counts and range; a dash and the reason where it is withheld.

    Examples
    --------
    >>> rate_number("churn.rate", Rate(3, 142)).proof
    '3 of 142, 0.7–6\xa0%'
    """
    if rate.value is None:
        return Number(key, DASH, f"{before}{rate.reason}")
    counts = format_rate(rate.numerator, rate.denominator, rate.interval)
    thin = "" if rate.status == "ok" else f": {rate.reason}"
    return Number(key, format_share(rate.value), f"{before}{counts}{thin}")


def _month(m: Material) -> Number:
    month = m.month
    days = "" if month.whole else f"{month.as_of - month.first + 1} of "
    days = f"{days}{month.end - month.first + 1} days"
    proof = f"{days}; nothing on these days last year"
    if month.year_before > 0:
        change = month.net / month.year_before - 1
        sign = "+" if change > 0 else "−"
        proof = (
            f"{days}; {format_money(month.year_before)} on the same days last year "
            f"({sign}{format_share(abs(change))})"
        )
    return Number("paper.month_sales", format_money(month.net, m.currency), proof)


def _change(m: Material) -> Number:
    bridge = m.churn.bridge
    if bridge.status == "not computable":
        return Number("bridge.change", DASH, bridge.reason or "")
    proof = (
        f"{format_money(bridge.recent)} in the last 12 months, {format_money(bridge.before)} in "
        "the 12 before"
    )
    thin = "; thin: the 12 before are not complete" if bridge.status == "thin" else ""
    value = format_money(bridge.recent - bridge.before, m.currency, signed=True)
    return Number("bridge.change", value, proof + thin)


def _shares(m: Material) -> Iterator[Number]:
    result = m.pareto
    if not result.n:
        yield Number("pareto.for80", DASH, result.reason or "")
        return
    buyers = plural(result.n, "buying client")
    yield Number(
        "pareto.for80",
        plural(result.for80_clients, "client"),
        f"{format_share(result.for80_share_of_clients)} of {buyers}",
    )
    yield Number(
        "pareto.top20",
        format_share(result.top20_share),
        f"the first {format_count(result.top20_clients)} of {buyers}",
    )
    money = format_money(int(result.net[0]), m.currency)
    largest = m.name(int(result.order[0]))
    yield Number("pareto.largest", format_share(result.share_of_first(1)), f"{largest}: {money}")


def _regulars(m: Material) -> Number:
    counts = m.stages.counts()
    n = counts["commitment"]
    sales = m.churn.sales
    total, own = int(sales[sales > 0].sum()), sales[m.stages.stage == COMMITMENT]
    share = int(own[own > 0].sum()) / total if total > 0 else None
    brings = "" if share is None else f"; {format_share(share)} of the last 12 months’ sales"
    proof = f"of {plural(sum(counts.values()), 'known client')}{brings}"
    return Number("stages.commitment", format_count(n), proof)


def _late(m: Material) -> Iterator[Number]:
    late = m.late
    away = f"; {format_count(m.n_snoozed)} more put off" if m.n_snoozed else ""
    soon = f"{format_count(late.n_soon)} {guess_words(doubt=m.doubt)} within a week"
    yield Number("churn.late", format_count(len(late)), f"{soon}{away}")
    yield Number(
        "churn.at_stake",
        format_money(late.total, m.currency),
        f"of {plural(len(late), 'late client')}",
    )


def _lost(m: Material) -> Number:
    months = m.churn.months
    month = last_whole_month(months)
    if month is None:
        return Number("churn.rate", DASH, "no month is over yet")
    name = format_month(months.calendar.labels[month])
    rate = months.rate(month)
    if rate.value is None:
        return Number("churn.rate", DASH, f"{name}: {months.reason(month)}")
    return rate_number("churn.rate", rate, f"{name}: ")


def _goodbyes(m: Material) -> Number:
    goodbyes = m.churn.goodbyes
    if goodbyes is None:
        return Number("churn.false_goodbyes", DASH, "the history is too short")
    day = format_day(goodbyes.cut)
    return rate_number("churn.false_goodbyes", goodbyes.rate, f"given up by {day}: ")


def _again(m: Material) -> Iterator[Number]:
    second = m.returning.second
    at = second.days.index(AGAIN_DAYS)
    share, band = second.probability[at], second.band[at]
    buyers = plural(second.buyers, "first-time buyer")
    proof = f"within {AGAIN_DAYS} days; {buyers}, {format_range(band)}"
    if share is None:
        proof = second.curve.reason or f"too few of {buyers} are watched for {AGAIN_DAYS} days"
    yield Number("returning.second_purchase", format_share(share), proof)
    yield rate_number("returning.repeat_rate", m.returning.repeat)
