"""The answer of the page of key accounts, and what losing a client would mean, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.formatting import (
    format_count,
    format_money,
    format_rate,
    format_share,
    join_words,
    plural,
    say_name,
)
from crm_core.metrics.pareto import ParetoResult
from crm_core.metrics.rates import Rate
from crm_core.metrics.what_if import Loss, margin_on

REASON_WORDS = {
    "potential": "potential",
    "fame": "well known",
    "innovative": "innovative",
    "demanding": "demanding",
}
"""What the screen says to a reason given by hand."""

LONG_MONTHS = 600
"""From so many months on only a bound is said."""


@dataclass(frozen=True)
class KeySummary:
    """What the opening sentence of the page says.

    Attributes
    ----------
    result : ParetoResult
        The base.
    largest : str
        Name of the largest client, as it was typed; empty without any.
    n_keys, net_keys : int
        Key clients, by sales or by hand, and their sales above zero.
    loss : Loss or None
        The year without the largest client.
    margin : int or None
        Hundredths of a percent, None while none is entered.
    currency : str or None
        For amounts.
    """

    result: ParetoResult
    largest: str
    n_keys: int
    net_keys: int
    loss: Loss | None
    margin: int | None
    currency: str | None


def key_sentence(summary: KeySummary) -> str:
    """Say how many key clients there are, what they bring, and what losing one would cost."""
    result = summary.result
    if not result.n:
        by_hand = (
            f" {plural(summary.n_keys, 'client')} named key by hand." if summary.n_keys else ""
        )
        return (
            f"No client has net sales above zero in this period, so none is key by sales.{by_hand}"
        )
    name = f"**{say_name(summary.largest)}**"
    if result.n == 1:
        return (
            f"{name} is your only buying client: everything hangs on one. {_cost(summary)}".strip()
        )
    return f"{_who(summary, name)} {_cost(summary)}".strip()


def largest_sentence(summary: KeySummary) -> str:
    """Say who the largest client is and what they bring, and nothing of the others."""
    share = format_share(summary.result.share_of_first(1))
    return f"The largest client, **{say_name(summary.largest)}**, brings **{share}** of sales."


def _who(summary: KeySummary, name: str) -> str:
    result, n = summary.result, summary.n_keys
    first = format_share(result.share_of_first(1))
    if not n:
        return f"No client brings 10 % of sales: the largest, {name}, brings **{first}**."
    share = format_share(summary.net_keys / result.total)
    clients = (
        f"**{plural(n, 'key client')}** {'brings' if n == 1 else 'bring'} **{share}** of sales"
    )
    if n == 1 and summary.net_keys == int(result.net[0]):
        return f"{clients}: {name}."
    return f"{clients}; {name} alone **{first}**."


def _cost(summary: KeySummary) -> str:
    """Say what losing the largest would cost and how long the rest would need."""
    loss = summary.loss
    if loss is None or loss.lost <= 0:
        return ""
    if summary.margin is None:
        cost = f"**{format_money(loss.lost, summary.currency)}** of sales"
    else:
        gone = margin_on(loss.lost, summary.margin)
        cost = f"**{format_money(gone, summary.currency)}** of margin"
    return f"Losing this client would cost {cost} a year; {_recovery(loss)}."


def _recovery(loss: Loss) -> str:
    if loss.rest <= 0:
        return "nobody else buys"
    if loss.months is None:
        return loss.reason or ""
    return (
        f"the rest would need **{say_months(loss.months)}** at its present growth to fill the gap"
    )


def say_months(months: int) -> str:
    """Return months, or years where there are many.

    Examples
    --------
    >>> say_months(1), say_months(24), say_months(90), say_months(5_000)
    ('1 month', '24 months', '8 years', 'more than 50 years')
    """
    if months <= 24:
        return plural(months, "month")
    if months > LONG_MONTHS:
        return f"more than {LONG_MONTHS // 12} years"
    return plural(-(-months // 12), "year")


def say_reasons(share: float | None, reasons: Sequence[str]) -> str:
    r"""Return why a client is key: its share, if that is why, and the reasons by hand.

    Examples
    --------
    >>> say_reasons(0.14, ["fame"]), say_reasons(None, ["potential", "demanding"])
    ('sales 14\xa0%, well known', 'potential, demanding')
    """
    volume = [] if share is None else [f"sales {format_share(share)}"]
    return ", ".join([*volume, *(REASON_WORDS[reason] for reason in reasons)])


def say_chance(stage: str, chance: Rate) -> str:
    r"""Say where a chance of leaving comes from.

    Examples
    --------
    >>> say_chance("Regular", Rate(3, 40))
    '3 of 40, 2.6–20\xa0% of those who were “Regular” a year ago are gone now'
    """
    counts = format_rate(chance.numerator, chance.denominator, chance.interval)
    said = f"{counts} of those who were “{stage}” a year ago are gone now"
    return f"{said}: {chance.reason}" if chance.reason else said


def say_some(names: Sequence[str], *, most: int = 5) -> str:
    """Return names for a Markdown sentence, the first few and how many more.

    Examples
    --------
    >>> say_some(["a", "b", "c"], most=2), say_some(["a", "b"])
    ('a, b and 1 more', 'a and b')
    """
    said = [say_name(name, 30) for name in names[:most]]
    more = len(names) - most
    if more > 0:
        return f"{', '.join(said)} and {format_count(more)} more"
    return join_words(said)
