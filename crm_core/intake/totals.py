"""Rows of a file that are no sales: subtotals, headings, footers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amounts import parse_amounts
from crm_core.intake.currencies import is_currency
from crm_core.intake.layout import cell_kind
from crm_core.intake.month_names import month_of, plain_letters
from crm_core.intake.table import BoolArray, Table

ROW_KINDS = ("row", "subtotal", "heading", "footer", "blank")
"""What a row of a file is; only ``row`` can be a sale."""
ROW, SUBTOTAL, HEADING, FOOTER, BLANK = range(5)

TOTAL_WORDS = (
    "grand total",
    "total geral",
    "subtotale",
    "subtotaal",
    "suma czesciowa",
    "suma koncowa",
    "delsumma",
    "slutsumma",
    "delsum",
    "i alt",
    "mezisoucet",
    "soucet",
    "промежуточный итог",
    "общий итог",
    "итог",
    "reszosszeg",
    "ara toplam",
    "genel toplam",
    "sub total",
    "sub-total",
    "subtotal",
    "totals",
    "total general",
    "total",
    "sous-total",
    "somme",
    "gesamtsumme",
    "gesamtergebnis",
    "gesamt",
    "zwischensumme",
    "endsumme",
    "summe",
    "ergebnis",
    "sum",
    "suma",
    "summa",
    "totale",
    "totaal",
    "yhteensa",
    "valisumma",
    "итого",
    "всего",
    "razem",
    "celkem",
    "osszesen",
    "toplam",
    "合計",
    "小計",
)
"""In lower case; accents do not matter."""
_WORDS = "|".join(re.escape(plain_letters(word)) for word in TOTAL_WORDS)
_JOIN = r"(?:\s+(?:for|of|fur|pour|de|del|par|by|per|von|по)\s+|\s*[:\-]\s*|\s+)"
_LABEL = re.compile(
    rf"^(?:(?P<word>{_WORDS})(?:{_JOIN}(?P<after>\S.*))?|(?P<before>.*\S)\s+[-:]?\s*(?:{_WORDS}))$"
)
_FOOTER = re.compile(
    r"^\W*(?:(?:accrual|cash) basis|generated|printed|exported|page \d|seite \d|erstellt|stand:|"
    r"gedruckt|quelle:|source:|©)",
    re.IGNORECASE,
)
# Arrow's coarse net; every catch is looked at again.
_NET = (
    r"(?i)total|somme|sous|gesamt|summ|ergebnis|sum\b|\bsuma\b|totaal|yhteens|итог|"
    r"всего|razem|celkem|souč|soucet|i alt|sszes|sszeg|toplam|合計|小計"
)
_PLAIN_OBJECTS = {"sales", "revenue", "amount", "umsatz", "ventas", "ventes", "myynti", "year"}
_LABEL_COLUMNS = 6
_SUMS_TRIED = 50
_ROWS_SUMMED = 50_000


@dataclass(frozen=True)
class TotalLabel:
    """A label such as "Total for Nordlicht": whose total it is, ``""`` for a bare word."""

    of: str


def total_label(text: str) -> TotalLabel | None:
    """Read a text as the label of a total, None when it is none.

    Examples
    --------
    >>> total_label("TOTAL:"), total_label("Total for Nordlicht GmbH")
    (TotalLabel(of=''), TotalLabel(of='nordlicht gmbh'))
    >>> total_label("Nordlicht Ergebnis"), total_label("Totally Nuts Ltd")
    (TotalLabel(of='nordlicht'), None)
    """
    match = _LABEL.match(" ".join(plain_letters(text.rstrip(" :.")).split()))
    if match is None:
        return None
    of = (match["after"] or match["before"] or "").strip(" :-")
    bare = of.isdigit() or of in _PLAIN_OBJECTS or is_currency(of) or month_of(of) is not None
    return TotalLabel(of="" if bare else of)


def mark_rows(table: Table, *, lead: str | None = None) -> npt.NDArray[np.int8]:
    """Return what each row is, as places in ``ROW_KINDS``.

    A row is a subtotal when one of its first texts says so ("Total",
    "Summe", "Итого" …, "Total for X", "X Total" with X found in the column)
    and it lacks a cell that nearly all others have, stands last, or equals the
    sum of the rows above: a client called Total keeps its sales.

    Parameters
    ----------
    table : Table
        Any table.
    lead : str or None
        A column given on the first row of a block only: then a row holding
        nothing else is a heading, and one after the last block a footer.

    Returns
    -------
    ndarray of int8
        One entry per row.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> rows = [["Ann", "2024-01-02", "5"], ["Bob", "2024-01-03", "7"], ["Total", "", "12"]]
    >>> mark_rows(make_table(["who", "day", "sum"], rows)).tolist()
    [0, 0, 1]
    """
    filled = [filled_cells(column) for column in table.columns]
    counts = np.zeros(table.n_rows, dtype=np.int32)
    for cells in filled:
        counts += cells
    kinds = np.zeros(table.n_rows, dtype=np.int8)
    kinds[counts == 0] = BLANK
    usual = [cells for cells in filled if cells.mean() > 0.7] if table.n_rows else []
    lacking = ~np.logical_and.reduce(usual) if usual else np.zeros(table.n_rows, np.bool_)
    _mark_repeated_headers(table, kinds)
    _mark_subtotals(table, kinds, lacking)
    if lead is not None:
        alone = (counts == 1) & filled[table.names.index(lead)] & (kinds == ROW)
        kinds[alone] = HEADING
    _mark_footers(table, kinds, counts, lead)
    return kinds


def filled_cells(column: pa.ChunkedArray) -> BoolArray:
    """Return which cells hold more than blanks."""
    filled: BoolArray = pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0).to_numpy()
    return filled


def _mark_subtotals(table: Table, kinds: npt.NDArray[np.int8], lacking: BoolArray) -> None:
    tries = _SUMS_TRIED if table.n_rows <= _ROWS_SUMMED else 0
    for place in range(min(table.n_columns, _LABEL_COLUMNS)):
        column = table.columns[place]
        rows = np.flatnonzero(pc.match_substring_regex(column, _NET).to_numpy() & (kinds == ROW))
        if not len(rows) or len(rows) > 0.5 * table.n_rows + 1:
            continue
        labels = [total_label(text) for text in column.take(pa.array(rows)).to_pylist()]
        others: set[str] | None = None
        for row, label in zip(rows.tolist(), labels, strict=True):
            if label is None:
                continue
            if label.of and others is None:
                others = {plain_letters(text) for text in pc.unique(column).to_pylist()}
            if label.of and label.of not in (others or set()):
                continue
            dated = any(cell_kind(cell) == "day" for cell in table.cells(row))
            sure = bool(lacking[row]) or (_is_last(row, kinds) and not dated)
            if not sure and not dated and tries:
                tries -= 1
                sure = _is_sum_above(table, row, place, kinds)
            if sure:
                kinds[row] = SUBTOTAL


def _is_last(row: int, kinds: npt.NDArray[np.int8]) -> bool:
    """Whether at most footers can follow."""
    return row >= len(kinds) - 3 and len(kinds) > 1


def _is_sum_above(table: Table, row: int, place: int, kinds: npt.NDArray[np.int8]) -> bool:
    """Whether a number of the row is the sum of those since the last subtotal, or of all."""
    above = np.flatnonzero(kinds[:row] == ROW)
    totals = np.flatnonzero(kinds[:row] == SUBTOTAL)
    block = above[above > (totals[-1] if len(totals) else -1)]
    if len(block) < 2:
        return False
    for column in table.columns[place + 1 :]:
        own = parse_amounts(column.slice(row, 1))
        if not own.ok[0] or own.values[0] == 0:
            continue
        values = parse_amounts(column.slice(0, row)).values
        if own.values[0] in (values[block].sum(), values[above].sum()):
            return True
    return False


def _mark_repeated_headers(table: Table, kinds: npt.NDArray[np.int8]) -> None:
    """Mark headers printed again, as on every page of a report."""
    same = kinds == ROW
    named = [i for i, name in enumerate(table.names) if not name.startswith("column ")]
    for place in named:
        if not same.any():
            return
        cells = pc.utf8_trim_whitespace(table.columns[place])
        same = same & pc.equal(cells, table.names[place]).to_numpy()
    if len(named) > 1:
        kinds[same] = HEADING


def _mark_footers(
    table: Table, kinds: npt.NDArray[np.int8], counts: npt.NDArray[np.int32], lead: str | None
) -> None:
    """Mark lonely texts below the last row of the table."""
    for row in range(table.n_rows - 1, -1, -1):
        if kinds[row] == BLANK or (lead is None and kinds[row] == SUBTOTAL):
            continue
        if counts[row] > 3 or table.n_columns < 2 or kinds[row] == SUBTOTAL:
            return
        text = ",".join(cell for cell in table.cells(row) if cell.strip())
        alone = counts[row] == 1 and (lead is not None or len(text.split()) > 4)
        if not alone and not (_FOOTER.search(text) and counts[row] < table.n_columns):
            return
        kinds[row] = FOOTER
