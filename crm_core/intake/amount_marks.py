"""Which mark parts decimals and which thousands, proven over a whole column."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amount_texts import AmountTexts
from crm_core.intake.table import BoolArray, Evidence

WORDS = {",": "comma", ".": "point"}


@dataclass(frozen=True)
class AmountMarks:
    """Which mark parts the decimals and which the thousands in a column.

    Parameters
    ----------
    decimal : {".", ","}
        The decimal mark.
    thousands : {",", ".", ""}
        The thousands mark; with ``""`` none is accepted. Spaces and
        apostrophes between groups of three are always accepted.
    mixed : bool, default False
        Both conventions are proven in one column, so values that could be
        either are not read.
    evidence : Evidence or None
        What decided; None where no value has a mark.
    """

    decimal: str = "."
    thousands: str = ","
    mixed: bool = False
    evidence: Evidence | None = None


def proof_of(decimal: str) -> str:
    """Return the pattern of numbers that can only have this decimal mark."""
    mark, other = (",", r"\.") if decimal == "," else (r"\.", ",")
    return (
        rf"^(?:[0-9]*{mark}(?:[0-9]{{0,2}}|[0-9]{{4,}})|(?:0[0-9]*|[0-9]{{4,}})?{mark}[0-9]{{3}}"
        rf"|[0-9]{{1,3}}(?:{other}[0-9]{{3}})+{mark}[0-9]*|[1-9][0-9]{{0,2}}(?:{other}[0-9]{{3}}){{2,}}"
        rf"|[0-9]{{1,3}}(?:[ '][0-9]{{3}})+{mark}[0-9]*"
        rf"|[0-9]{{1,2}}(?:{other}[0-9]{{2}})+{other}[0-9]{{3}}(?:{mark}[0-9]*)?)$"
    )


def two_ways(bodies: pa.Array) -> BoolArray:
    """Return which numbers could have either mark, such as ``15.000``."""
    found: BoolArray = pc.match_substring_regex(bodies, r"^[1-9][0-9]{0,2}[.,][0-9]{3}$").to_numpy(
        zero_copy_only=False
    )
    return found


def detect_marks_of(
    texts: AmountTexts, counts: npt.NDArray[np.int64], hint: AmountMarks | None = None
) -> AmountMarks:
    """Decide the marks of a column from its distinct texts and their counts.

    Parameters
    ----------
    texts : AmountTexts
        Distinct texts.
    counts : ndarray of int64
        How many rows hold each.
    hint : AmountMarks or None
        Marks proven by other columns; used where nothing here decides.

    Returns
    -------
    AmountMarks
        See :func:`crm_core.intake.amounts.detect_marks`.
    """
    proven = {mark: _count(texts.bodies, counts, proof_of(mark)) for mark in (".", ",")}
    if proven["."] and proven[","]:
        return _mixed(proven)
    for mark, count in proven.items():
        if count:
            return AmountMarks(mark, _other(mark), evidence=_proof(mark, count))
    open_count = int(counts[two_ways(texts.bodies)].sum())
    if not open_count:
        return replace(hint, mixed=False, evidence=None) if hint else AmountMarks()
    if hint is not None and not (hint.evidence and hint.evidence.doubtful):
        sentence = (
            f"{open_count:,} values could have either mark; the file's other columns have a "
            f"decimal {WORDS[hint.decimal]}."
        )
        evidence = Evidence("marks", sentence, chosen=hint.decimal)
        return AmountMarks(hint.decimal, _other(hint.decimal), evidence=evidence)
    return _undecided(texts, counts, open_count)


def _count(bodies: pa.Array, counts: npt.NDArray[np.int64], pattern: str) -> int:
    found = pc.match_substring_regex(bodies, pattern).to_numpy(zero_copy_only=False)
    return int(counts[found].sum())


def _other(mark: str) -> str:
    return "." if mark == "," else ","


def _proof(mark: str, count: int) -> Evidence:
    values = "1 value" if count == 1 else f"{count:,} values"
    return Evidence("marks", f"{values} can only have a decimal {WORDS[mark]}.", chosen=mark)


def _mixed(proven: dict[str, int]) -> AmountMarks:
    mark = max(proven, key=lambda m: (proven[m], m))
    other = _other(mark)
    sentence = (
        f"{proven[mark]:,} values can only have a decimal {WORDS[mark]}, {proven[other]:,} only a "
        f"decimal {WORDS[other]}; these, and values that could be either, are held back."
    )
    evidence = Evidence("marks", sentence, doubtful=True, chosen=mark, alternatives=(other,))
    return AmountMarks(mark, other, mixed=True, evidence=evidence)


def _undecided(texts: AmountTexts, counts: npt.NDArray[np.int64], open_count: int) -> AmountMarks:
    points = _count(texts.bodies, counts, r"^[1-9][0-9]{0,2}\.[0-9]{3}$")
    thousands = "." if points * 2 >= open_count else ","
    mark = _other(thousands)
    sentence = (
        f"Nothing decides whether the {WORDS[thousands]} in {open_count:,} values parts thousands "
        "or decimals; taken for thousands."
    )
    evidence = Evidence("marks", sentence, doubtful=True, chosen=mark, alternatives=(thousands,))
    return AmountMarks(mark, thousands, evidence=evidence)
