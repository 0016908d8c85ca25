"""What each row of a file is: a sale, or which kind of row that is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crm_core.intake.columns import Cells, TextCodes, look_up
from crm_core.intake.documents import find_documents
from crm_core.intake.formats.description import REFUND, REFUNDED, SALE, Format, Outcome
from crm_core.intake.mapping import Mapping
from crm_core.intake.shapes import ROW_KINDS
from crm_core.intake.statuses import is_pipeline, read_deal_stage, read_status
from crm_core.intake.table import Evidence
from crm_core.intake.words import fold
from crm_core.tables import BoolArray

KINDS = (
    "sale",
    "lead",
    "zero",
    "subtotal",
    "heading",
    "footer",
    "blank",
    "pending",
    "voided",
    "failed",
    "draft",
    "refunded",
    "estimate",
    "payment",
    "fee",
    "payout",
    "hold",
    "conversion",
    "transfer",
    "adjustment",
    "memo",
    "own payment",
    "own purchase",
    "open deal",
    "lost deal",
    "refunded shipping and tax",
    "other",
)
"""Kinds of rows; all but the first are no sales."""

KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
KindArray = NDArray[np.int8]
_NEGATIONS = frozenset(("not", "un", "non", "nicht", "no", "niet", "ei", "не"))


@dataclass(frozen=True)
class RowMeaning:
    """What each row of a table is.

    Attributes
    ----------
    kind : ndarray of int8, shape (n_rows,)
        Place in :data:`KINDS`.
    refund : ndarray of bool
        The row is money given back, whatever its sign.
    paid_back : ndarray of bool
        The row's order was given back in full.
    evidence : tuple of Evidence
        What was counted as what.
    """

    kind: KindArray
    refund: BoolArray
    paid_back: BoolArray
    evidence: tuple[Evidence, ...] = ()


def read_outcomes(
    cells: Cells, mapping: Mapping, known: Format | None, row_kinds: NDArray[np.int8]
) -> RowMeaning:
    """Return what each row is, by its place in the file and by its status columns.

    Parameters
    ----------
    cells : Cells
        The table.
    mapping : Mapping
        A mapped ``status`` column is read even where the format does not know it.
    known : Format or None
        The recognised format.
    row_kinds : ndarray of int8
        Places in :data:`~crm_core.intake.shapes.ROW_KINDS`.

    Returns
    -------
    RowMeaning
        The first column that says "no sale" decides; a value nobody knows counts as a sale,
        and the evidence says so. In a file of unknown origin a column telling invoices from
        credit notes and payments is read too.
    """
    meaning = _from_shape(row_kinds)
    status = mapping.columns.get("status")
    for outcome in known.outcomes if known else ():
        column = cells.find(*outcome.columns)
        if column is not None:
            meaning = _add(meaning, column, cells.coded(column), _reader(outcome))
            status = None if status == column else status
    documents = find_documents(cells, status) if known is None else None
    if documents is not None:
        column, reader = documents
        meaning = _add(meaning, column, cells.coded(column), reader)
        status = None if status == column else status
    if status is not None:
        coded = cells.coded(status)
        pipeline = is_pipeline(fold(text) for text in coded.texts())
        reader = read_deal_stage if pipeline else _plain_status
        meaning = _add(meaning, status, coded, reader)
    return meaning


def _from_shape(row_kinds: NDArray[np.int8]) -> RowMeaning:
    codes = [KIND_CODES["sale" if kind == "row" else kind] for kind in ROW_KINDS]
    never = np.zeros(len(row_kinds), dtype=bool)
    return RowMeaning(np.array(codes, dtype=np.int8)[row_kinds], never, never)


def _reader(outcome: Outcome) -> Callable[[str], str | None]:
    def read(folded: str) -> str | None:
        plain = folded.removeprefix("wc ")
        if outcome.filled:
            return outcome.filled
        if plain in outcome.values:
            return outcome.values[plain]
        phrase = next((kind for text, kind in outcome.phrases if text in plain), None)
        return phrase or outcome.otherwise or read_status(plain)

    return read


def _plain_status(folded: str) -> str | None:
    """Read a status of an unknown file; a refunded order there is no sale at all."""
    found = read_status(folded)
    words = folded.split()
    if found is None and len(words) <= 4:
        known = [kind for word in words if (kind := read_status(word))]
        found = known[0] if known else None
        if found == SALE and _NEGATIONS & set(words):
            found = "pending"
    return found


def _add(
    meaning: RowMeaning, column: str, coded: TextCodes, reader: Callable[[str], str | None]
) -> RowMeaning:
    texts = coded.texts()
    found = [reader(fold(text)) for text in texts]
    plain = [SALE if kind in (None, REFUND, REFUNDED) else kind for kind in found]
    if reader is _plain_status:
        plain = [
            REFUNDED if kind == REFUNDED else word for kind, word in zip(found, plain, strict=True)
        ]
        found = [None if kind == REFUNDED else kind for kind in found]
    codes = look_up([KIND_CODES[kind] for kind in plain], coded.codes, 0, np.int8)
    return RowMeaning(
        kind=np.where(meaning.kind == 0, codes, meaning.kind),
        refund=meaning.refund | look_up([k == REFUND for k in found], coded.codes, False, bool),
        paid_back=meaning.paid_back
        | look_up([k == REFUNDED for k in found], coded.codes, False, bool),
        evidence=meaning.evidence + _explain(column, texts, found, plain),
    )


def _explain(
    column: str, texts: list[str], found: list[str | None], plain: list[str]
) -> tuple[Evidence, ...]:
    unknown = [
        text
        for text, kind, word in zip(texts, found, plain, strict=True)
        if kind is None and word == SALE
    ]
    groups: dict[str, list[str]] = {}
    for text, kind, word in zip(texts, found, plain, strict=True):
        if kind is not None or word != SALE:
            groups.setdefault(kind if kind in (REFUND, REFUNDED) else word, []).append(text)
    parts = [f"{_some(values)} as {kind}" for kind, values in groups.items()]
    evidence = [Evidence("status", f"In “{column}”, we count {'; '.join(parts)}.")] if parts else []
    if unknown:
        sentence = f"In “{column}”, nothing tells what {_some(unknown)} means; counted as sales."
        evidence.append(Evidence("status", sentence, doubtful=True))
    return tuple(evidence)


def _some(values: list[str], most: int = 5) -> str:
    shown = ", ".join(f"“{value[:40]}”" for value in values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown
