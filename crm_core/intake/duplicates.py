"""Clients that may be one and the same, each pair with its evidence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.words import MISSING_WORDS, fold_name

SAME_EMAIL, SAME_PHONE, SAME_NAME, NEAR_NAME = "same e-mail", "same phone", "same name", "near name"
LARGEST_GROUP = 20
"""A text more clients share than this (a reception's phone, "info@") tells nothing."""

LARGEST_BLOCK = 60
LONG_NAME = 14
"""From this length on two letters may differ, below it one."""

MOST_PAIRS = 500
MOST_COMPARISONS = 300_000
"""Names compared letter by letter, those of the smallest blocks first."""

_LEGAL_WORDS = """
    gmbh ag kg ohg ug mbh co inc llc ltd limited corp corporation company plc sa sarl sas srl spa
    bv nv oy oyj ab as aps sl slu eurl sc the and und et y e of ооо зао оао ао ип
"""
_LEGAL_FORMS = frozenset(_LEGAL_WORDS.split())
_DIGITS = re.compile(r"\D+")
_LETTER = re.compile(r"[^\W\d_]")
_TOKENS = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class PossibleDuplicate:
    """Two clients that may be one.

    Attributes
    ----------
    first, second : int
        Positions of the clients, ``first < second``.
    reason : str
        ``same e-mail``, ``same phone``, ``same name`` or ``near name``.
    evidence : str
        One sentence with what both have.
    score : float
        0 to 1; equal e-mails 1, equal names 0.9, equal phones 0.8, near names below.
    """

    first: int
    second: int
    reason: str
    evidence: str
    score: float


def find_duplicates(
    names: Sequence[str | None],
    *,
    emails: Sequence[str | None] | None = None,
    phones: Sequence[str | None] | None = None,
    most: int = MOST_PAIRS,
) -> tuple[PossibleDuplicate, ...]:
    """Return pairs of clients that may be one, surest first.

    Equal e-mails (case aside), equal phone digits (seven at least, country code
    aside), equal names after folding (accents, signs and legal forms aside), and
    names one or two letters apart or with the same words in another order.
    Names are compared within blocks that share a rare word or the letters that
    begin it, so the effort grows with the number of clients, not its square.

    Parameters
    ----------
    names : sequence of (str or None)
        One a client.
    emails, phones : sequence of (str or None) or None
        As long as ``names``.
    most : int, default 500
        Largest number of pairs returned.

    Returns
    -------
    tuple of PossibleDuplicate
        Each pair once, with its best reason; ties by position.

    Examples
    --------
    >>> pairs = find_duplicates(["Müller GmbH", "Mueller", "Muller Gmbh", "Nordlicht"])
    >>> [(pair.first, pair.second, pair.reason) for pair in pairs]
    [(0, 1, 'same name'), (0, 2, 'same name'), (1, 2, 'same name')]
    """
    found: dict[tuple[int, int], PossibleDuplicate] = {}
    for reason, score, texts in (
        (SAME_EMAIL, 1.0, [_plain_email(text) for text in emails or ()]),
        (SAME_NAME, 0.9, [plain_name(text) for text in names]),
        (SAME_PHONE, 0.8, [_plain_phone(text) for text in phones or ()]),
    ):
        shown = {SAME_EMAIL: emails, SAME_PHONE: phones}.get(reason) or names
        for pair in _equal_pairs(texts):
            sentence = _equal_sentence(reason, shown[pair[0]], shown[pair[1]])
            found.setdefault(pair, PossibleDuplicate(*pair, reason, sentence, score))
    for pair, score in _near_pairs(names).items():
        sentence = f"“{_short(names[pair[0]])}” and “{_short(names[pair[1]])}” are nearly the same."
        found.setdefault(pair, PossibleDuplicate(*pair, NEAR_NAME, sentence, score))
    ordered = sorted(found.values(), key=lambda pair: (-pair.score, pair.first, pair.second))
    return tuple(ordered[:most])


def plain_name(name: str | None) -> str:
    """Return a name without accents, signs, legal forms and German umlaut spellings.

    Examples
    --------
    >>> plain_name("Müller & Söhne GmbH"), plain_name("MUELLER und Soehne"), plain_name("0012")
    ('muller sohne', 'muller sohne', '')
    """
    if name is None or name.strip().lower() in MISSING_WORDS or not _LETTER.search(name):
        return ""
    text = unicodedata.normalize("NFKD", fold_name(name))
    text = "".join(char for char in text if not unicodedata.combining(char))
    for written, plain in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        text = text.replace(written, plain)
    words = [word for word in _TOKENS.split(text) if word]
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(kept or words)


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters must change, ``most + 1`` where it is more than ``most``.

    Insertions, deletions, exchanges and swaps of neighbours count one each (optimal string
    alignment).

    Examples
    --------
    >>> distance("nordlicht", "nordlihct", 2), distance("anna", "hans", 2)
    (1, 3)
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = [i] + [most + 1] * len(other)
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            b = other[j - 1]
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def _equal_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    groups = _groups({text: [] for text in texts if text}, texts)
    pairs = []
    for members in groups.values():
        if 2 <= len(members) <= LARGEST_GROUP:
            pairs += list(combinations(members, 2))
    return pairs


def _groups(empty: dict[str, list[int]], texts: Sequence[str]) -> Mapping[str, list[int]]:
    for place, text in enumerate(texts):
        if text:
            empty[text].append(place)
    return empty


def _near_pairs(names: Sequence[str | None]) -> dict[tuple[int, int], float]:
    """Compare the names of each block, the smallest first; large blocks tell nothing."""
    plain = [plain_name(name) for name in names]
    blocks: dict[str, list[int]] = {}
    for place, text in enumerate(plain):
        for key in _block_keys(text):
            blocks.setdefault(key, []).append(place)
    found: dict[tuple[int, int], float] = {}
    told = [members for members in blocks.values() if 2 <= len(members) <= LARGEST_BLOCK]
    pairs = chain.from_iterable(combinations(members, 2) for members in sorted(told, key=len))
    for one, other in islice(pairs, MOST_COMPARISONS):
        if score := _likeness(plain[one], plain[other]):
            found[one, other] = score
    return found


def _block_keys(text: str) -> set[str]:
    """Return what near names share: their words in order, their first and last letters."""
    if len(text) < 5:
        return set()
    words = text.split()
    ordered = "".join(sorted(words))
    joined = "".join(words)
    return {f"w:{ordered[:6]}", f"a:{joined[:5]}", f"z:{joined[-5:]}"}


def _likeness(one: str, other: str) -> float:
    """Return 0.5 to 0.7 for near names, 0 for others and for equal ones."""
    most = 1 if min(len(one), len(other)) < LONG_NAME else 2
    if one == other or abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:
        return 0.0
    if _numbers_differ(one, other):
        return 0.0
    if sorted(one.split()) == sorted(other.split()):
        return 0.7
    apart = distance(one, other, most)
    return 0.0 if apart > most else 0.65 - apart / 20


def _numbers_differ(one: str, other: str) -> bool:
    """Client 12 and client 13 are two, however near their names."""
    return _DIGITS.sub(" ", one).split() != _DIGITS.sub(" ", other).split()


def _plain_email(text: str | None) -> str:
    plain = (text or "").strip().lower()
    return plain if "@" in plain else ""


def _plain_phone(text: str | None) -> str:
    digits = _DIGITS.sub("", text or "")
    return digits[-9:] if len(digits) >= 7 and len(set(digits)) > 2 else ""


def _equal_sentence(reason: str, one: str | None, other: str | None) -> str:
    if reason == SAME_NAME and _short(one) == _short(other):
        return f"Both are called “{_short(one)}”."
    if reason == SAME_NAME:
        return f"“{_short(one)}” and “{_short(other)}” are the same name, written differently."
    what = "e-mail" if reason == SAME_EMAIL else "phone number"
    return f"Both have the {what} {_short(one)}."


def _short(text: str | None) -> str:
    plain = (text or "").strip()
    return plain if len(plain) <= 60 else plain[:60] + "…"


def texts_of(codes: NDArray[np.int32], labels: Sequence[str]) -> list[str | None]:
    """Return coded texts one by one, None where missing (what :func:`find_duplicates` takes).

    Examples
    --------
    >>> texts_of(np.array([1, -1], dtype=np.int32), ("a", "b"))
    ['b', None]
    """
    return [labels[code] if code >= 0 else None for code in codes.tolist()]
