"""When two names are one: spelling, order and legal forms aside, and a slip of one letter."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from crm_core.intake.words import MISSING_WORDS, fold_name

Likeness = Literal["equal", "near", "part", "other", "unknown"]
"""How two names agree; ``part``: all words of the shorter stand in the longer one."""

SHORTEST_SLIP = 5
"""Letters a word has at least where one of them may be a slip."""

_LEGAL_WORDS = """
    gmbh mbh ag kg kgaa ohg ug gbr ek ev eg partg inc incorporated llc llp lp ltd limited corp
    corporation plc pty pvt sa sarl sas sasu srl srls spa snc bv bvba nv vof oy oyj ab aps
    sl slu sau eurl sro kft zrt doo ооо зао оао ао ип aktiengesellschaft
"""
_FILLERS = frozenset({"the", "and", "und", "et", "y", "e", "of", "co", "company", "sc", "as"})
_TITLES = frozenset({"herr", "herrn", "frau", "mr", "mrs", "ms", "mme", "dr", "prof", "dipl", "ing",
                     "firma", "fa"})  # fmt: skip
_FORMS = frozenset(_LEGAL_WORDS.split())
_SAME_FORM = {
    "incorporated": "inc", "limited": "ltd", "corporation": "corp", "aktiengesellschaft": "ag",
    "mbh": "gmbh",
}  # fmt: skip
_SPELLINGS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("ø", "o"), ("ł", "l"))
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")
_TOKENS = re.compile(r"[^\w]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}")


@dataclass(frozen=True)
class FoldedName:
    """A name without what spelling adds.

    Attributes
    ----------
    words : tuple of str
        Without accents, case and signs, German umlaut spellings folded, legal forms and
        fillers left out; empty where the name says nobody.
    forms : frozenset of str
        Its legal forms.
    """

    words: tuple[str, ...]
    forms: frozenset[str] = frozenset()

    @cached_property
    def in_order(self) -> str:
        """The words sorted, as one text: the same whatever their order."""
        return " ".join(sorted(self.words))

    @cached_property
    def joined(self) -> str:
        """The words without spaces."""
        return "".join(self.words)


def fold_client_name(name: str | None) -> FoldedName:
    """Return what of a client's name tells who it is.

    Parameters
    ----------
    name : str or None
        As files write it.

    Returns
    -------
    FoldedName
        Without words for what is missing or holds no letter (a number is no name).

    Examples
    --------
    >>> fold_client_name("Müller & Söhne G.m.b.H.")
    FoldedName(words=('muller', 'sohne'), forms=frozenset({'gmbh'}))
    >>> fold_client_name("0012").words, fold_client_name("AG").words
    ((), ('ag',))
    """
    if name is None or name.strip().lower() in MISSING_WORDS or not _LETTER.search(name):
        return FoldedName(())
    text = fold_name(name)
    if "." in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(char for char in text if not unicodedata.combining(char))
    for written, plain in _SPELLINGS:
        text = text.replace(written, plain)
    words = [word for word in _TOKENS.split(text) if word]
    kept = [word for word in words if word not in _FORMS and word not in _FILLERS]
    if not kept:
        return FoldedName(tuple(words))
    # "Herr" alone, or with one word as in "Ines Herr", may be the name itself.
    if len(untitled := [word for word in kept if word not in _TITLES]) > 1:
        kept = untitled
    forms = frozenset(_SAME_FORM.get(word, word) for word in words if word in _FORMS)
    return FoldedName(tuple(kept), forms)


def plain_name(name: str | None) -> str:
    """Return a name's telling words as one text.

    Examples
    --------
    >>> plain_name("Müller & Söhne GmbH"), plain_name("MUELLER und Soehne"), plain_name("0012")
    ('muller sohne', 'muller sohne', '')
    """
    return " ".join(fold_client_name(name).words)


def compare_names(one: FoldedName, other: FoldedName) -> Likeness:
    """Return how two names agree.

    Returns
    -------
    {"equal", "near", "part", "other", "unknown"}
        ``equal`` with the same words in any order, or the same letters spaced otherwise;
        ``near`` with one word one slip apart (:func:`is_slip`); ``part`` where all words
        of the shorter one, one of them three letters long at least, stand in the longer
        one, initials standing for words; ``unknown`` where one has no name.

    Examples
    --------
    >>> names = [fold_client_name(text) for text in ("Lee, Ann", "Ann Lee", "A. Lee", "Bo Lee")]
    >>> [compare_names(names[0], other) for other in names[1:]]
    ['equal', 'part', 'other']
    """
    if not one.words or not other.words:
        return "unknown"
    if one.in_order == other.in_order or one.joined == other.joined:
        return "equal"
    left = list((Counter(one.words) - Counter(other.words)).elements())
    right = list((Counter(other.words) - Counter(one.words)).elements())
    if len(left) == len(right) == 1 and is_slip(left[0], right[0]):
        return "near"
    if (len(one.words), one.words) > (len(other.words), other.words):
        one, left, right = other, right, left
    if max(map(len, one.words)) < 3:
        return "other"
    open_words = list(right)
    for word in left:
        found = next((w for w in open_words if _stands_for(word, w)), None)
        if found is None:
            return "other"
        open_words.remove(found)
    return "part"


def is_short_slip(one: FoldedName, other: FoldedName) -> bool:
    """Return whether all words agree but one, which is one slip apart however short it is.

    Weaker than ``near``: only for clients that share more than a name.

    Examples
    --------
    >>> names = [fold_client_name(text) for text in ("Jan Khun", "Jan Kuhn", "Jan Horn", "Kuhn")]
    >>> [is_short_slip(names[0], other) for other in names[1:]]
    [True, False, False]
    """
    left = list((Counter(one.words) - Counter(other.words)).elements())
    right = list((Counter(other.words) - Counter(one.words)).elements())
    if not len(left) == len(right) == 1 or len(one.words) < 2:
        return False
    word, instead = left[0], right[0]
    plain = not _DIGITS.search(word + instead) and word[0] == instead[0]
    return plain and min(len(word), len(instead)) >= 3 and one_letter_apart(word, instead)


def _stands_for(one: str, other: str) -> bool:
    """Return whether one word is the initial, or the first three letters and more, of another."""
    one, other = sorted((one, other), key=len)
    return other.startswith(one) and (len(one) == 1 or len(one) >= 3)


def is_slip(one: str, other: str) -> bool:
    """Return whether two words differ as by one slip of the pen.

    One letter more, less, exchanged, or swapped with its neighbour; never the first; in
    words of five letters at least, without digits.

    Examples
    --------
    >>> is_slip("nordlicht", "nordlihct"), is_slip("bauer", "sauer"), is_slip("anna", "anne")
    (True, False, False)
    """
    if not (has_slips(one) and has_slips(other)) or one[0] != other[0]:
        return False
    return one_letter_apart(one, other)


def has_slips(word: str) -> bool:
    """Return whether a word may be written with a slip at all: long enough, without digits.

    Examples
    --------
    >>> has_slips("nordlicht"), has_slips("anna"), has_slips("client7")
    (True, False, False)
    """
    return len(word) >= SHORTEST_SLIP and not _DIGITS.search(word)


def shortenings(word: str) -> list[str]:
    """Return a word, and it without each of its letters: near words share one of these.

    Examples
    --------
    >>> shortenings("abc")
    ['abc', 'bc', 'ac', 'ab']
    """
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]


def one_letter_apart(one: str, other: str) -> bool:
    """Return whether one letter more, less or exchanged, or two neighbours swapped, is all.

    Examples
    --------
    >>> [one_letter_apart("anna", other) for other in ("anan", "ana", "hanna", "anna", "hans")]
    [True, True, True, False, False]
    """
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    left, right = one[start:], other[start:]
    if len(left) == len(right):
        swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:]
        return bool(left) and (left[1:] == right[1:] or swapped)
    return left[1:] == right if len(left) > len(right) else left == right[1:]
