"""Rows that become no sale: why, in a word for lists and in a sentence for a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crm_core.intake.amounts import AMOUNT_REASONS
from crm_core.intake.currency_of_rows import RowCurrencies
from crm_core.intake.days import DAY_REASONS, DayColumn
from crm_core.intake.drafting import Draft
from crm_core.intake.mapping import Mapping
from crm_core.intake.outcomes import KIND_CODES, KINDS
from crm_core.intake.table import HeldBackRow, Table
from crm_core.records.staged import UnusedRows
from crm_core.tables import BoolArray, IntArray

HELD_BACK = 100
"""Stands beside the places in ``KINDS`` for rows that wait for a person."""

NO_MONEY = tuple(KIND_CODES[kind] for kind in ("subtotal", "heading", "footer", "blank"))
"""Kinds whose figures repeat other rows' money or are none."""

UNKNOWN_CURRENCY = "?"
_DETAILS = {
    "lead": "A client without a sale: kept as a lead.",
    "zero": "Nothing was paid and nothing was delivered.",
    "subtotal": "This row sums up others.",
    "refunded shipping and tax": "Paid back beyond the goods: shipping and tax are no sales.",
}


@dataclass(frozen=True)
class Ends:
    """Where every draft row ends.

    Attributes
    ----------
    kind : ndarray of int64, shape (n_drafts,)
        Place in ``outcomes.KINDS``, or :data:`HELD_BACK`.
    trouble : ndarray of int16, shape (n_drafts,)
        0 for none; 1 to 99 a place in ``drafting.AMOUNT_TROUBLES``; from 100 on 100 + a place
        in ``days.DAY_REASONS`` (100: no day); 200 an unknown currency.
    """

    kind: IntArray
    trouble: NDArray[np.int16]


def find_troubles(
    draft: Draft, days: DayColumn | None, money: RowCurrencies, *, needed: BoolArray
) -> NDArray[np.int16]:
    """Return what keeps each needed row back: its amount, else its day, else its currency."""
    code = draft.trouble.astype(np.int16)
    if days is not None:
        bad = np.where(days.ok, 0, 100 + days.reasons)[draft.row]
        code = np.where(code == 0, bad, code)
    unknown = (money.codes == -2) & (code == 0)
    code = np.where(unknown, 200, code).astype(np.int16)
    return np.where(needed, code, np.int16(0))


def collect_unused(
    table: Table, mapping: Mapping, draft: Draft, ends: Ends, money: RowCurrencies
) -> UnusedRows:
    """Return every row that is no sale, in the order of the file, with its original cells.

    Parameters
    ----------
    table : Table
        As read and straightened; its own held-back rows come along.
    mapping : Mapping
        Names the columns the sentences speak of.
    draft, ends, money
        What each row is worth, where it ends and in which currency.
    """
    kind = ends.kind
    picked = np.flatnonzero(kind > 0)
    rows = draft.row[picked]
    cells = _cells(table, rows)
    reasons, details = _words(table, mapping, kind[picked], ends.trouble[picked], rows)
    counted = draft.readable[picked] & ~np.isin(kind[picked], NO_MONEY)
    amounts = draft.amount[picked].tolist()
    names = [*money.labels, UNKNOWN_CURRENCY, None]
    split = table.held_back
    lines = [*table.lines[rows].tolist(), *(row.line for row in split)]
    order = np.argsort(np.array(lines, dtype=np.int64), kind="stable").tolist()
    end = ["held_back" if k == HELD_BACK else "not_a_sale" for k in kind[picked].tolist()]
    columns = (
        lines,
        end + ["held_back"] * len(split),
        reasons + [_split_reason(row) for row in split],
        details + [_split_detail(row) for row in split],
        [a if c else None for a, c in zip(amounts, counted.tolist(), strict=True)]
        + [None] * len(split),
        [names[code] for code in money.codes[picked].tolist()] + [None] * len(split),
        cells + [(row.text,) for row in split],
        draft.derived[picked].tolist() + [False] * len(split),
    )
    return UnusedRows(*(tuple(column[i] for i in order) for column in columns))


def _cells(table: Table, rows: IntArray) -> list[tuple[str, ...]]:
    if not len(rows):
        return []
    taken = pa.array(rows)
    columns = [column.take(taken).to_pylist() for column in table.columns]
    return list(zip(*columns, strict=True))


def _words(
    table: Table, mapping: Mapping, kind: IntArray, code: NDArray[np.int16], rows: IntArray
) -> tuple[list[str], list[str]]:
    reasons, details = [], []
    for k, trouble, row in zip(kind.tolist(), code.tolist(), rows.tolist(), strict=True):
        if k == HELD_BACK:
            reason, detail = _explain(table, mapping, trouble, row)
        else:
            reason, detail = KINDS[k], _DETAILS.get(KINDS[k], "")
        reasons.append(reason)
        details.append(detail)
    return reasons, details


def _explain(table: Table, mapping: Mapping, code: int, row: int) -> tuple[str, str]:
    if code == 200:
        found = _cell(table, mapping.columns.get("currency"), row)
        return "unknown currency", (
            f"Wanted a currency such as EUR or $, found “{found}”; correct it in the file."
        )
    if code >= 100:
        column = mapping.columns.get("day")
        found = _cell(table, column, row)
        return _day_words(code - 100, column or "", found)
    columns = [mapping.columns.get(name) for name in ("amount", "quantity", "unit_price")]
    named = [column for column in columns if column][: 1 if columns[0] else 2]
    found = " × ".join(f"“{_cell(table, column, row)}”" for column in named)
    place = " × ".join(f"“{column}”" for column in named)
    if code == 1:
        return "no amount", f"Wanted an amount in {place}, found nothing; fill it in the file."
    why = AMOUNT_REASONS[code - 1]
    reason = {2: "unreadable amount", 5: "amount too large"}.get(code, "mixed amounts")
    return reason, f"Wanted an amount in {place}, found {found}: {why}; correct it in the file."


def _day_words(code: int, column: str, found: str) -> tuple[str, str]:
    if code == 0:
        return "no day", f"Wanted a day in “{column}”, found nothing; fill it in the file."
    reason = "mixed dates" if code in (2, 3) else "unreadable day"
    remedy = "say which comes first (day or month)" if code in (2, 3) else "correct it in the file"
    return reason, f"Wanted a day in “{column}”, found “{found}”: {DAY_REASONS[code]}; {remedy}."


def _cell(table: Table, column: str | None, row: int) -> str:
    text = str(table.column(column)[row].as_py()).strip() if column in table.names else ""
    return text if len(text) <= 60 else text[:60] + "…"


def _split_reason(row: HeldBackRow) -> str:
    return "too many cells" if "cells where" in row.reason else "broken quotes"


def _split_detail(row: HeldBackRow) -> str:
    return f"Wanted one row of cells, found {row.reason}; correct line {row.line} in the file."
