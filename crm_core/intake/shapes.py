"""Shapes owners' workbooks come in, turned into one row a sale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_core.intake.days import parse_days
from crm_core.intake.layout import cell_kind
from crm_core.intake.month_names import plain_letters
from crm_core.intake.months_across import AMOUNT_NAME, DAY_NAME, unpivot_months
from crm_core.intake.table import BoolArray, Evidence, Table
from crm_core.intake.totals import (
    FOOTER,
    HEADING,
    ROW,
    ROW_KINDS,
    SUBTOTAL,
    filled_cells,
    mark_rows,
    total_label,
)

__all__ = ["ROW_KINDS", "ShapedTable", "fill_down", "mark_rows", "straighten", "unpivot_months"]

_SAMPLE = 2_000


@dataclass(frozen=True)
class ShapedTable:
    """A table with one sale a row, and what each row is.

    Parameters
    ----------
    table : Table
        Rows in file order; several may share a record number after unpivoting.
    row_kinds : ndarray of int8
        Place in ``ROW_KINDS`` per row; only ``row`` (0) can be a sale.
    client_column : str or None
        The column that was filled down.
    day_column, amount_column : str or None
        The columns made by unpivoting months.
    """

    table: Table
    row_kinds: npt.NDArray[np.int8]
    client_column: str | None = None
    day_column: str | None = None
    amount_column: str | None = None


def straighten(
    table: Table,
    *,
    lead: str | None = None,
    fill: bool = True,
    unpivot: bool = True,
    year: int | None = None,
) -> ShapedTable:
    """Find and undo the shapes a table has.

    Parameters
    ----------
    table : Table
        As read.
    lead : str or None
        Column to fill down; found when None.
    fill : bool, default True
        False leaves empty cells empty.
    unpivot : bool, default True
        False leaves months across the columns.
    year : int or None
        Year of months named without one.

    Returns
    -------
    ShapedTable
        The evidence is in ``table.evidence``, topic ``shape``.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> rows = [["Ann", "", ""], ["", "2024-03-01", "5"], ["", "2024-03-09", "7"]]
    >>> rows += [["Total for Ann", "", "12"], ["Bob", "", ""], ["", "2024-01-02", "1"]]
    >>> shaped = straighten(make_table(["", "Date", "Amount"], rows))
    >>> shaped.client_column, shaped.table.columns[0].to_pylist()[1:3]
    ('column 1', ['Ann', 'Ann'])
    >>> [ROW_KINDS[kind] for kind in shaped.row_kinds]
    ['heading', 'row', 'row', 'subtotal', 'heading', 'row']
    """
    evidence: list[Evidence] = []
    if fill and lead is None:
        lead, evidence = find_lead(table)
    elif not fill:
        lead = None
    kinds = mark_rows(table, lead=lead)
    table = table.with_evidence(*evidence, *_said_kinds(kinds))
    if lead is not None:
        for column in _led_columns(table, lead, kinds):
            table = fill_down(table, column, kinds)
    if not unpivot:
        return ShapedTable(table, kinds, client_column=lead)
    long, rows = unpivot_months(table, year=year)
    if long.names == table.names:
        return ShapedTable(long, kinds, client_column=lead)
    # A row of totals is one row that is no sale, however many months it sums up.
    once = (kinds[rows] == ROW) | np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    long, rows = long.select(once), rows[once]
    made = [name for name in long.names if name not in table.names]
    day = next(name for name in made if name.startswith(DAY_NAME))
    amount = next(name for name in made if name.startswith(AMOUNT_NAME))
    return ShapedTable(long, kinds[rows], lead, day, amount)


def find_lead(table: Table) -> tuple[str | None, list[Evidence]]:
    """Find a first column whose value stands on the first row of a block only.

    It must be text, empty on a fifth of the rows or more, hardly ever repeat a
    value, and either stand alone on its rows (a heading) or lead blocks whose
    days start anew: a list in order of days with empty clients is one with
    walk-in sales, which nobody else's name may get.

    Parameters
    ----------
    table : Table
        As read.

    Returns
    -------
    tuple of (str or None, list of Evidence)
        The column, and what speaks for it (or, doubtfully, against it).
    """
    place = next((i for i, c in enumerate(table.columns) if filled_cells(c).any()), None)
    if place is None or table.n_columns < 2 or table.n_rows < 3:
        return None, []
    lead = table.names[place]
    filled = filled_cells(table.columns[place])
    if filled.mean() > 0.8:
        return None, []
    rest = np.logical_or.reduce(
        [filled_cells(c) for i, c in enumerate(table.columns) if i != place]
    )
    texts = table.columns[place].filter(pa.array(filled)).to_pylist()
    own = [t for t in texts if total_label(t) is None]
    led = int((~filled & rest).sum())
    repeated = len(own) - len({plain_letters(text) for text in own})
    words = sum(cell_kind(text) == "text" for text in own[:_SAMPLE])
    if led < max(1, 0.2 * table.n_rows) or not own or words < 0.8 * min(len(own), _SAMPLE):
        return None, []
    if repeated > 0.05 * len(own) or not filled[0]:
        return None, []
    return _judge_lead(table, lead, filled, rest)


def _judge_lead(
    table: Table, lead: str, filled: BoolArray, rest: BoolArray
) -> tuple[str | None, list[Evidence]]:
    n_blocks, n_led = int(filled.sum()), int((~filled & rest).sum())
    headings = int((filled & ~rest).sum())
    sentence = f"“{lead}” is empty on {n_led:,} rows and its {n_blocks:,} values do not repeat: "
    if headings < 0.5 * n_blocks and _days_run_on(table, filled):
        sentence += "but the days run on across them, so empty ones are sales without a client."
        doubt = Evidence("shape", sentence, doubtful=True, alternatives=(f"fill down {lead}",))
        return None, [doubt]
    sentence += "each holds for the rows below it."
    return lead, [Evidence("shape", sentence, chosen=f"fill down {lead}")]


def _days_run_on(table: Table, filled: BoolArray) -> bool:
    """Whether the file is in order of days, whatever the blocks."""
    for name, column in zip(table.names, table.columns, strict=True):
        head = column.slice(0, _SAMPLE).to_pylist()
        written = [cell for cell in head if cell.strip()]
        kinds = [cell_kind(cell) for cell in written]
        if not written or table.kind(name) == "number" or kinds.count("day") < 0.8 * len(kinds):
            continue
        found = parse_days(column)
        steps = np.diff(found.days[found.ok])
        return bool(len(steps) and (np.all(steps >= 0) or np.all(steps <= 0)) and filled.sum() > 2)
    return False


def _led_columns(table: Table, lead: str, kinds: npt.NDArray[np.int8]) -> list[str]:
    """Return the lead and the columns beside it that are filled on just the same rows."""
    rows = kinds == ROW
    pattern = filled_cells(table.column(lead))[rows]
    led = [lead]
    for name, column in zip(table.names, table.columns, strict=True):
        if name == lead:
            continue
        filled = filled_cells(column)[rows]
        first = next((t for t in column.slice(0, _SAMPLE).to_pylist() if t.strip()), "")
        if not np.array_equal(filled, pattern) or cell_kind(first) == "number":
            break
        if pattern.any():
            led.append(name)
    return led


def fill_down(table: Table, column: str, row_kinds: npt.NDArray[np.int8]) -> Table:
    """Return the table with empty cells of a column taken from the last filled one above.

    Parameters
    ----------
    table : Table
        Any table.
    column : str
        The column to fill.
    row_kinds : ndarray of int8
        Places in ``ROW_KINDS``: subtotals and footers give no value, and a
        subtotal naming the block ends it.

    Returns
    -------
    Table
        Cells above the first value stay empty.

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> table = make_table(["who", "sum"], [["Ann", "1"], ["", "2"], ["Bob", "3"]])
    >>> fill_down(table, "who", np.zeros(3, np.int8)).column("who").to_pylist()
    ['Ann', 'Ann', 'Bob']
    """
    cells = table.column(column)
    gives = filled_cells(cells) & np.isin(row_kinds, (ROW, HEADING))
    source = np.where(gives, np.arange(table.n_rows), -1)
    source = np.maximum.accumulate(source) if len(source) else source
    for row in np.flatnonzero(row_kinds == SUBTOTAL):
        _end_block(cells, source, int(row))
    takes = ~filled_cells(cells) & (row_kinds == ROW) & (source >= 0)
    filled = cells.take(pa.array(np.where(takes, source, np.arange(table.n_rows))))
    return table.replace_column(column, filled)


def _end_block(cells: pa.ChunkedArray, source: npt.NDArray[np.int64], row: int) -> None:
    """Stop a value at a subtotal that names it."""
    holder = int(source[row])
    label = total_label(cells[row].as_py())
    if holder >= 0 and label and label.of == plain_letters(cells[holder].as_py()):
        following = np.flatnonzero(source[row:] != holder)
        end = row + int(following[0]) if len(following) else len(source)
        source[row:end] = -1


def _said_kinds(kinds: npt.NDArray[np.int8]) -> tuple[Evidence, ...]:
    names = {SUBTOTAL: "subtotals", HEADING: "headings", FOOTER: "footers"}
    counts = [
        f"{int((kinds == k).sum()):,} {name}" for k, name in names.items() if (kinds == k).any()
    ]
    if not counts:
        return ()
    return (Evidence("shape", f"Rows that are no sales: {', '.join(counts)}.", chosen="mark"),)
