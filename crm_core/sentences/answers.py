"""The answer of a page in one sentence, from results; Markdown with names made safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_core.explanations import guess_words
from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    format_share,
    join_words,
    md_escape,
    plural,
    say_name,
)
from crm_core.metrics.bridge import SalesBridge
from crm_core.metrics.pareto import ParetoResult
from crm_core.metrics.stage_moves import StageMoves, share_of_regulars
from crm_core.metrics.stages import StageResult
from crm_core.tables import IntArray

CAUSE_WORDS = {
    "gone": "Gone",
    "shrinking": "Shrinking",
    "growing": "Growing",
    "came back": "Came back",
    "new": "New",
    "without client": "No client named",
}
"""Why a client's sales changed, by cause."""

TOGETHER = "Other causes"
"""What causes told as one are called."""


def cause_words(*, doubt: bool = False) -> Mapping[str, str]:
    """Return the words of the causes; ``doubt`` speaks of silence, not of gone.

    Examples
    --------
    >>> cause_words(doubt=True)["gone"]
    'Silent'
    """
    return {**CAUSE_WORDS, "gone": "Silent"} if doubt else CAUSE_WORDS


def bridge_bars(bridge: SalesBridge, together: Sequence[str] = ()) -> dict[str, int]:
    """Return what changed sales by cause, some causes as one under no name, zeros left out.

    Parameters
    ----------
    bridge : SalesBridge
        Of any status.
    together : sequence of str
        The causes told as one.
    """
    amounts = bridge.amounts()
    bars = {cause: amount for cause, amount in amounts.items() if cause not in together}
    bars[""] = sum(amounts[cause] for cause in together)
    return {cause: amount for cause, amount in bars.items() if amount}


def bridge_sentence(
    bridge: SalesBridge,
    currency: str | None,
    *,
    doubt: bool = False,
    together: Sequence[str] = (),
) -> str:
    """Say how sales stand against last year, and why.

    Parameters
    ----------
    bridge : SalesBridge
        Of any status.
    currency : str or None
        Set behind the money.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    together : sequence of str
        Causes told as one: few clients belong to one of them.
    """
    words = {**cause_words(doubt=doubt), "": TOGETHER}
    if bridge.status == "not computable":
        if bridge.first_day is None:
            return "There are no sales up to this day."
        return (
            f"Sales begin on {format_day(bridge.first_day)} and come to "
            f"{_bold(format_money(bridge.recent, currency))} so far: "
            "there is no year before to compare with yet."
        )
    if bridge.status == "thin" and bridge.first_day is not None:
        return (
            f"The last 12 months brought {_bold(format_money(bridge.recent, currency))}; sales "
            f"begin on {format_day(bridge.first_day)}, so the year before is not complete "
            "and a comparison says little."
        )
    change = bridge.recent - bridge.before
    if not change:
        same = format_money(bridge.recent, currency)
        return f"Sales of the last 12 months equal those of the year before: {same}."
    causes = [
        f"{words[cause].lower()} {format_money(amount, signed=True)}"
        for cause, amount in bridge_bars(bridge, together).items()
    ]
    direction = "above" if change > 0 else "below"
    return (
        f"Sales are {_bold(format_money(abs(change), currency))} {direction} last year’s: "
        f"{', '.join(causes)}."
    )


def regulars_sentence(stages: StageResult, trailing: IntArray) -> str:
    """Say how many regulars there are and what they bring; nothing without any."""
    n, share = stages.counts()["commitment"], share_of_regulars(stages, trailing)
    if not n or share is None:
        return ""
    verb = "brings" if n == 1 else "bring"
    return f"{plural(n, 'regular')} {verb} {format_share(share)} of sales."


def pareto_sentence(result: ParetoResult, largest: str, *, unnamed: bool) -> str:
    """Say who carries the business.

    Parameters
    ----------
    result : ParetoResult
        With or without clients.
    largest : str
        Name of the largest client, as it was typed.
    unnamed : bool
        Sales without a client exist beside the named ones.
    """
    if not result.n:
        return "No client has net sales above zero in this period."
    if result.n == 1:
        return f"{say_name(largest)} is the only buying client here: everything hangs on one."
    base = "named sales" if unnamed else "sales"
    k = result.for80_clients
    share = result.share_of_first(1) or 0.0
    first = (
        f"{_bold(f'{format_count(k)} of {format_count(result.n)} buying clients')} "
        f"({format_share(k / result.n)}) {'brings' if k == 1 else 'bring'} 80 % of {base}"
    )
    mark = _mark_words(share)
    return f"{first}; {say_name(largest)} alone brings {_bold(format_share(share))}{mark}."


def _mark_words(share: float) -> str:
    passed = [mark for mark in (50, 40, 30, 20, 10) if share * 100 >= mark]
    return f": above the {passed[0]} % mark" if passed else ""


def stages_sentence(
    stages: StageResult, moves: StageMoves | None, large: int, *, since: int | None
) -> str:
    """Say how many stand where, and who moved since an earlier day."""
    counts = stages.counts()
    here = [
        plural(counts["commitment"], "regular"),
        f"{format_count(counts['expansion'])} buying again",
        f"{format_count(counts['exploration'])} trying us",
    ]
    if counts["awareness"]:
        here.append(f"{format_count(counts['awareness'])} who know us")
    text = _bold(join_words(here))
    if moves is None or since is None:
        return f"{text}."
    up, down = int(moves.up.sum()), int(moves.down.sum())
    return (
        f"{text}; since {format_day(since)}, {format_count(up)} moved up and {format_count(down)} "
        f"down{_large_words(large, down)}."
    )


def _large_words(large: int, down: int) -> str:
    if not large or not down:
        return ""
    return (
        ", the one a large client"
        if large == down == 1
        else f", {format_count(large)} of them large"
    )


def call_reason(
    *,
    late_on: int,
    gone_on: int,
    usual_gap: float,
    sales: int,
    currency: str | None,
    doubt: bool = False,
) -> str:
    """Say why to call a client now: since when late, until when in time, and what is at stake."""
    rhythm = f"usually every {usual_gap:.0f} days; " if usual_gap == usual_gap else ""  # noqa: PLR0124
    return md_escape(
        f"{format_money(sales, currency)} in the last 12 months, {rhythm}"
        f"late since {format_day(late_on)}, {guess_words(doubt=doubt)} from {format_day(gone_on)}"
    )


def names_sentence(names: Sequence[str], total: int) -> str:
    """Say a few names and how many more there are."""
    said = [say_name(name) for name in names]
    more = total - len(said)
    return join_words([*said, f"{format_count(more)} more"] if more > 0 else said)


def _bold(text: str) -> str:
    return f"**{text}**"
