"""Stages in words: one sentence a client with the evidence, and what each word means here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from math import isnan
from typing import NamedTuple

import numpy as np

from crm_core.ledger import Ledger
from crm_core.metrics.cadence import AWARENESS, COMMITMENT, EXPANSION, NONE, TERMINATION
from crm_core.metrics.parameters import Parameters
from crm_core.metrics.stages import StageResult
from crm_core.metrics.standings import last_rows
from crm_core.tables import END_REASONS, NEVER, STAGES, WHO_ENDED, IntArray, to_date

WORDS = {
    "none": "Not known yet",
    "awareness": "Knows us",
    "exploration": "Trying us",
    "expansion": "Buying again",
    "commitment": "Regular",
    "termination": "Gone",
}
"""The owner's word of each stage."""

SILENT = {**WORDS, "termination": "Silent"}
"""The same where silence says little: who is quiet is not called gone."""

ENDED_BY = {
    "client": "ended by the client",
    "us": "ended by us",
    "both": "ended by both sides",
    "unknown": "ended",
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six", "seven", "eight"),
    *("nine", "ten", "eleven", "twelve"),
)
SPANS = {30: "a month", 60: "two months", 90: "a quarter", 180: "half a year", 365: "a year"}


@dataclass(frozen=True)
class StageWord:
    """A stage as the screen says it.

    Attributes
    ----------
    stage : str
        Textbook name (``tables.STAGES``).
    word : str
        The owner's word, e.g. "Buying again".
    definition : str
        One line with the numbers of the settings in force.
    """

    stage: str
    word: str
    definition: str


def owner_words(*, doubt: bool = False) -> Mapping[str, str]:
    """Return the owner's word of each stage.

    Parameters
    ----------
    doubt : bool, default False
        So many goodbyes were wrong that silence says little.

    Examples
    --------
    >>> owner_words()["termination"], owner_words(doubt=True)["termination"]
    ('Gone', 'Silent')
    """
    return SILENT if doubt else WORDS


def guess_words(*, doubt: bool = False) -> str:
    """Return how to call who is gone by silence alone.

    Examples
    --------
    >>> guess_words(), guess_words(doubt=True)
    ('probably gone', 'silent longer than usual')
    """
    return "silent longer than usual" if doubt else "probably gone"


def stage_words(parameters: Parameters, *, doubt: bool = False) -> tuple[StageWord, ...]:
    """Return the five stages in order with their words and definition lines.

    Parameters
    ----------
    parameters : Parameters
        In force: the lines name their numbers.
    doubt : bool, default False
        So many goodbyes were wrong that silence says little.

    Examples
    --------
    >>> for word in stage_words(Parameters()):
    ...     print(f"{word.word}: {word.definition}")
    Knows us: on our list or has asked; nothing bought yet.
    Trying us: one or two purchases; they are testing us.
    Buying again: three or more; a habit is forming.
    Regular: six or more over half a year, lately on time; we are their supplier.
    Gone: silent beyond their limit, or somebody ended it.
    """
    most = parameters.n_expand - 1
    tried = {1: "one purchase", 2: "one or two purchases"}.get(most)
    silence = "beyond their limit"
    if parameters.window is not None:
        silence = f"beyond {parameters.window} days"
    elif parameters.model is not None:
        silence = f"until buying within {parameters.model[-1]:.0f} weeks is less likely than not"
    lines = {
        "awareness": "on our list or has asked; nothing bought yet.",
        "exploration": f"{tried or f'one to {_number(most)} purchases'}; they are testing us.",
        "expansion": f"{_number(parameters.n_expand)} or more; a habit is forming.",
        "commitment": f"{_number(parameters.resolved_n_commit)} or more over "
        f"{_span(parameters.t_commit)}, lately on time; we are their supplier.",
        "termination": f"silent {silence}, or somebody ended it.",
    }
    words = owner_words(doubt=doubt)
    return tuple(StageWord(stage, words[stage], line) for stage, line in lines.items())


def _number(value: int) -> str:
    return NUMBERS[value] if value < len(NUMBERS) else str(value)


def _span(days: float) -> str:
    return SPANS.get(int(days), f"{days:g} days") if days == int(days) else f"{days:g} days"


def explain(
    ledger: Ledger,
    stages: StageResult,
    parameters: Parameters,
    *,
    rows: IntArray | None = None,
    owner_words: bool = False,
    doubt: bool = False,
) -> list[str]:
    """Return one sentence a client: stage, since, evidence, due days.

    Parameters
    ----------
    ledger : Ledger
        The ledger of ``stages``.
    stages : StageResult
        Of a day.
    parameters : Parameters
        Those of ``stages``.
    rows : ndarray of int64, shape (n,), optional
        Positions of the clients wanted, in that order; all when missing.
    owner_words : bool, default False
        Begin with the owner's word ("Regular") instead of the textbook's ("Commitment").
    doubt : bool, default False
        Speak of silence, not of gone: so many goodbyes were wrong.

    Returns
    -------
    list of str
        One text a client; empty for a client not known yet. Years are left out of
        due days in the as-of day's year.
    """
    wanted = np.arange(ledger.n_clients) if rows is None else np.asarray(rows)
    sentences = _Sentences(stages.as_of, parameters, owner_words, doubt)
    return [sentences.of(case) for case in _cases(ledger, stages, wanted)]


class _Contract(NamedTuple):
    """The latest contract of a client."""

    end: int
    notice: int


class _Case(NamedTuple):
    """Everything a sentence about one client is made of."""

    stage: int
    computed: int
    since: int
    late: bool
    reentry: bool
    late_on: int
    gone_on: int
    purchases: int
    all_purchases: int
    last_purchase: int
    spell_start: int
    usual_gap_days: float
    streak: int
    overridden: bool
    by_contract: bool
    ending: tuple[int, int, int] | None
    contract: _Contract | None
    override_until: int | None


def _cases(ledger: Ledger, stages: StageResult, rows: IntArray) -> Iterator[_Case]:
    """Yield the facts of the clients wanted, in order."""
    columns = [getattr(stages, name)[rows].tolist() for name in _Case._fields[:15]]
    ends, terms, moves = ledger.endings, ledger.contracts, ledger.overrides
    ending = stages.ending[rows].tolist()
    contract = last_rows(terms.offsets, terms.day, stages.as_of)[rows].tolist()
    moved = last_rows(moves.offsets, moves.day, stages.as_of)[rows].tolist()
    for own, end, term, move in zip(
        zip(*columns, strict=True), ending, contract, moved, strict=True
    ):
        ended = None if end < 0 else (ends.day[end], ends.who[end], ends.reason[end])
        held = None if term < 0 else _Contract(terms.end[term], terms.notice[term])
        until = None if move < 0 else int(moves.expires_on[move])
        yield _Case._make((*own, ended, held, until))


class _Sentences:
    """Puts cases into words; days are put into words once."""

    def __init__(
        self, as_of: int, parameters: Parameters, in_owner_words: bool, doubt: bool
    ) -> None:
        self.as_of, self.parameters = as_of, parameters
        words = owner_words(doubt=doubt)
        self.names = [words[stage] if in_owner_words else stage.capitalize() for stage in STAGES]
        self.guess = guess_words(doubt=doubt)
        self.gone = self.guess if doubt else "gone"
        self.date = cache(self._date)
        self.due = cache(self._due)

    def _date(self, day: int) -> str:
        when = to_date(day)
        return f"{when.day} {MONTHS[when.month - 1]} {when.year}"

    def _due(self, day: int) -> str:
        text: str = self.date(day)
        year = f" {to_date(self.as_of).year}"
        return text.removesuffix(year)

    def of(self, case: _Case) -> str:
        """Return the sentence of one client."""
        if case.stage == NONE:
            return ""
        head = f"{self.names[case.stage]} since {self.date(case.since)}"
        if case.overridden:
            until = "" if case.override_until is None else f" until {self.due(case.override_until)}"
            return f"{head}, set by hand{until}; computed: {self._computed(case)}."
        if case.stage == TERMINATION and self._is_guess(case):
            head += f", {self.guess}"
        return f"{head}: {'; '.join(self._evidence(case))}."

    def _computed(self, case: _Case) -> str:
        computed = case._replace(stage=case.computed, late=case.late_on <= self.as_of)
        return f"{self.names[case.computed]}, {'; '.join(self._evidence(computed))}"

    def _is_guess(self, case: _Case) -> bool:
        """Nobody has said so: silence alone."""
        return case.ending is None and not case.by_contract and case.all_purchases > 0

    def _evidence(self, case: _Case) -> list[str]:
        if case.by_contract:
            return self._contract(case)
        if not case.all_purchases:
            return self._lead(case)
        if case.stage == TERMINATION:
            return self._gone(case)
        return [self._counts(case), *self._rhythm(case), self._dues(case)]

    def _lead(self, case: _Case) -> list[str]:
        if case.stage == AWARENESS:
            again = ["asked again after being given up"] if case.reentry else []
            return ["nothing bought yet", *again, f"given up from {self.due(case.gone_on)}"]
        ended = self._ended(case)
        silent = f"no sign of interest for more than {self.parameters.lead_ttl} days"
        return ["never bought", *(ended or [silent])]

    def _ended(self, case: _Case) -> list[str]:
        """Return who ended it and why; with the day where silence came first."""
        if case.ending is None:
            return []
        day, who, reason = case.ending
        after = f" on {self.date(int(day))}" if day > case.gone_on else ""
        return [f"{ENDED_BY[WHO_ENDED[who]]}{after} ({END_REASONS[reason]})"]

    def _gone(self, case: _Case) -> list[str]:
        ended = self._ended(case)
        last = f"last purchase {self.date(case.last_purchase)}"
        counts = _count(case.all_purchases)
        if ended and case.ending is not None and case.ending[0] <= case.gone_on:
            return [*ended, f"{counts}, {last}", *self._usual(case)]
        allowed = case.gone_on - case.last_purchase - 1
        return [f"{last}, silent beyond {allowed} days", *ended, counts, *self._usual(case)]

    def _counts(self, case: _Case) -> str:
        """Return purchases against the marks of the stage."""
        p, n = self.parameters, case.purchases
        credited = n + (p.reentry_credit if case.reentry else 0)
        counts = _count(n) + (f", counted as {credited}" if credited != n else "")
        days = case.last_purchase - case.spell_start
        if case.stage == COMMITMENT:
            counts += f" (≥ {p.resolved_n_commit}) in {days} days (≥ {p.t_commit:g})"
            return f"{counts}, {_streak(case.streak, p.on_time_streak)}"
        if case.stage == EXPANSION:
            counts += f" (≥ {p.n_expand}) in {days} days"
            return counts + (f", {_streak(case.streak, 0)}" if case.streak < -1 else "")
        return f"{counts} (< {p.n_expand})"

    def _rhythm(self, case: _Case) -> list[str]:
        back = [f"came back {self.date(case.spell_start)}"] if case.reentry else []
        return back + self._usual(case)

    def _usual(self, case: _Case) -> list[str]:
        usual = case.usual_gap_days
        return [] if isnan(usual) else [f"usual gap {usual:g} d"]

    def _dues(self, case: _Case) -> str:
        late, gone = self.due(case.late_on), self.due(case.gone_on)
        if case.late:
            return f"late since {late}, {self.guess} from {gone}"
        return f"late from {late}, {self.gone} from {gone}"

    def _contract(self, case: _Case) -> list[str]:
        bought = [_count(case.all_purchases)] if case.all_purchases else []
        term = case.contract
        if term is None:
            return ["by contract", *bought]
        end = self.date(int(term.end))
        noticed = term.notice <= self.as_of
        notice = [f"notice given {self.date(int(term.notice))}"] if noticed else []
        if case.stage == TERMINATION:
            return [f"contract ended {end}", *notice, *self._ended(case), *bought]
        kind = {COMMITMENT: "contract renewed", EXPANSION: "first paid term"}
        dues = [self._dues(case)] if case.late_on < NEVER else []
        return [f"{kind.get(case.stage, 'trial contract')} to {end}", *notice, *bought, *dues]


def _count(purchases: int) -> str:
    return f"{purchases} purchase{'' if purchases == 1 else 's'}"


def _streak(streak: int, enough: int) -> str:
    """Return the latest gaps in words: on time as far as they matter, late ones all."""
    size = -streak if streak <= 0 else min(streak, enough)
    how = "on time" if streak > 0 else "late"
    return f"last {size if size > 1 else 'one'} {how}"
