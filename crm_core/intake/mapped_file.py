"""A table together with how its columns are read: fields as texts, amounts and days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from crm_core.intake.amounts import AmountColumn, AmountMarks, parse_amounts
from crm_core.intake.columns import Cells, TextCodes, code_texts, empty_texts, join_texts
from crm_core.intake.days import DayColumn, DayOrder, Order, detect_day_order, parse_days
from crm_core.intake.formats.description import Format
from crm_core.intake.mapping import Mapping
from crm_core.intake.order_totals import first_by
from crm_core.intake.table import Table
from crm_core.intake.words import MISSING_WORDS, fold

_UTC_WORDS = frozenset(("utc", "gmt"))
_UTC_SHARE = 0.9
_SAMPLE = 1_000
_ORDERS: dict[str, Order] = {"dmy": "dmy", "mdy": "mdy", "ymd": "ymd"}


@dataclass(frozen=True)
class MappedFile:
    """The cells of a file, its mapping and the format it was recognised as.

    Attributes
    ----------
    cells : Cells
        The table, straightened.
    mapping : Mapping
        Fields to columns.
    known : Format or None
        The recognised export format.
    """

    cells: Cells
    mapping: Mapping
    known: Format | None = None

    @property
    def table(self) -> Table:
        """The table."""
        return self.cells.table

    def prescribed(self, field: str) -> bool:
        """Whether a field is read as the format says, not from a column somebody chose."""
        column = self.mapping.columns.get(field)
        if self.known is None or column is None:
            return self.known is not None
        return fold(column) in {fold(name) for name in self.known.fields.get(field, ())}

    def texts(self, field: str) -> TextCodes:
        """Return the trimmed texts of a field, empty where no column holds it."""
        column = self.mapping.columns.get(field)
        if column is None and field == "name" and self.mapping.name_parts:
            return join_texts([self.cells.coded(part) for part in self.mapping.name_parts])
        if column is None:
            return empty_texts(self.table.n_rows)
        if self.known and field in self.known.derive and self.prescribed(field):
            return code_texts(self.known.derive[field](self.cells))
        return self.cells.coded(column)

    def client_texts(self, field: str) -> TextCodes:
        """Return the texts of a field about clients, words for "missing" left out."""
        return self.texts(field).map(lambda text: None if text.lower() in MISSING_WORDS else text)

    def amounts(self, column: str) -> AmountColumn:
        """Return a column read as amounts, by the marks the mapping holds or the file shows."""
        typed = self.table.kind(column) == "number"
        chosen = self.mapping.amount_marks
        marks = AmountMarks(chosen, "." if chosen == "," else ",") if chosen and not typed else None
        return parse_amounts(self.table.column(column), marks, typed=typed)

    def days(self, field: str, *, time_zone: str | None = None) -> DayColumn | None:
        """Return a field read as days, None where no column holds it.

        Parameters
        ----------
        field : str
            ``day``, ``known_on`` or ``birthday``.
        time_zone : str or None
            Where the business is; used for columns of UTC moments alone.
        """
        column = self.mapping.columns.get(field)
        if column is None:
            return None
        cells = self.table.column(column)
        zone = time_zone if time_zone and self._is_utc(column) else None
        order: DayOrder | Order | None = _ORDERS.get(self.mapping.day_order)
        if order is None and self.known and self.known.day_order:
            hint = DayOrder(_ORDERS[self.known.day_order])
            order = detect_day_order(cells, hint=hint)
        return parse_days(cells, order, time_zone=zone)

    def refund_column(self) -> str | None:
        """Return the column of money given back: the format's, else the mapping's."""
        if self.known is not None:
            return self.cells.find(*self.known.refunds) if self.known.refunds else None
        return self.mapping.refunds if self.mapping.refunds in self.table.names else None

    def columns_of(self, names: tuple[str, ...]) -> list[str]:
        """Return those of some columns that the table has."""
        return [found for name in names if (found := self.cells.find(name))]

    def _is_utc(self, column: str) -> bool:
        if self.known is not None and self.known.utc and self.prescribed("day"):
            return True
        if _UTC_WORDS & set(fold(column).split()):
            return True
        sample = self.cells.coded(column).labels.slice(0, _SAMPLE)
        if not len(sample):
            return False
        ends = pc.match_substring_regex(sample, r"\d(Z|[+-]00:?00)$| UTC$").to_numpy(
            zero_copy_only=False
        )
        return bool(ends.mean() > _UTC_SHARE)


_OF_THE_ORDER = (
    *("client", "email", "name", "phone", "country", "region", "city", "segment", "manager"),
    *("day", "currency", "status", "channel"),
)


def fill_orders(table: Table, known: Format | None, mapping: Mapping) -> Cells:
    """Return the cells of a table with an order's values on each of its rows.

    Some exports write what belongs to the order (client, day, status, currency) on its first
    row only. Empty cells of those columns take the order's first filled one; in a file of
    unknown origin only from the rows of the same order directly above.
    """
    column = mapping.columns.get("order")
    if column is None or (known is not None and not known.filled_once):
        return Cells(table)
    if known is None:
        return _fill_below(Cells(table), column, mapping)
    cells = Cells(table)
    order = cells.coded(column)
    group = order.codes.astype(np.int64)
    rows = np.arange(table.n_rows)
    for name in known.filled_once:
        found = cells.find(name)
        if found is None:
            continue
        filled = cells.coded(found).codes >= 0
        first = first_by(filled & (group >= 0), group, len(order.labels))
        source = np.where(filled | (group < 0), rows, np.append(first, -1)[group])
        source = np.where(source < 0, rows, source)
        cells = cells.take(found, source)
    return cells


def _fill_below(cells: Cells, order: str, mapping: Mapping) -> Cells:
    codes = cells.coded(order).codes
    rows = np.arange(len(codes))
    begins = np.append(True, codes[1:] != codes[:-1])[: len(codes)] | (codes < 0)
    if begins.all():
        return cells
    start = np.maximum.accumulate(np.where(begins, rows, 0))
    names = {
        column for f in _OF_THE_ORDER if (column := mapping.columns.get(f)) and column != order
    }
    for name in sorted({*names, *mapping.name_parts}):
        filled = cells.coded(name).codes >= 0
        if filled.all():
            continue
        last = np.maximum.accumulate(np.where(filled, rows, -1))
        source = np.where(filled | (last < start), rows, last)
        if not np.array_equal(source, rows):
            cells = cells.take(name, source)
    return cells
