"""Segments in words: who the best are, who slips away, and what to do about each segment."""

from __future__ import annotations

import numpy as np

from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    format_share,
    join_words,
    plural,
)
from crm_core.metrics.rfm import DIMENSIONS
from crm_core.metrics.segments import BEST, SLIPPING, SegmentMoves, SegmentResult
from crm_core.tables import BoolArray, IntArray

ADVICE = {
    "champions": "Thank them, ask them to recommend you, and show them what is new first; "
    "do not buy their next order with a discount.",
    "loyal": "Keep your promises and offer what goes with what they buy: the next champions "
    "come from here.",
    "potential": "They have bought lately, not yet often: make the next order easy and name a "
    "reason for it.",
    "new": "A first purchase just now: thank them, ask how it went, and help with the second.",
    "promising": "A first try a while ago: remind them once, with something small that fits.",
    "attention": "Middling in all, and cooling: ask what has changed before they stop asking you.",
    "sleep": "Small and getting quiet: one friendly reminder; if nothing comes, spend your time "
    "elsewhere.",
    "cant_lose": "They were among your best and have gone quiet: call them yourself, this week.",
    "at_risk": "They used to buy well: ask why they stopped, and offer a way back in person.",
    "hibernating": "Long silent and small: include them in the yearly mailing, nothing more.",
    "lost": "Silent longest and small: leave them in peace unless they write to you.",
}
"""One plain sentence of advice a segment."""


def best_and_slipping(
    now: SegmentResult,
    sales: IntArray,
    late: BoolArray,
    gone: BoolArray,
    *,
    moves: SegmentMoves | None = None,
    currency: str | None = None,
) -> str:
    """Say who the best are, who is about to be lost, and who fell since the earlier day.

    Parameters
    ----------
    now : SegmentResult
        On the as-of day.
    sales : ndarray of int64, shape (n_clients,)
        Net sales in the period whose shares are said, ten-thousandths.
    late, gone : ndarray of bool, shape (n_clients,)
        Who is late, and who is gone, by the rule in force.
    moves : SegmentMoves, optional
        Against the earlier day; None where nobody had bought by then.
    currency : str, optional
        Of the amounts.
    """
    if cannot := _cannot_part(now):
        return cannot
    parts = [_best(now, sales), *_late_best(now, late), _slipping(now, gone, currency)]
    if moves is not None:
        parts.append(_fallen(moves))
    return f"{'; '.join(parts)}."


def best_sentence(now: SegmentResult, sales: IntArray) -> str:
    """Say who the best are and what they bring, as :func:`best_and_slipping` begins."""
    return _cannot_part(now) or f"{_best(now, sales)}."


def _cannot_part(now: SegmentResult) -> str:
    """Return why there are no segments, "" where there are."""
    if now.scores.status == "not computable":
        return f"No segments: {now.scores.reason}."
    if len(now.scores.flat) < len(DIMENSIONS):
        return ""
    return (
        f"All {plural(now.n, 'client')} bought as lately, as often and for as much as the "
        "others: there is nothing to tell them apart by."
    )


def _best(now: SegmentResult, sales: IntArray) -> str:
    for name, word, many in (
        ("champions", "champion", "champions"),
        ("loyal", "loyal client", "loyal clients"),
    ):
        n = now.counts[name]
        if n:
            total = int(sales[sales > 0].sum())
            own = int(sales[now.is_in(name) & (sales > 0)].sum())
            brings = f" {'brings' if n == 1 else 'bring'} **{format_share(own / total)}** of sales"
            return f"**{plural(n, word, many)}**{brings if total else ''}"
    return "Nobody buys often, for much and lately"


def _late_best(now: SegmentResult, late: BoolArray) -> list[str]:
    n = int((now.is_in(*BEST) & late).sum())
    if not n:
        return []
    verb = "is" if n == 1 else "are"
    return [f"**{format_count(n)} of the champions and loyal clients** {verb} late"]


def _slipping(now: SegmentResult, gone: BoolArray, currency: str | None) -> str:
    for name, words in zip(SLIPPING, ("you can’t lose", "at risk"), strict=True):
        who = np.flatnonzero(now.is_in(name))
        if not len(who):
            continue
        n, n_gone = len(who), int(gone[who].sum())
        brought = format_money(int(now.scores.values.money[who].sum()), currency)
        some = f" ({format_count(n_gone)} of them probably gone already)" if n_gone else ""
        fate = "probably gone already" if n_gone == n else f"slipping away{some}"
        verb = "is" if n == 1 else "are"
        return f"**{plural(n, 'client')} {words}**, who brought {brought} so far, {verb} {fate}"
    return "nobody who used to buy well is slipping away"


def _fallen(moves: SegmentMoves) -> str:
    n = int(moves.left_best.sum())
    who = format_count(n) if n else "nobody"
    return f"{who} fell out of the best two segments since {format_day(moves.before.as_of)}"


def say_flat(flat: tuple[str, ...]) -> str:
    """Say in which of the three all clients are alike; nothing where they differ in all.

    Examples
    --------
    >>> say_flat(("frequency", "money"))
    'All clients bought as often and for as much as each other, so these scores part nobody.'
    """
    words = {"recency": "as lately", "frequency": "as often", "money": "for as much"}
    if not flat:
        return ""
    alike = join_words([words[name] for name in flat])
    return f"All clients bought {alike} as each other, so these scores part nobody."


def say_basis(moves: SegmentMoves) -> str:
    """Say by whose cut points the two days are compared."""
    own = len(moves.after.scores.cuts.own)
    stayed = int(np.trace(moves.matrix[:-1, :-1]))
    first = f"{plural(stayed, 'client')} stayed where they were. "
    if own == len(DIMENSIONS):
        return f"{first}Both days by the cut points set by you."
    some = " (those set by you hold on both)" if own else ""
    return (
        f"{first}Each day by its own fifths{some}: who stands still while others rise moves down. "
        "Green is up, red is down."
    )
