"""What clients are worth in words: what is expected of them, from which day, and how it held."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.formatting import (
    NBSP,
    format_count,
    format_day,
    format_money,
    format_month,
    format_share,
    join_words,
    md_escape,
    plural,
    say_name,
)
from crm_core.metrics.lifetime.bands import Banded
from crm_core.metrics.lifetime.outlook import MonthOutlook, SalesOutlook
from crm_core.metrics.lifetime.value_models import Basis
from crm_core.metrics.months import month_labels

FELL_BY = 40
"""Percent of its value that a client must have lost to be named in the page's sentence."""

FIGURES = 3
"""Digits of an expectation that are said: more would be a precision nobody has."""

WAYS = {
    "model": "the model",
    "recent": "the mean of the three months before",
    "last_year": "the same month a year before",
}
"""Ways of expecting a month's sales, as sentences name them."""

MONTH_WORDS = {1: "month", 12: "twelve months"}


@dataclass(frozen=True)
class WorthSummary:
    """What the page's sentence is made from.

    Attributes
    ----------
    as_of : int
        The day from which it is looked ahead.
    months : int
        How far.
    n_clients : int
        Clients with a purchase.
    buyers : float
        How many of them are expected to buy.
    sales : Banded
        Expected of all, ten-thousandths.
    largest : tuple of str and int, or None
        Name and expected sales of the one of whom most is expected.
    reason : str or None
        Why the plain rule was used; None where the model stands.
    short : int or None
        First day of a history shorter than a year, from which no plain rule can tell a year's
        pace.
    word : str
        "value" with a margin, else "expected sales".
    since : int
        The earlier day.
    n_fell, lost : int
        Clients who lost 40 % or more since, and how much together, ten-thousandths.
    n_judged : int
        Clients on the earlier day.
    currency : str or None
        Of the amounts.
    """

    as_of: int
    months: int
    n_clients: int
    buyers: float
    sales: Banded
    largest: tuple[str, int] | None
    reason: str | None
    short: int | None
    word: str
    since: int
    n_fell: int
    lost: int
    n_judged: int
    currency: str | None


def about(amount: float) -> int:
    """Return a figure with three digits that count: an expectation knows no more.

    Examples
    --------
    >>> about(4_123_456), about(987), about(-15_555), about(0)
    (4120000, 987, -15600, 0)
    """
    whole = round(amount)
    digits = len(str(abs(whole)))
    return round(whole, min(FIGURES - digits, 0))


def say_money(amount: float, currency: str | None = None) -> str:
    """Return an expected amount (ten-thousandths) with three digits that count.

    Examples
    --------
    >>> say_money(5_936_570_973), say_money(987_654), say_money(55_500)
    ('594,000', '98.80', '5.55')
    """
    return format_money(about(amount), currency)


def say_band(band: Banded, currency: str | None = None) -> str:
    """Return a banded amount with its band behind it, where there is one.

    Examples
    --------
    >>> say_band(Banded(5_936_570_973, 5_198_856_695, 6_674_285_252))
    '594,000 (520,000 to 667,000)'
    """
    said = say_money(band.expected, currency)
    if band.low is None or band.high is None:
        return said
    return f"{said} ({say_money(band.low)} to {say_money(band.high)})"


def say_months(months: int) -> str:
    """Return a number of months as sentences say it.

    Examples
    --------
    >>> say_months(12), say_months(6), say_months(1)
    ('twelve months', '6 months', 'month')
    """
    return MONTH_WORDS.get(months, f"{months} months")


def say_month(month: int) -> str:
    """Return a month by its number since January 1970.

    Examples
    --------
    >>> say_month(682)
    'Nov 2026'
    """
    return format_month(month_labels([month])[0])


def worth_sentence(summary: WorthSummary) -> str:
    """Say what is expected of all clients and of the largest, and who lost most of it.

    Parameters
    ----------
    summary : WorthSummary
        Of the page.

    Returns
    -------
    str
        Markdown; the reason comes first where a plain rule gave the figures.
    """
    if not summary.n_clients:
        return "Nobody has bought by this day, so there is nothing to expect."
    ahead = f"in the {say_months(summary.months)} after {format_day(summary.as_of)}"
    if summary.short is not None:
        return _plain(summary, ahead)
    say = _plain if summary.reason is not None else _modelled
    return " ".join(filter(None, (say(summary, ahead), _fallen(summary))))


def _modelled(summary: WorthSummary, ahead: str) -> str:
    band = summary.sales
    money = f"**{md_escape(say_money(band.expected, summary.currency))}**"
    if band.low is not None and band.high is not None:
        money += f" ({md_escape(f'{say_money(band.low)} to {say_money(band.high)}')})"
    return (
        f"**About {format_count(about(summary.buyers))} of your "
        f"{plural(summary.n_clients, 'client')}** are expected to buy {ahead}, "
        f"for {money}{_largest(summary)}."
    )


def _plain(summary: WorthSummary, ahead: str) -> str:
    reason = summary.reason or ""
    if not summary.buyers:
        tail = "and nobody who is not gone bought in the last twelve months: nothing is expected"
        return f"{_capital(reason)}, {tail}."
    if summary.short is not None:
        begin = format_day(summary.short)
        return (
            f"{_capital(reason)}; and sales begin on {begin} only: what is less than a year "
            "cannot stand for a year’s pace, so nothing is expected yet."
        )
    who = plural(round(summary.buyers), "client")
    would = f"**{md_escape(say_money(summary.sales.expected, summary.currency))}**"
    return (
        f"{_capital(reason)}; so this is last year’s pace of those not gone: "
        f"**{who}** would buy for {would} {ahead}{_largest(summary)}."
    )


def _largest(summary: WorthSummary) -> str:
    if summary.largest is None or summary.n_clients == 1:
        return ""
    name, sales = summary.largest
    # A bare number among numbers would not read as somebody.
    who = f"client {say_name(name)}" if name.strip().isdigit() else say_name(name)
    return f", of which {who} alone {md_escape(say_money(sales, summary.currency))}"


def _fallen(summary: WorthSummary) -> str:
    since = f"since {format_day(summary.since)}"
    if not summary.n_judged:
        return ""
    if not summary.n_fell:
        return f"Nobody lost {FELL_BY}{NBSP}% or more of their {summary.word} {since}."
    who = plural(summary.n_fell, "client")
    lost = md_escape(say_money(summary.lost, summary.currency))
    together = "" if summary.n_fell == 1 else " together"
    much = f"{FELL_BY}{NBSP}% or more of their {summary.word}"
    return f"**{who}** lost {much} {since}, {lost}{together}."


def say_basis(basis: Basis, *, plain: bool, filtered: int | None = None) -> str:
    """Say from which day it is looked ahead, and on what rows.

    Parameters
    ----------
    basis : Basis
        The rows the models saw.
    plain : bool
        The plain rule gave the figures.
    filtered : int, optional
        Clients the filters leave; None without filters.

    Examples
    --------
    >>> say_basis(Basis(0, -30, 3, 2, 7), plain=False)
    'Looking ahead from 1 Jan 1970, on 7 purchases of 3 clients since 2 Dec 1969.'
    """
    first = "" if basis.first_day is None else f" since {format_day(basis.first_day)}"
    parts = [
        f"Looking ahead from {format_day(basis.as_of)}, on "
        f"{plural(basis.n_purchases, 'purchase')} of {plural(basis.n_clients, 'client')}{first}."
    ]
    if plain:
        parts.append("Of these the plain rule reads the last twelve months only.")
    if filtered is not None:
        parts.append(
            f"The models learn from all clients; shown are the {plural(filtered, 'client')} the "
            "filters leave."
        )
    return " ".join(parts)


def say_record(outlook: SalesOutlook, currency: str | None) -> str:
    """Say how often past months came within their band, and which way of expecting was best.

    Parameters
    ----------
    outlook : SalesOutlook
        The past months and the coming one.
    currency : str or None
        Of the amounts.

    Returns
    -------
    str
        Plain text; nothing can be said without a whole month behind.
    """
    if not outlook.past:
        return "No whole month has passed since the first sale: there is nothing to look back on."
    parts = [_within(outlook), _best(outlook), _coming(outlook, currency)]
    return " ".join(filter(None, parts))


def _within(outlook: SalesOutlook) -> str:
    rate = outlook.within
    if not rate.denominator:
        return (
            f"In none of the last {plural(len(outlook.past), 'month')} could the model be "
            f"fitted (at the last try: {outlook.past[-1].reason})."
        )
    said = (
        f"{format_count(rate.numerator)} of {plural(rate.denominator, 'past month')} came within "
        "the band they had been given"
    )
    if rate.value is None:
        return f"{said}; that is too few to judge by."
    verdict = "as it should be" if abs(rate.value - 0.8) <= 0.15 else "where it should be 80 %"
    more = "" if rate.value >= 0.65 else ": the band knows nothing of seasons or a changed market"
    return f"{said} ({format_share(rate.value)}, {verdict}){more}."


def _best(outlook: SalesOutlook) -> str:
    errors, best = outlook.errors, outlook.best
    if best is None:
        return ""
    months = plural(len(outlook.compared), "month")
    rest = sorted((error, way) for way, error in errors.items() if way != best)
    others = join_words([f"{format_share(error)} for {WAYS[way]}" for error, way in rest])
    against = f", against {others}" if others else ""
    return (
        f"Best over {months} was {WAYS[best]}: {format_share(errors[best])} off on "
        f"average{against}."
    )


def _coming(outlook: SalesOutlook, currency: str | None) -> str:
    coming = outlook.coming
    month = say_month(coming.month)
    band = outlook.band_by_record
    if band is not None:
        return (
            f"By that record, {month} is likelier to bring {say_money(band[0])} to "
            f"{say_money(band[1], currency)} from the clients there are."
        )
    best = outlook.best
    if best not in (None, "model") and (said := coming.said(best or "")) is not None:
        return f"By {WAYS[best or '']}, {month} would bring {say_money(said, currency)}."
    return ""


def say_tracking(past: tuple[MonthOutlook, ...], currency: str | None) -> str | None:
    """Say what was expected of the past months in all, and what came; None without any.

    Parameters
    ----------
    past : tuple of MonthOutlook
        Complete months.
    currency : str or None
        Of the amounts.
    """
    both = [(m.expected, m.actual) for m in past if m.expected is not None and m.actual is not None]
    expected, actual = (sum(values) for values in zip(*both, strict=True)) if both else (0, 0)
    if expected <= 0:
        return None
    share = format_share(actual / expected)
    return (
        f"{say_money(expected, currency)} expected over {plural(len(both), 'month')}, "
        f"{format_money(actual, currency)} came ({share})"
    )


def say_client(
    *,
    purchases: float,
    sales: int,
    months: int,
    counts: tuple[int, int] | None,
    chance: float | None,
    currency: str | None,
) -> str:
    """Say what is expected of one client.

    Parameters
    ----------
    purchases : float
        Expected purchases.
    sales : int
        Expected sales, ten-thousandths.
    months : int
        How far it is looked ahead.
    counts : tuple of int, or None
        Purchases that eight in ten with this history make.
    chance : float or None
        Chance of at least one purchase.
    currency : str or None
        Of the amount.

    Examples
    --------
    >>> say_client(
    ...     purchases=6.1, sales=87_000_000, months=12, counts=(4, 8), chance=None, currency=None
    ... )
    'Expected to buy about 6 times for 8,700 in the next twelve months (4 to 8 times).'
    """
    often = "less than once" if purchases < 0.95 else f"about {_times(purchases)}"
    ahead = f"in the next {say_months(months)}"
    between = f" ({counts[0]} to {counts[1]} times)" if counts and counts[1] else ""
    said = f"Expected to buy {often} for {say_money(sales, currency)} {ahead}{between}"
    return f"{said}." if chance is None else f"{said}; chance of a purchase {format_share(chance)}."


def _times(purchases: float) -> str:
    return "once" if round(purchases) == 1 else f"{round(purchases)} times"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
