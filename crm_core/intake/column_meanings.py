"""What one column may mean: its name in eight languages, and whether its cells agree."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_core.intake.content import ColumnProfile
from crm_core.intake.mapping import FIELDS
from crm_core.intake.statuses import read_status
from crm_core.intake.synonyms import COUNTED, NOT_THE_AMOUNT, NOT_THE_DAY, SQUEEZED, SYNONYMS
from crm_core.intake.words import fold

_EXACT, _ENDS, _HOLDS = 100.0, 60.0, 40.0
_FILLERS = frozenset(
    (
        *("in", "the", "of", "de", "du", "my", "our", "total"),
        *("eur", "euro", "usd", "gbp", "chf", "руб"),
    )
)
_COUNTS = re.compile(r"^(number|no|nr|anzahl|nombre|numero) (of|der|de|di) ")
_STATUS_WORDS = frozenset(("status", "stage", "statut", "статус", "bestellstatus"))
_DATE_WORDS = frozenset(
    ("date", "datum", "fecha", "data", "dato", "дата", "pvm", "paivamaara", "orderdate")
)
_MONEY = ("amount", "quantity", "unit_price")
_DAYS = ("day", "known_on", "birthday")


@dataclass(frozen=True)
class Guess:
    """One possible meaning of one column.

    Attributes
    ----------
    score : float
        100 for a name that is known, 40 and more for one that holds a known word.
    field, column : str
        The meaning and the column.
    """

    score: float
    field: str
    column: str


def guess_meanings(column: str, profile: ColumnProfile, n_rows: int) -> list[Guess]:
    """Return what a column may mean by its name, where its cells agree.

    Parameters
    ----------
    column : str
        Its name.
    profile : ColumnProfile
        What its cells look like.
    n_rows : int
        Rows of the table; of a table without rows the names alone decide.

    Returns
    -------
    list of Guess
        One a field at most, any order.
    """
    folded = fold(column)
    found = []
    for name in SYNONYMS:
        score = name_score(folded, name)
        target = name
        if name == "who":
            target = "client" if looks_like_ids(profile) else "name"
            target = "email" if profile.email > 0.5 else target
        if score and target in FIELDS and _agrees(target, folded, profile, n_rows):
            unread = target == "day" and n_rows > 0 and not _fits(target, profile, exact=True)
            score -= _ENDS if unread else -_bonus(target, profile)
            found.append(Guess(score, target, column))
    return found


def name_score(folded: str, meaning: str) -> float:
    """Score a column's folded name: equal to a known one, ending with one, or holding one.

    Parameters
    ----------
    folded : str
        The name, folded.
    meaning : str
        A key of :data:`~crm_core.intake.synonyms.SYNONYMS`.

    Returns
    -------
    float
        0 where the name says nothing; a name in one word (``ORDERNUMBER``) counts like the same
        with spaces.

    Examples
    --------
    >>> name_score("ordernumber", "order") > name_score("my old order", "order") > 50
    True
    """
    words = SYNONYMS[meaning]
    if folded in words:
        return _EXACT - words[folded] / 10
    if meaning == "quantity" and _COUNTS.match(folded):
        return _ENDS
    if score := _squeezed_score(folded, meaning):
        return score
    bare = " ".join(word for word in folded.split() if word not in _FILLERS)
    if bare in words:
        return _EXACT - 5 - words[bare] / 10
    tokens = folded.split()
    best = 0.0
    for start in range(len(tokens)):
        for stop in range(len(tokens), start, -1):
            part = " ".join(tokens[start:stop])
            if part in words and len(part) > 2:
                base = _ENDS if stop == len(tokens) else _HOLDS
                best = max(best, base + len(part) / 10 - words[part] / 10)
    return best


def _squeezed_score(folded: str, name: str) -> float:
    """Score a name written in one word, such as ``ORDERNUMBER``."""
    word = folded.replace(" ", "")
    if name not in SQUEEZED:
        return 0.0
    return _EXACT - 5 - SQUEEZED[name][word] / 10 if word in SQUEEZED[name] else 0.0


def _agrees(target: str, folded: str, profile: ColumnProfile, n_rows: int) -> bool:
    """Whether what stands in the column lets it mean the field."""
    tokens = set(folded.split())
    exact = folded in SYNONYMS.get(target, {}) or bool(_squeezed_score(folded, target))
    allowed = True
    if target == "amount" and not exact:
        allowed = not tokens & NOT_THE_AMOUNT
    elif target == "day":
        allowed = not tokens & NOT_THE_DAY
    elif target == "quantity" and not exact and not _COUNTS.match(folded):
        allowed = any(word in SYNONYMS["quantity"] for word in tokens) and not {
            word for word in tokens - COUNTED if word not in SYNONYMS["quantity"]
        }
    elif target == "manager":
        allowed = "id" not in tokens
    if profile.n_filled == 0:
        return allowed and n_rows == 0
    if target == "status":  # "State" and "Estado" are regions as often
        exact = bool(tokens & _STATUS_WORDS)
    if target == "day" and allowed and exact and tokens & _DATE_WORDS:
        return True  # a column called a date is never passed over: unreadable rows say so
    return allowed and _fits(target, profile, exact=exact)


def _fits(target: str, profile: ColumnProfile, *, exact: bool) -> bool:
    known = [read_status(fold(text)) for text in profile.examples] if target == "status" else []
    plain = profile.day < 0.5 and (exact or profile.decimals < 0.5)
    tests = {
        **dict.fromkeys(_DAYS, profile.day > 0.5 or profile.serial > 0.9),
        **dict.fromkeys(_MONEY, profile.amount > (0.1 if exact else 0.5)),
        "email": profile.email > 0.3,
        "currency": profile.currency > 0.5,
        "status": profile.n_distinct <= 60 and (any(known) or profile.status > 0 or exact),
        "name": plain and profile.amount < 0.9,
    }
    return tests.get(target, plain)


def _bonus(target: str, profile: ColumnProfile) -> float:
    """Prefer the column whose content speaks for it too, a little."""
    shares = {
        "day": profile.day,
        "amount": profile.decimals,
        "email": profile.email,
        "phone": profile.phone,
        "name": profile.name_like,
        "order": profile.id_like,
    }
    return shares.get(target, 0.0)


def looks_like_ids(profile: ColumnProfile) -> bool:
    """Whether a column holds numbers or codes rather than names."""
    return profile.id_like > 0.5 and profile.name_like < 0.5
