"""Taking written amounts apart: sign, currency, number, factor."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.currencies import is_currency
from crm_core.intake.table import BoolArray
from crm_core.intake.words import pattern_for

NOTHING = (
    "",
    "-",
    "--",
    "---",
    "n/a",
    "na",
    "n.a.",
    "nan",
    "nat",
    "null",
    "none",
    "#n/a",
    "<na>",
)
"""Texts that stand for an empty cell, in lower case."""

FACTORS = {
    "K": 1_000,
    "TSD": 1_000,
    "TSD.": 1_000,
    "M": 1_000_000,
    "MIO": 1_000_000,
    "MIO.": 1_000_000,
    "MLN": 1_000_000,
}
_SIMPLE = r"^[0-9](?:[0-9.,' ]*[0-9.,])?$"
# Arrow matches the first pattern in one pass, five times faster than the second.
_PARTS = (
    r"^(?P<before>[^0-9.,']*)(?P<number>[0-9][0-9.,' ]*)(?P<after>(?:[^0-9.,' ][^0-9]*)?)$",
    r"^(?P<before>(?:[^0-9]*[\pL]\.?)?[^0-9.,]*)"
    r"(?P<number>[.,]?[0-9](?:[0-9.,' ]*[0-9])?[.,]?(?:[eE][+-]?[0-9]{1,3})?)"
    r"(?P<after>[^0-9]*)$",
)
_MARKS_OF_SIGN = re.compile(r"[-+()\s]")


@dataclass(frozen=True)
class AmountTexts:
    """Distinct texts of a column, taken apart; one entry per text.

    ``bodies`` holds the unsigned number as written (digits and marks, perhaps
    an exponent), ``""`` where the text is no amount or blank.
    """

    bodies: pa.Array
    negative: BoolArray
    factors: npt.NDArray[np.int64]
    signs: npt.NDArray[np.int8]
    sign_names: tuple[str, ...]
    blank: BoolArray


def take_apart(texts: pa.Array) -> AmountTexts:
    """Take written amounts apart.

    Parameters
    ----------
    texts : Array of string
        Distinct cells.

    Returns
    -------
    AmountTexts
        Aligned with ``texts``.

    Examples
    --------
    >>> parts = take_apart(pa.array(["-$12.00", "(1.234,50)", "25k", "12,5 EUR", "INV-7", "-"]))
    >>> parts.bodies.to_pylist(), parts.negative.tolist()
    (['12.00', '1.234,50', '25', '12,5', '', ''], [True, True, False, False, False, False])
    >>> parts.factors.tolist(), [parts.sign_names[i] for i in parts.signs], parts.blank.tolist()
    ([1, 1, 1000, 1, 1, 1], ['$', '', '', 'EUR', '', ''], [False, False, False, False, False, True])
    """
    n = len(texts)
    minus = pc.starts_with(texts, "-")
    unsigned = pc.if_else(minus, pc.utf8_slice_codeunits(texts, 1), texts)
    simple = pc.match_substring_regex(unsigned, _SIMPLE)
    rest = np.flatnonzero(~simple.to_numpy(zero_copy_only=False))
    negative = minus.to_numpy(zero_copy_only=False).copy()
    factors, signs = np.ones(n, dtype=np.int64), np.zeros(n, dtype=np.int8)
    blank = np.zeros(n, dtype=np.bool_)
    if not len(rest):
        return AmountTexts(unsigned, negative, factors, signs, ("",), blank)
    tidy = _tidy(texts.take(pa.array(rest)))
    blank[rest] = _says_nothing(tidy)
    bodies, trimmings, sign_names = _parts(tidy)
    negative[rest], factors[rest], signs[rest] = trimmings
    mask = np.zeros(n, dtype=np.bool_)
    mask[rest] = True
    merged = pc.replace_with_mask(unsigned, pa.array(mask), bodies)
    return AmountTexts(merged, negative, factors, signs, sign_names, blank)


def _tidy(texts: pa.Array) -> pa.Array:
    """Return texts with one kind of blank, minus and apostrophe."""
    wide = pc.invert(pc.string_is_ascii(texts))
    if pc.any(wide).as_py():
        texts = pc.replace_with_mask(texts, wide, _narrow(texts.filter(wide)))
    texts = pc.ascii_trim_whitespace(texts)
    whole = pc.match_substring_regex(texts, r"[0-9][.,]-")  # 12,- means no cents
    if pc.any(whole).as_py():
        texts = pc.replace_substring_regex(texts, r"([0-9])[.,]-{1,2}", r"\1")
    return texts


def _narrow(texts: pa.Array) -> pa.Array:
    texts = pc.replace_substring_regex(texts, r"[\pZ\s\x{200b}\x{2060}\x{feff}]+", " ")
    texts = pc.replace_substring_regex(texts, "[−‒–—﹣-]", "-")
    return pc.replace_substring_regex(texts, "[’‘´`ʼ]", "'")


def _says_nothing(tidy: pa.Array) -> BoolArray:
    nothing = pc.is_in(pc.utf8_lower(tidy), value_set=pa.array(NOTHING))
    result: BoolArray = nothing.to_numpy(zero_copy_only=False).copy()
    # Accounting formats show nothing as "$ -" or "-   €".
    for i in np.flatnonzero(
        pc.match_substring_regex(tidy, r"^[^0-9]{1,8}$").to_numpy(zero_copy_only=False) & ~result
    ):
        stem = tidy[int(i)].as_py().replace("-", "").strip()
        result[i] = "-" in tidy[int(i)].as_py() and is_currency(stem)
    return result


_Trimmings = tuple[BoolArray, npt.NDArray[np.int64], npt.NDArray[np.int8]]


def _parts(tidy: pa.Array) -> tuple[pa.Array, _Trimmings, tuple[str, ...]]:
    """Return the number texts, what stands around them, and the currency signs."""
    parts = _split(tidy)
    before = parts.field("before").dictionary_encode()
    after = parts.field("after").dictionary_encode()
    left, right = before.indices.to_numpy(), after.indices.to_numpy()
    width = max(len(after.dictionary), 1)
    pairs, places = np.unique(left.astype(np.int64) * width + right, return_inverse=True)
    lefts, rights = before.dictionary.to_pylist(), after.dictionary.to_pylist()
    read = [_around(lefts[pair // width], rights[pair % width]) for pair in pairs.tolist()]
    names = ["", *sorted({sign for _, _, sign, sound in read if sound and sign})][:127]
    codes = {sign: code for code, sign in enumerate(names)}
    sound = np.array([s and sign in codes for _, _, sign, s in read], dtype=np.bool_)[places]
    matched = pc.not_equal(parts.field("number"), "").to_numpy(zero_copy_only=False) & sound
    bodies = pc.if_else(pa.array(matched), parts.field("number"), "")
    trimmings = (
        np.array([minus for minus, *_ in read], dtype=np.bool_)[places] & matched,
        np.where(matched, np.array([f for _, f, *_ in read], dtype=np.int64)[places], 1),
        np.where(matched, np.array([codes.get(s, 0) for _, _, s, _ in read])[places], 0),
    )
    return bodies, (trimmings[0], trimmings[1], trimmings[2].astype(np.int8)), tuple(names)


def _split(tidy: pa.Array) -> pa.StructArray:
    """Return what stands before each number, the number, and what stands after it."""
    names = ("before", "number", "after")
    first = pc.extract_regex(tidy, pattern=_PARTS[0])
    fields = {name: pc.fill_null(first.field(name), "") for name in names}
    missed = first.is_null()
    if pc.any(missed).as_py():
        rest = tidy.filter(missed)
        second = pc.extract_regex(rest, pattern=pattern_for(rest, _PARTS[1]))
        for name in names:
            found = pc.fill_null(second.field(name), "")
            fields[name] = pc.replace_with_mask(fields[name], missed, found)
    fields["number"] = pc.ascii_rtrim(fields["number"], " ")
    return pa.StructArray.from_arrays([fields[name] for name in names], names=list(names))


def _around(before: str, after: str) -> tuple[bool, int, str, bool]:
    """Read what stands around a number: minus, factor, currency, and whether it is sound."""
    marks = before + after
    brackets = "(" in before and ")" in after
    sound = marks.count("-") <= 1 and ("(" in marks) == brackets == (")" in marks)
    sign, factor = _MARKS_OF_SIGN.sub("", before), 1
    tail = _MARKS_OF_SIGN.sub(" ", after).split()
    if len(tail) == 1 and len(tail[0]) > 1 and tail[0][0] in "kKmM" and is_currency(tail[0][1:]):
        tail = [tail[0][0], tail[0][1:]]
    if tail and tail[0].upper() in FACTORS:
        factor = FACTORS[tail.pop(0).upper()]
    if tail and not sign:
        sign = tail.pop(0)
    sound = sound and not tail and (not sign or is_currency(sign))
    return "-" in marks or brackets, factor, sign, sound
