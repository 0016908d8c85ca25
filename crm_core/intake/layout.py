"""Where the columns and the header of a table are, judged from its first records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.intake.table import Evidence

HEADER_WITHIN = 30
"""Records looked at for a header below title lines."""

_NUMBER = re.compile(
    r"^[-−+(]?\s*(?:[A-Z]{3}(?:\s-?|(?=\d)))?[€$£¥]?\s*[-−]?\d[\d.,'’\s]*(?:[eE][+-]?\d+)?\)?-?\s*"
    r"(?:[€$£¥%kK]|[A-Za-zł]{2,3})?\)?$"
)
_DAY = re.compile(r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s].*)?$")
_MONTH = re.compile(
    r"^(?:(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])(?:[-/.]0?1)?"
    r"|(?:0?1[-/.])?(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d|(?:19|20)\d\d)(?:\s0?0:00(?::00)?)?$"
)


@dataclass(frozen=True)
class Header:
    """Place of the header among the records (0-based, -1 for none) and the proof."""

    place: int
    evidence: Evidence


def cell_kind(cell: str) -> str:
    """Tell roughly what one cell is: ``blank``, ``day``, ``number`` or ``text``.

    Examples
    --------
    >>> [cell_kind(c) for c in ("", "1.234,56 €", "24.12.2024", "19970101", "17850.0", "A-12")]
    ['blank', 'number', 'day', 'number', 'number', 'text']
    """
    cell = cell.strip()
    if not cell:
        return "blank"
    if _DAY.match(cell):
        return "day"
    return "number" if _NUMBER.match(cell) else "text"


def common_width(widths: Sequence[int]) -> tuple[int, float]:
    """Return the most common width above one cell, and its share of the records."""
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 1, 0.0
    width, count = max(counts.items(), key=lambda item: (item[1], item[0]))
    return width, count / len(widths)


def find_header(records: Sequence[Sequence[str]]) -> Header:
    """Find the header among the first records of a table.

    The header is the first well-filled record of text above the first record
    that looks like data: one whose cells are numbers and days where most of the column is.
    A table whose first full record looks like data has no header.

    Parameters
    ----------
    records : sequence of sequences of str
        A few hundred records, blank ones as empty sequences.

    Returns
    -------
    Header
        With ``place`` -1 for a table without header.

    Examples
    --------
    >>> find_header([["Sales by client"], [], ["Client", "Sum"], ["Ann", "3.50"]]).place
    2
    >>> find_header([["0004", "19970101", "29.33"], ["0005", "19970102", "3.50"]]).place
    -1
    """
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    width, _ = common_width([n for n in map(len, records) if n])
    typed = _typed_columns(records)
    first_data = next(
        (i for i, record in enumerate(records) if _is_data(record, typed)), len(records)
    )
    least = max(1, min(2, width), (max(filled, default=0) + 1) // 2)
    rivals = [
        i
        for i in range(min(first_data, HEADER_WITHIN, len(records)))
        if filled[i] >= least and _is_heading(records[i], typed)
    ]
    if not rivals and first_data < len(records):
        return _no_header(first_data)
    fullest = max((filled[i] for i in rivals), default=0)
    place = next((i for i in rivals if filled[i] >= 0.7 * fullest), 0)
    return _with_header(records, place, typed)


def _no_header(first_data: int) -> Header:
    sentence = (
        f"Record {first_data + 1} already holds numbers or days like those below it, so the file "
        "has no header; the columns are named by their places."
    )
    return Header(-1, Evidence("header", sentence, doubtful=True, chosen="0", alternatives=("1",)))


def _with_header(records: Sequence[Sequence[str]], place: int, typed: dict[int, str]) -> Header:
    above = sum(any(cell.strip() for cell in record) for record in records[:place])
    sentence = f"Record {place + 1} is the header: no number or day stands in it"
    if typed:
        sentence += f", unlike below it in {len(typed)} of the columns"
    sentence += f"; title lines above it: {above}." if above else "."
    return Header(place, Evidence("header", sentence, chosen=str(place + 1)))


def _typed_columns(records: Sequence[Sequence[str]]) -> dict[int, str]:
    """Return the columns that mostly hold numbers or days, with which."""
    counts: dict[int, Counter[str]] = {}
    for record in records:
        for place, cell in enumerate(record):
            kind = cell_kind(cell)
            if kind != "blank":
                counts.setdefault(place, Counter())[kind] += 1
    typed = {}
    for place, kinds in counts.items():
        kind = max(("number", "day"), key=lambda k: kinds[k])
        if kinds[kind] and kinds[kind] >= min(0.6 * kinds.total(), kinds.total() - 1):
            typed[place] = kind
    return typed


def _is_data(record: Sequence[str], typed: dict[int, str]) -> bool:
    kinds = [(cell_kind(cell), typed[i]) for i, cell in enumerate(record) if i in typed]
    cells = [record[i] for i in typed if i < len(record)]
    matching = sum(kind == wanted for kind, wanted in kinds)
    clashing = sum(kind == "text" for kind, _ in kinds)
    return matching > 0 and matching > clashing and not _all_months(cells)


def _is_heading(record: Sequence[str], typed: dict[int, str]) -> bool:
    cells = [record[i] for i in typed if i < len(record)]
    kinds = [cell_kind(cell) for cell in cells]
    return all(kind in {"text", "blank"} for kind in kinds) or _all_months(cells)


def _all_months(cells: Sequence[str]) -> bool:
    """Whether typed cells are month or year labels, as above columns of amounts."""
    written = [cell.strip() for cell in cells if cell_kind(cell) in {"number", "day"}]
    return (
        len(written) >= 2
        and len(set(written)) == len(written)
        and all(_MONTH.match(cell) for cell in written)
    )
