"""Finding what names a person in texts, however it is spelt around its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from crm_core.records.fingerprints import PHONE_DIGITS, fold_identity, plain_letters

_WORD = re.compile(r"[\w\u0300-\u036f]+")
"""Accents may stand as signs of their own behind their letter."""

_NUMBER = re.compile(r"\+?\(?\d(?:[\s()/.\-\u00a0]{0,3}\d){6,}")

WIDEST_GAP = 3
"""Signs that may stand between two words of one name or address."""

MOST_TURNED = 4
"""Words of a name that is also found with its last words first."""

MOST_REMEMBERED = 50_000
"""Words whose plain letters are remembered while texts are gone through."""

LEAST_LETTERS, LEAST_DIGITS = 6, 7
FIRST_WIDE = "\u2e80"


_GAP = r"[\s\u30fb\uff65]?"
"""What may stand between two signs of a name that is written without spaces as well."""


def _is_wide(words: list[str]) -> bool:
    return len(words) > 1 and all(char >= FIRST_WIDE for word in words for char in word)


def _beside(
    spans: list[tuple[int, int, str]], wider: list[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Return the spans that touch none of some wider ones, which are found by other means."""
    return [s for s in spans if all(s[1] <= w[0] or s[0] >= w[1] for w in wider)]


def is_telling(text: str) -> bool:
    """Return whether a text names one person wherever it stands.

    E-mail addresses, phone numbers, names of two words and numbers with letters do;
    ``Ann``, ``Coffee`` or ``1001`` stand in too many other texts.

    Examples
    --------
    >>> [is_telling(text) for text in ("a@b.de", "Ann Lee", "C-00017", "+44 20 7946 0018")]
    [True, True, True, True]
    >>> [is_telling(text) for text in ("Coffee", "1001", "2024-01-05", "Jo K")]
    [False, False, False, False]
    """
    words = _WORD.findall(text)
    signs = "".join(words)
    has_letter, has_digit = any(c.isalpha() for c in signs), any(c.isdigit() for c in signs)
    if "@" in text:
        return len(words) > 1
    if not has_letter:
        # A day has eight digits in three groups; a phone number never looks like one.
        day = re.fullmatch(r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4}", text.strip())
        return len(signs) >= LEAST_DIGITS and day is None
    # A sign of Chinese, Japanese or Korean says as much as two letters.
    weight = sum(2 if char >= FIRST_WIDE else 1 for char in signs)
    return weight >= LEAST_LETTERS and (len(words) > 1 or has_digit)


def _orders(text: str) -> list[tuple[str, ...]]:
    """Return a text's words as they stand and, of a name, with the last ones first."""
    words = tuple(plain_letters(word) for word in _WORD.findall(text))
    orders = [words]
    if "@" not in text and not any(char.isdecimal() for char in text):
        orders += [
            words[at:] + words[:at] for at in range(1, len(words)) if len(words) <= MOST_TURNED
        ]
    return orders


class Mentions:
    """Texts to be found in others, and what is to stand there instead.

    Parameters
    ----------
    said : iterable of (str, str)
        Text and replacement; texts that are not telling (:func:`is_telling`) are left out.

    Examples
    --------
    >>> names = Mentions([("Ann Lee", "Erased client 3"), ("ann@x.org", "Erased client 3")])
    >>> names.clean("Spoke with ANN  LEE <ann@x.org>, not Anne Leeds")
    'Spoke with Erased client 3 <Erased client 3>, not Anne Leeds'
    >>> names.clean_json({"who": ["Ann Lee", 4]})
    {'who': ['Erased client 3', 4]}
    >>> names.found["Erased client 3"]
    3
    >>> names = Mentions([("José Ruiz-Gil", "Erased client 4"), ("+34 612 345 987", "him")])
    >>> names.clean("Ruiz-Gil, Jose: 0034612345987")
    'Erased client 4: him'
    >>> Mentions([("山田 太郎", "Erased client 5")]).clean("山田太郎様と話す、山田 太郎")
    'Erased client 5様と話す、Erased client 5'
    """

    def __init__(self, said: Iterable[tuple[str, str]]) -> None:
        self._by_first: dict[str, dict[int, dict[tuple[str, ...], str]]] = {}
        self._phones: dict[str, str] = {}
        self._wide: dict[str, str] = {}
        self._plain: dict[str, str] = {}
        self.found: Counter[str] = Counter()
        for text, instead in said:
            if not is_telling(text):
                continue
            for words in _orders(text):
                by_length = self._by_first.setdefault(words[0], {})
                by_length.setdefault(len(words), {}).setdefault(words, instead)
            if _is_wide(parts := _WORD.findall(text)):
                self._wide.setdefault("".join(parts), instead)
            if len(digits := fold_identity("phone", text)) == PHONE_DIGITS:
                self._phones.setdefault(digits, instead)

    def __bool__(self) -> bool:
        return bool(self._by_first)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Return where a text mentions somebody: start, end, and the replacement."""
        numbers = self._numbers(text) if self._phones else []
        spans = _beside(self._words(text), numbers)
        wide = self._unspaced(text) if self._wide else []
        return sorted([*_beside(spans, wide), *numbers, *wide])

    def _fold(self, word: str) -> str:
        plain = self._plain.get(word)
        if plain is None:
            plain = self._plain[word] = plain_letters(word)
        return plain

    def _numbers(self, text: str) -> list[tuple[int, int, str]]:
        spans = []
        for run in _NUMBER.finditer(text):
            digits = [at for at, char in enumerate(run[0]) if char.isdecimal()]
            plain = "".join(run[0][at] for at in digits)
            for last in range(PHONE_DIGITS, len(plain) + 1):
                instead = self._phones.get(plain[last - PHONE_DIGITS : last])
                if instead is not None:
                    spans.append((run.start(), run.start() + digits[last - 1] + 1, instead))
                    break
        return spans

    @cached_property
    def _wide_names(self) -> re.Pattern[str]:
        names = sorted(self._wide, key=len, reverse=True)
        return re.compile("|".join(_GAP.join(map(re.escape, name)) for name in names))

    def _unspaced(self, text: str) -> list[tuple[int, int, str]]:
        """Return where names of Chinese, Japanese or Korean signs stand, spaced or not."""
        return [
            (hit.start(), hit.end(), self._wide["".join(_WORD.findall(hit[0]))])
            for hit in self._wide_names.finditer(text)
        ]

    def _words(self, text: str) -> list[tuple[int, int, str]]:
        words = list(_WORD.finditer(text))
        if len(self._plain) > MOST_REMEMBERED:
            self._plain.clear()
        folded = [self._fold(word[0]) for word in words]
        spans: list[tuple[int, int, str]] = []
        at = 0
        while at < len(words):
            hit = self._at(folded, words, at)
            if hit is not None:
                spans.append((words[at].start(), words[at + hit[0] - 1].end(), hit[1]))
            at += 1 if hit is None else hit[0]
        return spans

    def _at(self, folded: list[str], words: list[re.Match[str]], at: int) -> tuple[int, str] | None:
        by_length = self._by_first.get(folded[at])
        if by_length is None:
            return None
        for length in sorted(by_length, reverse=True):
            instead = by_length[length].get(tuple(folded[at : at + length]))
            if instead is not None and all(
                words[place + 1].start() - words[place].end() <= WIDEST_GAP
                for place in range(at, at + length - 1)
            ):
                return length, instead
        return None

    def first(self, text: str) -> str | None:
        """Return the replacement of the first mention in a text, None without one."""
        spans = self.spans(text) if self._by_first else []
        return spans[0][2] if spans else None

    def without(self, text: str | None) -> str | None:
        """Return a text that mentions nobody as it is, None for any other."""
        return None if text is None or self.first(text) is not None else text

    def clean(self, text: str) -> str:
        """Return a text with the replacements in place of the mentions, and count them."""
        parts, last = [], 0
        for start, end, instead in self.spans(text) if self._by_first else ():
            parts += [text[last:start], instead]
            last = end
            self.found[instead] += 1
        return "".join([*parts, text[last:]]) if parts else text

    def clean_json(self, value: Any) -> Any:
        """Return a JSON value with every text in it cleaned, the names of fields too."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.clean_json(inner) for inner in value]
        if isinstance(value, dict):
            return {self.clean(name): self.clean_json(inner) for name, inner in value.items()}
        return value
