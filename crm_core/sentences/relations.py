"""What the pages about leaving, coming back and one client say in a sentence of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_core.explanations import guess_words, owner_words
from crm_core.formatting import (
    format_count,
    format_day,
    format_money,
    format_month,
    format_range,
    format_share,
    md_escape,
    plural,
    say_name,
)
from crm_core.metrics.churn_months import ChurnMonths
from crm_core.metrics.goodbyes import FalseGoodbyes
from crm_core.metrics.late import LateList
from crm_core.metrics.parameters import PERSONAL, Parameters
from crm_core.metrics.returning import Returning
from crm_core.metrics.stages import StageResult
from crm_core.tables import NEVER, STAGES, to_date

SPANS: Mapping[int, str] = {
    30: "30 days",
    60: "60 days",
    90: "90 days",
    180: "half a year",
    365: "a year",
}


def late_sentence(
    late: LateList, months: ChurnMonths, *, currency: str | None = None, doubt: bool = False
) -> str:
    """Say who is late, who goes soon, and how the last whole month went.

    Parameters
    ----------
    late : LateList
        Those to be called; snoozed ones left out.
    months : ChurnMonths
        The balance.
    currency : str, optional
        Set behind the money.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    """
    opening = late_opening(late, currency=currency)
    if not len(late):
        return f"{opening}. {month_sentence(months)}".strip()
    reach = "reaches" if late.n_soon == 1 else "reach"
    soon = format_count(late.n_soon) if late.n_soon else "none of them"
    to = "their limit" if doubt else guess_words()
    return f"{opening}; {soon} {reach} {to} this week. {month_sentence(months)}".strip()


def late_opening(late: LateList, *, currency: str | None = None) -> str:
    """Say how many are late and what they bring, without a full stop."""
    if not len(late):
        return "Nobody is late"
    money = md_escape(format_money(late.total, currency))
    are = "is" if len(late) == 1 else "are"
    return f"**{plural(len(late), 'client')}** worth **{money}** a year {are} late"


def month_sentence(months: ChurnMonths) -> str:
    """Say how many went and came back in the last whole month; nothing before there is one."""
    month = last_whole_month(months)
    if month is None:
        return ""
    rate = months.rate(month)
    name = format_month(months.calendar.labels[month])
    went = f"In {name}, {format_count(months.lost[month])}"
    back = f"{format_count(months.back[month])} came back"
    if rate.value is None:
        return f"{went} went, {back}."
    counts = f"{format_count(rate.numerator)} of {format_count(rate.denominator)}"
    return f"{went} went, {back} ({counts}, {format_range(rate.interval)})."


def last_whole_month(months: ChurnMonths) -> int | None:
    """Return the position of the last month the as-of day does not cut, None without one."""
    whole = np.flatnonzero(~months.calendar.partial)
    return int(whole[-1]) if len(whole) else None


def rule_sentence(parameters: Parameters) -> str:
    """Say by which rule a client counts as gone.

    Examples
    --------
    >>> rule_sentence(Parameters(window=90))
    'A client counts as gone after 90 days of silence.'
    """
    if parameters.window is not None:
        return f"A client counts as gone after {plural(parameters.window, 'day')} of silence."
    if parameters.rule == PERSONAL:
        return "A client counts as gone when silent longer than their own rhythm allows."
    return "A client counts as gone when another purchase has become unlikely."


def goodbye_sentence(goodbyes: FalseGoodbyes | None) -> str:
    """Say how often giving a client up was wrong."""
    if goodbyes is None:
        return "The history is too short to say how often giving a client up was wrong."
    gone, back = len(goodbyes.gone), len(goodbyes.came_back)
    day = format_day(goodbyes.cut)
    if goodbyes.rate.value is None:
        return (
            f"Of {plural(gone, 'client')} given up by {day}, {format_count(back)} came back since."
        )
    share = f"{100 * goodbyes.rate.value:.0f}"
    proof = f"{format_count(back)} of {format_count(gone)}, {format_range(goodbyes.rate.interval)}"
    return f"Of 100 we had given up by {day}, **{share} came back** since ({proof})."


def doubt_sentence(goodbyes: FalseGoodbyes | None) -> str:
    """Say that silence tells little where more than a third of the goodbyes were wrong.

    Nothing where fewer were, or where the share is thin.
    """
    if goodbyes is None or not goodbyes.in_doubt:
        return ""
    return "That is more than one in three: silence says little here, so read “gone” as late."


def declare_goodbyes(goodbyes: FalseGoodbyes | None) -> str:
    """Say beside a list of the gone how often a goodbye was wrong, doubt first."""
    doubt = doubt_sentence(goodbyes).replace("That is more than one in three: silence", "Silence")
    if not doubt:
        return goodbye_sentence(goodbyes)
    return f"**{doubt}** {goodbye_sentence(goodbyes)}"


def returning_sentence(result: Returning) -> str:
    """Say how many first-time buyers come again, by when, and how many may do so now."""
    second = result.second
    pairs = zip(second.days, second.probability, strict=True)
    known = {day: share for day, share in pairs if share is not None}
    if not second.buyers:
        return "Nobody has bought yet."
    if not known:
        bought = (
            f"{format_count(second.returned)} of {plural(second.buyers, 'client')} bought again"
        )
        return f"{bought}; how soon cannot be said yet: {second.curve.reason or 'too few returns'}."
    last = max(known)
    first = 90 if 90 in known else last
    words = f"Of 100 first-time buyers **{100 * known[first]:.0f}** come again within {first} days"
    if last > first:
        words += f", **{100 * known[last]:.0f}** within {SPANS[last]}"
    if second.window is None:
        return f"{words}."
    inside = len(second.in_window)
    return (
        f"{words}; **{format_count(inside)}** {'is' if inside == 1 else 'are'} in that window now."
    )


@dataclass(frozen=True)
class ClientFacts:
    """What the sentence about one client needs beside its stage.

    Attributes
    ----------
    name : str
        As typed.
    typical : int or None
        Median of what a purchase sold, ten-thousandths.
    share : float
        Of the named sales of the period.
    ended_by : str
        Who ended it, from the records; empty where nobody did.
    """

    name: str
    typical: int | None
    share: float
    ended_by: str = ""


def client_sentence(
    facts: ClientFacts,
    stages: StageResult,
    client: int,
    *,
    currency: str | None = None,
    doubt: bool = False,
) -> str:
    """Say where one client stands: stage, rhythm, last purchase, due day and share.

    Parameters
    ----------
    facts : ClientFacts
        What the stages do not know.
    stages : StageResult
        Of the day.
    client : int
        Position in the client table of ``stages``.
    currency : str, optional
        Set behind the money.
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.
    """
    if STAGES[stages.stage[client]] == "none":
        return f"{say_name(facts.name)} is not known yet on {format_day(stages.as_of)}."
    words = [
        f"{_stage_words(stages, client, doubt)}: {_rhythm_words(facts, stages, client, currency)}"
    ]
    last = int(stages.last_purchase[client])
    if last != NEVER:
        words.append(f"last on {format_day(last)}")
    words.append(_due_words(stages, client, facts.ended_by, doubt))
    if facts.share > 0:
        words.append(f"**{format_share(facts.share)}** of your sales")
    return f"{say_name(facts.name)}, {'; '.join(filter(None, words))}."


def _rhythm_words(
    facts: ClientFacts, stages: StageResult, client: int, currency: str | None
) -> str:
    """Return how often and for how much the client buys."""
    n, gap = int(stages.all_purchases[client]), float(stages.usual_gap_days[client])
    if not n:
        return "nothing bought yet"
    words = "bought once" if np.isnan(gap) else f"about every {plural(max(round(gap), 1), 'day')}"
    if facts.typical is not None:
        words += f" for {md_escape(format_money(facts.typical, currency))}"
    return words


def _stage_words(stages: StageResult, client: int, doubt: bool) -> str:
    """Return the stage in the owner's word and since when: a year where it is long ago."""
    stage, since = STAGES[stages.stage[client]], int(stages.since[client])
    word = owner_words(doubt=doubt)[stage]
    if stages.never_bought[client]:
        word = "Asked, never bought, given up"
    elif stage == "termination" and stages.ending[client] < 0 and not stages.overridden[client]:
        word = guess_words(doubt=doubt)
    long_ago = stages.as_of - since > 365 and stage == "commitment"
    when = str(to_date(since).year) if long_ago else format_day(since)
    return f"**{word[0].lower()}{word[1:]}** since {when}"


def _due_words(stages: StageResult, client: int, ended_by: str, doubt: bool) -> str:
    """Return the due day that matters most now."""
    if ended_by:
        return f"ended by {ended_by}"
    late_on, gone_on = int(stages.late_on[client]), int(stages.gone_on[client])
    if stages.late[client]:
        late, gone = format_day(late_on), format_day(gone_on)
        return f"**late since {late}**, {guess_words(doubt=doubt)} from {gone}"
    if STAGES[stages.stage[client]] == "termination" or late_on == NEVER:
        return ""
    return f"late from {format_day(late_on)}"
