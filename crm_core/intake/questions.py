"""The four questions of a first import, each with a sensible answer filled in from the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_core.errors import ParameterError
from crm_core.intake.doctor import SalesRows, month_of
from crm_core.intake.formats import format_named
from crm_core.intake.tills import SuspiciousClient, find_tills
from crm_core.intake.words import fold
from crm_core.tables import IntArray

RHYTHMS = {
    "weekly": 7,
    "every two weeks": 14,
    "monthly": 30,
    "quarterly": 91,
    "half-yearly": 182,
    "yearly": 365,
    "by contract": 30,
}
"""How often a good client buys, with the days that stand for it; ``by contract`` leaves the
cadence at its default, because contracts decide."""

INCLUDED = ("VAT", "shipping")
NOT_CLIENTS = ("till", "marketplace", "own branch")
DEFAULT_RHYTHM = "monthly"
DEAD_SHARE = 0.05
"""A month with at most this share of an average month's sales, every year, is dead."""

FEWEST_YEARS = 2
FEWEST_CLIENTS = 3
BEST_SHARE = 0.2

_GROSS_WORDS = frozenset(("brutto", "gross", "ttc", "incl", "inkl", "including", "bruttobetrag"))
_NET_WORDS = frozenset(("net", "netto", "ht", "excl", "exkl", "excluding", "nettobetrag", "sin"))


@dataclass(frozen=True)
class FirstAnswers:
    """What the owner answers.

    Attributes
    ----------
    rhythm : str
        One of :data:`RHYTHMS`: how often a good client buys.
    dead_months : tuple of int
        Months (1 to 12) without business.
    amounts_include : tuple of str
        Of :data:`INCLUDED`.
    not_clients : mapping of str to str
        Client (as the file names it) to one of :data:`NOT_CLIENTS`.

    Raises
    ------
    ParameterError
        If an answer is none of these.
    """

    rhythm: str = DEFAULT_RHYTHM
    dead_months: tuple[int, ...] = ()
    amounts_include: tuple[str, ...] = ()
    not_clients: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        _check("how often a good client buys", (self.rhythm,), tuple(RHYTHMS))
        _check("months", self.dead_months, tuple(range(1, 13)))
        _check("what amounts include", self.amounts_include, INCLUDED)
        _check("what a client is instead", tuple((self.not_clients or {}).values()), NOT_CLIENTS)

    @property
    def gap_days(self) -> int:
        """Return the days between two purchases of a good client."""
        return RHYTHMS[self.rhythm]


@dataclass(frozen=True)
class FirstQuestions:
    """The four questions with what the data suggests.

    Attributes
    ----------
    proposed : FirstAnswers
        Filled in.
    why : mapping of str to str
        Field of :class:`FirstAnswers` to one sentence.
    tills : tuple of SuspiciousClient
        The evidence behind ``not_clients``; those told by the name alone are shown, not proposed.
    """

    proposed: FirstAnswers
    why: Mapping[str, str]
    tills: tuple[SuspiciousClient, ...]


def first_questions(rows: SalesRows, mapping: Mapping[str, Any]) -> FirstQuestions:
    """Return the four questions with answers proposed from the data.

    Parameters
    ----------
    rows : SalesRows
        The sales of the first import.
    mapping : mapping
        ``StagedImport.mapping``: the format and the columns say what amounts include.

    Returns
    -------
    FirstQuestions
        Sensible defaults where the data is too thin to tell, and the reason says so.

    Notes
    -----
    A good client is one of the fifth that bring most, among those with three purchase days; the
    median of all their gaps picks the nearest rhythm on a logarithmic scale. A dead month needs
    two years of it. A client is proposed as a till when it buys on nearly every day.
    """
    rhythm, why_rhythm = propose_rhythm(rows)
    dead, why_dead = propose_dead_months(rows)
    included, why_included = propose_included(mapping)
    tills = find_tills(rows.day, rows.client, rows.names)
    busy = {one.name: one.kind for one in tills if one.share >= 0.7 and one.days >= 30}
    why_tills = (
        "; ".join(one.evidence.rstrip(".") for one in tills if one.name in busy) + "."
        if busy
        else "No client buys on nearly every day."
    )
    return FirstQuestions(
        proposed=FirstAnswers(rhythm, dead, included, busy),
        why={
            "rhythm": why_rhythm,
            "dead_months": why_dead,
            "amounts_include": why_included,
            "not_clients": why_tills,
        },
        tills=tills,
    )


def propose_rhythm(rows: SalesRows) -> tuple[str, str]:
    """Return how often good clients buy, and why.

    Examples
    --------
    >>> from crm_core.tables import Coded
    >>> day = np.tile(np.arange(0, 70, 7, dtype=np.int32), 3)
    >>> client = np.repeat(np.arange(3, dtype=np.int32), 10)
    >>> rows = SalesRows(day, np.full(30, 10_000), client, Coded(np.zeros(30, np.int32), ("a",)))
    >>> propose_rhythm(rows)
    ('weekly', 'Your 3 best returning clients come about every 7 days.')
    """
    bought = (rows.client >= 0) & (rows.amount >= 0)
    if not bought.any():
        return DEFAULT_RHYTHM, "No sale names a client yet; monthly suits most businesses."
    client = rows.client[bought].astype(np.int64)
    money = np.zeros(int(client.max()) + 1, dtype=np.int64)
    np.add.at(money, client, rows.amount[bought])
    pairs = np.unique((client << 32) + rows.day[bought] + (1 << 31))
    owner = pairs >> 32
    returning = np.flatnonzero(np.bincount(owner, minlength=len(money)) >= 3)
    if len(returning) < FEWEST_CLIENTS:
        return DEFAULT_RHYTHM, "Too few clients came three times; monthly suits most businesses."
    best = returning[np.argsort(-money[returning], kind="stable")]
    best = best[: max(FEWEST_CLIENTS, int(np.ceil(BEST_SHARE * len(best))))]
    gaps = np.diff(pairs)[(owner[1:] == owner[:-1]) & np.isin(owner[1:], best)]
    gap = float(np.median(gaps))
    options = [name for name in RHYTHMS if name != "by contract"]
    nearest = min(options, key=lambda name: abs(np.log(RHYTHMS[name] / gap)))
    return nearest, f"Your {len(best):,} best returning clients come about every {gap:.0f} days."


def propose_dead_months(rows: SalesRows) -> tuple[tuple[int, ...], str]:
    """Return the calendar months without business, and why.

    Only whole months between the first and the last sale count; a month must be dead in every
    year, and there must be two years of it.
    """
    if not len(rows.day):
        return (), "There are no sales yet."
    month = month_of(rows.day)
    first, last = int(month.min()), int(month.max())
    counts = np.bincount(month - first, minlength=last - first + 1)
    inner: IntArray = np.arange(first + 1, last)
    if len(inner) < 12 * FEWEST_YEARS:
        return (), "There are less than two whole years: no month can be told dead yet."
    sales = counts[1:-1]
    low = sales <= DEAD_SHARE * sales.mean()
    dead = tuple(
        place + 1
        for place in range(12)
        if (inner % 12 == place).sum() >= FEWEST_YEARS and low[inner % 12 == place].all()
    )
    if not dead:
        return (), "Every month has sales in at least one year."
    years = int((inner % 12 == dead[0] - 1).sum())
    return dead, f"Nearly no sales in {years} years running, against {sales.mean():,.0f} a month."


def propose_included(mapping: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return what amounts include besides goods, and why.

    Examples
    --------
    >>> propose_included({"columns": {"amount": "Brutto"}})
    (('VAT',), 'The column is named “Brutto”.')
    """
    column = str(mapping.get("columns", {}).get("amount", ""))
    if mapping.get("format"):
        known = format_named(str(mapping["format"]))
        reason = f"{known.title}: {known.amount_is}."
        if "only a total" in known.amount_is:
            return INCLUDED, reason
        return (("VAT",) if "tax is in it" in known.amount_is else ()), reason
    words = set(fold(column).split())
    if words & _GROSS_WORDS:
        return ("VAT",), f"The column is named “{column}”."
    if words & _NET_WORDS:
        return (), f"The column is named “{column}”."
    return (), "Nothing in the file tells; most exports of goods hold neither."


def _check(what: str, given: tuple[Any, ...], legal: tuple[Any, ...]) -> None:
    odd = [one for one in given if one not in legal]
    if odd:
        raise ParameterError(
            f"Wanted {what} out of {', '.join(map(str, legal))}; found {odd[0]}; choose one of "
            "these."
        )
