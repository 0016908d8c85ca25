"""Months across the columns → one row per client and month."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.intake.amount_texts import NOTHING
from crm_core.intake.day_forms import full_year
from crm_core.intake.month_names import month_of, plain_letters
from crm_core.intake.table import Evidence, Table, as_cells, unique_names
from crm_core.intake.totals import total_label

DAY_NAME, AMOUNT_NAME = "month", "amount"
_NAMED = re.compile(r"^([^\W\d_]+)\.?[\s\-/.'’,_]*((?:19|20)\d\d|\d\d)?$")
_NAMED_LAST = re.compile(r"^((?:19|20)\d\d)[\s\-/._]*([^\W\d_]+)\.?$")
_YEAR_FIRST = re.compile(r"^((?:19|20)\d\d)[-/._](\d{1,2})(?:[-/.](\d{1,2}))?(?:[T ]0?0:00.*)?$")
_MONTH_FIRST = re.compile(r"^(?:(\d{1,2})[-/.])?(\d{1,2})[-/.]((?:19|20)\d\d)$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_YEAR_COLUMNS = {"year", "jahr", "annee", "ano", "anno", "vuosi", "ar", "jaar", "rok", "год"}
_ZERO = r"^[^1-9]{0,14}$"


def month_label(name: str) -> tuple[int | None, int] | None:
    """Read a column name as a month: (year or None, month), None when it is none.

    Examples
    --------
    >>> [month_label(n) for n in ("Jan 2024", "2024-01", "01/2024", "Jan-24", "März", "Amount")]
    [(2024, 1), (2024, 1), (2024, 1), (2024, 1), (None, 3), None]
    >>> month_label("2024-01-31"), month_label("2024-13"), month_label("31.01.2024")
    ((2024, 1), None, (2024, 1))
    """
    name = re.sub(r" \(\d+\)$", "", name.strip())
    if match := _YEAR_FIRST.match(name):
        year, month = int(match[1]), int(match[2])
    elif match := _MONTH_FIRST.match(name):
        year, month = int(match[3]), int(match[2])
    elif match := _NAMED.match(name):
        named = month_of(match[1])
        return None if named is None else (full_year(int(match[2])) if match[2] else None, named)
    elif match := _NAMED_LAST.match(name):
        named = month_of(match[2])
        return None if named is None else (int(match[1]), named)
    else:
        return None
    return (year, month) if 1 <= month <= 12 else None


def month_columns(table: Table) -> dict[str, tuple[int | None, int]]:
    """Return the columns named after months, if there are enough to be a table of months.

    Two with a year are enough, three without; a month named twice is none.
    """
    found = {name: label for name in table.names if (label := month_label(name))}
    with_year = {name: label for name, label in found.items() if label[0] is not None}
    chosen = with_year if len(with_year) >= 2 else found
    least = 2 if chosen is with_year else 3
    return chosen if len(chosen) >= least and len(set(chosen.values())) == len(chosen) else {}


def unpivot_months(table: Table, *, year: int | None = None) -> tuple[Table, np.ndarray]:
    """Return one row per row and filled month of a table with months across its columns.

    The new columns ``month`` (the first day of the month, ISO) and ``amount``
    (the cell as written) replace the month columns; empty and zero cells make
    no row, but a row without any filled month stays one with neither day nor
    amount (a client without sales); columns of totals go, as they repeat the
    months. ``lines`` keeps the row's record number. Money is conserved.

    Parameters
    ----------
    table : Table
        With at least two columns named after months.
    year : int or None
        The year of months named without one; else that of a column "Year", of
        the sheet's or the file's name.

    Returns
    -------
    tuple of (Table, ndarray of int64)
        The long table, and for each of its rows the place of the row it came
        from. A table without such columns, or whose year is unknown, comes
        back as it was (the latter with doubtful evidence).

    Examples
    --------
    >>> from crm_core.intake.table import make_table
    >>> wide = make_table(["Client", "Jan 2024", "Feb 2024"], [["Ann", "5", "0"], ["Bob", "", "7"]])
    >>> long, rows = unpivot_months(wide)
    >>> long.names, [long.cells(i) for i in range(2)], rows.tolist()
    (('Client', 'month', 'amount'), [('Ann', '2024-01-01', '5'), ('Bob', '2024-02-01', '7')], [0, 1])
    """  # noqa: E501
    months = month_columns(table)
    everywhere = np.arange(table.n_rows, dtype=np.int64)
    if not months:
        return table, everywhere
    dated, evidence = _with_years(table, months, year)
    if dated is None:
        return table.with_evidence(evidence), everywhere
    totals = [n for n in table.names if n not in months and total_label(_without_year(n))]
    kept = [n for n in table.names if n not in months and n not in totals]
    rows, places = _filled_months(table, list(months))
    columns = [table.column(name).take(pa.array(rows)) for name in kept]
    amounts, days = _amounts_and_days(table, rows, places, (list(months), dated))
    names = unique_names([*kept, DAY_NAME, AMOUNT_NAME])
    kinds = tuple(table.kind(name) for name in kept)
    typed = all(table.kind(name) == "number" for name in months)
    long = replace(
        table,
        names=names,
        columns=(*columns, days, amounts),
        lines=table.lines[rows],
        kinds=(*kinds, "day", "number" if typed else "text"),
    )
    return long.with_evidence(evidence, *_said_totals(totals)), rows


def _without_year(name: str) -> str:
    return _YEAR.sub("", name).strip()


def _said_totals(totals: Sequence[str]) -> tuple[Evidence, ...]:
    if not totals:
        return ()
    sentence = f"Left out {', '.join(totals)}: they repeat the months."
    return (Evidence("shape", sentence, chosen="unpivot"),)


_Dated = list[pa.ChunkedArray]


def _with_years(
    table: Table, months: dict[str, tuple[int | None, int]], year: int | None
) -> tuple[_Dated | None, Evidence]:
    """Return per month column the days of all rows, and the proof."""
    sentence = f"{len(months)} columns are months ({', '.join(list(months)[:3])} …); "
    if all(own is not None for own, _ in months.values()):
        days = [dt.date(own or 1, month, 1).isoformat() for own, month in months.values()]
        text = sentence + "each filled cell is one row, dated the first of its month."
        return _constant(table, days), Evidence("shape", text, chosen="unpivot")
    column = next((n for n in table.names if plain_letters(n) in _YEAR_COLUMNS), None)
    if column is not None and year is None:
        years = as_cells(pc.utf8_trim_whitespace(table.column(column)))
        text = sentence + f"their year stands in the column “{column}”."
        dated = [
            as_cells(pc.binary_join_element_wise(years, f"{month:02d}", "01", "-"))
            for _, month in months.values()
        ]
        return dated, Evidence("shape", text, chosen="unpivot")
    title = f"{table.reading.sheet} {table.reading.name}"
    guess = _YEAR.search(title)
    if year is None and guess is None:
        text = sentence + "but nothing says of which year; give the year."
        return None, Evidence("shape", text, doubtful=True, chosen="as it is")
    days = [dt.date(year or int(guess[1]), m, 1).isoformat() for _, m in months.values()]  # type: ignore[index]
    text = sentence + f"read as those of {days[0][:4]}"
    text += "." if year else ", the year in the file's name."
    return _constant(table, days), Evidence("shape", text, doubtful=not year, chosen="unpivot")


def _constant(table: Table, days: Sequence[str]) -> _Dated:
    return [as_cells(pa.repeat(pa.scalar(day), table.n_rows)) for day in days]


def _filled_months(table: Table, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return row and month of every cell that holds something but zero, row by row.

    A row without such a cell comes once, its month at ``len(names)``.
    """
    rows, places = [], []
    nothing = pa.array(NOTHING)
    for place, name in enumerate(names):
        cells = pc.utf8_lower(pc.utf8_trim_whitespace(table.column(name)))
        zero = pc.match_substring_regex(cells, _ZERO).to_numpy()
        filled = np.flatnonzero(~zero & ~pc.is_in(cells, value_set=nothing).to_numpy())
        rows.append(filled)
        places.append(np.full(len(filled), place))
    idle = np.delete(np.arange(table.n_rows), np.unique(np.concatenate(rows)))
    rows.append(idle)
    places.append(np.full(len(idle), len(names)))
    row, place_of = np.concatenate(rows), np.concatenate(places)
    order = np.lexsort((place_of, row))
    return row[order].astype(np.int64), place_of[order]


def _amounts_and_days(
    table: Table, rows: np.ndarray, places: np.ndarray, months: tuple[Sequence[str], _Dated]
) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    names, dated = months
    nothing = pa.repeat(pa.scalar(""), table.n_rows)
    written = [c for n in names for c in table.column(n).chunks]
    amounts = pa.chunked_array([*written, nothing], pa.string())
    days = pa.chunked_array([*(c for column in dated for c in column.chunks), nothing], pa.string())
    flat = pa.array(places * table.n_rows + rows)
    return amounts.take(flat), days.take(flat)
